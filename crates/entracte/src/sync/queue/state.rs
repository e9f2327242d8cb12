//! What the handles of a queue share: its items, who waits for one, and who waits for room.
//!
//! An item that arrives while a task waits stays where it is, and is **claimed** for that task; the
//! task takes it when it runs. Room that appears while a task waits for it is **reserved** in the
//! same way. So a task that is cancelled in between has taken nothing and put nothing, a
//! `PriorityQueue` gives what is smallest when the task runs, and nobody else gets in between.
//!
//! - **Q1** While a task waits for an item, each item that is there is claimed.
//! - **Q2** While a task waits for room, there is none that is not reserved.
//! - **Q3** There are at most `capacity` items and reserved places; for a queue without places
//!   this does not hold once a task that came for an item has been cancelled.

use std::cell::RefCell;

use entracte_event_loop::Wakeup;

use super::error::TryGetError;
use super::order::Order;
use crate::sync::wait_queue::{Line, Ticket, WaitQueue, Wakeups};
use crate::task::waiting::Wait;

pub(super) struct State<O> {
    pub(super) items: O,
    /// Items that belong to getters which have yet to run.
    pub(super) claimed: usize,
    /// Places that belong to putters which have yet to run.
    pub(super) reserved: usize,
    /// `usize::MAX` for an unbounded queue.
    pub(super) capacity: usize,
    /// Items that were put, and not yet said to be done.
    pub(super) unfinished: usize,
    pub(super) is_shut_down: bool,
    pub(super) getters: WaitQueue<Answer>,
    pub(super) putters: WaitQueue<Answer>,
    pub(super) joiners: WaitQueue,
}

/// Why a task that waited for an item or for room goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// An item is claimed for it, or a place reserved.
    Yours,
    ShutDown,
}

impl<O: Order> State<O> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            items: O::default(),
            claimed: 0,
            reserved: 0,
            capacity,
            unfinished: 0,
            is_shut_down: false,
            getters: WaitQueue::new(),
            putters: WaitQueue::new(),
            joiners: WaitQueue::new(),
        }
    }

    /// Whether there is a place that is not reserved.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        // A queue without places has as many as there are tasks that came for an item.
        let limit = match self.capacity {
            0 => self.getters.len() + self.claimed,
            capacity => capacity,
        };
        self.items.count() + self.reserved < limit
    }

    /// Adds an item, for which there is room; returns who waited for it.
    #[inline]
    pub(super) fn push(&mut self, item: O::Item) -> Option<Wakeup> {
        // Counted first: if a comparison panics, the item is in the queue nevertheless.
        self.unfinished += 1;
        self.items.push(item);
        self.offer()
    }

    /// Adds an item in a place that was reserved for it; returns who waited for it.
    pub(super) fn push_reserved(&mut self, item: O::Item) -> Option<Wakeup> {
        self.reserved -= 1;
        self.push(item)
    }

    /// Takes an item that is not claimed, and returns who waited for the room.
    #[inline]
    pub(super) fn take(&mut self) -> Result<(O::Item, Option<Wakeup>), TryGetError> {
        if self.items.count() > self.claimed
            && let Some(item) = self.items.pop()
        {
            return Ok((item, self.admit()));
        }
        Err(if self.is_shut_down {
            TryGetError::ShutDown
        } else {
            TryGetError::Empty
        })
    }

    /// Takes the item that was claimed, unless the queue was shut down and emptied since.
    #[inline]
    pub(super) fn take_claimed(&mut self) -> Option<(O::Item, Option<Wakeup>)> {
        self.claimed -= 1;
        let item = self.items.pop()?;
        Some((item, self.admit()))
    }

    /// Claims an item for the oldest getter, if one waits and an item is free.
    #[inline]
    pub(super) fn offer(&mut self) -> Option<Wakeup> {
        let mut next = None;
        if !self.getters.is_empty() && self.items.count() > self.claimed {
            next = self.getters.grant(Answer::Yours).ok();
        }
        self.claimed += usize::from(next.is_some());
        self.check();
        next
    }

    /// Reserves a place for the oldest putter, if one waits and there is room.
    #[inline]
    pub(super) fn admit(&mut self) -> Option<Wakeup> {
        let mut next = None;
        if !self.putters.is_empty() && self.has_room() {
            next = self.putters.grant(Answer::Yours).ok();
        }
        self.reserved += usize::from(next.is_some());
        self.check();
        next
    }

    #[inline]
    fn check(&self) {
        debug_assert!(
            self.getters.is_empty() || self.items.count() <= self.claimed,
            "Q1: a task waits beside an item that nobody claimed"
        );
        debug_assert!(
            self.putters.is_empty() || !self.has_room(),
            "Q2: a task waits beside room that is not reserved"
        );
        let used = self.items.count() + self.reserved;
        debug_assert!(
            self.capacity == 0 || used <= self.capacity,
            "Q3: more items and reserved places than the capacity"
        );
    }

    /// Counts items as done; returns those who joined, if these were the last.
    pub(super) fn finish(&mut self, items: usize) -> Option<Wakeups> {
        self.unfinished -= items;
        (self.unfinished == 0).then(|| self.joiners.grant_all(()))
    }
}

