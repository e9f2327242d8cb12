//! `Remote`: what other threads hold of a loop.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::core::Held;
use crate::inbox::Inbox;

/// A handle to a loop that may cross threads: it sends callbacks there.
///
/// While one lives, the loop expects to hear from it: a program in which everything waits is not
/// said to be stuck.
#[derive(Clone)]
pub struct Remote {
    inbox: &'static Inbox,
    epoch: u64,
    /// Tells the loop when the last of its remotes goes.
    _held: Arc<Held>,
}

impl Remote {
    pub(crate) const fn new(inbox: &'static Inbox, epoch: u64, held: Arc<Held>) -> Self {
        Self {
            inbox,
            epoch,
            _held: held,
        }
    }

    /// Has the loop call `act` on its own thread, in a later turn, in the order of these calls.
    ///
    /// # Errors
    ///
    /// Returns [`LoopClosed`] with `act` in it if the loop is gone.
    ///
    /// # Python
    ///
    /// [`loop.call_soon_threadsafe`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_soon_threadsafe).
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte_event_loop::EventLoop;
    ///
    /// let event_loop = EventLoop::new()?;
    /// let remote = event_loop.remote();
    /// let thread = std::thread::spawn(move || {
    ///     remote.call_soon(|| EventLoop::current().expect("called by a loop").stop())
    /// });
    /// event_loop.run_forever()?; // until the other thread has it stopped
    /// assert!(thread.join().is_ok_and(|sent| sent.is_ok()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "asyncio.loop.call_soon_threadsafe")]
    #[track_caller]
    pub fn call_soon(&self, act: impl FnOnce() + Send + 'static) -> Result<(), LoopClosed> {
        let origin = Location::caller();
        self.inbox
            .call(self.epoch, Box::new(act), origin)
            .map_err(|act| LoopClosed { act })
    }

    /// Whether the loop is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.inbox.is_open(self.epoch)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// The loop is gone; what it was to call comes back.
pub struct LoopClosed {
    act: Box<dyn FnOnce() + Send>,
}

impl LoopClosed {
    /// What the loop was to call.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn FnOnce() + Send> {
        self.act
    }
}

impl fmt::Debug for LoopClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoopClosed")
    }
}

impl fmt::Display for LoopClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot call into an event loop that is closed")
    }
}

impl std::error::Error for LoopClosed {}
