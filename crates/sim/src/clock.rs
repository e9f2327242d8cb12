//! `VirtualClock`: jumps to the next deadline when every task waits.

use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use entracte_event_loop::{Clock, Event, Instant, Interest, Selector};

use crate::world::World;

/// The time of a simulation, and the selector that moves it on. Between the two nothing is asked
/// of the system.
#[derive(Clone)]
pub(crate) struct VirtualClock(pub(crate) Rc<World>);

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.0.now()
    }
}

impl Selector for VirtualClock {
    /// Called when nothing is ready: time passes, unless somebody waits for just this.
    fn wait(&mut self, timeout: Option<Duration>, _: &mut Vec<Event>) -> io::Result<()> {
        if timeout == Some(Duration::ZERO) || self.0.wake_blocked() {
            return Ok(());
        }
        let Some(timeout) = timeout else {
            self.0.waits_for_the_outside();
            let says = "cannot go on: a simulation waits for nobody outside of it";
            return Err(io::Error::other(says));
        };
        self.0.pass(timeout);
        Ok(())
    }

    /// Does nothing: a `wait` that blocks no thread needs nobody to end it.
    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(|| {})
    }

    fn add(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Err(no_descriptors())
    }

    fn change(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Err(no_descriptors())
    }

    fn remove(&mut self, _: BorrowedFd<'_>) -> io::Result<()> {
        Err(no_descriptors())
    }
}

fn no_descriptors() -> io::Error {
    let says = "cannot watch a descriptor in a simulation: use its network";
    io::Error::new(io::ErrorKind::Unsupported, says)
}
