//! The timers of an event loop: inserted and cancelled in constant time, fired in exact order.
//!
//! The [`slab`] keeps the timers, and entries say where they stand: in the [`wheel`] (but the
//! newest beside it), or in the list of those that were late when they were inserted; then, once
//! a turn has collected them, in the sorted vector of those due.

mod page;
mod slab;
mod smallest;
#[cfg(test)]
mod tests;
mod wheel;

use slab::{Entry, Slab};
use smallest::Smallest;
use wheel::Wheel;

/// Which timer: index and generation, so that a stale key touches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerKey {
    index: u32,
    generation: u32,
}

/// The timers that wait, and those that are due but were not taken yet.
///
/// Times are nanoseconds on a clock of the caller's. Timers fire in order of their deadlines,
/// and those with equal deadlines in the order of their creation.
pub(crate) struct Timers<P> {
    slab: Slab<P>,
    wheel: Wheel,
    /// The newest timer, if its place in the wheel is still to be found: a timer that is
    /// cancelled before another one comes never gets there.
    newest: Option<Entry>,
    /// Timers whose deadline was not after the anchor of the wheel when they were inserted.
    late: Vec<Entry>,
    /// In order from `next_due` on; cancelled ones are still there, with a stale key.
    due: Vec<Entry>,
    next_due: usize,
    /// Of the timers that are not due.
    smallest: Smallest,
}

impl<P> Timers<P> {
    /// Creates a set of no timers at the time `now`; it allocates nothing.
    pub(crate) const fn new(now: u64) -> Self {
        Self {
            slab: Slab::new(),
            wheel: Wheel::new(now),
            newest: None,
            late: Vec::new(),
            due: Vec::new(),
            next_due: 0,
            smallest: Smallest::UNKNOWN,
        }
    }

    /// Adds a timer, which fires even if its deadline has passed already.
    ///
    /// In any case it is not due before the next [`collect_due`](Self::collect_due).
    #[inline(always)]
    pub(crate) fn insert(&mut self, deadline: u64, payload: P) -> TimerKey {
        let key = self.slab.insert(deadline, payload);
        let entry = Entry { deadline, key };
        self.smallest.insert(deadline);
        if deadline > self.wheel.anchor() {
            if let Some(before) = self.newest.replace(entry) {
                self.wheel.insert(before);
            }
        } else {
            self.late.push(entry);
        }
        key
    }

    /// Takes a timer back that has not fired; `None` if it fired, was cancelled, or is stale.
    #[inline]
    pub(crate) fn cancel(&mut self, key: TimerKey) -> Option<P> {
        let (deadline, payload) = self.slab.remove(key)?;
        if deadline > self.wheel.anchor() {
            self.smallest.remove(deadline);
            if self.newest.take_if(|newest| newest.key == key).is_none() {
                self.wheel.cancelled(&self.slab, deadline, key);
            }
        } else {
            // Late or due: as there may be one of each with the same deadline, the memory of
            // the smallest cannot tell which of them it has lost.
            self.smallest.forget(deadline);
            self.late.pop_if(|entry| entry.key == key);
        }
        Some(payload)
    }

    /// Reads or replaces the payload of a timer that is waiting.
    pub(crate) fn payload_mut(&mut self, key: TimerKey) -> Option<&mut P> {
        self.slab.payload_mut(key)
    }

    /// Tells whether a timer was neither fired nor cancelled; one that is due still waits.
    pub(crate) fn is_waiting(&self, key: TimerKey) -> bool {
        self.slab.contains(key)
    }

    /// Counts the timers that wait.
    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    /// Tells whether no timer waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Finds the exact deadline of the earliest timer that waits.
    ///
    /// What was found is remembered. A long list in the wheel is spread out on the way, so that
    /// no later call reads it again.
    pub(crate) fn next_deadline(&mut self) -> Option<u64> {
        let due = self.first_due();
        let waiting = match self.smallest.known() {
            Some(known) => Some(known),
            None => self.find_smallest(),
        };
        due.into_iter().chain(waiting).min()
    }

    /// The deadline of the first due timer, past the cancelled ones.
    fn first_due(&mut self) -> Option<u64> {
        while let Some(due) = self.due.get(self.next_due) {
            if self.slab.contains(due.key) {
                return Some(due.deadline);
            }
            self.next_due += 1;
        }
        None
    }

    fn place_newest(&mut self) {
        if let Some(newest) = self.newest.take() {
            self.wheel.insert(newest);
        }
    }

    fn find_smallest(&mut self) -> Option<u64> {
        self.place_newest();
        // The late ones come before all of the wheel. They are read as a whole, but the next
        // collection takes them all.
        let late = self.late.iter().filter(|late| self.slab.contains(late.key));
        let found = match late.map(|late| late.deadline).min() {
            Some(late) => late,
            None => self.wheel.earliest(&self.slab)?,
        };
        self.smallest = Smallest::of(found);
        Some(found)
    }

    /// Moves all timers with a deadline up to `now` to those due, in exact order.
    ///
    /// A time before that of an earlier call counts as the time of that call. It costs next to
    /// nothing if no timer waits, and is worth calling even then: it tells the wheel the time,
    /// and a wheel that stands far back has more to do with the timers that come next.
    pub(crate) fn collect_due(&mut self, now: u64) {
        let remaining = self.discard_taken();
        self.place_newest();
        self.late.sort_by_key(|late| late.deadline);
        self.due.append(&mut self.late);
        if now > self.wheel.anchor() {
            self.wheel.advance(&self.slab, now, &mut self.due);
        }
        let Some(collected) = self.due.get(remaining) else {
            return;
        };
        self.smallest = Smallest::UNKNOWN;
        // A late one may come before some that an earlier collection has left.
        if remaining > 0 && self.due[remaining - 1].deadline > collected.deadline {
            self.due[self.next_due..].sort_by_key(|due| due.deadline);
        }
    }

    /// Frees the room of the due timers that were taken, once there are many, and counts what
    /// is left in the vector.
    fn discard_taken(&mut self) -> usize {
        if self.next_due > self.due.len() / 2 {
            self.due.drain(..self.next_due);
            self.next_due = 0;
        }
        self.due.len()
    }

    /// Takes the next timer that is due.
    #[inline]
    pub(crate) fn pop_due(&mut self) -> Option<P> {
        while let Some(due) = self.due.get(self.next_due) {
            self.next_due += 1;
            if let Some((_, payload)) = self.slab.remove(due.key) {
                return Some(payload);
            }
        }
        None
    }
}
