//! What every task has beside its future: who awaits it, and what only some tasks have.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use entracte_event_loop::{CallbackRef, EventLoop, Token, Wakeup};

use crate::task::context::TaskContext;
use crate::task::scope::Scope;
use crate::task::{Panic, TaskError, lost};

/// The loop's word of a task: what has to be known at every step.
pub(crate) mod word {
    use std::cell::Cell;

    use entracte_event_loop::{LASTING_NOTE, QUIET};

    /// The task is done: its outcome is there, or was.
    pub(crate) const DONE: u32 = 1;
    /// The task has scopes, so it may have been asked to unwind.
    pub(crate) const SCOPED: u32 = 2;
    /// Somebody took the outcome.
    pub(crate) const TAKEN: u32 = 4;
    /// The task is to be dropped where it waits.
    pub(crate) const DROPPED: u32 = 8;
    const NOTE_SHIFT: u32 = 8;

    #[inline]
    pub(crate) fn set_note(word: &Cell<u32>, note: u32) {
        let flags = word.get() & (QUIET | ((1 << NOTE_SHIFT) - 1));
        word.set(flags | (note & !LASTING_NOTE) << NOTE_SHIFT);
    }

    pub(crate) fn note(word: u32) -> u32 {
        (word & !QUIET) >> NOTE_SHIFT
    }
}

/// What only some tasks have.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) name: RefCell<Option<Rc<str>>>,
    pub(crate) context: RefCell<Option<TaskContext>>,
    root: OnceCell<Rc<Scope>>,
    failure: RefCell<Option<TaskError>>,
    /// Somebody knows of the failure.
    is_seen: Cell<bool>,
    /// Who else waits, and by wakers that are no tokens.
    waiters: RefCell<Vec<Wakeup>>,
    on_done: RefCell<Vec<Box<dyn FnOnce()>>>,
    /// How often it was asked to cancel.
    pub(crate) cancelling: Cell<u32>,
}

/// Reached while the future runs: nothing here is the future's.
pub(crate) struct TaskFront {
    extras: OnceCell<Box<Extras>>,
}

impl TaskFront {
    pub(crate) const fn new() -> Self {
        Self {
            extras: OnceCell::new(),
        }
    }

    /// The front of a callback, if it is a task of ours.
    #[inline]
    pub(crate) fn of(callback: &CallbackRef) -> Option<&Self> {
        callback.front().downcast_ref()
    }

    pub(crate) fn extras(&self) -> &Extras {
        self.extras.get_or_init(Box::default)
    }

    pub(crate) fn extras_if_any(&self) -> Option<&Extras> {
        self.extras.get().map(|extras| &**extras)
    }

    /// The scope that is the whole task.
    pub(crate) fn root(&self, word: &Cell<u32>, token: Token) -> Rc<Scope> {
        let root = self.extras().root.get_or_init(|| {
            word.set(word.get() | word::SCOPED);
            Scope::root(Wakeup::from_token(token))
        });
        Rc::clone(root)
    }

    /// Adds someone to be woken when the task is done, beside whoever awaits it.
    pub(crate) fn add_waiter(&self, whom: Wakeup) {
        let mut waiters = self.extras().waiters.borrow_mut();
        // One awaiter, polled again and again, must not fill the list.
        if let Some(at) = waiters.iter().position(|other| other.is_same(&whom)) {
            waiters.remove(at);
        }
        waiters.push(whom);
    }

    pub(crate) fn add_on_done(&self, act: Box<dyn FnOnce()>) {
        self.extras().on_done.borrow_mut().push(act);
    }

    pub(crate) fn fail(&self, failure: TaskError) {
        self.extras().failure.replace(Some(failure));
    }

    /// Takes the error with which the task ended, unless it ended with a value.
    pub(crate) fn take_failure(&self) -> Option<TaskError> {
        self.extras_if_any()?.failure.take()
    }

    /// The panic with which the task ended, which is not lost from now on.
    pub(crate) fn see_panic(&self) -> Option<Panic> {
        let extras = self.extras_if_any()?;
        match &*extras.failure.borrow() {
            Some(TaskError::Panicked(panic)) => {
                extras.is_seen.set(true);
                Some(panic.clone())
            }
            _ => None,
        }
    }

    /// Whether the task is unwinding as a whole.
    pub(crate) fn is_unwinding(&self) -> bool {
        let root = self.extras_if_any().and_then(|extras| extras.root.get());
        root.is_some_and(|root| root.is_unwinding())
    }

    /// Whether the task was asked to cancel, and something in it has yet to answer.
    pub(crate) fn is_cleaning_up(&self) -> bool {
        self.extras_if_any().is_some_and(|extras| {
            let root = extras.root.get();
            extras.cancelling.get() > 0 && root.is_some_and(|root| root.is_busy())
        })
    }

    /// Whether the task ended with an error that nobody took, and if so whether it was cancelled.
    pub(crate) fn failed(&self) -> Option<bool> {
        let failure = self.extras_if_any()?.failure.borrow();
        failure
            .as_ref()
            .map(|error| matches!(error, TaskError::Cancelled(_)))
    }

    /// Wakes who waits beside whoever awaits the task, and schedules its done callbacks.
    #[inline]
    pub(crate) fn tell_done(&self) {
        if self.extras.get().is_some() {
            self.tell_others();
        }
    }

    #[cold]
    fn tell_others(&self) {
        let Some(extras) = self.extras_if_any() else {
            return;
        };
        for waiter in extras.waiters.take() {
            waiter.wake();
        }
        let callbacks = extras.on_done.take();
        if let Some(event_loop) = EventLoop::current() {
            for act in callbacks {
                event_loop.call_soon(act);
            }
        }
    }

    /// The loop is closed: what was to run at the end of the task, and may hold it, goes.
    pub(crate) fn closed(&self) {
        if let Some(extras) = self.extras_if_any() {
            let on_done = extras.on_done.take();
            drop(on_done);
        }
    }

    pub(crate) fn set_name(&self, name: Option<Rc<str>>) {
        let old = self.extras().name.replace(name);
        drop(old);
    }

    pub(crate) fn name(&self) -> Option<Rc<str>> {
        self.extras_if_any()?.name.borrow().clone()
    }

    /// Asks the whole task to unwind.
    pub(crate) fn cancel(&self, word: &Cell<u32>, token: Token, message: Option<Arc<str>>) {
        let extras = self.extras();
        extras.cancelling.set(extras.cancelling.get() + 1);
        let root = self.root(word, token);
        root.cancel(message);
    }
}

impl Drop for TaskFront {
    #[inline]
    fn drop(&mut self) {
        if let Some(extras) = self.extras.get() {
            extras.report_lost_panic();
        }
    }
}

impl Extras {
    #[cold]
    fn report_lost_panic(&self) {
        let failure = self.failure.take().filter(|_| !self.is_seen.get());
        if let Some(TaskError::Panicked(panic)) = failure {
            lost::report_panic(&panic);
        }
    }
}
