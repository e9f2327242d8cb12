//! `as_completed`: awaits several futures as tasks, and gives what became of each as it ends.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::EventLoop;

use crate::task::together::bell::Bell;
use crate::task::together::child::{self, Parent};
use crate::task::waiting::{Wait, waits_for};
use crate::task::{Outcome, Task, TaskError, scope};

/// Starts several futures, each as a task, in order; gives what became of each, as they end.
///
/// Dropping what it returns cancels those that are not done; [`detach`](AsCompleted::detach) lets
/// them run on instead.
///
/// # Cancel safety
///
/// Cancel safe, but dropping what it returns cancels the tasks that are left.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Python
///
/// [`asyncio.as_completed`](https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed).
/// There the rest runs on when the iterator is dropped. For a limit, put a
/// [`timeout`](crate::timeout) around [`next`](AsCompleted::next) or around the whole loop.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{as_completed, sleep};
///
/// # entracte::run(async {
/// let mut sleepers = as_completed([30, 10, 20].map(|ms| sleep(Duration::from_millis(ms))));
/// let mut order = vec![];
/// while let Some((index, outcome)) = sleepers.next().await {
///     outcome?;
///     order.push(index);
/// }
/// assert_eq!(order, [1, 2, 0]);
/// # Ok::<(), entracte::TaskError>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.as_completed")]
#[track_caller]
pub fn as_completed<I>(futures: I) -> AsCompleted<<I::Item as Future>::Output>
where
    I: IntoIterator<Item: Future + 'static>,
{
    start(Location::caller(), futures)
}

/// As `as_completed`, for a caller elsewhere.
#[track_caller]
pub(super) fn start<I>(
    origin: &'static Location<'static>,
    futures: I,
) -> AsCompleted<<I::Item as Future>::Output>
where
    I: IntoIterator<Item: Future + 'static>,
{
    let ended = Rc::new(Ended {
        event_loop: child::current_loop("await futures as they end"),
        order: RefCell::default(),
        bell: Bell::default(),
    });
    let children = futures.into_iter().enumerate();
    let tasks = children.map(|(index, it)| child::start(&ended, index, origin, it, |_| false));
    let tasks: Vec<_> = tasks.map(Some).collect();
    AsCompleted {
        left: tasks.len(),
        tasks,
        ended,
        is_ending: false,
    }
}

/// Several tasks, which it gives back one by one as they end: what [`as_completed`] returns.
#[must_use = "the tasks are cancelled when it is dropped"]
pub struct AsCompleted<T: 'static> {
    tasks: Vec<Option<Task<T>>>,
    left: usize,
    ended: Rc<Ended>,
    /// Those that are left were cancelled.
    is_ending: bool,
}

impl<T: 'static> AsCompleted<T> {
    /// The index of the next future that ends, and what became of it; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if `next` is cancelled, no outcome was taken.
    ///
    /// # Examples
    ///
    /// ```
    /// # entracte::run(async {
    /// let mut words = entracte::as_completed([async { "one" }]);
    /// let (index, word) = words.next().await.unwrap();
    /// assert_eq!((index, word?), (0, "one"));
    /// assert!(words.next().await.is_none());
    /// # Ok::<(), entracte::TaskError>(())
    /// # }).unwrap().unwrap();
    /// ```
    pub async fn next(&mut self) -> Option<(usize, Result<T, TaskError>)> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(usize, Result<T, TaskError>)>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let Some(index) = self.next_index() else {
            self.ended.bell.listen(cx.waker());
            waits_for(Wait::Children);
            return Poll::Pending;
        };
        self.left -= 1;
        let task = self.tasks[index].take();
        let task = task.expect("a task ends once");
        let outcome = task.try_outcome().expect("a task that ended is done");
        Poll::Ready(Some((index, outcome)))
    }

    fn next_index(&self) -> Option<usize> {
        let next = self.ended.order.borrow_mut().pop_front();
        if next.is_some() || !self.ended.event_loop.is_closed() {
            return next;
        }
        // The tasks of a loop that was closed say so themselves.
        self.tasks.iter().position(Option::is_some)
    }

    /// How many are left to give.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.left
    }

    /// Lets those that are left run on by themselves. Of one that fails, the loop's error handler
    /// is told.
    pub fn detach(mut self)
    where
        T: Outcome,
    {
        for task in self.tasks.drain(..).flatten() {
            task.detach();
        }
    }

    /// Cancels those that are not done, once. They are still given when they end.
    pub(super) fn cancel_rest(&mut self) {
        self.is_ending = true;
        for task in self.tasks.iter_mut().flatten() {
            let kept = Task::kept_by_others(task.task_ref().clone());
            drop(std::mem::replace(task, kept));
        }
    }
}

impl<T: 'static> Drop for AsCompleted<T> {
    fn drop(&mut self) {
        let Some(scope) = self.is_ending.then(scope::unwinding).flatten() else {
            return;
        };
        // Asked already, so they are only waited for. A second request would cut their clean-up
        // short.
        for task in self.tasks.iter().flatten().map(Task::task_ref) {
            if !task.is_done() {
                scope.await_straggler(task.clone());
            }
        }
    }
}

impl<T: 'static> fmt::Debug for AsCompleted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// The children that ended and were not given yet, in the order in which they ended.
struct Ended {
    event_loop: EventLoop,
    order: RefCell<VecDeque<usize>>,
    bell: Bell,
}

impl Parent for Ended {
    fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    fn gave(self: &Rc<Self>, index: usize, _: bool) {
        let ended = Rc::clone(self);
        child::call_soon(&self.event_loop, move || ended.lost(index));
    }

    fn lost(self: &Rc<Self>, index: usize) {
        self.order.borrow_mut().push_back(index);
        self.bell.ring();
    }
}
