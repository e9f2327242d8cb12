//! `local_group`: a block whose children run within its own task, and may borrow what it borrows.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use entracte_coroutine::SharedError;
use entracte_event_loop::{Callback, CallbackRef, EventLoop, Step, Token, Wakeup, with_waker};
use slab::Slab;

use crate::task::group::ErrorGroup;
use crate::task::group::tasks::answer;
use crate::task::scope::Scope;
use crate::task::scoped::{Ended, Scoped};
use crate::task::waiting::{Wait, waits_for};
use crate::task::{Cancelled, Outcome, TaskError};

/// Runs a block that may spawn children which borrow, and waits until all of them have ended.
///
/// The children are no tasks: they run within the task of the block, one at a time, and so may
/// use its locals: see both directions of a connection at [`copy`](crate::io::copy()). Otherwise
/// this is [`task_group`](crate::task_group): the first failure cancels the block and the other
/// children, and all errors come back together. A panic of a child is a panic of the block.
///
/// # Cancel safety
///
/// Cancel safe: a cancellation unwinds the block and every child, innermost first.
///
/// # Errors
///
/// Returns the errors of the block and of its children, if there are any.
///
/// # Panics
///
/// Panics if a child panics.
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
/// use entracte::{checkpoint, local_group};
///
/// # entracte::run(async {
/// let (words, total) = (vec!["one", "three"], Cell::new(0));
/// local_group(async |group| {
///     for word in &words {
///         let total = &total;
///         group.spawn(async move {
///             checkpoint().await;
///             total.set(total.get() + word.len());
///         });
///     }
/// })
/// .await?;
/// assert_eq!(total.get(), 8);
/// # Ok::<(), entracte::ErrorGroup>(())
/// # }).unwrap().unwrap();
/// ```
///
/// What the block itself owns ends before its children do, so they cannot borrow it:
///
/// ```compile_fail
/// # async fn example() {
/// entracte::local_group(async |group| {
///     let word = String::from("short-lived");
///     group.spawn(async { drop(word.len()) });
/// })
/// .await
/// .unwrap();
/// # }
/// ```
pub async fn local_group<'env, T: Outcome>(
    block: impl AsyncFnOnce(&LocalGroup<'env>) -> T,
) -> Result<T::Value, ErrorGroup> {
    let scope = Scope::inner();
    let group = LocalGroup::new(&scope);
    let value = Cell::new(None);
    let whole = async {
        let _emptied = EmptiedOnDrop(&group);
        let mut block = pin!(block(&group));
        let mut is_over = false;
        poll_fn(|cx| {
            group.inner.waker.replace(Some(Wakeup::of(cx.waker())));
            if !is_over && let Poll::Ready(outcome) = block.as_mut().poll(cx) {
                is_over = true;
                let outcome = outcome.into_result();
                value.set(
                    outcome
                        .map_err(|error| group.inner.fail(SharedError::new(error)))
                        .ok(),
                );
            }
            group.poll_children();
            if is_over && group.is_empty() {
                return Poll::Ready(());
            }
            waits_for(Wait::Children);
            Poll::Pending
        })
        .await;
    };
    let ended = Scoped::with_scope(scope, whole).await;
    let errors = group.inner.errors.take().into_iter();
    let errors = errors.map(SharedError::unshare).collect();
    answer(ended, value.take(), errors).await
}

type Child<'env> = Pin<Box<dyn Future<Output = ()> + 'env>>;

/// What children that run and their wakers share.
struct Inner {
    scope: Weak<Scope>,
    /// The children that were woken, in order.
    woken: RefCell<Vec<usize>>,
    /// Wakes the task of the block.
    waker: RefCell<Option<Wakeup>>,
    errors: RefCell<Vec<SharedError>>,
    is_cancelling: Cell<bool>,
}

impl Inner {
    fn wake(&self, place: usize) {
        self.woken.borrow_mut().push(place);
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn fail(&self, error: SharedError) {
        self.errors.borrow_mut().push(error);
        self.cancel();
    }

    fn cancel(&self) {
        if !self.is_cancelling.replace(true)
            && let Some(scope) = self.scope.upgrade()
        {
            scope.cancel(None);
        }
    }
}

/// The callback of a child: being called means that the child was woken.
struct Alarm {
    inner: Rc<Inner>,
    place: usize,
}

impl Callback for Alarm {
    fn call(self: Pin<&Self>, _: &Step<'_>) -> Poll<()> {
        self.inner.wake(self.place);
        Poll::Pending
    }

    fn ask(self: Pin<&Self>, _: &mut dyn std::any::Any) {}
}

struct Entry<'env> {
    /// Away while it is being polled.
    child: Option<Child<'env>>,
    token: Token,
}

/// A group of children that run within one task, as its block has it.
pub struct LocalGroup<'env> {
    inner: Rc<Inner>,
    entries: RefCell<Slab<Entry<'env>>>,
}

impl<'env> LocalGroup<'env> {
    fn new(scope: &Rc<Scope>) -> Self {
        Self {
            inner: Rc::new(Inner {
                scope: Rc::downgrade(scope),
                woken: RefCell::default(),
                waker: RefCell::default(),
                errors: RefCell::default(),
                is_cancelling: Cell::new(false),
            }),
            entries: RefCell::default(),
        }
    }

