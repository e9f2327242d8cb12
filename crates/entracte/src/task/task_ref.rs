//! `TaskRef`: a task without its value, to be cancelled, asked for and waited for.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use entracte_event_loop::{CallbackRef, EventLoop, QUIET, Token, Wakeup};

use crate::task::front::{TaskFront, word};
use crate::task::tree::TaskTree;
use crate::task::{Panic, lost};

/// A task without its value: what the scopes, groups and the task tree hold of it.
#[derive(Clone, Debug)]
pub(crate) struct TaskRef {
    pub(crate) event_loop: EventLoop,
    pub(crate) callback: CallbackRef,
    pub(crate) token: Token,
}

impl TaskRef {
    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        self.callback.word().get() & word::DONE != 0 || self.event_loop.is_closed()
    }

    pub(crate) fn front(&self) -> &TaskFront {
        TaskFront::of(&self.callback).expect("a task has the front of a task")
    }

    /// Has the waker woken when the task is done: the last one counts, if it is a callback's.
    #[inline]
    pub(crate) fn set_awaiter(&self, waker: &Waker) {
        let wakeup = Wakeup::of(waker);
        match wakeup.token() {
            Some(token) => {
                let word = self.callback.word();
                word.set(word.get() & !QUIET);
                self.callback.set_awaiter(token);
            }
            None => self.tell(wakeup),
        }
    }

    /// Notes that the running task waits for this one, which will not wake it by itself.
    pub(crate) fn note_awaiter(&self) {
        if let Some(token) = self.event_loop.running() {
            let word = self.callback.word();
            word.set(word.get() | QUIET);
            self.callback.set_awaiter(token);
        }
    }

    /// Has this one woken when the task is done.
    pub(crate) fn tell(&self, whom: Wakeup) {
        self.front().add_waiter(whom);
    }

    /// Whether the task was asked to cancel, and is on its way out.
    pub(crate) fn is_cleaning_up(&self) -> bool {
        self.front().is_cleaning_up()
    }

    pub(crate) fn cancel(&self) {
        self.cancel_with(None);
    }

    pub(crate) fn cancel_with(&self, message: Option<Arc<str>>) -> bool {
        let pending = !self.is_done();
        if pending {
            self.front()
                .cancel(self.callback.word(), self.token, message);
        }
        pending
    }

    /// Cancels the task, and drops it if it has not ended when the grace period is over.
    pub(crate) fn cancel_within(&self, grace: Duration) {
        self.cancel();
        let task = self.clone();
        let overdue = move || {
            if !task.is_done() {
                lost::report(
                    "a task that did not end in time after it was cancelled is dropped",
                    &TaskTree::of(&task.event_loop),
                );
                task.drop_future();
            }
        };
        if !self.is_done() {
            let timer = self.event_loop.call_later(grace, overdue);
            self.front().add_on_done(Box::new(move || {
                timer.cancel();
            }));
        }
    }

    /// Has the loop drop the task's future in the next turn, whatever it does.
    fn drop_future(&self) {
        let word = self.callback.word();
        word.set(word.get() | word::DROPPED);
        self.event_loop.wake(self.token);
    }

    /// The panic with which the task ended, which is not lost from now on.
    pub(crate) fn see_panic(&self) -> Option<Panic> {
        self.front().see_panic()
    }

    /// Whether the task is unwinding as a whole.
    pub(crate) fn is_unwinding(&self) -> bool {
        self.front().is_unwinding()
    }

    /// Every task of a loop, in the order of their slots.
    pub(crate) fn all(event_loop: &EventLoop) -> Vec<Self> {
        let callbacks = event_loop.callbacks();
        let tasks = callbacks.filter(|(_, callback)| TaskFront::of(callback).is_some());
        tasks
            .map(|(token, callback)| Self {
                event_loop: event_loop.clone(),
                callback,
                token,
            })
            .collect()
    }

    /// Whether a loop has a task that has not ended.
    pub(crate) fn is_any_left(event_loop: &EventLoop) -> bool {
        event_loop
            .callbacks()
            .any(|(_, callback)| TaskFront::of(&callback).is_some())
    }

    /// The running task, if a task runs.
    pub(crate) fn running() -> Option<Self> {
        let event_loop = EventLoop::current()?;
        let token = event_loop.running()?;
        let callback = event_loop.callback(token)?;
        TaskFront::of(&callback)?;
        Some(Self {
            event_loop,
            callback,
            token,
        })
    }
}
