//! Runs a program on virtual time: the clock jumps whenever everything waits.

use std::cell::Cell;
use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use entracte::event_loop::{Clock, Event, Instant, Interest, SeededRandom, Selector, Settings};
use entracte::{RunError, Runner};

pub(super) const ZERO: Instant = Instant::from_nanos(0);

/// More turns than this mean that the program goes round and round.
const MOST_TURNS: u32 = 100_000;

#[derive(Clone)]
struct VirtualTime {
    now: Rc<Cell<Instant>>,
    turns: Rc<Cell<u32>>,
}

impl Clock for VirtualTime {
    fn now(&self) -> Instant {
        self.now.get()
    }
}

impl Selector for VirtualTime {
    fn wait(&mut self, timeout: Option<Duration>, _: &mut Vec<Event>) -> io::Result<()> {
        self.turns.set(self.turns.get() + 1);
        if self.turns.get() > MOST_TURNS {
            return Err(io::Error::other("it goes round and round"));
        }
        let timeout = timeout.ok_or_else(|| io::Error::other("everything waits for ever"))?;
        self.now.set(self.now.get() + timeout);
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

/// Runs a future to its end on a loop of its own, whose clock begins at zero.
pub(super) fn run<F: Future>(program: F) -> Result<F::Output, RunError> {
    let time = VirtualTime {
        now: Rc::new(Cell::new(ZERO)),
        turns: Rc::default(),
    };
    let random = SeededRandom::from_seed(0);
    let runner = Runner::with_settings(Settings::from_parts(time.clone(), time, random))?;
    runner.set_ctrl_c(false);
    let event_loop = runner.event_loop();
    // Errors that nobody awaits are part of programs.
    event_loop.set_error_handler(Some(Rc::new(|_| {})));
    let value = runner.run(program);
    runner.close();
    value
}
