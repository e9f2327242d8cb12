//! What a program did, line by line, and when.

use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use entracte::sleep;
use entracte::time::now;

use crate::support::run_virtual;

/// Lines that clones of it add to.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn say(&self, line: impl Display) {
        self.0.borrow_mut().push(line.to_string());
    }

    /// Adds a line that begins with the milliseconds since the loop began.
    pub(crate) fn at(&self, line: impl Display) {
        self.say(format_args!("{} {line}", elapsed()));
    }

    /// A value that adds `drop NAME` when it is dropped.
    pub(crate) fn guard(&self, name: &'static str) -> Guard {
        Guard(self.clone(), name)
    }

    /// A clean-up of so many milliseconds that says when it begins and ends.
    pub(crate) fn clean_up(
        &self,
        name: &'static str,
        millis: u64,
    ) -> impl Future<Output = ()> + use<> {
        let log = self.clone();
        async move {
            log.at(format_args!("{name} begins"));
            sleep(ms(millis)).await;
            log.at(format_args!("{name} ends"));
        }
    }

    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

pub(crate) struct Guard(Log, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.say(format_args!("drop {}", self.1));
    }
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Longer than any test: who sleeps so long is cancelled before.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// Milliseconds on the clock of the loop, which begins at zero.
pub(crate) fn elapsed() -> u64 {
    now().as_nanos() / 1_000_000
}

/// Runs a program on virtual time; what is left when it ends is cancelled and awaited.
#[track_caller]
pub(crate) fn play<F: Future>(program: F) -> F::Output {
    run_virtual(program).expect("the program ends by itself")
}
