//! `part_of_turn`: a turn as a visitor has it run, in parts and without ever waiting.

use std::io;
use std::time::Duration;

use crate::core::turn::STEPS_BETWEEN_LOOKS;
use crate::core::{Core, TurnPart, guard};

impl Core {
    /// Runs a turn, or what the last part left of one, for so many steps at most.
    ///
    /// Where `turn` would wait, the inbox is told that the loop waits, and the caller for how long.
    pub(crate) fn part_of_turn(&self, at_most: usize) -> io::Result<TurnPart> {
        let mut ready = self.left_of_turn.take();
        if ready == 0 {
            if let Some(rest) = self.look_or_rest()? {
                return Ok(rest);
            }
            ready = self.slots.ready();
        }
        let steps = ready.min(at_most);
        self.steps_since_look
            .set(self.steps_since_look.get() + steps);
        if self.watch.is_on() {
            self.run_watched(steps);
        } else {
            self.run(steps);
        }
        self.left_of_turn.set(ready - steps);
        if steps == ready {
            self.call_sources();
            self.fire_timers();
        }
        Ok(TurnPart::Ran { steps })
    }

    /// Says that a rest is over, if the loop rests.
    pub(crate) fn end_rest(&self) {
        if self.rests.replace(false) {
            self.inbox.end_park();
            if let Some(observer) = self.watch.observer() {
                guard(|| observer.after_wait(0));
            }
        }
    }

    /// Nobody waits any more for something: a host that waits for the loop is to look whether the
    /// loop is stuck now.
    pub(crate) fn tell_host(&self) {
        if self.rests.get() {
            self.inbox.poke();
        }
    }

    /// Whether the next part begins a turn.
    pub(crate) const fn is_between_turns(&self) -> bool {
        self.left_of_turn.get() == 0
    }

    fn look_or_rest(&self) -> io::Result<Option<TurnPart>> {
        self.read_inbox();
        let is_idle = self.slots.ready() == 0;
        if !is_idle && self.steps_since_look.get() < STEPS_BETWEEN_LOOKS {
            self.read_clock();
            return Ok(None);
        }
        self.look(false)?;
        let found = self.slots.ready() > 0 || !self.events.borrow().is_empty();
        let at_most = self.longest_wait(true);
        if found || at_most == Some(Duration::ZERO) {
            return Ok(None);
        }
        if self.inbox.begin_park() {
            return Ok(Some(self.rest(at_most)));
        }
        self.read_inbox();
        Ok(None)
    }

    fn rest(&self, at_most: Option<Duration>) -> TurnPart {
        self.rests.set(true);
        // Asked now, not before: whoever lets go of the last waker from here on calls the notifier.
        let is_stuck = self.is_stuck();
        if let Some(observer) = self.watch.observer() {
            guard(|| observer.before_wait(at_most));
        }
        TurnPart::Rests { at_most, is_stuck }
    }
}
