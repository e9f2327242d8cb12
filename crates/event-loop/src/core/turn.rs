//! `turn`: one pass of the loop, which is all there is to it.

use std::io;
use std::mem;

use crate::core::{Core, Due, Turn};
use crate::selector::Event;

/// After so many steps without a look at the clock and the selector, the loop takes one.
pub(super) const STEPS_BETWEEN_LOOKS: usize = 64;

impl Core {
    /// Runs one turn: looks at the outside, then calls what was ready, then what the outside and
    /// the clock brought.
    ///
    /// asyncio puts the handles of ready sources and due timers behind what is ready already, and
    /// calls as many as there are then. Calling them here, after those that were ready, is the same
    /// order without the detour. A timer that is set while the turn runs is not due before the next.
    #[inline]
    pub(crate) fn turn(&self) -> io::Result<Turn> {
        let ready = self.slots.ready();
        let steps = self.steps_since_look.get();
        let is_plain = ready > 0
            && steps < STEPS_BETWEEN_LOOKS
            && !self.watch.is_on()
            && !self.inbox.has_messages()
            && self.timers.borrow().is_empty();
        if !is_plain {
            return self.whole_turn();
        }
        self.steps_since_look.set(steps + ready);
        self.run(ready);
        Ok(Turn::Ran)
    }

    #[inline(never)]
    fn whole_turn(&self) -> io::Result<Turn> {
        self.read_inbox();
        let is_idle = self.slots.ready() == 0;
        if is_idle && self.is_stuck() {
            return Ok(Turn::Stuck);
        }
        if is_idle || self.steps_since_look.get() >= STEPS_BETWEEN_LOOKS {
            self.look(is_idle)?;
        } else {
            self.read_clock();
        }
        let ready = self.slots.ready();
        self.steps_since_look
            .set(self.steps_since_look.get() + ready);
        if self.watch.is_on() {
            self.run_watched(ready);
        } else {
            self.run(ready);
        }
        self.call_sources();
        self.fire_timers();
        Ok(Turn::Ran)
    }

    // Counted, not drained: what a callback makes ready belongs to the next turn. Draining would
    // let one that wakes itself starve timers and I/O for ever.
    #[inline]
    pub(super) fn run(&self, ready: usize) {
        for _ in 0..ready {
            let Some((index, slot)) = self.slots.pop_ready() else {
                break;
            };
            self.step(index, slot);
        }
    }

    pub(super) fn call_sources(&self) {
        if self.events.borrow().is_empty() {
            return;
        }
        let mut told = Told {
            core: self,
            events: self.events.take(),
            count: 0,
        };
        while let Some(event) = told.next() {
            self.sources.call(self, event);
        }
    }

    pub(super) fn fire_timers(&self) {
        loop {
            let due = self.timers.borrow_mut().pop_due();
            match due {
                Some(Due::Wake(whom)) => whom.wake(),
                Some(Due::Call(callback)) => {
                    let _ = self.call_without_slot(&callback);
                }
                None => break,
            }
        }
    }
}

/// Reports on their way to their sources. What is left when a waker panics stays for the next turn,
/// as nobody will report it again.
struct Told<'a> {
    core: &'a Core,
    events: Vec<Event>,
    count: usize,
}

impl Told<'_> {
    #[inline]
    fn next(&mut self) -> Option<Event> {
        let event = self.events.get(self.count).copied();
        self.count += usize::from(event.is_some());
        event
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if self.count == self.events.len() {
            self.events.clear();
        } else {
            self.events.drain(..self.count);
        }
        // Kept for its capacity as well.
        let mut place = self.core.events.borrow_mut();
        if !place.is_empty() {
            self.events.append(&mut place);
        }
        *place = mem::take(&mut self.events);
    }
}
