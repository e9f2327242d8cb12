//! `task_group`: a block whose children are tasks, and end before it does.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use entracte_coroutine::{BoxError, SharedError};
use entracte_event_loop::EventLoop;

use crate::task::group::ErrorGroup;
use crate::task::group::children::{CancelsOnDrop, Children, TellsOnDrop};
use crate::task::scope::Scope;
use crate::task::scoped::{Ended, Scoped};
use crate::task::spawn::spawn_in;
use crate::task::{Cancelled, Outcome, Task, TaskError};

/// Runs a block that may spawn children, and waits until all of them have ended.
///
/// If the block or a child fails, the block and all other children are cancelled, their clean-up is
/// awaited, and every error comes back in one [`ErrorGroup`]. A child that panics has failed; one
/// that was cancelled by itself has not.
///
/// If the group is cancelled from outside, so are its children, and the unwinding waits for them. A
/// group that is dropped cannot wait: its children are cancelled and clean up on their own, and
/// [`run`](crate::run()) waits for them.
///
/// # Cancel safety
///
/// Cancel safe: no child is left behind.
///
/// # Errors
///
/// Returns the errors of the block and of its children, if there are any.
///
/// # Python
///
/// [`asyncio.TaskGroup`](https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{sleep, task_group};
///
/// # entracte::run(async {
/// let sum = task_group(async |group| {
///     let two = group.spawn(async { 2_u32 });
///     let three = group.spawn(async {
///         sleep(Duration::from_millis(1)).await;
///         3_u32
///     });
///     Ok::<_, entracte::TaskError>(two.await? + three.await?)
/// });
/// assert_eq!(sum.await?, 5);
/// # Ok::<(), entracte::ErrorGroup>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.TaskGroup")]
pub async fn task_group<T: Outcome>(
    block: impl AsyncFnOnce(&TaskGroup) -> T,
) -> Result<T::Value, ErrorGroup> {
    let scope = Scope::inner();
    let children = Children::new(&scope);
    let group = TaskGroup {
        children: Rc::clone(&children),
    };
    let value = Cell::new(None);
    let whole = async {
        let children = CancelsOnDrop(Rc::clone(&group.children));
        match block(&group).await.into_result() {
            Ok(given) => value.set(Some(given)),
            Err(error) => children.0.fail_block(SharedError::new(error)),
        }
        poll_fn(|cx| children.0.poll_all_ended(cx)).await;
    };
    let ended = Scoped::with_scope(scope, whole).await;
    answer(ended, value.take(), children.finish()).await
}

/// What a group says in the end: its value, its errors, or that it unwinds further.
pub(super) async fn answer<V>(
    ended: Ended<()>,
    value: Option<V>,
    mut errors: Vec<BoxError>,
) -> Result<V, ErrorGroup> {
    let unwound = match ended {
        Ended::Unwound(unwound) if unwound.is_at_its_aim() => {
            unwound.end();
            None
        }
        Ended::Unwound(unwound) => Some(unwound),
        Ended::Value(()) => None,
    };
    if let Some(unwound) = unwound {
        if errors.is_empty() {
            Cancelled::new(unwound).propagate().await;
        }
        // The errors come first; whoever takes them is asked to unwind at the next await.
        unwound.hand_up();
    } else if errors.is_empty() {
        match value {
            Some(value) => return Ok(value),
            None => errors.push(TaskError::Cancelled(None).into()),
        }
    }
    Err(ErrorGroup::new(errors).expect("there is an error by now"))
}

/// A group of tasks, as its block has it.
pub struct TaskGroup {
    children: Rc<Children>,
}

impl TaskGroup {
    /// Spawns a child. Its error is the group's.
    ///
    /// The handle may be dropped: the group sees to the child. In a group that is being cancelled
    /// the child is cancelled before its first step.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the group sees to the child, whether it is awaited or not.
    ///
    /// # Panics
    ///
    /// Panics outside an event loop, or if the loop keeps 67 108 864 callbacks.
    #[doc(alias = "asyncio.TaskGroup.create_task")]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> GroupTask<<F::Output as Outcome>::Value>
    where
        F: Future<Output: Outcome> + 'static,
    {
        spawn_child(&self.children, Location::caller(), future)
    }

