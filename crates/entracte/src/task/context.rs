//! `ContextVar` and `TaskContext`: variables that follow a task, and go on to its children.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::task::front::TaskFront;
use crate::task::task_ref::TaskRef;

thread_local! {
    /// Whether any variable was ever set on this thread: until then spawning need not look.
    static IS_USED: Cell<bool> = const { Cell::new(false) };
    /// The context of code that runs in no task.
    static OUTSIDE: RefCell<TaskContext> = RefCell::new(TaskContext::default());
}

type Values = HashMap<u64, Rc<dyn Any>>;

/// The variables of one task, or a copy of them.
///
/// Copying is cheap: copies share their values until one of them is changed.
///
/// # Python
///
/// [`contextvars.Context`](https://docs.python.org/3/library/contextvars.html#contextvars.Context).
#[doc(alias = "contextvars.Context")]
#[derive(Clone, Default)]
pub struct TaskContext {
    values: Rc<Values>,
}

impl TaskContext {
    /// A copy of the context of the code that calls.
    #[doc(alias = "contextvars.copy_context")]
    #[must_use]
    pub fn copy_current() -> Self {
        let task = TaskRef::running();
        match &task {
            Some(task) => task.front().context().unwrap_or_default(),
            None => OUTSIDE.with_borrow(Clone::clone),
        }
    }

    #[inline]
    pub(crate) fn is_used() -> bool {
        IS_USED.get()
    }

    fn change_current(change: impl FnOnce(&mut Values) -> Option<Rc<dyn Any>>) {
        IS_USED.set(true);
        let mut context = Self::copy_current();
        let old = change(Rc::make_mut(&mut context.values));
        let before = match TaskRef::running() {
            Some(task) => task.front().extras().context.replace(Some(context)),
            None => Some(OUTSIDE.replace(context)),
        };
        // Last, as dropping a user's value may come back here.
        drop((old, before));
    }
}

impl fmt::Debug for TaskContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskContext")
            .field("variables", &self.values.len())
            .finish()
    }
}

impl TaskFront {
    fn context(&self) -> Option<TaskContext> {
        self.extras_if_any()?.context.borrow().clone()
    }

    /// Takes the context over from the code that spawns.
    #[cold]
    pub(crate) fn inherit_context(&self) {
        let context = TaskContext::copy_current();
        if !context.values.is_empty() {
            self.extras().context.replace(Some(context));
        }
    }
}

/// A variable that has a value in each task: what the task set, or else what its spawner had.
///
/// # Python
///
/// [`contextvars.ContextVar`](https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar).
///
/// # Examples
///
/// ```
/// use entracte::task::ContextVar;
///
/// let request = ContextVar::new();
/// # entracte::run(async move {
/// request.set(7);
/// let child = entracte::spawn(async move {
///     assert_eq!(request.get(), Some(7)); // inherited
///     request.set(8);
/// });
/// child.await?;
/// assert_eq!(request.get(), Some(7)); // the child's is its own
/// # Ok::<(), entracte::TaskError>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "contextvars.ContextVar")]
pub struct ContextVar<T> {
    id: u64,
    value: PhantomData<fn() -> T>,
}

impl<T: Clone + 'static> ContextVar<T> {
    /// A new variable, which has no value anywhere.
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            value: PhantomData,
        }
    }

    /// Its value in the running task.
    #[doc(alias = "contextvars.ContextVar.get")]
    #[must_use]
    pub fn get(&self) -> Option<T> {
        let context = TaskContext::copy_current();
        context.values.get(&self.id)?.downcast_ref().cloned()
    }

    /// Sets its value in the running task, and in those that the task spawns from now on; gives
    /// back the value that it had.
    #[doc(alias = "contextvars.ContextVar.set")]
    pub fn set(&self, value: T) -> Option<T> {
        let before = self.get();
        TaskContext::change_current(|values| values.insert(self.id, Rc::new(value)));
        before
    }

    /// Takes its value away in the running task.
    #[doc(alias = "contextvars.ContextVar.reset")]
    pub fn unset(&self) -> Option<T> {
        let before = self.get();
        TaskContext::change_current(|values| values.remove(&self.id));
        before
    }
}

impl<T: Clone + 'static> Default for ContextVar<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for ContextVar<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ContextVar<T> {}

impl<T> fmt::Debug for ContextVar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextVar").field("id", &self.id).finish()
    }
}
