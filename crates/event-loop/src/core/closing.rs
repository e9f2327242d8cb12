//! Closing a loop: everything it keeps is dropped, whatever the destructors do.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use crate::core::{Core, drop_payload};
use crate::slots::Slot;
use crate::timers::Timers;

/// Carries on after a panic, and keeps the first.
#[derive(Default)]
pub(crate) struct CarryOn {
    first: Option<Box<dyn Any + Send>>,
}

impl CarryOn {
    pub(crate) fn with(&mut self, act: impl FnOnce()) {
        if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(act)) {
            match &self.first {
                None => self.first = Some(payload),
                Some(_) => drop_payload(payload),
            }
        }
    }

    /// Goes on with the panic, if there was one and none is under way.
    pub(crate) fn end(self) {
        match self.first {
            Some(payload) if thread::panicking() => drop_payload(payload),
            Some(payload) => panic::resume_unwind(payload),
            None => {}
        }
    }
}

impl Core {
    /// Drops all callbacks, timers and sources; nothing is called from now on.
    ///
    /// If a destructor panics, the rest is dropped all the same, and then the panic goes on.
    pub(crate) fn close(&self) {
        if self.closed.replace(true) {
            return;
        }
        let mut carry_on = CarryOn::default();
        for source in self.sources.take_all(self) {
            carry_on.with(|| drop(source));
        }
        let mut timers = self.timers.replace(Timers::new(self.now.get().as_nanos()));
        timers.collect_due(u64::MAX);
        while let Some(due) = timers.pop_due() {
            carry_on.with(|| drop(due));
        }
        for index in 0..self.slots.used() {
            let callback = self.slots.slot(index).and_then(Slot::take);
            if let Some(callback) = callback {
                self.slots.remove(index);
                carry_on.with(|| callback.closed());
                carry_on.with(|| drop(callback));
            }
        }
        let events = self.events.take();
        drop(events);
        // Wakers that are left are the inbox's to count from now on.
        self.inbox.count_waker(self.wakers.take());
        carry_on.with(|| self.inbox.close());
        carry_on.end();
    }
}
