//! What the tests share: a log, children that end after so many turns, and a count of polls.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use entracte::{checkpoint, finally, sleep};

pub(crate) const fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn say(&self, text: impl Into<String>) {
        self.0.borrow_mut().push(text.into());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }

    /// Ends after so many turns, and says so.
    pub(crate) fn child(&self, name: &str, turns: usize) -> impl Future<Output = ()> + use<> {
        let (log, name) = (self.clone(), name.to_owned());
        async move {
            turns_pass(turns).await;
            log.say(name);
        }
    }

    /// Sleeps for an hour; cancelled, it takes so long to clean up, and says so.
    pub(crate) fn sleeper(
        &self,
        name: &str,
        clean_up: Duration,
    ) -> impl Future<Output = ()> + use<> {
        let (log, name) = (self.clone(), name.to_owned());
        finally(sleep(ms(3_600_000)), async move {
            sleep(clean_up).await;
            log.say(format!("{name} cleaned up"));
        })
    }
}

pub(crate) async fn turns_pass(turns: usize) {
    for _ in 0..turns {
        checkpoint().await;
    }
}

/// Ends after so long, with a value.
pub(crate) async fn after<T>(delay: Duration, value: T) -> T {
    sleep(delay).await;
    value
}

/// Awaits a future, and counts how often it is polled.
pub(crate) async fn counted<F: Future>(future: F) -> (F::Output, usize) {
    let polls = Cell::new(0);
    let mut future = pin!(future);
    let output = std::future::poll_fn(|cx| {
        polls.set(polls.get() + 1);
        future.as_mut().poll(cx)
    });
    let output = output.await;
    (output, polls.get())
}

/// How many tasks live beside the running one.
pub(crate) fn others() -> usize {
    entracte::task_tree().tasks().len() - 1
}
