//! The loop's view of the outside: the selector, the clock, the inbox, and whether anyone is left.

use std::io;
use std::time::Duration;

use crate::callback::{CallbackRef, Once};
use crate::clock::Instant;
use crate::core::{Core, guard, millis};
use crate::inbox::Message;
use crate::token::Token;

impl Core {
    /// Asks the selector; waits for it if nothing is ready.
    pub(super) fn look(&self, may_wait: bool) -> io::Result<()> {
        self.steps_since_look.set(0);
        let must_look = !self.sources.is_empty();
        if !may_wait && !must_look {
            self.read_clock();
            return Ok(());
        }
        let at_most = self.longest_wait(may_wait);
        let parks = at_most != Some(Duration::ZERO) && self.inbox.begin_park();
        if parks && self.is_stuck() {
            // Whoever could have woken it went meanwhile, and only tells a loop that waits: the
            // next turn says so.
            self.inbox.end_park();
            return Ok(());
        }
        if parks || must_look {
            let at_most = if parks { at_most } else { Some(Duration::ZERO) };
            let found = self.wait(at_most);
            if parks {
                self.inbox.end_park();
            }
            found?;
        }
        self.read_inbox();
        self.read_clock();
        Ok(())
    }

    pub(super) fn longest_wait(&self, may_wait: bool) -> Option<Duration> {
        if !may_wait || self.stopping.get() {
            return Some(Duration::ZERO);
        }
        let deadline = self.timers.borrow_mut().next_deadline()?;
        // A timer that never fires must not look like one that is due in 584 years.
        (deadline != u64::MAX)
            .then(|| Instant::from_nanos(deadline).duration_since(self.clock.now()))
    }

    fn wait(&self, at_most: Option<Duration>) -> io::Result<()> {
        let observer = self.watch.observer();
        if let Some(observer) = &observer {
            guard(|| observer.before_wait(at_most));
        }
        let mut events = self.events.take();
        let waited = self.selector.borrow_mut().wait(at_most, &mut events);
        if let Some(observer) = &observer {
            guard(|| observer.after_wait(events.len()));
        }
        self.events.replace(events);
        waited
    }

    /// Reads the clock, and sets apart the timers that are due by it.
    pub(super) fn read_clock(&self) {
        let now = self.clock.now();
        self.now.set(now);
        self.millis.set(millis(now));
        self.timers.borrow_mut().collect_due(now.as_nanos());
    }

    /// The clock as this turn read it.
    pub(crate) fn now_of_turn(&self) -> Instant {
        self.now.get()
    }

    #[inline]
    pub(super) fn read_inbox(&self) {
        if self.inbox.has_messages() {
            self.drain_inbox();
        }
    }

    #[cold]
    fn drain_inbox(&self) {
        let mut messages = self.messages.take();
        self.inbox.take(&mut messages);
        for message in messages.drain(..) {
            match message {
                Message::Wake(bits) => self.wake(Token::from_bits(bits)),
                Message::Call(act, origin) => {
                    let callback = CallbackRef::with_origin(origin, Once::new(act));
                    drop(self.add(callback));
                }
            }
        }
        self.messages.replace(messages);
    }

    /// Whether nothing can ever happen here again.
    pub(super) fn is_stuck(&self) -> bool {
        // First what is so in nearly every program that waits.
        !self.sources.counts()
            && self.timers.borrow().is_empty()
            && !self.has_remotes()
            && self.wakers_at_large() == 0
            // Last: whoever let go of a waker or a `Remote` posted before.
            && self.inbox.is_empty()
            && !self.stopping.get()
    }
}
