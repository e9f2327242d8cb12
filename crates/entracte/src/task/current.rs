//! The running task: which it is, and the await that only lets others run.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use entracte_event_loop::Token;

use crate::task::task_ref::TaskRef;

/// Which task: unique among those of one loop that are alive together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskId(Token);

impl TaskId {
    pub(crate) const fn new(token: Token) -> Self {
        Self(token)
    }

    /// A small number: that of the task's place in its loop.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.slot()
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({})", self.number())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

/// The task that runs, or one that was the running one: to name it or to cancel it from elsewhere.
///
/// Dropping it changes nothing.
#[derive(Clone, Debug)]
pub struct CurrentTask {
    task: TaskRef,
}

impl CurrentTask {
    pub(crate) const fn new(task: TaskRef) -> Self {
        Self { task }
    }

    /// Which task this is.
    #[must_use]
    pub const fn id(&self) -> TaskId {
        TaskId::new(self.task.token)
    }

    /// The task's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.task
            .front()
            .name()
            .map(|name| name.as_ref().to_owned())
    }

    /// Names the task.
    pub fn set_name(&self, name: impl AsRef<str>) {
        self.task.front().set_name(Some(name.as_ref().into()));
    }

    /// Asks the task to unwind, as [`Task::cancel`](crate::Task::cancel) does.
    pub fn cancel(&self) -> bool {
        self.task.cancel_with(None)
    }

    /// As [`cancel`](Self::cancel), with a message for whoever catches it.
    pub fn cancel_with(&self, message: impl Into<Arc<str>>) -> bool {
        self.task.cancel_with(Some(message.into()))
    }

    /// How often the task was asked to cancel, less what [`uncancel`] took.
    #[must_use]
    pub fn cancelling(&self) -> u32 {
        let extras = self.task.front().extras_if_any();
        extras.map_or(0, |extras| extras.cancelling.get())
    }

    /// Whether the task ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.task.is_done()
    }
}

/// The running task; `None` outside tasks.
///
/// # Python
///
/// [`asyncio.current_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.current_task).
#[doc(alias = "asyncio.current_task")]
#[must_use]
pub fn current_task() -> Option<CurrentTask> {
    TaskRef::running().map(CurrentTask::new)
}

/// Takes one from the count of the running task's cancellations; gives what is left.
///
/// The count is for programs that keep books as asyncio's do. Nothing here decides by it: which
/// block a cancellation belongs to is known without counting.
///
/// # Python
///
/// [`Task.uncancel`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.uncancel).
#[doc(alias = "asyncio.Task.uncancel")]
pub fn uncancel() -> u32 {
    let Some(task) = TaskRef::running() else {
        return 0;
    };
    let Some(extras) = task.front().extras_if_any() else {
        return 0;
    };
    let left = extras.cancelling.get().saturating_sub(1);
    extras.cancelling.set(left);
    left
}

/// Lets every other task that is ready run first, and can be cancelled meanwhile.
///
/// # Cancel safety
///
/// Cancel safe: it does nothing but wait.
///
/// # Python
///
/// [`asyncio.sleep(0)`](https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep).
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let task = entracte::spawn(async {});
/// assert!(!task.is_done());
/// entracte::checkpoint().await;
/// assert!(task.is_done());
/// # }).unwrap();
/// ```
#[doc(alias = "asyncio.sleep")]
#[doc(alias = "yield_now")]
#[inline]
pub fn checkpoint() -> Checkpoint {
    Checkpoint { has_waited: false }
}

/// The future of [`checkpoint`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Checkpoint {
    has_waited: bool,
}

impl Future for Checkpoint {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_waited {
            return Poll::Ready(());
        }
        self.has_waited = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