    /// Starts a child, whose first step is taken when the block waits. Its error is the group's.
    ///
    /// The handle may be dropped: the group sees to the child.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the group sees to the child, whether it is awaited or not.
    ///
    /// # Panics
    ///
    /// Panics outside an event loop, or if the loop keeps 67 108 864 callbacks.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> LocalTask<<F::Output as Outcome>::Value>
    where
        F: Future<Output: Outcome> + 'env,
    {
        let event_loop = EventLoop::current().expect("cannot spawn a child outside an event loop");
        let state = Rc::new(State::new());
        let scope = self.inner.scope.upgrade();
        let scope =
            Scope::within(&scope.expect("the scope of a group is there while its block is"));
        state.scope.replace(Rc::downgrade(&scope));
        let child = run_child(Rc::clone(&self.inner), Rc::clone(&state), scope, future);
        let mut entries = self.entries.borrow_mut();
        let place = entries.vacant_entry();
        let alarm = Alarm {
            inner: Rc::clone(&self.inner),
            place: place.key(),
        };
        self.inner.woken.borrow_mut().push(place.key());
        place.insert(Entry {
            child: Some(Box::pin(child)),
            token: event_loop.keep(CallbackRef::new(alarm)),
        });
        LocalTask { state }
    }

    /// Cancels the block and every child: see [`TaskGroup::cancel`](crate::TaskGroup::cancel).
    pub fn cancel(&self) {
        self.inner.cancel();
    }

    /// How many children have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether every child has ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    /// Polls the children that were woken, and those that they spawn.
    fn poll_children(&self) {
        loop {
            let woken = self.inner.woken.take();
            if woken.is_empty() {
                return;
            }
            for place in woken {
                self.poll_child(place);
            }
        }
    }

    fn poll_child(&self, place: usize) {
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.get_mut(place) else {
            return;
        };
        let (child, token) = (entry.child.take(), entry.token);
        drop(entries);
        let Some(mut child) = child else {
            return;
        };
        let polled = with_waker(token, |waker| {
            child.as_mut().poll(&mut Context::from_waker(waker))
        });
        let mut entries = self.entries.borrow_mut();
        if polled.is_pending() {
            entries[place].child = Some(child);
        } else {
            entries.remove(place);
            drop(entries);
            silence(token);
        }
    }
}

impl fmt::Debug for LocalGroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalGroup")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Takes the alarm of a child from the loop.
fn silence(alarm: Token) {
    if let Some(event_loop) = EventLoop::current() {
        event_loop.remove(alarm);
    }
}

/// Lives beside the block: drops the children that are left after it.
struct EmptiedOnDrop<'group, 'env>(&'group LocalGroup<'env>);

impl Drop for EmptiedOnDrop<'_, '_> {
    fn drop(&mut self) {
        // One after the other, as a destructor may look at the group.
        loop {
            let mut entries = self.0.entries.borrow_mut();
            let first = entries.iter().next().map(|(place, _)| place);
            let entry = first.map(|place| entries.remove(place));
            drop(entries);
            match entry {
                Some(entry) => silence(entry.token),
                None => return,
            }
        }
    }
}

/// What a child and its handle share.
struct State<V> {
    outcome: RefCell<Option<Result<V, TaskError>>>,
    is_done: Cell<bool>,
    scope: RefCell<Weak<Scope>>,
    waiter: RefCell<Option<Wakeup>>,
}

impl<V> State<V> {
    fn new() -> Self {
        Self {
            outcome: RefCell::new(None),
            is_done: Cell::new(false),
            scope: RefCell::default(),
            waiter: RefCell::new(None),
        }
    }

    fn end(&self, outcome: Result<V, TaskError>) {
        self.outcome.replace(Some(outcome));
        self.is_done.set(true);
        if let Some(waiter) = self.waiter.take() {
            waiter.wake();
        }
    }
}

async fn run_child<F: Future<Output: Outcome>>(
    inner: Rc<Inner>,
    state: Rc<State<<F::Output as Outcome>::Value>>,
    scope: Rc<Scope>,
    future: F,
) {
    match Scoped::with_scope(scope, future).await {
        Ended::Value(value) => state.end(value.into_result().map_err(|error| {
            let error = SharedError::new(error);
            inner.fail(error.clone());
            TaskError::Failed(error)
        })),
        Ended::Unwound(unwound) if unwound.is_at_its_aim() => {
            state.end(Err(TaskError::Cancelled(unwound.message())));
            unwound.end();
        }
        Ended::Unwound(unwound) => Cancelled::new(unwound).propagate().await,
    }
}

/// A child of a local group. Dropping it changes nothing.
pub struct LocalTask<V> {
    state: Rc<State<V>>,
}

impl<V> LocalTask<V> {
    /// Asks the child to unwind; whether it had not ended.
    pub fn cancel(&self) -> bool {
        let scope = self.state.scope.borrow().upgrade();
        let asked = scope.filter(|_| !self.is_done());
        asked.inspect(|scope| scope.cancel(None)).is_some()
    }

    /// Whether the child has ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state.is_done.get()
    }
}

impl<V> Future for LocalTask<V> {
    type Output = Result<V, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.is_done() {
            let outcome = self.state.outcome.take();
            return Poll::Ready(outcome.unwrap_or(Err(TaskError::Taken)));
        }
        self.state.waiter.replace(Some(Wakeup::of(cx.waker())));
        waits_for(Wait::Children);
        Poll::Pending
    }
}

impl<V> fmt::Debug for LocalTask<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask")
            .field("is_done", &self.is_done())
            .finish_non_exhaustive()
    }
}
