//! Tasks: what the docs of `Task`, `Spawn`, `ContextVar`, `run` and `Runner` promise.

#![expect(
    clippy::excessive_nesting,
    reason = "a test of blocks within tasks within a program is nested as it reads"
)]
#![expect(
    clippy::async_yields_async,
    reason = "a task is handed out of a run on purpose, to be awaited in the next"
)]

#[path = "../cancel/log.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod log;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod support;

mod cancelling;
mod handles;
mod panicking;
mod running;
mod starting;
mod unused;

use std::cell::RefCell;
use std::rc::Rc;

use entracte::Runner;
use entracte::event_loop::Report;

/// Gathers what the error handler of a runner's loop is told.
pub(crate) fn reports(runner: &Runner) -> Rc<RefCell<Vec<String>>> {
    let told: Rc<RefCell<Vec<String>>> = Rc::default();
    let handler = Rc::clone(&told);
    let handler = move |report: &Report<'_>| handler.borrow_mut().push(report.to_string());
    runner
        .event_loop()
        .set_error_handler(Some(Rc::new(handler)));
    told
}

/// A panic that the compiler does not foresee.
pub(crate) fn panics(text: &str) {
    assert!(text.is_empty(), "{text}");
}

/// Panics when it is dropped.
pub(crate) struct Bomb(pub(crate) &'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panics(self.0);
    }
}
