//! A loop on virtual time: its clock stands still, and jumps on when the loop waits.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use entracte_event_loop::{
    Clock, Event, EventLoop, Instant, Interest, SeededRandom, Selector, Settings,
};

/// The clock and the selector of a loop on virtual time, and the hand that moves the clock.
#[derive(Clone, Default)]
pub(crate) struct Time(Rc<Cell<u64>>);

impl Time {
    pub(crate) fn work(&self, nanos: u64) {
        self.0.set(self.0.get() + nanos);
    }

    pub(crate) fn nanos(&self) -> u64 {
        self.0.get()
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::from_parts(self.clone(), self.clone(), SeededRandom::from_seed(0))
    }
}

impl Clock for Time {
    fn now(&self) -> Instant {
        Instant::from_nanos(self.nanos())
    }
}

impl Selector for Time {
    fn wait(&mut self, timeout: Option<Duration>, _: &mut Vec<Event>) -> io::Result<()> {
        let timeout = timeout.ok_or_else(|| io::Error::other("this would wait for ever"))?;
        self.work(u64::try_from(timeout.as_nanos()).expect("a test ends within 584 years"));
        Ok(())
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(|| {})
    }

    fn add(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Ok(())
    }

    fn change(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Ok(())
    }

    fn remove(&mut self, _: BorrowedFd<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// A loop on virtual time, and its time.
pub(crate) fn virtual_loop() -> (EventLoop, Time) {
    let time = Time::default();
    let event_loop = EventLoop::with(time.settings()).expect("a test opens few loops");
    (event_loop, time)
}

/// What happened, in order; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, word: impl Into<String>) {
        self.0.borrow_mut().push(word.into());
    }

    /// What happened since it was last asked.
    pub(crate) fn take(&self) -> String {
        self.0.take().join(" ")
    }

    /// A closure that notes a word.
    pub(crate) fn noting(&self, word: &'static str) -> impl FnOnce() + use<> {
        let log = self.clone();
        move || log.note(word)
    }
}

/// Calls a closure when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
