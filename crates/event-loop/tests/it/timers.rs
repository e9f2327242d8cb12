//! Timers as their handles show them: deadlines, cancelling, and ties.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use entracte_event_loop::{Instant, RunError, TimerHandle};

use crate::support::{Log, OnDrop, virtual_loop};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn ties_fire_in_the_order_of_the_calls() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let order = Rc::new(RefCell::new(Vec::new()));
    for number in 0..1000 {
        let order = Rc::clone(&order);
        event_loop.call_later(SECOND, move || order.borrow_mut().push(number));
    }
    event_loop.turn()?;
    assert!(order.borrow().iter().copied().eq(0..1000));
    assert_eq!(time.nanos(), 1_000_000_000);
    Ok(())
}

#[test]
fn a_handle_says_when_and_whether() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    time.work(5);
    let log = Log::default();
    let handle = event_loop.call_later(SECOND, log.noting("one"));
    assert_eq!(handle.deadline(), Instant::from_nanos(1_000_000_005));
    let again = handle.clone();
    assert!(handle.cancel(), "it was on its way");
    assert!(!again.cancel(), "it is no more");
    let fired = event_loop.call_later(SECOND, log.noting("two"));
    event_loop.turn()?;
    assert!(!fired.cancel(), "it was called");
    assert_eq!(log.take(), "two");
    Ok(())
}

#[test]
fn a_cancelled_timer_is_dropped_at_once() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let dropped = log.clone();
    let guard = OnDrop(move || dropped.note("dropped"));
    let handle = event_loop.call_later(SECOND, move || drop(guard));
    handle.cancel();
    assert_eq!(log.take(), "dropped");
}

#[test]
fn a_stale_handle_does_not_cancel_the_timer_that_took_its_place() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let stale = event_loop.call_later(SECOND, || {});
    stale.cancel();
    event_loop.call_later(SECOND, log.noting("called"));
    assert!(!stale.cancel());
    event_loop.turn()?;
    assert_eq!(log.take(), "called");
    Ok(())
}

#[test]
fn a_timer_cancels_one_that_is_due_with_it() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let second: Rc<RefCell<Option<TimerHandle>>> = Rc::default();
    let (shared, noted) = (Rc::clone(&second), log.clone());
    event_loop.call_later(SECOND, move || {
        let second = shared.borrow();
        assert!(second.as_ref().expect("it was made").cancel());
        noted.note("first");
    });
    second.replace(Some(event_loop.call_later(SECOND, log.noting("second"))));
    event_loop.call_later(SECOND, log.noting("third"));
    event_loop.turn()?;
    assert_eq!(log.take(), "first third");
    Ok(())
}

#[test]
fn a_delay_too_large_for_the_clock_is_for_ever() {
    let (event_loop, _) = virtual_loop();
    let handle = event_loop.call_later(Duration::MAX, || {});
    assert_eq!(handle.deadline(), Instant::FAR_FUTURE);
    // The selector of the tests has it that waiting without limit fails.
    let error = event_loop.turn().expect_err("this would wait for ever");
    assert!(error.to_string().starts_with("cannot wait for the outside"));
}

#[test]
fn a_handle_outlives_its_loop() {
    let (event_loop, _) = virtual_loop();
    let handle = event_loop.call_later(SECOND, || {});
    let soon = event_loop.call_soon(|| {});
    drop(event_loop);
    assert!(!handle.cancel());
    assert_eq!(handle.deadline(), Instant::from_nanos(1_000_000_000));
    soon.cancel();
}

#[test]
fn the_clock_is_read_when_the_turn_begins() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let log = Log::default();
    event_loop.call_later(Duration::from_nanos(10), log.noting("timer"));
    let busy = time.clone();
    event_loop.call_soon(move || busy.work(10));
    event_loop.turn()?;
    assert_eq!(log.take(), "", "not due by the clock as this turn read it");
    assert_eq!(event_loop.time_of_turn(), Instant::from_nanos(0));
    event_loop.turn()?;
    assert_eq!(log.take(), "timer");
    assert_eq!(event_loop.time_of_turn(), Instant::from_nanos(10));
    Ok(())
}