    /// A handle that children may have, to spawn others.
    #[must_use]
    pub fn handle(&self) -> GroupHandle {
        GroupHandle {
            children: Rc::downgrade(&self.children),
        }
    }

    /// Cancels the block and every child.
    ///
    /// If nothing failed, the group gives the value of its block; if that had not ended, the error
    /// is [`TaskError::Cancelled`].
    #[doc(alias = "asyncio.TaskGroup.cancel")]
    pub fn cancel(&self) {
        self.children.cancel_all();
    }

    /// Sets how long children may take to clean up once they are cancelled by the group.
    ///
    /// Those that take longer are dropped where they wait, and the error handler is told. Without a
    /// grace period the group waits for as long as it takes.
    pub fn set_grace(&self, grace: Duration) {
        self.children.set_grace(grace);
    }

    /// How many children have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.children.len()
    }

    /// Whether every child has ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.children.len() == 0
    }
}

impl fmt::Debug for TaskGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// A handle to a task group, to spawn children from within children.
#[derive(Clone)]
pub struct GroupHandle {
    children: Weak<Children>,
}

impl GroupHandle {
    /// Spawns a child of the group: see [`TaskGroup::spawn`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the group sees to the child, whether it is awaited or not.
    ///
    /// # Errors
    ///
    /// Returns [`GroupEnded`] with the future in it if the group is over.
    #[track_caller]
    pub fn spawn<F>(
        &self,
        future: F,
    ) -> Result<GroupTask<<F::Output as Outcome>::Value>, GroupEnded<F>>
    where
        F: Future<Output: Outcome> + 'static,
    {
        let origin = Location::caller();
        match self.children.upgrade().filter(|it| !it.is_over()) {
            Some(children) => Ok(spawn_child(&children, origin, future)),
            None => Err(GroupEnded { future }),
        }
    }

    /// Cancels the block and every child, if the group is not over.
    pub fn cancel(&self) {
        if let Some(children) = self.children.upgrade() {
            children.cancel_all();
        }
    }
}

impl fmt::Debug for GroupHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupHandle").finish_non_exhaustive()
    }
}

/// The group is over; the future comes back.
pub struct GroupEnded<F> {
    /// What was to be spawned.
    pub future: F,
}

impl<F> fmt::Debug for GroupEnded<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupEnded")
    }
}

impl<F> fmt::Display for GroupEnded<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot spawn into a task group that is over")
    }
}

impl<F> Error for GroupEnded<F> {}

fn spawn_child<F>(
    children: &Rc<Children>,
    origin: &'static Location<'static>,
    future: F,
) -> GroupTask<<F::Output as Outcome>::Value>
where
    F: Future<Output: Outcome> + 'static,
{
    let event_loop = EventLoop::current().expect("cannot spawn a child outside an event loop");
    let place = children.reserve();
    let tells = TellsOnDrop {
        children: Rc::clone(children),
        place,
    };
    let child = async move {
        let value = future.await.into_result();
        value.map_err(|error| fail(&tells, error))
    };
    let mut task = spawn_in(event_loop, origin, child);
    task.leave_to_others();
    task.task_ref().note_awaiter();
    children.set(place, task.task_ref().clone());
    GroupTask { task }
}

#[cold]
fn fail(tells: &TellsOnDrop, error: BoxError) -> SharedError {
    let error = SharedError::new(error);
    tells.children.fail(error.clone());
    error
}

/// A child of a task group. Dropping it changes nothing.
///
/// Awaiting it gives the child's value, or why there is none: [`TaskError::Failed`] has the error
/// that the group has as well.
pub struct GroupTask<V> {
    task: Task<Result<V, SharedError>>,
}

impl<V> Deref for GroupTask<V> {
    type Target = Task<Result<V, SharedError>>;

    fn deref(&self) -> &Self::Target {
        &self.task
    }
}

impl<V: 'static> Future for GroupTask<V> {
    type Output = Result<V, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = Pin::new(&mut self.task).poll(cx);
        outcome.map(|outcome| outcome?.map_err(TaskError::Failed))
    }
}

impl<V> fmt::Debug for GroupTask<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GroupTask").field(&self.task).finish()
    }
}
