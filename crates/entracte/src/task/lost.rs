//! Errors that nobody waits for are told to the loop's error handler.

use std::fmt::Display;

use entracte_event_loop::{EventLoop, Report};

use crate::task::Panic;

/// A task panicked, and nobody took its outcome.
#[cold]
pub(crate) fn report_panic(panic: &Panic) {
    report("a task panicked, and nobody awaits it", &panic.text());
}

/// A task failed, and nobody takes its outcome.
#[cold]
pub(crate) fn report_error(error: &dyn Display) {
    report("a task failed, and nobody awaits it", error);
}

/// In debug mode, says that something was made and never awaited.
#[cold]
pub(crate) fn report_unused(what: &str) {
    if let Some(event_loop) = EventLoop::current().filter(EventLoop::is_debug) {
        event_loop.report(&Report::new(what));
    }
}

pub(crate) fn report(message: &str, detail: &dyn Display) {
    let report = Report::new(message).with(detail);
    match EventLoop::current() {
        Some(event_loop) => event_loop.report(&report),
        None => eprintln!("entracte: {report}"),
    }
}
