//! How a loop runs and stops: `turn`, `run_until`, `stop`, and one loop at a time on a thread.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use entracte_event_loop::{Callback, CallbackRef, EventLoop, RunError, Step};

use crate::front_end::{spawn, turn_over};
use crate::support::{Log, virtual_loop};

#[test]
fn a_stop_ends_the_run_after_the_turn() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (stopped, noted) = (event_loop.clone(), log.clone());
    event_loop.call_soon(move || {
        stopped.stop();
        stopped.call_soon(noted.noting("next run"));
    });
    event_loop.call_soon(log.noting("same turn"));
    event_loop.run_forever()?;
    assert_eq!(log.take(), "same turn");
    event_loop.turn()?;
    assert_eq!(log.take(), "next run");
    Ok(())
}

#[test]
fn a_loop_that_was_stopped_before_runs_one_turn_and_does_not_wait() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let log = Log::default();
    event_loop.call_soon(log.noting("ready"));
    event_loop.call_later(Duration::from_secs(1), log.noting("later"));
    event_loop.stop();
    event_loop.run_forever()?;
    assert_eq!(log.take(), "ready");
    event_loop.stop();
    event_loop.run_forever()?;
    assert_eq!(log.take(), "");
    assert_eq!(time.nanos(), 0);
    event_loop.turn()?;
    assert_eq!(log.take(), "later");
    Ok(())
}

#[test]
fn run_until_asks_before_each_turn() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let asked = Cell::new(0);
    for _ in 0..3 {
        event_loop.call_soon(|| {});
    }
    event_loop.run_until(|| {
        asked.set(asked.get() + 1);
        true
    })?;
    assert_eq!((asked.get(), event_loop.alive()), (1, 3));
    Ok(())
}

#[test]
fn a_loop_does_not_run_inside_itself_or_another() -> Result<(), RunError> {
    let ((outer, _), (inner, _)) = (virtual_loop(), virtual_loop());
    let log = Log::default();
    let (own, other, noted) = (outer.clone(), inner.clone(), log.clone());
    inner.call_soon(log.noting("inner"));
    outer.call_soon(move || {
        for event_loop in [&own, &other] {
            let refused = event_loop.turn().expect_err("a loop runs");
            noted.note(refused.to_string());
        }
        assert!(EventLoop::current().is_some_and(|current| current.is_same(&own)));
    });
    outer.turn()?;
    let refusal = "cannot run an event loop inside an event loop";
    assert_eq!(log.take(), format!("{refusal} {refusal}"));
    inner.turn()?;
    assert_eq!(log.take(), "inner");
    Ok(())
}

/// Wakes itself and has the loop turn while it is being called.
struct Turning(Log, Cell<bool>);

impl Callback for Turning {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        self.0.note("called");
        if self.1.replace(true) {
            return Poll::Ready(());
        }
        step.waker().wake_by_ref();
        drop(step.event_loop().turn());
        self.0.note("over");
        Poll::Pending
    }
}

#[test]
fn a_turn_within_an_eager_call_loses_no_wake() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let turning = Turning(log.clone(), Cell::new(false));
    event_loop.add_and_call(CallbackRef::new(turning));
    assert_eq!(
        log.take(),
        "called over",
        "not called while it is being called"
    );
    event_loop.turn()?;
    assert_eq!(log.take(), "called");
    Ok(())
}

#[test]
fn the_current_loop_is_the_one_that_runs() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    assert!(EventLoop::current().is_none());
    let seen: Rc<RefCell<Option<EventLoop>>> = Rc::default();
    let shared = Rc::clone(&seen);
    event_loop.call_soon(move || drop(shared.replace(EventLoop::current())));
    event_loop.turn()?;
    assert!(EventLoop::current().is_none());
    let seen = seen.take().expect("a loop ran");
    assert!(seen.is_same(&event_loop));
    Ok(())
}

#[test]
fn a_callback_may_drop_the_last_handle_to_its_loop() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let only = Rc::new(RefCell::new(Some(event_loop)));
    let (shared, noted) = (Rc::clone(&only), log.clone());
    let running = only.borrow().clone().expect("it is there");
    running.call_soon(move || {
        drop(shared.take());
        noted.note("gone on");
    });
    running.call_soon(log.noting("and the next"));
    let turned = running.turn();
    drop(running);
    assert!(turned.is_ok());
    assert!(only.borrow().is_none());
    assert_eq!(log.take(), "gone on and the next");
}

#[test]
fn a_loop_that_its_callbacks_hold_lives_until_it_is_closed() {
    let (event_loop, _) = virtual_loop();
    let remote = event_loop.remote();
    let held = event_loop.clone();
    let handle = event_loop.call_soon(move || drop(held));
    drop(event_loop);
    assert!(!remote.is_closed(), "the callback holds it");
    handle.cancel();
    assert!(remote.is_closed(), "the last handle went with the callback");
}

#[test]
fn a_loop_that_nobody_holds_is_closed() {
    let (event_loop, _) = virtual_loop();
    let remote = event_loop.remote();
    event_loop.call_soon(|| {});
    drop(event_loop);
    assert!(remote.is_closed());
}

#[test]
fn a_busy_loop_still_fires_its_timers_and_hears_other_threads() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let log = Log::default();
    let clock = time.clone();
    spawn(&event_loop, async move {
        loop {
            clock.work(1);
            turn_over().await;
        }
    });
    event_loop.call_later(Duration::from_nanos(500), log.noting("timer"));
    let remote = event_loop.remote();
    let sent = remote.call_soon(|| EventLoop::current().expect("a loop calls").stop());
    assert!(sent.is_ok());
    event_loop.run_forever()?;
    assert_eq!(log.take(), "", "stopped in its first turn");
    event_loop.run_until(|| time.nanos() > 501)?;
    assert_eq!(log.take(), "timer");
    event_loop.close();
    Ok(())
}
