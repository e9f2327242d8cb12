//! `Task<T>`: awaited for its outcome, cancelled, named, asked.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::task::cell::Look;
use crate::task::front::word;
use crate::task::outcome::Outcome;
use crate::task::scope;
use crate::task::task_ref::TaskRef;
use crate::task::waiting::{Wait, waits_for};
use crate::task::{TaskError, TaskId, lost};

/// A task: a future that the loop drives, beside all others.
///
/// Awaiting it gives its value, or why there is none. Dropping it cancels the task, which then
/// unwinds and cleans up on its own; [`detach`](Self::detach) lets it run on instead. If it is
/// dropped because the code that holds it is itself being cancelled, the unwinding waits for it.
///
/// # Python
///
/// [`asyncio.Task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task). There a
/// task runs on when its handle is dropped, unless it is collected.
#[doc(alias = "asyncio.Task")]
#[must_use = "a task is cancelled when its handle is dropped: await it, or `detach` it"]
pub struct Task<T> {
    task: TaskRef,
    cancels_on_drop: bool,
    value: PhantomData<fn() -> T>,
}

impl<T: 'static> Task<T> {
    #[inline]
    pub(crate) const fn new(task: TaskRef) -> Self {
        Self {
            task,
            cancels_on_drop: true,
            value: PhantomData,
        }
    }

    /// A handle whose drop leaves the task alone: somebody else sees to its end.
    pub(crate) const fn kept_by_others(task: TaskRef) -> Self {
        Self {
            task,
            cancels_on_drop: false,
            value: PhantomData,
        }
    }

    /// From now on, dropping the handle leaves the task alone.
    pub(crate) const fn leave_to_others(&mut self) {
        self.cancels_on_drop = false;
    }

    pub(crate) const fn task_ref(&self) -> &TaskRef {
        &self.task
    }

    /// The outcome, if the task is done and nobody took it.
    #[inline]
    fn take_outcome(&self) -> Option<Result<T, TaskError>> {
        let word = self.task.callback.word();
        if word.get() & word::DONE == 0 {
            let closed = self.task.event_loop.is_closed();
            return closed.then_some(Err(TaskError::Closed));
        }
        if word.get() & word::TAKEN != 0 {
            return Some(Err(TaskError::Taken));
        }
        word.set(word.get() | word::TAKEN);
        let mut value: Option<T> = None;
        self.task.callback.ask(&mut value);
        Some(value.ok_or_else(|| self.task.front().take_failure().unwrap_or(TaskError::Taken)))
    }

    /// The outcome of a task that is done, without waiting; the task itself if it is not done.
    ///
    /// # Errors
    ///
    /// Returns the task if it is not done.
    #[doc(alias = "asyncio.Task.result")]
    pub fn try_outcome(self) -> Result<Result<T, TaskError>, Self> {
        self.take_outcome().ok_or(self)
    }

    /// Asks the task to unwind: from the innermost await outwards, beginning in the next turn.
    ///
    /// Each call is delivered once; a second one interrupts a clean-up that is not shielded.
    /// Returns whether the task was not done.
    #[doc(alias = "asyncio.Task.cancel")]
    pub fn cancel(&self) -> bool {
        self.task.cancel_with(None)
    }

    /// As [`cancel`](Self::cancel), with a message for whoever catches it.
    pub fn cancel_with(&self, message: impl Into<Arc<str>>) -> bool {
        self.task.cancel_with(Some(message.into()))
    }

    /// As [`cancel`](Self::cancel); a task that has not ended when `grace` has passed is dropped
    /// where it waits, and the loop's error handler is told with the task tree.
    pub fn cancel_within(&self, grace: Duration) {
        self.task.cancel_within(grace);
    }

    /// How often the task was asked to cancel, less what [`uncancel`](crate::task::uncancel) took.
    #[doc(alias = "asyncio.Task.cancelling")]
    #[must_use]
    pub fn cancelling(&self) -> u32 {
        let extras = self.task.front().extras_if_any();
        extras.map_or(0, |extras| extras.cancelling.get())
    }

    /// Whether the task ended, one way or another.
    #[doc(alias = "asyncio.Task.done")]
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.task.is_done()
    }

    /// Whether the task ended by being cancelled, and nobody took that outcome.
    #[doc(alias = "asyncio.Task.cancelled")]
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.task.front().failed() == Some(true)
    }

    /// Whether the task panicked, or ended with a value that stands for a failure.
    pub(crate) fn has_failed(&self) -> bool
    where
        T: Outcome,
    {
        let mut look = Look {
            judge: T::is_failure,
            answer: false,
        };
        self.task.callback.ask(&mut look);
        look.answer || self.task.front().failed() == Some(false)
    }

    /// Lets the task run on without a handle. If it fails, the loop's error handler is told.
    pub fn detach(mut self)
    where
        T: Outcome,
    {
        self.cancels_on_drop = false;
        if self.task.is_done() {
            self.report_failure();
            return;
        }
        let task = self.task.clone();
        self.task.front().add_on_done(Box::new(move || {
            Self::kept_by_others(task).report_failure();
        }));
    }

    /// Tells the error handler if the task failed.
    fn report_failure(&self)
    where
        T: Outcome,
    {
        match self
            .take_outcome()
            .map(|outcome| outcome.map(T::into_result))
        {
            Some(Ok(Err(error))) => lost::report_error(&error),
            Some(Err(TaskError::Panicked(panic))) => lost::report_panic(&panic),
            _ => {}
        }
    }

    /// Has the loop call `act` in the turn after the task ended; at once in the next if it has.
    #[doc(alias = "asyncio.Task.add_done_callback")]
    pub fn on_done(&self, act: impl FnOnce() + 'static) {
        if self.is_done() {
            self.task.event_loop.call_soon(act);
        } else {
            self.task.front().add_on_done(Box::new(act));
        }
    }

    /// Which task this is.
    #[must_use]
    pub const fn id(&self) -> TaskId {
        TaskId::new(self.task.token)
    }

    /// The task's name, if it was given one.
    #[doc(alias = "asyncio.Task.get_name")]
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.task
            .front()
            .name()
            .map(|name| name.as_ref().to_owned())
    }

    /// Names the task.
    #[doc(alias = "asyncio.Task.set_name")]
    pub fn set_name(&self, name: impl AsRef<str>) {
        self.task.front().set_name(Some(name.as_ref().into()));
    }

    /// Where the task was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.task.callback.origin()
    }
}

