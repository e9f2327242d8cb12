//! The timers of hyper's sleeps: each thread keeps its own, and others may only let go of them.

use std::cell::RefCell;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use entracte_event_loop::WakeTimer;
use slab::Slab;

/// The timers of a thread, as other threads have it.
#[derive(Default)]
struct Thread {
    /// The numbers of timers whose sleeps went to other threads.
    left_behind: Mutex<Vec<usize>>,
}

impl Thread {
    fn take_left_behind(&self) -> Vec<usize> {
        let mut left = self
            .left_behind
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut *left)
    }
}

#[derive(Default)]
struct Timers {
    thread: Arc<Thread>,
    /// `None` while a timer is out of its place.
    timers: Slab<Option<WakeTimer>>,
}

thread_local! {
    static TIMERS: RefCell<Timers> = RefCell::default();
}

/// The place of a timer in its thread. It may go to other threads, where it reaches no timer.
pub(super) struct Place {
    thread: Arc<Thread>,
    number: usize,
}

impl Place {
    /// Keeps a timer in this thread; lets go of those that other threads have given up.
    pub(super) fn of(timer: WakeTimer) -> Self {
        let (place, left) = TIMERS.with_borrow_mut(|it| {
            let left = it.thread.take_left_behind();
            let left: Vec<_> = left
                .into_iter()
                .map(|number| it.timers.remove(number))
                .collect();
            let place = Self {
                thread: Arc::clone(&it.thread),
                number: it.timers.insert(Some(timer)),
            };
            (place, left)
        });
        // Outside the borrow: a waker that is dropped may come back here.
        drop(left);
        place
    }

    /// Takes the timer out, if this is its thread.
    pub(super) fn take(&self) -> Option<WakeTimer> {
        let take = |it: &mut Timers| it.timers.get_mut(self.number)?.take();
        self.is_here()
            .then(|| TIMERS.with_borrow_mut(take))
            .flatten()
    }

    /// Puts the timer back that was taken out.
    pub(super) fn put_back(&self, timer: WakeTimer) {
        TIMERS.with_borrow_mut(|it| {
            if let Some(place) = it.timers.get_mut(self.number) {
                *place = Some(timer);
            }
        });
    }

    /// Whether this is its thread, and its timers are still there.
    fn is_here(&self) -> bool {
        let is_same = |it: &RefCell<Timers>| Arc::ptr_eq(&it.borrow().thread, &self.thread);
        TIMERS.try_with(is_same).unwrap_or(false)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_here() {
            let timer = TIMERS.with_borrow_mut(|it| it.timers.remove(self.number));
            drop(timer);
            return;
        }
        let left = self.thread.left_behind.lock();
        left.unwrap_or_else(PoisonError::into_inner)
            .push(self.number);
    }
}

/// How many timers this thread keeps.
#[cfg(test)]
pub(super) fn kept() -> usize {
    TIMERS.with_borrow(|it| it.timers.len())
}
