//! Closing a loop: from outside, from within a callback, and what is left of it afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use entracte_event_loop::{Callback, CallbackRef, EventLoop, RunError, Step, Wakeup};

use crate::front_end::{spawn, turn_over};
use crate::support::{Log, OnDrop, virtual_loop};

/// Puts something into a loop that notes when it is dropped.
fn fill(event_loop: &EventLoop, log: &Log) {
    let guard = |word: &'static str| {
        let log = log.clone();
        OnDrop(move || log.note(word))
    };
    let [soon, later] = [guard("soon"), guard("later")];
    event_loop.call_soon(move || drop(soon));
    event_loop.call_later(Duration::from_secs(1), move || drop(later));
    let task = guard("task");
    spawn(event_loop, async move {
        turn_over().await;
        drop(task);
    });
}

#[test]
fn a_close_drops_what_the_loop_keeps_and_calls_nothing() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    fill(&event_loop, &log);
    event_loop.close();
    let dropped = log.take();
    for word in ["soon", "later", "task"] {
        assert!(dropped.contains(word), "{word}");
    }
    assert!(event_loop.is_closed());
    assert_eq!(event_loop.alive(), 0);
    event_loop.close();
    assert!(matches!(event_loop.turn(), Err(RunError::Closed)));
    assert!(matches!(event_loop.run_forever(), Err(RunError::Closed)));
}

#[test]
fn a_closed_loop_takes_nothing() {
    let (event_loop, _) = virtual_loop();
    event_loop.close();
    let refused = |act: &dyn Fn()| catch_unwind(AssertUnwindSafe(act)).is_err();
    assert!(refused(&|| drop(event_loop.call_soon(|| {}))));
    assert!(refused(&|| drop(
        event_loop.call_later(Duration::ZERO, || {})
    )));
    assert!(refused(&|| drop(
        event_loop.call_at(event_loop.time(), || {})
    )));
    assert_eq!(event_loop.callbacks().count(), 0);
}

#[test]
fn a_closed_loop_watches_nothing() -> std::io::Result<()> {
    let (event_loop, _) = virtual_loop();
    event_loop.close();
    let (reader, _writer) = std::io::pipe()?;
    let watched = event_loop.add_reader(&reader, || {});
    assert!(watched.is_err(), "nothing would ever call it");
    Ok(())
}

#[test]
fn a_callback_may_close_its_own_loop() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (closed, noted) = (event_loop.clone(), log.clone());
    let guard_log = log.clone();
    let guard = OnDrop(move || guard_log.note("own"));
    event_loop.call_soon(move || {
        closed.close();
        noted.note("goes on");
        drop(guard);
    });
    event_loop.call_soon(log.noting("never"));
    event_loop.call_later(Duration::ZERO, log.noting("never"));
    assert!(event_loop.turn().is_ok());
    assert_eq!(log.take(), "goes on own");
    assert_eq!(event_loop.alive(), 0);
    assert!(matches!(event_loop.turn(), Err(RunError::Closed)));
}

#[test]
fn a_task_may_close_its_own_loop_and_wait() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (closed, dropped) = (event_loop.clone(), log.clone());
    let guard = OnDrop(move || dropped.note("dropped"));
    let noted = log.clone();
    spawn(&event_loop, async move {
        let _guard = guard;
        closed.close();
        noted.note("closed");
        turn_over().await;
        noted.note("never");
    });
    assert!(event_loop.turn().is_ok());
    assert_eq!(log.take(), "closed dropped");
    assert_eq!(event_loop.alive(), 0);
}

#[test]
fn an_eager_callback_may_close_its_own_loop() {
    struct Closing;
    impl Callback for Closing {
        fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
            step.event_loop().close();
            Poll::Ready(())
        }
    }
    let (event_loop, _) = virtual_loop();
    event_loop.add_and_call(CallbackRef::new(Closing));
    assert_eq!(event_loop.alive(), 0);
    assert_eq!(event_loop.running(), None);
}

/// Notes that it is told of the close; closes the loop itself if it is the one to.
struct Told(Log, bool);

impl Callback for Told {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        if self.1 {
            step.event_loop().close();
            self.0.note("closed");
        }
        Poll::Pending
    }

    fn closed(self: Pin<&Self>) {
        self.0.note(if self.1 { "closer" } else { "other" });
    }
}

#[test]
fn a_close_tells_each_callback_even_one_that_others_hold() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let held = [false, true].map(|closes| CallbackRef::new(Told(log.clone(), closes)));
    for callback in &held {
        event_loop.add(callback.clone());
    }
    assert!(event_loop.turn().is_ok());
    assert_eq!(
        log.take(),
        "other closed closer",
        "the one that closes, when it returns"
    );
    drop(event_loop);
    drop(held);
    assert_eq!(log.take(), "", "each is told once");
}

#[test]
fn a_timer_may_close_its_own_loop() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let closed = event_loop.clone();
    event_loop.call_later(Duration::ZERO, move || closed.close());
    event_loop.call_later(Duration::ZERO, log.noting("never"));
    assert!(event_loop.turn().is_ok());
    assert_eq!(log.take(), "");
    assert!(event_loop.is_closed());
}

#[test]
fn a_run_ends_when_its_loop_is_closed() {
    let (event_loop, _) = virtual_loop();
    let closed = event_loop.clone();
    event_loop.call_soon(move || closed.close());
    let outcome = event_loop.run_forever();
    assert!(matches!(outcome, Err(RunError::Closed)), "{outcome:?}");
}

#[test]
fn a_run_of_a_loop_that_others_hold_ends_when_it_is_closed() {
    let (event_loop, _) = virtual_loop();
    let remote = event_loop.remote();
    let closed = event_loop.clone();
    event_loop.call_soon(move || closed.close());
    let outcome = event_loop.run_forever();
    assert!(matches!(outcome, Err(RunError::Closed)), "{outcome:?}");
    drop(remote);
}

#[test]
fn wakers_outlive_their_loop() {
    let (event_loop, _) = virtual_loop();
    let wakers = Rc::new(std::cell::RefCell::new(Vec::new()));
    let kept = Rc::clone(&wakers);
    let token = spawn(
        &event_loop,
        std::future::poll_fn(move |cx| {
            kept.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        }),
    );
    assert!(event_loop.turn().is_ok());
    let waker = wakers.borrow_mut().pop().expect("it was polled");
    event_loop.close();
    event_loop.wake(token);
    waker.wake_by_ref();
    drop(event_loop);
    let clone = waker.clone();
    assert!(clone.will_wake(&waker));
    waker.wake();
    Wakeup::of(&clone).wake();
    Wakeup::from_token(token).wake();
    drop(clone);
}
