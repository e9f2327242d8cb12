//! What stands beside a loop: debug mode, an observer, a schedule. Steps are watched one by one then.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use crate::core::{Core, guard};
use crate::observer::{Observer, Schedule};
use crate::report::Report;
use crate::slots::Slot;
use crate::token::Token;

pub(crate) struct Watch {
    debug: Cell<bool>,
    slow_callback: Cell<Duration>,
    observer: RefCell<Option<Rc<dyn Observer>>>,
    /// Away while it is asked.
    schedule: Cell<Option<Box<dyn Schedule>>>,
    has_schedule: bool,
    is_on: Cell<bool>,
}

impl Watch {
    pub(crate) fn new(
        debug: bool,
        slow_callback: Duration,
        observer: Option<Rc<dyn Observer>>,
        schedule: Option<Box<dyn Schedule>>,
    ) -> Self {
        Self {
            debug: Cell::new(debug),
            slow_callback: Cell::new(slow_callback),
            is_on: Cell::new(debug || observer.is_some() || schedule.is_some()),
            observer: RefCell::new(observer),
            has_schedule: schedule.is_some(),
            schedule: Cell::new(schedule),
        }
    }

    #[inline]
    pub(crate) const fn is_on(&self) -> bool {
        self.is_on.get()
    }

    pub(crate) const fn is_debug(&self) -> bool {
        self.debug.get()
    }

    pub(crate) fn set_debug(&self, debug: bool) {
        self.debug.set(debug);
        self.turn_on_or_off();
    }

    pub(crate) fn set_slow_callback(&self, from: Duration) {
        self.slow_callback.set(from);
    }

    pub(crate) fn observer(&self) -> Option<Rc<dyn Observer>> {
        self.observer.borrow().clone()
    }

    pub(crate) fn set_observer(&self, observer: Option<Rc<dyn Observer>>) {
        let old = self.observer.replace(observer);
        self.turn_on_or_off();
        drop(old);
    }

    fn turn_on_or_off(&self) {
        let has_observer = self.observer.borrow().is_some();
        self.is_on
            .set(self.debug.get() || has_observer || self.has_schedule);
    }

    /// Which of so many ready callbacks is called next.
    fn pick(&self, ready: usize) -> usize {
        let Some(mut schedule) = self.schedule.take() else {
            return 0;
        };
        let mut picked = 0;
        guard(|| picked = schedule.pick(ready));
        self.schedule.set(Some(schedule));
        picked.min(ready - 1)
    }
}

impl Core {
    pub(super) fn run_watched(&self, ready: usize) {
        let mut batch: VecDeque<u32> = VecDeque::with_capacity(ready);
        for _ in 0..ready {
            batch.extend(self.slots.unlink_ready());
        }
        while !batch.is_empty() {
            let next = batch.remove(self.watch.pick(batch.len()));
            if let Some(index) = next
                && let Some(slot) = self.slots.leave_ready(index)
            {
                self.step_watched(index, slot);
            }
        }
    }

    fn step_watched(&self, index: u32, slot: &Slot) {
        let Some(callback) = slot.get() else {
            return;
        };
        let token = Token::new(self.id, slot.generation(), index);
        self.watched(token, callback.origin(), || self.step(index, slot));
    }

    /// Calls `act` in the sight of the observer and of debug mode.
    pub(super) fn watched(
        &self,
        token: Token,
        origin: &'static Location<'static>,
        act: impl FnOnce(),
    ) {
        if let Some(observer) = self.watch.observer() {
            guard(|| observer.before_step(token, origin));
        }
        let began = self.clock.now();
        act();
        let took = self.clock.now() - began;
        // Asked for again, as the callback may have put another one there.
        if let Some(observer) = self.watch.observer() {
            guard(|| observer.after_step(token, origin, took));
        }
        if self.watch.is_debug() && took >= self.watch.slow_callback.get() {
            let detail = format!("{took:?}");
            let report = Report::new("a callback kept the loop for long").at(origin);
            self.report(&report.with(&detail));
        }
    }
}
