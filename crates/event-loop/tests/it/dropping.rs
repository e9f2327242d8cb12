//! Values whose drop calls back into the loop, at every place where the loop drops something.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use entracte_event_loop::{EventLoop, Instant, Observer, RunError, Schedule, Token, WakeTimer};

use crate::front_end::spawn;
use crate::support::{Log, OnDrop, virtual_loop};

/// Uses every part of a loop that a drop may use.
fn use_all_of(event_loop: &EventLoop, log: &Log) {
    log.note("dropped");
    event_loop.wake(Token::NOBODY);
    let _looked = (event_loop.callbacks().count(), event_loop.random());
    event_loop.set_debug(event_loop.is_debug());
    event_loop.set_observer(None);
    event_loop.stop();
    if !event_loop.is_closed() {
        event_loop.call_soon(log.noting("soon"));
        event_loop
            .call_later(Duration::ZERO, log.noting("later"))
            .cancel();
    }
    event_loop.close();
}

/// Something whose drop uses the loop, and closes it in the end.
fn meddler(event_loop: &EventLoop, log: &Log) -> OnDrop<impl FnMut() + use<>> {
    let (event_loop, log) = (event_loop.clone(), log.clone());
    OnDrop(move || use_all_of(&event_loop, &log))
}

#[test]
fn the_drop_of_a_cancelled_callback_may_use_the_loop() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let value = meddler(&event_loop, &log);
    let handle = event_loop.call_soon(move || drop(value));
    handle.cancel();
    assert_eq!(log.take(), "dropped");
}

#[test]
fn the_drop_of_a_cancelled_timer_may_use_the_loop() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let value = meddler(&event_loop, &log);
    let handle = event_loop.call_later(Duration::ZERO, move || drop(value));
    assert!(handle.cancel());
    assert_eq!(log.take(), "dropped");
}

#[test]
fn drops_during_a_close_may_use_the_loop() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    for _ in 0..3 {
        let [soon, later, task] = [(); 3].map(|()| meddler(&event_loop, &log));
        event_loop.call_soon(move || drop(soon));
        event_loop.call_later(Duration::from_secs(1), move || drop(later));
        spawn(&event_loop, async move { drop(task) });
    }
    event_loop.close();
    assert_eq!(log.take().matches("dropped").count(), 9);
}

#[test]
fn the_drop_of_a_call_from_elsewhere_may_use_the_loop_that_closes() {
    struct Late(Arc<std::sync::Mutex<Option<entracte_event_loop::Remote>>>);
    impl Drop for Late {
        fn drop(&mut self) {
            let remote = self.0.lock().expect("nobody panicked").take();
            let sent = remote.expect("dropped once").call_soon(|| {});
            assert!(sent.is_err(), "the loop is closed");
        }
    }
    let (event_loop, _) = virtual_loop();
    let remote = event_loop.remote();
    let late = Late(Arc::new(std::sync::Mutex::new(Some(remote.clone()))));
    assert!(remote.call_soon(move || drop(late)).is_ok());
    event_loop.close();
    assert!(remote.is_closed());
}

#[test]
fn a_drop_that_panics_during_a_close_leaves_the_loop_closed() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let remote = event_loop.remote();
    let guard = || {
        let log = log.clone();
        OnDrop(move || log.note("dropped"))
    };
    let [before, between, after] = [(); 3].map(|()| guard());
    let [first, second] = [(); 2].map(|()| OnDrop(|| resume_unwind(Box::new("bang"))));
    event_loop.call_soon(move || drop(before));
    event_loop.call_soon(move || drop(first));
    event_loop.call_soon(move || drop(between));
    event_loop.call_later(Duration::from_secs(1), move || drop(second));
    event_loop.call_later(Duration::from_secs(1), move || drop(after));
    let closed = catch_unwind(AssertUnwindSafe(|| event_loop.close()));
    drop(closed);
    assert!(event_loop.is_closed());
    assert!(remote.is_closed(), "other threads are told");
    assert_eq!(event_loop.alive(), 0, "nothing is kept");
    assert_eq!(log.take(), "dropped dropped dropped");
}

#[test]
fn call_soon_in_a_drop_during_a_close_leaves_the_loop_closed() {
    let (event_loop, _) = virtual_loop();
    let remote = event_loop.remote();
    let inner = event_loop.clone();
    let value = OnDrop(move || {
        let refused = catch_unwind(AssertUnwindSafe(|| inner.call_soon(|| {})));
        assert!(refused.is_err(), "as its document says");
    });
    event_loop.call_soon(move || drop(value));
    event_loop.close();
    assert!(remote.is_closed());
}

#[test]
fn an_observer_may_use_the_loop_when_it_is_replaced() {
    struct Watching<F: FnMut()> {
        _value: OnDrop<F>,
    }
    impl<F: FnMut()> Observer for Watching<F> {}
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let value = meddler(&event_loop, &log);
    event_loop.set_observer(Some(Rc::new(Watching { _value: value })));
    event_loop.set_observer(None);
    assert_eq!(log.take(), "dropped");
}

#[test]
fn an_error_handler_may_use_the_loop_when_it_is_replaced() {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let value = meddler(&event_loop, &log);
    event_loop.set_error_handler(Some(Rc::new(move |_| {
        let _ = &value;
    })));
    event_loop.set_error_handler(None);
    assert_eq!(log.take(), "dropped");
}

/// A foreign waker whose drop sets a timer of the loop that runs.
struct Foreign;

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Foreign {
    fn drop(&mut self) {
        if let Some(event_loop) = EventLoop::current() {
            event_loop.call_later(Duration::ZERO, || {});
        }
    }
}

#[test]
fn a_foreign_wakers_drop_may_use_the_loop() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let noted = log.clone();
    event_loop.call_soon(move || {
        let foreign = Waker::from(Arc::new(Foreign));
        let timer = WakeTimer::set(Instant::FAR_FUTURE, &foreign).expect("a loop runs");
        drop(foreign);
        timer.set_waker(Waker::noop());
        let again = Waker::from(Arc::new(Foreign));
        timer.set_waker(&again);
        drop(again);
        drop(timer);
        noted.note("whole");
    });
    event_loop.turn()?;
    assert_eq!(log.take(), "whole");
    Ok(())
}

#[test]
fn a_schedule_may_use_the_loop() -> Result<(), RunError> {
    struct Meddling(Rc<RefCell<Weak<EventLoop>>>);
    impl Schedule for Meddling {
        fn pick(&mut self, _: usize) -> usize {
            if let Some(event_loop) = self.0.borrow().upgrade() {
                event_loop.set_debug(false);
                event_loop.set_observer(None);
            }
            0
        }
    }
    let shared: Rc<RefCell<Weak<EventLoop>>> = Rc::default();
    let settings = crate::support::Time::default().settings();
    let settings = settings.schedule(Meddling(Rc::clone(&shared)));
    let event_loop = Rc::new(EventLoop::with(settings).expect("a test opens few loops"));
    shared.replace(Rc::downgrade(&event_loop));
    event_loop.call_soon(|| {});
    event_loop.call_soon(|| {});
    event_loop.turn()
}

#[test]
fn a_task_that_holds_a_wake_timer_is_dropped_by_a_close() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let mut timers = Vec::new();
    spawn(
        &event_loop,
        poll_fn(move |cx| {
            timers.push(WakeTimer::set(Instant::FAR_FUTURE, cx.waker()));
            Poll::Pending
        }),
    );
    event_loop.turn()?;
    event_loop.close();
    assert_eq!(event_loop.alive(), 0);
    Ok(())
}
