//! Handles: a callback on its way, which can be cancelled.

use std::fmt;
use std::rc::Weak;

use crate::callback::{CallbackRef, Forget};
use crate::clock::Instant;
use crate::core::Core;
use crate::timers::TimerKey;

/// A callback that will be called in the next turn. Dropping the handle changes nothing.
///
/// # Python
///
/// [`asyncio.Handle`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Handle).
#[doc(alias = "asyncio.Handle")]
pub struct Handle {
    callback: CallbackRef,
}

impl Handle {
    pub(crate) const fn new(callback: CallbackRef) -> Self {
        Self { callback }
    }

    /// Cancels the callback and drops it. Does nothing if it was called or cancelled already.
    #[doc(alias = "asyncio.Handle.cancel")]
    pub fn cancel(&self) {
        self.callback.ask(&mut Forget);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("origin", &format_args!("{}", self.callback.origin()))
            .finish_non_exhaustive()
    }
}

/// A callback that will be called at a deadline. Dropping the handle changes nothing.
///
/// # Python
///
/// [`asyncio.TimerHandle`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.TimerHandle).
#[doc(alias = "asyncio.TimerHandle")]
#[derive(Clone)]
pub struct TimerHandle {
    core: Weak<Core>,
    key: TimerKey,
    deadline: Instant,
}

impl TimerHandle {
    pub(crate) const fn new(core: Weak<Core>, key: TimerKey, deadline: Instant) -> Self {
        Self {
            core,
            key,
            deadline,
        }
    }

    /// When the callback is due.
    #[doc(alias = "asyncio.TimerHandle.when")]
    #[must_use]
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Cancels the callback and drops it; whether it was still on its way.
    #[doc(alias = "asyncio.Handle.cancel")]
    pub fn cancel(&self) -> bool {
        match self.core.upgrade() {
            Some(core) => core.cancel_timer(self.key),
            None => false,
        }
    }
}

impl fmt::Debug for TimerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimerHandle")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
