//! What crosses threads: blocking calls, tasks on other loops, promises, wakers, loops per core.

mod cores;
mod pool;
mod promises;
mod remote;
mod wakers;

use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use entracte::Runner;
use entracte::event_loop::Observer;

/// Tells another thread whenever the loop begins to wait.
struct Parks(Sender<()>);

impl Observer for Parks {
    fn before_wait(&self, at_most: Option<Duration>) {
        if at_most != Some(Duration::ZERO) {
            // The test may have heard enough.
            let _ = self.0.send(());
        }
    }
}

/// A runner, and a message each time its loop has nothing to do but wait.
fn runner_that_tells() -> (Runner, Receiver<()>) {
    let (parks, is_parked) = mpsc::channel();
    let runner = Runner::new().expect("a test may have a few loops");
    runner
        .event_loop()
        .set_observer(Some(Rc::new(Parks(parks))));
    (runner, is_parked)
}
