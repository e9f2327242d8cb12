//! Panics: one callback that panics is reported, and the loop goes on with the others.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use entracte_event_loop::{Callback, CallbackRef, EventLoop, Report, RunError, Step, panic_text};

use crate::support::{Log, OnDrop, Time, virtual_loop};

/// Panics past the hook that writes to standard error.
fn bang() {
    resume_unwind(Box::new("bang"));
}

/// A loop that notes what is reported.
fn reporting() -> (EventLoop, Time, Log) {
    let (event_loop, time) = virtual_loop();
    let log = Log::default();
    let reported = log.clone();
    event_loop.set_error_handler(Some(Rc::new(move |report: &Report<'_>| {
        let detail = report.detail.map(ToString::to_string);
        reported.note(detail.unwrap_or_default());
        assert!(
            report
                .origin
                .is_some_and(|origin| origin.file().ends_with("panics.rs"))
        );
    })));
    (event_loop, time, log)
}

#[test]
fn a_callback_that_panics_is_reported_and_the_next_is_called() -> Result<(), RunError> {
    let (event_loop, _, log) = reporting();
    event_loop.call_soon(bang);
    event_loop.call_soon(log.noting("next"));
    event_loop.turn()?;
    assert_eq!(log.take(), "bang next");
    assert_eq!(event_loop.alive(), 0);
    Ok(())
}

#[test]
fn a_timer_that_panics_is_reported_and_the_next_is_called() -> Result<(), RunError> {
    let (event_loop, _, log) = reporting();
    event_loop.call_later(Duration::from_secs(1), bang);
    event_loop.call_later(Duration::from_secs(1), log.noting("next"));
    event_loop.turn()?;
    assert_eq!(log.take(), "bang next");
    Ok(())
}

#[test]
fn a_call_from_elsewhere_that_panics_is_reported() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let reported = log.clone();
    event_loop.set_error_handler(Some(Rc::new(move |report| {
        let origin = report.origin.expect("every callback has one");
        reported.note(if origin.file().contains("src") {
            "library"
        } else {
            "caller"
        });
    })));
    let remote = event_loop.remote();
    assert!(remote.call_soon(bang).is_ok());
    event_loop.turn()?;
    assert_eq!(log.take(), "caller", "who asked for it is its origin");
    Ok(())
}

#[test]
fn the_text_of_a_panic_is_found() {
    assert_eq!(panic_text(&"text"), "text");
    assert_eq!(panic_text(&String::from("string")), "string");
    assert_eq!(panic_text(&7), "a panic whose payload is no text");
}

#[test]
fn the_panic_of_a_values_drop_after_the_call_is_reported_like_any_other() -> Result<(), RunError> {
    let (event_loop, _, log) = reporting();
    let bomb = OnDrop(bang);
    event_loop.call_soon(move || drop(bomb));
    event_loop.call_soon(log.noting("next"));
    event_loop.turn()?;
    assert_eq!(log.take(), "bang next");
    Ok(())
}

/// Is done at once, and panics when it is dropped.
struct Bomb;

impl Callback for Bomb {
    fn call(self: Pin<&Self>, _: &Step<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        bang();
    }
}

/// Turns until nothing is ready any more, whatever panics come out.
fn turns(event_loop: &EventLoop) -> usize {
    let mut panics = 0;
    for _ in 0..4 {
        panics += usize::from(catch_unwind(AssertUnwindSafe(|| event_loop.turn())).is_err());
    }
    panics
}

#[test]
fn a_callback_whose_drop_panics_does_not_keep_the_loop_from_the_others() {
    let (event_loop, _, log) = reporting();
    event_loop.add(CallbackRef::new(Bomb));
    event_loop.call_soon(log.noting("next"));
    turns(&event_loop);
    assert!(log.take().ends_with("next"));
    assert_eq!(event_loop.alive(), 0);
    assert_eq!(event_loop.running(), None);
}

#[test]
fn a_payload_whose_drop_panics_does_not_keep_the_loop_from_the_others() {
    let (event_loop, _, log) = reporting();
    event_loop.call_soon(|| resume_unwind(Box::new(OnDrop(bang))));
    event_loop.call_soon(log.noting("next"));
    turns(&event_loop);
    assert!(log.take().ends_with("next"));
    assert_eq!(event_loop.alive(), 0, "the one that panicked is done");
    assert_eq!(event_loop.running(), None);
}

#[test]
fn an_error_handler_that_panics_does_not_keep_the_loop_from_the_others() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    event_loop.set_error_handler(Some(Rc::new(|_| bang())));
    event_loop.call_soon(bang);
    event_loop.call_soon(log.noting("next"));
    turns(&event_loop);
    assert_eq!(log.take(), "next");
    assert_eq!(event_loop.alive(), 0, "the one that panicked is done");
    assert_eq!(event_loop.running(), None);
}

#[test]
fn an_error_handler_that_panics_in_debug_mode_loses_no_callback() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    event_loop.set_debug(true);
    event_loop.set_error_handler(Some(Rc::new(|_| bang())));
    event_loop.call_soon(bang);
    event_loop.call_soon(log.noting("next"));
    turns(&event_loop);
    assert_eq!(log.take(), "next");
    assert_eq!(event_loop.alive(), 0);
}

/// A callback whose own answer to a panic is another one.
struct Worse;

impl Callback for Worse {
    fn call(self: Pin<&Self>, _: &Step<'_>) -> Poll<()> {
        bang();
        Poll::Pending
    }

    fn panicked(
        self: Pin<&Self>,
        _: &Step<'_>,
        _: Box<dyn std::any::Any + Send>,
    ) -> Option<Box<dyn std::any::Any + Send>> {
        bang();
        None
    }
}

#[test]
fn a_front_end_that_panics_about_a_panic_does_not_keep_the_loop_from_the_others() {
    let (event_loop, _, log) = reporting();
    event_loop.add(CallbackRef::new(Worse));
    event_loop.call_soon(log.noting("next"));
    turns(&event_loop);
    assert!(log.take().ends_with("next"));
    assert_eq!(event_loop.alive(), 0, "the one that panicked is done");
    assert_eq!(event_loop.running(), None);
}

#[test]
fn a_loop_is_current_no_longer_after_a_panic_of_its_caller() {
    let (event_loop, _) = virtual_loop();
    let asked = catch_unwind(AssertUnwindSafe(|| {
        event_loop.run_until(|| {
            bang();
            true
        })
    }));
    assert!(asked.is_err());
    assert!(EventLoop::current().is_none());
    event_loop.call_soon(|| {});
    assert!(event_loop.turn().is_ok());
}

#[test]
fn an_error_that_nobody_handles_goes_to_standard_error() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    event_loop.call_soon(|| panic_any(7));
    event_loop.turn()?;
    event_loop.report(&Report::new("this line is part of a test"));
    Ok(())
}
