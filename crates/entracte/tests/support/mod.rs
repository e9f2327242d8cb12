//! Runs a program on virtual time: the clock jumps whenever everything waits.

use std::cell::Cell;
use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use entracte::event_loop::{
    Clock, Event, EventLoop, Instant, Interest, SeededRandom, Selector, Settings,
};
use entracte::{RunError, Runner};

#[derive(Clone)]
struct VirtualTime(Rc<Cell<Instant>>);

impl Clock for VirtualTime {
    fn now(&self) -> Instant {
        self.0.get()
    }
}

impl Selector for VirtualTime {
    fn wait(&mut self, timeout: Option<Duration>, _: &mut Vec<Event>) -> io::Result<()> {
        let timeout = timeout.ok_or_else(|| io::Error::other("a test waits for ever"))?;
        self.0.set(self.0.get() + timeout);
        Ok(())
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(|| {})
    }

    fn add(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Err(io::Error::other("no descriptors in virtual time"))
    }

    fn change(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Err(io::Error::other("no descriptors in virtual time"))
    }

    fn remove(&mut self, _: BorrowedFd<'_>) -> io::Result<()> {
        Err(io::Error::other("no descriptors in virtual time"))
    }
}

/// A runner whose clock begins at zero and jumps to the next deadline when everything waits.
pub(crate) fn virtual_runner() -> Runner {
    let time = VirtualTime(Rc::new(Cell::new(Instant::from_nanos(0))));
    let settings = Settings::from_parts(time.clone(), time, SeededRandom::from_seed(0));
    Runner::with(EventLoop::with(settings).expect("a loop of test parts starts"))
}

/// Runs a program on virtual time, then cancels and awaits what is left.
pub(crate) fn run_virtual<F: Future>(future: F) -> Result<F::Output, RunError> {
    let runner = virtual_runner();
    let value = runner.run(future);
    runner.close();
    value
}
