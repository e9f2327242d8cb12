//! `LoopHandle`: starts tasks on a loop from any thread.

use std::fmt;
use std::panic::Location;

use entracte_event_loop::{EventLoop, LoopClosed, Remote};

use crate::task::spawn::spawn_in;
use crate::threads::remote_task::{RemoteTask, link};
use crate::threads::task_side::drive;

/// A loop, as seen from other threads. Clones are handles to the same loop.
///
/// While one lives, the loop expects to hear from it: a program in which everything waits is not
/// said to be stuck.
///
/// # Examples
///
/// ```
/// use entracte::threads::LoopHandle;
///
/// # entracte::run(async {
/// let here = LoopHandle::current().expect("a loop runs");
/// let thread = std::thread::spawn(move || {
///     here.spawn(|| async { entracte::checkpoint().await; 6 * 7 }).join()
/// });
/// let value = entracte::to_thread(|| thread.join()).await.unwrap();
/// assert_eq!(value.unwrap(), 42);
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct LoopHandle {
    remote: Remote,
}

impl LoopHandle {
    /// The loop that runs on this thread.
    #[doc(alias = "asyncio.get_running_loop")]
    #[must_use]
    pub fn current() -> Option<Self> {
        EventLoop::current().map(|event_loop| Self::of(&event_loop))
    }

    /// A handle to this loop.
    #[must_use]
    pub fn of(event_loop: &EventLoop) -> Self {
        Self {
            remote: event_loop.remote(),
        }
    }

    /// Has the loop call `make` and drive the future that it gives, as a task of its own.
    ///
    /// The closure crosses threads, the future does not: it may hold an `Rc`. Tasks begin in the
    /// order of these calls. A loop that does not run at the moment begins with them when it next
    /// runs.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but dropping the remote task cancels it: await it by reference to keep it.
    ///
    /// # Python
    ///
    /// [`asyncio.run_coroutine_threadsafe`](https://docs.python.org/3/library/asyncio-task.html#asyncio.run_coroutine_threadsafe).
    #[doc(alias = "asyncio.run_coroutine_threadsafe")]
    #[track_caller]
    pub fn spawn<T, F>(&self, make: impl FnOnce() -> F + Send + 'static) -> RemoteTask<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
    {
        let origin = Location::caller();
        let (link, task) = link();
        let sent = self.remote.call_soon(move || {
            if let Some(event_loop) = EventLoop::current() {
                let mut task = spawn_in(event_loop, origin, drive(make, link.arrived()));
                task.leave_to_others();
            }
        });
        // With the closure the link is dropped, and the task is told.
        drop(sent);
        task
    }

    /// Has the loop call `act` on its own thread, in a later turn, in the order of these calls.
    ///
    /// # Errors
    ///
    /// Returns [`LoopClosed`] with `act` in it if the loop is gone.
    #[doc(alias = "asyncio.loop.call_soon_threadsafe")]
    pub fn call_soon(&self, act: impl FnOnce() + Send + 'static) -> Result<(), LoopClosed> {
        self.remote.call_soon(act)
    }

    /// Whether the loop is gone.
    #[doc(alias = "asyncio.loop.is_closed")]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.remote.is_closed()
    }
}

impl fmt::Debug for LoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopHandle")
            .field("is_closed", &self.is_closed())
            .finish()
    }
}
