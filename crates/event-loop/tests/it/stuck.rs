//! `RunError::Stuck`: said when nothing can ever happen again, and never before.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use entracte_event_loop::{EventLoop, Observer, RunError, WakeTimer, Wakeup};

use crate::front_end::spawn;
use crate::support::virtual_loop;

/// A loop on the system's selector with a task in it that waits, and a waker of that task.
fn waiting() -> Result<(EventLoop, Waker), RunError> {
    let event_loop = EventLoop::new()?;
    let waker = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&waker);
    let mut is_first = true;
    spawn(
        &event_loop,
        poll_fn(move |cx| {
            if !std::mem::replace(&mut is_first, false) {
                return Poll::Ready(());
            }
            kept.replace(Some(cx.waker().clone()));
            Poll::Pending
        }),
    );
    event_loop.turn()?;
    let waker = waker.take().expect("the task was polled");
    Ok((event_loop, waker))
}

fn is_stuck(outcome: &Result<(), RunError>) -> bool {
    matches!(outcome, Err(RunError::Stuck))
}

#[test]
fn an_empty_loop_is_stuck() -> Result<(), RunError> {
    assert!(is_stuck(&EventLoop::new()?.run_forever()));
    Ok(())
}

#[test]
fn a_loop_in_which_everything_waits_for_nothing_is_stuck() -> Result<(), RunError> {
    let (event_loop, waker) = waiting()?;
    drop(waker);
    assert!(is_stuck(&event_loop.run_forever()));
    assert_eq!(event_loop.alive(), 1);
    Ok(())
}

#[test]
fn a_loop_whose_waker_another_thread_holds_is_not_stuck() -> Result<(), RunError> {
    let (event_loop, waker) = waiting()?;
    let (go, gone) = mpsc::channel();
    let other = thread::spawn(move || {
        gone.recv().expect("the test goes on");
        waker.wake();
    });
    event_loop.call_later(Duration::ZERO, move || {
        go.send(()).expect("the thread waits");
    });
    event_loop.run_until(|| event_loop_is_idle(&event_loop))?;
    other.join().expect("it wakes and ends");
    assert!(is_stuck(&event_loop.run_forever()));
    Ok(())
}

fn event_loop_is_idle(event_loop: &EventLoop) -> bool {
    event_loop.alive() == 0
}

#[test]
fn a_thread_that_drops_its_waker_leaves_the_loop_stuck() -> Result<(), RunError> {
    let (event_loop, waker) = waiting()?;
    thread::spawn(move || {
        let clones = [waker.clone(), waker.clone()];
        drop(waker);
        drop(clones);
    })
    .join()
    .expect("it drops what it has");
    assert!(is_stuck(&event_loop.run_forever()));
    Ok(())
}

/// Lets another thread know that the loop is about to wait.
struct Waits(mpsc::Sender<()>);

impl Observer for Waits {
    fn before_wait(&self, _: Option<Duration>) {
        let _ = self.0.send(());
    }
}

/// Has a thread let go of something once the loop waits; what the loop's run comes to.
fn let_go_while_it_waits(
    event_loop: &EventLoop,
    held: impl Send + 'static,
) -> Result<(), RunError> {
    let (waits, waiting) = mpsc::channel();
    event_loop.set_observer(Some(Rc::new(Waits(waits))));
    let other = thread::spawn(move || {
        waiting.recv().expect("the loop waits");
        drop(held);
    });
    let outcome = event_loop.run_forever();
    other.join().expect("it lets go and ends");
    outcome
}

#[test]
fn a_loop_that_waits_hears_that_the_last_waker_is_gone() -> Result<(), RunError> {
    let (event_loop, waker) = waiting()?;
    assert!(is_stuck(&let_go_while_it_waits(&event_loop, waker)));
    Ok(())
}

#[test]
fn a_loop_that_waits_hears_that_the_last_remote_is_gone() -> Result<(), RunError> {
    let event_loop = EventLoop::new()?;
    let remote = event_loop.remote();
    let clone = remote.clone();
    assert!(is_stuck(&let_go_while_it_waits(
        &event_loop,
        (remote, clone)
    )));
    Ok(())
}

#[test]
fn a_loop_with_a_remote_is_not_stuck() -> Result<(), RunError> {
    let event_loop = EventLoop::new()?;
    let remote = event_loop.remote();
    let (go, gone) = mpsc::channel();
    let other = thread::spawn(move || {
        gone.recv().expect("the test goes on");
        let stop = || EventLoop::current().expect("a loop calls").stop();
        assert!(remote.clone().call_soon(stop).is_ok());
    });
    event_loop.call_soon(move || go.send(()).expect("the thread waits"));
    event_loop.run_forever()?;
    other.join().expect("it calls and ends");
    assert!(is_stuck(&event_loop.run_forever()));
    Ok(())
}

#[test]
fn the_last_call_of_a_remote_that_goes_is_heard() -> Result<(), RunError> {
    for _ in 0..2000 {
        let event_loop = EventLoop::new()?;
        let remote = event_loop.remote();
        let stop = || EventLoop::current().expect("a loop calls").stop();
        let other = thread::spawn(move || assert!(remote.call_soon(stop).is_ok()));
        event_loop.run_forever()?;
        other.join().expect("it calls and ends");
    }
    Ok(())
}

#[test]
fn the_last_wake_of_a_waker_that_goes_is_heard() -> Result<(), RunError> {
    for _ in 0..2000 {
        let (event_loop, waker) = waiting()?;
        let other = thread::spawn(move || waker.wake());
        event_loop.run_until(|| event_loop_is_idle(&event_loop))?;
        other.join().expect("it wakes and ends");
    }
    Ok(())
}

#[test]
fn timers_and_readers_keep_a_loop_from_being_stuck() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let timer = event_loop.call_later(Duration::MAX, || {});
    assert!(!is_stuck(&event_loop.turn()));
    timer.cancel();
    assert!(is_stuck(&event_loop.turn()));
    let (reader, _writer) = std::io::pipe()?;
    let watched = event_loop.add_reader(&reader, || {})?;
    assert!(!is_stuck(&event_loop.turn()));
    watched.cancel()?;
    assert!(is_stuck(&event_loop.turn()));
    let background = event_loop.add_background_reader(&reader, || {})?;
    assert!(is_stuck(&event_loop.turn()), "nobody waits for that one");
    assert!(background.cancel()?);
    Ok(())
}

#[test]
fn a_wakeup_and_a_wake_timer_are_not_counted_as_wakers() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let kept = Rc::new(RefCell::new(Vec::new()));
    let wakeups = Rc::clone(&kept);
    spawn(
        &event_loop,
        poll_fn(move |cx| {
            wakeups.borrow_mut().push(Wakeup::of(cx.waker()));
            drop(WakeTimer::set(
                entracte_event_loop::Instant::FAR_FUTURE,
                cx.waker(),
            ));
            Poll::Pending
        }),
    );
    event_loop.turn()?;
    assert!(is_stuck(&event_loop.turn()));
    let wakeup = kept.borrow_mut().pop().expect("it was polled");
    wakeup.wake_by_ref();
    assert!(event_loop.turn().is_ok(), "it can be woken all the same");
    Ok(())
}

#[test]
fn a_stuck_loop_can_go_on() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    assert!(is_stuck(&event_loop.run_forever()));
    let stopping = event_loop.clone();
    event_loop.call_soon(move || stopping.stop());
    event_loop.run_forever()?;
    let text = RunError::Stuck.to_string();
    assert_eq!(
        text,
        "cannot go on: everything waits and nothing can wake it"
    );
    Ok(())
}