#[inline]
pub(super) fn wake(who: Option<Wakeup>) {
    if let Some(who) = who {
        who.wake();
    }
}

/// The line of those who wait for an item.
pub(super) struct Getters<'a, O>(pub(super) &'a RefCell<State<O>>);

/// The line of those who wait for room.
pub(super) struct Putters<'a, O>(pub(super) &'a RefCell<State<O>>);

/// The line of those who wait until every item is done.
pub(super) struct Joiners<'a, O>(pub(super) &'a RefCell<State<O>>);

macro_rules! copy {
    ($($line:ident)*) => {$(
        impl<O> Clone for $line<'_, O> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<O> Copy for $line<'_, O> {}
    )*};
}

copy!(Getters Putters Joiners);

impl<O: Order> Line for Getters<'_, O> {
    type Grant = Answer;
    const WAITS_FOR: Wait = Wait::QueueGet;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, Answer> {
        let mut state = self.0.borrow_mut();
        if state.items.count() > state.claimed {
            state.claimed += 1;
            return Err(Answer::Yours);
        }
        if state.is_shut_down {
            return Err(Answer::ShutDown);
        }
        let ticket = state.getters.enter(wakeup);
        let next = if state.capacity == 0 {
            state.admit()
        } else {
            None
        };
        drop(state);
        wake(next);
        Ok(ticket)
    }

    #[inline]
    fn with<R>(self, act: impl FnOnce(&mut WaitQueue<Answer>) -> R) -> R {
        act(&mut self.0.borrow_mut().getters)
    }

    fn hand_back(self, answer: Answer) {
        if answer == Answer::Yours {
            let mut state = self.0.borrow_mut();
            state.claimed -= 1;
            let next = state.offer();
            drop(state);
            wake(next);
        }
    }
}

impl<O: Order> Line for Putters<'_, O> {
    type Grant = Answer;
    const WAITS_FOR: Wait = Wait::QueuePut;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, Answer> {
        let mut state = self.0.borrow_mut();
        if state.is_shut_down {
            return Err(Answer::ShutDown);
        }
        if state.has_room() {
            state.reserved += 1;
            return Err(Answer::Yours);
        }
        Ok(state.putters.enter(wakeup))
    }

    #[inline]
    fn with<R>(self, act: impl FnOnce(&mut WaitQueue<Answer>) -> R) -> R {
        act(&mut self.0.borrow_mut().putters)
    }

    fn hand_back(self, answer: Answer) {
        if answer == Answer::Yours {
            let mut state = self.0.borrow_mut();
            state.reserved -= 1;
            let next = state.admit();
            drop(state);
            wake(next);
        }
    }
}

impl<O: Order> Line for Joiners<'_, O> {
    type Grant = ();
    const WAITS_FOR: Wait = Wait::QueueJoin;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, ()> {
        let mut state = self.0.borrow_mut();
        if state.unfinished == 0 {
            Err(())
        } else {
            Ok(state.joiners.enter(wakeup))
        }
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue) -> R) -> R {
        act(&mut self.0.borrow_mut().joiners)
    }

    fn hand_back(self, (): ()) {}
}
