//! `RemoteTask`: a task on another loop, awaited or cancelled from here.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use entracte_event_loop::EventLoop;

use crate::task::Panic;
use crate::task::waiting::Wait;
use crate::threads::block::block_on;
use crate::threads::lock;
use crate::threads::promise::{SendPromise, promise};
use crate::threads::task_side::{Control, Link};

/// Why a task on another loop gave no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum RemoteError {
    /// It was cancelled, with this message, and unwound.
    Cancelled(Option<Arc<str>>),
    /// It panicked.
    Panicked(Panic),
    /// Its loop was closed before it was done.
    LoopClosed,
    /// A loop runs on the thread that was to block. The task is cancelled.
    Nested,
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(None) => f.write_str("the task was cancelled"),
            Self::Cancelled(Some(message)) => write!(f, "the task was cancelled: {message}"),
            Self::Panicked(panic) => panic.fmt(f),
            Self::LoopClosed => f.write_str("cannot await a task whose loop was closed"),
            Self::Nested => f.write_str("cannot block a thread on which an event loop runs"),
        }
    }
}

impl Error for RemoteError {}

/// Makes the two ends of a task: one for its loop, one for whoever awaits it.
pub(super) fn link<T>() -> (Link<T>, RemoteTask<T>) {
    let (resolver, outcome) = promise();
    let control = Arc::new(Mutex::new(Control::Quiet(None)));
    let task = RemoteTask {
        outcome,
        control: Arc::clone(&control),
        cancels_on_drop: true,
    };
    (Link::new(resolver, control), task)
}

/// A task on a loop that may be another's, made by [`LoopHandle::spawn`](super::LoopHandle::spawn).
///
/// It may be awaited on any loop, and by any other driver of futures; a plain thread can
/// [`join`](Self::join) it. Dropping it cancels the task, which then unwinds and cleans up on its
/// own loop; [`detach`](Self::detach) lets it run on instead. Unlike a [`Task`](crate::Task), it is
/// not waited for by an unwinding that drops it.
///
/// # Cancel safety
///
/// Cancel safe: to stop awaiting `&mut task` loses nothing; to drop it cancels the task.
///
/// # Errors
///
/// Gives [`RemoteError::Cancelled`] or [`RemoteError::Panicked`] if that is how the task ended, and
/// [`RemoteError::LoopClosed`] if its loop was closed before: ever, or before the task was done.
///
/// # Panics
///
/// Panics if it is awaited again after it gave its value.
///
/// # Python
///
/// What [`asyncio.run_coroutine_threadsafe`](https://docs.python.org/3/library/asyncio-task.html#asyncio.run_coroutine_threadsafe)
/// gives. There the task runs on when this is dropped, and one whose loop is closed is waited for
/// for ever.
#[doc(alias = "asyncio.run_coroutine_threadsafe")]
#[must_use = "a task is cancelled when its handle is dropped: await, `join` or `detach` it"]
pub struct RemoteTask<T> {
    outcome: SendPromise<Result<T, RemoteError>>,
    control: Arc<Mutex<Control>>,
    cancels_on_drop: bool,
}

impl<T> RemoteTask<T> {
    /// Blocks this thread until the task is done, and gives its value.
    ///
    /// # Errors
    ///
    /// As awaiting it. Returns [`RemoteError::Nested`] if a loop runs on this thread, which must not
    /// be blocked: await the task there.
    #[doc(alias = "concurrent.futures.Future.result")]
    pub fn join(self) -> Result<T, RemoteError> {
        if EventLoop::current().is_some() {
            return Err(RemoteError::Nested);
        }
        block_on(self)
    }

    /// Asks the task to unwind, as [`Task::cancel`](crate::Task::cancel) does.
    ///
    /// A task that has not begun never begins. Returns whether the task was not done.
    #[doc(alias = "concurrent.futures.Future.cancel")]
    #[expect(clippy::must_use_candidate, reason = "asking is what it is called for")]
    pub fn cancel(&self) -> bool {
        self.ask(None)
    }

    /// As [`cancel`](Self::cancel), with a message for whoever catches it.
    pub fn cancel_with(&self, message: impl Into<Arc<str>>) -> bool {
        self.ask(Some(message.into()))
    }

    fn ask(&self, message: Option<Arc<str>>) -> bool {
        // Before the task is woken: it may be done by the time that this returns.
        let was_pending = !self.is_done();
        let waker = lock(&self.control).cancel(message);
        if let Some(waker) = waker {
            waker.wake();
        }
        was_pending
    }

    /// Whether the task ended, one way or another, or its loop was closed.
    #[doc(alias = "concurrent.futures.Future.done")]
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.outcome.is_done()
    }

    /// Lets the task run on without a handle. If it panics, its loop's error handler is told.
    pub fn detach(mut self) {
        self.cancels_on_drop = false;
    }
}

impl<T> Future for RemoteTask<T> {
    type Output = Result<T, RemoteError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.outcome.poll_for(Wait::Remote, cx);
        polled.map(|kept| kept.unwrap_or(Err(RemoteError::LoopClosed)))
    }
}

impl<T> Drop for RemoteTask<T> {
    fn drop(&mut self) {
        if self.cancels_on_drop {
            self.cancel();
        } else {
            lock(&self.control).let_go();
        }
    }
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteTask")
            .field("is_done", &self.is_done())
            .finish_non_exhaustive()
    }
}
