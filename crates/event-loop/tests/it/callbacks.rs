//! A front end that has nothing but closures: soon, later, from elsewhere, cancelled or not.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use entracte_event_loop::{EventLoop, Handle, Instant, Remote, RunError};

use crate::support::{Log, OnDrop, virtual_loop};

/// All that this front end knows of its callbacks.
type Boxed = Box<dyn FnOnce()>;

/// Starts its boxed closures by whatever means it is told.
struct Closures {
    event_loop: EventLoop,
    remote: Remote,
    handles: RefCell<Vec<Handle>>,
}

impl Closures {
    fn soon(&self, act: Boxed) {
        self.handles
            .borrow_mut()
            .push(self.event_loop.call_soon(act));
    }

    fn later(&self, seconds: u64, act: Boxed) {
        let deadline = self.event_loop.time() + Duration::from_secs(seconds);
        drop(self.event_loop.call_at(deadline, act));
    }
}

#[test]
fn boxed_closures_run_to_their_end() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let log = Log::default();
    let front_end = Closures {
        remote: event_loop.remote(),
        handles: RefCell::default(),
        event_loop,
    };
    front_end.soon(Box::new(log.noting("soon")));
    front_end.later(2, Box::new(log.noting("later")));
    front_end.later(1, Box::new(log.noting("sooner")));
    let elsewhere = || EventLoop::current().expect("a loop calls").stop();
    front_end.later(3, {
        let remote = front_end.remote.clone();
        Box::new(move || remote.call_soon(elsewhere).expect("the loop is open"))
    });
    front_end.event_loop.run_forever()?;
    assert_eq!(log.take(), "soon sooner later");
    assert_eq!(time.nanos(), 3_000_000_000);
    assert_eq!(front_end.handles.borrow().len(), 1);
    assert_eq!(front_end.event_loop.alive(), 0);
    Ok(())
}

#[test]
fn what_a_callback_makes_ready_runs_in_the_next_turn() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (inner_loop, inner) = (event_loop.clone(), log.clone());
    event_loop.call_soon(move || {
        inner.note("one");
        inner_loop.call_soon(inner.noting("three"));
    });
    event_loop.call_soon(log.noting("two"));
    event_loop.turn()?;
    assert_eq!(log.take(), "one two");
    event_loop.turn()?;
    assert_eq!(log.take(), "three");
    Ok(())
}

#[test]
fn a_cancelled_callback_is_dropped_at_once_and_not_called() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let dropped = log.clone();
    let guard = OnDrop(move || dropped.note("dropped"));
    let called = log.clone();
    let handle = event_loop.call_soon(move || {
        called.note("called");
        drop(guard);
    });
    handle.cancel();
    assert_eq!(log.take(), "dropped");
    handle.cancel();
    event_loop.turn()?;
    assert_eq!(log.take(), "");
    Ok(())
}

#[test]
fn a_callback_is_cancelled_by_one_before_it_in_its_turn() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let second: Rc<RefCell<Option<Handle>>> = Rc::default();
    let shared = Rc::clone(&second);
    event_loop.call_soon(move || shared.borrow().as_ref().expect("it was made").cancel());
    second.replace(Some(event_loop.call_soon(log.noting("second"))));
    event_loop.turn()?;
    assert_eq!(log.take(), "");
    Ok(())
}

#[test]
fn a_callback_that_cancels_itself_goes_on() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let own: Rc<RefCell<Option<Handle>>> = Rc::default();
    let (shared, noted) = (Rc::clone(&own), log.clone());
    own.replace(Some(event_loop.call_soon(move || {
        shared.borrow().as_ref().expect("it was made").cancel();
        noted.note("went on");
    })));
    event_loop.turn()?;
    assert_eq!(log.take(), "went on");
    Ok(())
}

#[test]
fn dropping_a_handle_changes_nothing() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    drop(event_loop.call_soon(log.noting("soon")));
    drop(event_loop.call_later(Duration::ZERO, log.noting("later")));
    event_loop.turn()?;
    assert_eq!(log.take(), "soon later");
    Ok(())
}

#[test]
fn calls_from_elsewhere_keep_their_order() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let remote = event_loop.remote();
    let (sender, calls) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        for number in 0..100 {
            let sender = sender.clone();
            let sent = remote.call_soon(move || sender.send(number).expect("somebody reads"));
            assert!(sent.is_ok());
        }
    });
    thread.join().expect("it sends no more than it may");
    event_loop.turn()?;
    assert!(calls.iter().eq(0..100));
    Ok(())
}

#[test]
fn a_call_that_comes_too_late_is_given_back() {
    let (event_loop, _) = virtual_loop();
    let remote = event_loop.remote();
    assert!(!remote.is_closed());
    event_loop.close();
    assert!(remote.is_closed());
    let (sender, calls) = std::sync::mpsc::channel();
    let late = remote.call_soon(move || sender.send("back").expect("somebody reads"));
    let late = late.expect_err("the loop is closed");
    assert_eq!(
        late.to_string(),
        "cannot call into an event loop that is closed"
    );
    late.into_inner()();
    assert_eq!(calls.recv(), Ok("back"));
}

#[test]
fn a_deadline_that_has_passed_is_due_in_the_next_turn() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    time.work(1000);
    let log = Log::default();
    let (inner_loop, inner) = (event_loop.clone(), log.clone());
    event_loop.call_soon(move || {
        inner_loop.call_at(Instant::from_nanos(1), inner.noting("late"));
        inner.note("first");
    });
    event_loop.turn()?;
    assert_eq!(log.take(), "first");
    event_loop.turn()?;
    assert_eq!(log.take(), "late");
    Ok(())
}
