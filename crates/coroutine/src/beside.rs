//! What stands in a frame beside the future: the resumer of an asynchronous one, and a name.

use core::cell::Cell;
use core::task::Waker;

/// What only an asynchronous coroutine needs.
pub(crate) struct Extra {
    /// The waker of the poll that is under way.
    pub(crate) resumer: Cell<*const Waker>,
}

/// What stands in a frame beside the future: nothing, or [`Extra`].
pub(crate) trait Beside: Sized {
    const NEW: Self;
    const ASYNC: bool;
}

impl Beside for () {
    const NEW: Self = ();
    const ASYNC: bool = false;
}

impl Beside for Extra {
    const NEW: Self = Extra {
        resumer: Cell::new(core::ptr::null()),
    };
    const ASYNC: bool = true;
}

/// How a body is called: by the type of its future, or by a name that the user gave.
pub(crate) trait Label: Sized {
    fn label<Future>(&self) -> &'static str;
}

impl Label for () {
    fn label<Future>(&self) -> &'static str {
        core::any::type_name::<Future>()
    }
}

impl Label for &'static str {
    fn label<Future>(&self) -> &'static str {
        self
    }
}
