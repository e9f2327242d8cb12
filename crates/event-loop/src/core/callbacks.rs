//! The callbacks of a loop: keeping them, waking them, calling them.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::task::Poll;
use std::time::Duration;

use crate::callback::{CallbackRef, QUIET};
use crate::clock::Instant;
use crate::core::{Core, drop_payload, guard};
use crate::report::{Report, panic_text};
use crate::slots::{Called, Slot};
use crate::step::Step;
use crate::token::Token;
use crate::waker;

impl Core {
    /// Keeps a callback, which is not ready.
    pub(crate) fn insert(&self, callback: CallbackRef) -> Result<Token, CallbackRef> {
        if self.closed.get() {
            return Err(callback);
        }
        let (index, slot) = self.slots.insert(callback)?;
        slot.set_last_called(self.millis.get());
        Ok(Token::new(self.id, slot.generation(), index))
    }

    /// Keeps a callback and makes it ready.
    #[inline]
    pub(crate) fn add(&self, callback: CallbackRef) -> Result<Token, CallbackRef> {
        if self.closed.get() {
            return Err(callback);
        }
        let (index, slot) = self.slots.insert(callback)?;
        self.slots.make_ready(index, slot);
        Ok(Token::new(self.id, slot.generation(), index))
    }

    #[inline]
    pub(crate) fn wake(&self, token: Token) {
        self.slots.wake(token.slot(), token.generation());
    }

    /// The slot of a token of this loop, unless its callback is done.
    fn slot_of(&self, token: Token) -> Option<&Slot> {
        let slot = self.slots.live(token.slot(), token.generation());
        slot.filter(|_| token.event_loop() == self.id)
    }

    pub(crate) fn remove(&self, token: Token) -> bool {
        let Some(slot) = self.slot_of(token) else {
            return false;
        };
        // One that is being called goes when it returns.
        if let Some(callback) = slot.take() {
            self.slots.remove(token.slot());
            drop(callback);
        }
        true
    }

    pub(crate) fn is_ready(&self, token: Token) -> bool {
        self.slot_of(token).is_some_and(Slot::is_queued)
    }

    pub(crate) fn last_called(&self, token: Token) -> Option<Instant> {
        // The difference is right while the callback waits for less than 49 days.
        let last_called = self.slot_of(token)?.last_called()?;
        let ago = u64::from(self.millis.get().wrapping_sub(last_called));
        Some(self.now.get() - Duration::from_millis(ago))
    }

    pub(crate) fn callback(&self, token: Token) -> Option<CallbackRef> {
        self.slot_of(token)?.get()
    }

    /// Calls the callback of a slot.
    #[inline]
    pub(super) fn step(&self, index: u32, slot: &Slot) {
        let token = Token::new(self.id, slot.generation(), index);
        let outer = self.running.replace(token);
        let called = slot.call(|callback| self.call(callback, token).is_ready());
        self.running.set(outer);
        match called {
            Called::Waits => slot.set_last_called(self.millis.get()),
            Called::Gone(callback) => self.let_go(index, callback),
            Called::Missed => self.slots.make_ready(index, slot),
            Called::IsReady | Called::Nothing => {}
        }
    }

    /// A callback is done: its slot is free, and whoever awaits it is woken.
    #[inline]
    fn let_go(&self, index: u32, callback: CallbackRef) {
        self.slots.remove(index);
        if self.closed.get() {
            // It closed its own loop, and was not told then, as it was being called.
            guard(|| callback.closed());
        }
        let awaiter = callback.awaiter();
        if awaiter != Token::NOBODY && callback.word().get() & QUIET == 0 {
            if awaiter.event_loop() == self.id {
                self.wake(awaiter);
            } else {
                waker::wake_token(awaiter);
            }
        }
        drop(callback);
    }

    /// Calls a callback at once, in the midst of another, if it is ready or waits.
    pub(crate) fn call_now(&self, token: Token) {
        let note = self.note.get();
        if let Some(slot) = self.slot_of(token) {
            self.step(token.slot(), slot);
        }
        self.note.set(note);
    }

    /// Calls, and turns a panic into a report: one callback must not end the loop of the others.
    #[inline]
    pub(super) fn call(&self, callback: &CallbackRef, token: Token) -> Poll<()> {
        let step = Step::new(self, token, callback.word());
        panic::catch_unwind(AssertUnwindSafe(|| callback.call(&step)))
            .unwrap_or_else(|payload| self.panicked(callback, &step, payload))
    }

    #[cold]
    fn panicked(
        &self,
        callback: &CallbackRef,
        step: &Step<'_>,
        payload: Box<dyn Any + Send>,
    ) -> Poll<()> {
        let take = || callback.panicked(step, payload);
        let left = panic::catch_unwind(AssertUnwindSafe(take)).unwrap_or_else(Some);
        if let Some(payload) = left {
            let text = panic_text(&*payload);
            let report = Report::new("a callback panicked").at(callback.origin());
            self.report(&report.with(&text));
            drop_payload(payload);
        }
        Poll::Ready(())
    }

    /// Calls a callback that has no slot: of a timer, or of a source.
    pub(crate) fn call_without_slot(&self, callback: &CallbackRef) -> Poll<()> {
        let mut polled = Poll::Ready(());
        if self.watch.is_on() {
            let act = || polled = self.call(callback, Token::NOBODY);
            self.watched(Token::NOBODY, callback.origin(), act);
        } else {
            polled = self.call(callback, Token::NOBODY);
        }
        polled
    }
}
