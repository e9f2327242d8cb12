//! What futures ask of the loop that polls them: timers by waker, and a note of what they wait for.

use std::task::Waker;

use crate::clock::Instant;
use crate::core::{Core, Due};
use crate::current;
use crate::event_loop::EventLoop;
use crate::timers::TimerKey;
use crate::token::Token;
use crate::waker::{self, Wakeup};

/// The bit of a note that stays when another note follows, until
/// [`replace_lasting_note`] or [`Step::clear_note`](crate::Step::clear_note) takes it away.
pub const LASTING_NOTE: u32 = 1 << 31;

/// Notes what the callback that is being called waits for: a number of the front end's choice.
///
/// The last note of a step counts, but for [`LASTING_NOTE`]. Does nothing outside a loop.
#[inline]
pub fn note_wait(note: u32) {
    current::with(|core| {
        if let Some(core) = core {
            core.set_note(core.note() & LASTING_NOTE | note);
        }
    });
}

/// Sets or takes away the [`LASTING_NOTE`]; whether it was set.
pub fn replace_lasting_note(set: bool) -> bool {
    current::with(|core| {
        core.is_some_and(|core| {
            let note = core.note();
            let rest = note & !LASTING_NOTE;
            core.set_note(if set { rest | LASTING_NOTE } else { rest });
            note & LASTING_NOTE != 0
        })
    })
}

/// The time of the loop that runs on this thread; `None` if there is none.
#[inline]
#[must_use]
pub fn current_time() -> Option<Instant> {
    current::with(|core| core.map(|core| core.clock.now()))
}

/// A number of the loop that runs on this thread, which no other loop of the process ever has; `None`
/// if there is none.
#[inline]
#[must_use]
pub fn current_number() -> Option<u64> {
    current::with(|core| core.map(Core::number))
}

/// Calls `act` with the waker of a callback.
///
/// It is not counted as a waker at large, as it cannot be kept but by cloning it.
pub fn with_waker<R>(token: Token, act: impl FnOnce(&Waker) -> R) -> R {
    act(&waker::lend(token))
}

/// A timer that wakes: the smallest there is, for futures that wait for a deadline.
///
/// It is cancelled when it is dropped.
#[derive(Debug)]
pub struct WakeTimer {
    event_loop: EventLoop,
    key: TimerKey,
}

impl WakeTimer {
    /// Sets a timer of the loop that runs on this thread; `None` if there is none.
    #[inline]
    #[must_use]
    pub fn set(deadline: Instant, waker: &Waker) -> Option<Self> {
        let event_loop = EventLoop::current()?;
        let due = Due::Wake(Wakeup::of(waker));
        let mut timers = event_loop.core().timers.borrow_mut();
        let key = timers.insert(deadline.as_nanos(), due);
        drop(timers);
        Some(Self { event_loop, key })
    }

    /// The loop whose timer it is.
    #[must_use]
    pub const fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    /// Whether it has yet to fire.
    #[inline]
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.event_loop.core().timers.borrow().is_waiting(self.key)
    }

    /// Wakes this waker instead, when the time has come.
    pub fn set_waker(&self, waker: &Waker) {
        let timers = &self.event_loop.core().timers;
        let is_same = match timers.borrow_mut().payload_mut(self.key) {
            Some(Due::Wake(whom)) => whom.will_wake(waker),
            _ => true,
        };
        if is_same {
            return;
        }
        // Made before and dropped after the borrow: a foreign waker may come back to the loop.
        let mut other = Wakeup::of(waker);
        if let Some(Due::Wake(whom)) = timers.borrow_mut().payload_mut(self.key) {
            std::mem::swap(whom, &mut other);
        }
        drop(other);
    }
}

impl Drop for WakeTimer {
    #[inline]
    fn drop(&mut self) {
        let due = self.event_loop.core().timers.borrow_mut().cancel(self.key);
        drop(due);
    }
}
