//! Running, stopping and closing a loop, and the handle by which other threads reach it.

use crate::core::Turn;
use crate::current;
use crate::error::RunError;
use crate::event_loop::EventLoop;
use crate::remote::Remote;

impl EventLoop {
    /// Runs one turn; waits for the outside if nothing is ready.
    ///
    /// # Errors
    ///
    /// Returns [`RunError::Stuck`] if nothing is ready and nothing is left that could change it,
    /// [`RunError::Nested`] if a loop runs on this thread, [`RunError::Closed`] if this one is
    /// closed, and [`RunError::Selector`] with the system's error if the selector fails.
    pub fn turn(&self) -> Result<(), RunError> {
        let mut is_first = true;
        self.run_until(|| !std::mem::replace(&mut is_first, false))
    }

    /// Runs until [`stop`](Self::stop) is called.
    ///
    /// # Errors
    ///
    /// As [`turn`](Self::turn).
    #[doc(alias = "asyncio.loop.run_forever")]
    pub fn run_forever(&self) -> Result<(), RunError> {
        self.run_until(|| false)
    }

    /// Runs until `is_done` says so before a turn, or [`stop`](Self::stop) is called.
    ///
    /// # Errors
    ///
    /// As [`turn`](Self::turn).
    pub fn run_until(&self, mut is_done: impl FnMut() -> bool) -> Result<(), RunError> {
        let _entered = current::enter(&self.core).ok_or(RunError::Nested)?;
        while !is_done() {
            if self.core.is_closed() {
                return Err(RunError::Closed);
            }
            match self.core.turn() {
                Ok(Turn::Ran) => {}
                Ok(Turn::Stuck) => return Err(RunError::Stuck),
                Err(error) => return Err(RunError::Selector(error)),
            }
            if self.core.stopping.replace(false) {
                break;
            }
        }
        Ok(())
    }

    /// Has the loop return once the present turn is over. A loop that does not run returns after
    /// one turn of its next run.
    #[doc(alias = "asyncio.loop.stop")]
    pub fn stop(&self) {
        self.core.stopping.set(true);
    }

    /// Drops every callback, timer and source; nothing is called from now on.
    #[doc(alias = "asyncio.loop.close")]
    pub fn close(&self) {
        self.core.close();
    }

    /// Whether the loop is closed.
    #[doc(alias = "asyncio.loop.is_closed")]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.core.is_closed()
    }

    /// A handle for other threads.
    #[must_use]
    pub fn remote(&self) -> Remote {
        let (inbox, epoch) = self.core.inbox();
        Remote::new(inbox, epoch, self.core.held())
    }
}
