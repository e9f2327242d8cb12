//! The loop that runs on this thread, if one does.

use std::cell::Cell;
use std::ptr;
use std::rc::Rc;

use crate::core::Core;

thread_local! {
    static CURRENT: Cell<*const Core> = const { Cell::new(ptr::null()) };
}

/// While it lives, its loop is the one that runs on this thread.
pub(crate) struct Entered {
    core: Rc<Core>,
}

/// Makes a loop the current one of this thread; `None` if there is one already.
pub(crate) fn enter(core: &Rc<Core>) -> Option<Entered> {
    if !CURRENT.get().is_null() {
        return None;
    }
    let entered = Entered {
        core: Rc::clone(core),
    };
    CURRENT.set(Rc::as_ptr(&entered.core));
    Some(entered)
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(ptr::null());
    }
}

/// Calls `act` with the loop that runs on this thread.
#[inline]
pub(crate) fn with<R>(act: impl FnOnce(Option<&Core>) -> R) -> R {
    let core = CURRENT.get();
    // SAFETY: the pointer is null or that of a core which an `Entered` keeps alive. `Entered` stays
    // on its thread, as it holds an `Rc`, and takes the pointer back before it lets go of the core.
    // One that is leaked keeps its core alive for ever. If `act` drops the `Entered` of its own
    // loop, the caller above it in the stack, which entered, would have to be `act` itself: no
    // function that holds an `Entered` calls `with` around its drop.
    act(unsafe { core.as_ref() })
}

/// The loop that runs on this thread, to keep.
#[inline]
pub(crate) fn get() -> Option<Rc<Core>> {
    let core = CURRENT.get();
    if core.is_null() {
        return None;
    }
    // SAFETY: the pointer came from `Rc::as_ptr`, and the `Entered` that set it keeps a count.
    unsafe {
        Rc::increment_strong_count(core);
        Some(Rc::from_raw(core))
    }
}
