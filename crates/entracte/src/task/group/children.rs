//! The tasks of a group: who is left, what failed, and what happens to the rest.
//!
//! - **G1** A group answers when its block and all its children have ended, and not before.
//! - **G2** The first failure cancels the block and every child, once.
//! - **G3** A child that is cancelled by itself is no failure.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use entracte_coroutine::{BoxError, SharedError};
use entracte_event_loop::{EventLoop, Wakeup};
use slab::Slab;

use crate::task::lost;
use crate::task::scope::{self, Scope};
use crate::task::task_ref::TaskRef;
use crate::task::waiting::{Wait, waits_for};

/// Shared by a group, its handles and its children.
pub(crate) struct Children {
    scope: RefCell<Weak<Scope>>,
    tasks: RefCell<Slab<Option<TaskRef>>>,
    /// Those that ended since the group last looked.
    ended: RefCell<Vec<usize>>,
    errors: RefCell<Vec<SharedError>>,
    waiter: RefCell<Option<Wakeup>>,
    grace: Cell<Option<Duration>>,
    is_cancelling: Cell<bool>,
    is_over: Cell<bool>,
}

impl Children {
    pub(crate) fn new(scope: &Rc<Scope>) -> Rc<Self> {
        Rc::new(Self {
            scope: RefCell::new(Rc::downgrade(scope)),
            tasks: RefCell::default(),
            ended: RefCell::default(),
            errors: RefCell::default(),
            waiter: RefCell::default(),
            grace: Cell::new(None),
            is_cancelling: Cell::new(false),
            is_over: Cell::new(false),
        })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    pub(crate) fn set_grace(&self, grace: Duration) {
        self.grace.set(Some(grace));
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.borrow().len() - self.ended.borrow().len()
    }

    /// A place for a child that is about to be spawned.
    pub(crate) fn reserve(&self) -> usize {
        self.tasks.borrow_mut().insert(None)
    }

    pub(crate) fn set(&self, place: usize, task: TaskRef) {
        if self.is_cancelling.get() {
            task.cancel();
        }
        if let Some(child) = self.tasks.borrow_mut().get_mut(place) {
            *child = Some(task);
        }
    }

    /// A child's future is gone: it ended, one way or another.
    pub(crate) fn end(self: &Rc<Self>, place: usize, panicked: bool) {
        let ended = {
            let mut ended = self.ended.borrow_mut();
            ended.push(place);
            ended.len()
        };
        let known = self.tasks.borrow().len();
        // Those that ended are forgotten together: in the end, or when they are the greater part.
        let is_last = ended == known && self.waiter.borrow().is_some();
        let are_many = ended.is_power_of_two() && ended >= 16 && 2 * ended > known;
        if panicked || is_last || are_many {
            // In the next turn, when the child is done: its panic can be seen by then.
            let children = Rc::clone(self);
            self.soon(move || {
                children.reap();
                children.wake();
            });
        }
    }

    /// A child failed: the rest is cancelled in the next turn, where asyncio has its callbacks.
    pub(crate) fn fail(self: &Rc<Self>, error: SharedError) {
        self.errors.borrow_mut().push(error);
        if !self.is_cancelling.get() {
            let children = Rc::clone(self);
            self.soon(move || children.cancel_all());
        }
    }

    /// The block failed: its children are cancelled at once, as asyncio does.
    pub(crate) fn fail_block(&self, error: SharedError) {
        self.errors.borrow_mut().push(error);
        if !self.is_cancelling.replace(true) {
            self.cancel_tasks();
        }
    }

    fn soon(&self, act: impl FnOnce() + 'static) {
        if let Some(event_loop) = EventLoop::current().filter(|_| !self.is_over.get()) {
            event_loop.call_soon(act);
        }
    }

    fn wake(&self) {
        let waiter = self.waiter.borrow().clone();
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Cancels every child and the block.
    pub(crate) fn cancel_all(&self) {
        if self.is_over.get() || self.is_cancelling.replace(true) {
            return;
        }
        self.cancel_tasks();
        let scope = self.scope.borrow().upgrade();
        if let Some(scope) = scope {
            scope.cancel(None);
        }
    }

    fn cancel_tasks(&self) {
        for task in self.tasks() {
            match self.grace.get() {
                Some(grace) => task.cancel_within(grace),
                None => task.cancel(),
            }
        }
    }

    fn tasks(&self) -> Vec<TaskRef> {
        let tasks = self.tasks.borrow();
        tasks.iter().filter_map(|(_, task)| task.clone()).collect()
    }

    /// Forgets the children that ended, and takes over the panics among their ends.
    fn reap(self: &Rc<Self>) {
        for place in self.ended.take() {
            let task = self.tasks.borrow().get(place).cloned().flatten();
            // The future goes before the task is done: much before, if it left tasks to wait for.
            if let Some(task) = task.as_ref().filter(|task| !task.is_done()) {
                self.expect(place, task);
                continue;
            }
            self.tasks.borrow_mut().remove(place);
            if let Some(panic) = task.and_then(|it| it.see_panic()) {
                self.fail(SharedError::new(panic.into()));
            }
        }
    }

    /// Has a child counted as ended once it is done.
    fn expect(self: &Rc<Self>, place: usize, task: &TaskRef) {
        let children = Rc::clone(self);
        task.front().add_on_done(Box::new(move || {
            children.ended.borrow_mut().push(place);
            children.reap();
            children.wake();
        }));
    }

    /// Waits until no child is left.
    pub(crate) fn poll_all_ended(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.reap();
        if self.tasks.borrow().is_empty() {
            self.waiter.replace(None);
            return Poll::Ready(());
        }
        self.waiter.replace(Some(Wakeup::of(cx.waker())));
        waits_for(Wait::TaskGroup);
        Poll::Pending
    }

    /// The group is over: no child can be added. Gives the errors.
    pub(crate) fn finish(self: &Rc<Self>) -> Vec<BoxError> {
        self.reap();
        self.is_over.set(true);
        let errors = self.errors.take().into_iter();
        errors.map(SharedError::unshare).collect()
    }
}

impl Drop for Children {
    /// A group that was dropped could give its errors to nobody.
    fn drop(&mut self) {
        for error in self.errors.take() {
            lost::report_error(&error);
        }
    }
}

/// Lives in the group's block: when that is dropped, the children that are left are cancelled, and
/// awaited by the unwinding that dropped it.
pub(crate) struct CancelsOnDrop(pub(crate) Rc<Children>);

impl Drop for CancelsOnDrop {
    fn drop(&mut self) {
        let children = &self.0;
        let left: Vec<_> = children
            .tasks()
            .into_iter()
            .filter(|it| !it.is_done())
            .collect();
        if !children.is_cancelling.replace(true) && !left.is_empty() {
            children.cancel_tasks();
        }
        let unwinding = scope::unwinding();
        for task in left {
            if let Some(scope) = &unwinding {
                scope.await_straggler(task);
            }
        }
    }
}

/// Lives in a child's future: tells the group when that is gone.
pub(crate) struct TellsOnDrop {
    pub(crate) children: Rc<Children>,
    pub(crate) place: usize,
}

impl Drop for TellsOnDrop {
    fn drop(&mut self) {
        self.children.end(self.place, std::thread::panicking());
    }
}
