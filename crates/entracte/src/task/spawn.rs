//! Starting tasks.

use std::panic::Location;
use std::rc::Rc;

use entracte_event_loop::{CallbackRef, EventLoop};

use crate::task::cell::TaskCell;
use crate::task::context::TaskContext;
use crate::task::front::TaskFront;
use crate::task::task_ref::TaskRef;
use crate::task::{Task, scope};

/// Has the loop drive a future as a task, beginning in the next turn.
///
/// Tasks stay on their thread: the future may hold an `Rc`. The new task gets a copy of the
/// [context](crate::task::ContextVar) of the one that spawns it.
///
/// # Cancel safety
///
/// Cancel safe, but dropping the task cancels it: await it by reference to keep it.
///
/// # Panics
///
/// Panics if no loop runs on this thread, or if 67 108 864 tasks are alive.
///
/// # Python
///
/// [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task).
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let task = entracte::spawn(async { 6 * 7 });
/// assert_eq!(task.await?, 42);
/// # Ok::<(), entracte::TaskError>(())
/// # }).unwrap().unwrap();
/// ```
///
/// A task and its handle stay on their thread:
///
/// ```compile_fail
/// # entracte::run(async {
/// let task = entracte::spawn(async {});
/// std::thread::spawn(move || drop(task));
/// # }).unwrap();
/// ```
#[doc(alias = "asyncio.create_task")]
#[inline]
#[track_caller]
pub fn spawn<F: Future + 'static>(future: F) -> Task<F::Output> {
    let Some(event_loop) = EventLoop::current() else {
        panic!("cannot spawn a task outside an event loop");
    };
    spawn_in(event_loop, Location::caller(), future)
}

#[inline]
pub(crate) fn spawn_in<F: Future + 'static>(
    event_loop: EventLoop,
    origin: &'static Location<'static>,
    future: F,
) -> Task<F::Output> {
    let callback = allocate(origin, future);
    let token = event_loop.add(callback.clone());
    Task::new(TaskRef {
        event_loop,
        callback,
        token,
    })
}

#[inline]
fn allocate<F: Future + 'static>(origin: &'static Location<'static>, future: F) -> CallbackRef {
    let front = TaskFront::new();
    if TaskContext::is_used() {
        front.inherit_context();
    }
    CallbackRef::with_origin(origin, TaskCell::new(front, future))
}

/// Spawns a task that has more to it than its future: a name, a context, an eager start.
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let task = entracte::task::Spawn::new().name("reader").eager().spawn(async { "read" });
/// assert!(task.is_done());
/// assert_eq!(task.name().as_deref(), Some("reader"));
/// assert_eq!(task.await?, "read");
/// # Ok::<(), entracte::TaskError>(())
/// # }).unwrap().unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Spawn {
    name: Option<Rc<str>>,
    context: Option<TaskContext>,
    is_eager: bool,
}

impl Spawn {
    /// A task without anything special about it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the task.
    #[must_use]
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        self.name = Some(name.as_ref().into());
        self
    }

    /// Runs the task in this context rather than in a copy of the spawner's.
    #[must_use]
    pub fn context(mut self, context: TaskContext) -> Self {
        self.context = Some(context);
        self
    }

    /// Takes the first step at once, within the spawner's.
    #[doc(alias = "asyncio.eager_task_factory")]
    #[must_use]
    pub const fn eager(mut self) -> Self {
        self.is_eager = true;
        self
    }

    /// Spawns the task.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but dropping the task cancels it: await it by reference to keep it.
    ///
    /// # Panics
    ///
    /// As [`spawn`].
    #[track_caller]
    pub fn spawn<F: Future + 'static>(self, future: F) -> Task<F::Output> {
        let Some(event_loop) = EventLoop::current() else {
            panic!("cannot spawn a task outside an event loop");
        };
        let callback = allocate(Location::caller(), future);
        if let Some(front) = TaskFront::of(&callback) {
            if self.name.is_some() {
                front.set_name(self.name);
            }
            if let Some(context) = self.context {
                front.extras().context.replace(Some(context));
            }
        }
        let token = if self.is_eager {
            scope::outside(|| event_loop.add_and_call(callback.clone()))
        } else {
            event_loop.add(callback.clone())
        };
        Task::new(TaskRef {
            event_loop,
            callback,
            token,
        })
    }
}
