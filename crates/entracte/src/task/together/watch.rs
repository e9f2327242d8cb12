//! `Watch`: one callback for each task of a `wait`, called in the turn after that task ended.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use entracte_event_loop::{Callback, CallbackRef, EventLoop, Step, TimerHandle, Token};

use crate::task::together::bell::Bell;
use crate::task::together::child;
use crate::task::together::wait::When;
use crate::task::waiting::{Wait, waits_for};
use crate::task::{Outcome, Task};

/// A `wait` that goes on. Dropping it ends its callbacks, and leaves the tasks alone.
pub(super) struct Watch {
    tally: Rc<Tally>,
    callbacks: Vec<Token>,
    timer: Option<TimerHandle>,
}

struct Tally {
    event_loop: EventLoop,
    when: When,
    left: Cell<usize>,
    is_over: Cell<bool>,
    bell: Bell,
}

impl Tally {
    fn finish(&self) {
        self.is_over.set(true);
        self.bell.ring();
    }
}

impl Watch {
    #[track_caller]
    pub(super) fn begin<T: Outcome + 'static>(
        tasks: &[Task<T>],
        when: When,
        limit: Option<Duration>,
    ) -> Self {
        let tally = Rc::new(Tally {
            event_loop: child::current_loop("wait for tasks"),
            when,
            left: Cell::new(tasks.len()),
            is_over: Cell::new(false),
            bell: Bell::default(),
        });
        let timer = limit.map(|limit| {
            let tally = Rc::clone(&tally);
            let event_loop = tally.event_loop.clone();
            event_loop.call_later(limit, move || tally.finish())
        });
        let callbacks = tasks.iter().map(|task| Watcher::begin(&tally, task));
        Self {
            callbacks: callbacks.collect(),
            tally,
            timer,
        }
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if self.tally.is_over.get() || self.tally.event_loop.is_closed() {
            return Poll::Ready(());
        }
        self.tally.bell.listen(cx.waker());
        waits_for(Wait::Task);
        Poll::Pending
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tally.is_over.set(true);
        if let Some(timer) = &self.timer {
            timer.cancel();
        }
        // So that they see it, and end. Those that have ended already are passed by.
        for token in &self.callbacks {
            self.tally.event_loop.wake(*token);
        }
    }
}

/// Watches one task: in the loop it stands for the done callback that asyncio would add.
struct Watcher<T> {
    tally: Rc<Tally>,
    /// Dropping this one does not cancel the task.
    task: Task<T>,
    has_begun: Cell<bool>,
}

impl<T: Outcome + 'static> Watcher<T> {
    fn begin(tally: &Rc<Tally>, task: &Task<T>) -> Token {
        let watcher = Self {
            tally: Rc::clone(tally),
            task: Task::kept_by_others(task.task_ref().clone()),
            has_begun: Cell::new(false),
        };
        let callback = CallbackRef::with_origin(task.spawned_at(), watcher);
        tally.event_loop.add_and_call(callback)
    }
}

impl<T: Outcome + 'static> Callback for Watcher<T> {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        let tally = &self.tally;
        if tally.is_over.get() {
            return Poll::Ready(());
        }
        let is_done = self.task.is_done();
        if !self.has_begun.replace(true) {
            // As asyncio does, one that is done already counts from the next turn on.
            if is_done {
                step.waker().wake_by_ref();
            } else {
                self.task.task_ref().set_awaiter(step.waker());
            }
            return Poll::Pending;
        }
        if !is_done {
            return Poll::Pending;
        }
        tally.left.set(tally.left.get() - 1);
        let decides = match tally.when {
            _ if tally.left.get() == 0 => true,
            When::FirstCompleted => true,
            When::FirstError => self.task.has_failed(),
            When::All => false,
        };
        if decides {
            tally.finish();
        }
        Poll::Ready(())
    }
}
