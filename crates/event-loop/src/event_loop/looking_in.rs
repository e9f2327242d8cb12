//! Looking into a loop: its error handler, debug mode and observer.

use std::rc::Rc;
use std::time::Duration;

use crate::event_loop::EventLoop;
use crate::observer::Observer;
use crate::report::{ErrorHandler, Report};

impl EventLoop {
    /// Sets who is told of errors that nobody waits for; `None` writes them to standard error.
    #[doc(alias = "asyncio.loop.set_exception_handler")]
    pub fn set_error_handler(&self, handler: Option<ErrorHandler>) {
        self.core.set_error_handler(handler);
    }

    /// Tells the error handler.
    #[doc(alias = "asyncio.loop.call_exception_handler")]
    pub fn report(&self, report: &Report<'_>) {
        self.core.report(report);
    }

    /// Turns debug mode on or off.
    #[doc(alias = "asyncio.loop.set_debug")]
    pub fn set_debug(&self, debug: bool) {
        self.core.watch.set_debug(debug);
    }

    /// Whether debug mode is on.
    #[doc(alias = "asyncio.loop.get_debug")]
    #[must_use]
    pub fn is_debug(&self) -> bool {
        self.core.watch.is_debug()
    }

    /// Sets from when on debug mode reports a callback as slow.
    #[doc(alias = "asyncio.loop.slow_callback_duration")]
    pub fn set_slow_callback(&self, from: Duration) {
        self.core.watch.set_slow_callback(from);
    }

    /// Puts an observer beside the loop, or takes it away.
    pub fn set_observer(&self, observer: Option<Rc<dyn Observer>>) {
        self.core.watch.set_observer(observer);
    }

    /// Whether both are handles to the same loop.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.core, &other.core)
    }
}