impl<T: 'static> Future for Task<T> {
    type Output = Result<T, TaskError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(outcome) = self.take_outcome() {
            return Poll::Ready(outcome);
        }
        if !self.task.event_loop.is_current() {
            return Poll::Ready(Err(TaskError::OtherLoop));
        }
        self.task.set_awaiter(cx.waker());
        waits_for(Wait::Task);
        Poll::Pending
    }
}

impl<T> Drop for Task<T> {
    #[inline]
    fn drop(&mut self) {
        if self.cancels_on_drop && !self.task.is_done() {
            cancel_abandoned(&self.task);
        }
    }
}

/// Cancels a task whose handle is gone; an unwinding that dropped the handle waits for it.
///
/// Not for one that unwinds as well, as that may wait for this one; the loop sees to it.
#[cold]
fn cancel_abandoned(task: &TaskRef) {
    let unwinds_already = task.is_unwinding();
    task.cancel();
    let waits = !unwinds_already && task.event_loop.is_current();
    if let Some(scope) = scope::unwinding().filter(|_| waits) {
        scope.await_straggler(task.clone());
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("name", &self.task.front().name())
            .field("is_done", &self.task.is_done())
            .field(
                "spawned_at",
                &format_args!("{}", self.task.callback.origin()),
            )
            .finish_non_exhaustive()
    }
}
