//! Runs programs on virtual time: the clock jumps whenever everything waits.

use std::cell::Cell;
use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use entracte::event_loop::{Clock, Event, Instant, Interest, SeededRandom, Selector, Settings};
use entracte::{RunError, Runner};

const ZERO: Instant = Instant::from_nanos(0);

/// The clock, and the selector that never sleeps: it moves the clock on instead.
#[derive(Clone)]
struct JumpingSelector(Rc<Cell<Instant>>);

impl Clock for JumpingSelector {
    fn now(&self) -> Instant {
        self.0.get()
    }
}

impl Selector for JumpingSelector {
    fn wait(&mut self, timeout: Option<Duration>, _: &mut Vec<Event>) -> io::Result<()> {
        let timeout = timeout.ok_or_else(|| io::Error::other("nothing from outside comes here"))?;
        self.0.set(self.0.get() + timeout);
        Ok(())
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(|| {})
    }

    fn add(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn change(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn remove(&mut self, _: BorrowedFd<'_>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A runner whose clock begins at zero.
///
/// # Errors
///
/// Returns [`RunError::System`] if there is no loop to be had.
pub fn runner() -> Result<Runner, RunError> {
    let time = JumpingSelector(Rc::new(Cell::new(ZERO)));
    Runner::with_settings(Settings::from_parts(
        time.clone(),
        time,
        SeededRandom::from_seed(0),
    ))
}

/// Runs a future to its end, then cancels and awaits what is left.
///
/// # Errors
///
/// As [`entracte::run()`].
pub fn run<F: Future>(program: F) -> Result<F::Output, RunError> {
    let running = runner()?;
    let value = running.run(program);
    running.close();
    value
}

/// The time of the loop that runs, in seconds.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
#[must_use]
pub fn clock() -> String {
    let since_zero = entracte::time::now().duration_since(ZERO);
    format!("{:.1}", since_zero.as_secs_f64())
}
