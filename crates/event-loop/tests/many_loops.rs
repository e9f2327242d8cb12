//! As many loops as there may be, and what a waker does once the id of its loop is in use again.

#[path = "it/support.rs"]
mod support;

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use entracte_event_loop::{Callback, CallbackRef, EventLoop, RunError, Step, Wakeup};
use support::{Log, OnDrop, Time, virtual_loop};

/// How many loops may live at the same time.
const MOST: usize = 4096;

/// The ids belong to the whole process, so one test at a time has them all.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

type Wakers = Rc<RefCell<Vec<Waker>>>;

#[test]
fn there_are_as_many_loops_as_ids() -> Result<(), RunError> {
    let _alone = alone();
    let mut loops: Vec<EventLoop> = (0..MOST).map(|_| virtual_loop().0).collect();
    let settings = Time::default().settings();
    let error = EventLoop::with(settings).expect_err("there are too many");
    assert_eq!(
        error.to_string(),
        "cannot start an event loop: 4096 are running"
    );
    loops.pop();
    let log = Log::default();
    let (event_loop, _) = virtual_loop();
    event_loop.call_soon(log.noting("runs"));
    event_loop.turn()?;
    assert_eq!(log.take(), "runs");
    Ok(())
}

#[test]
fn a_close_that_panics_gives_its_id_back() {
    let _alone = alone();
    for _ in 0..MOST + 1 {
        let (event_loop, _) = virtual_loop();
        let bomb = OnDrop(|| std::panic::resume_unwind(Box::new("bang")));
        event_loop.call_soon(move || drop(bomb));
        let closed = std::panic::AssertUnwindSafe(|| event_loop.close());
        drop(std::panic::catch_unwind(closed));
    }
}

/// Leaves its waker, and is done at once.
struct Brief(Wakers);

impl Callback for Brief {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        self.0.borrow_mut().push(step.waker().clone());
        Poll::Ready(())
    }
}

/// Wakers of the first generations of the first slots, and a loop in which nothing has happened
/// yet with the id of the one that they were made for.
fn with_wakers_of_an_earlier_loop() -> (EventLoop, Vec<Waker>) {
    let (old, _) = virtual_loop();
    let wakers = Wakers::default();
    for _ in 0..4 {
        for _ in 0..4 {
            old.add(CallbackRef::new(Brief(Rc::clone(&wakers))));
        }
        old.turn().expect("they are ready");
    }
    old.close();
    let wakers = wakers.take();
    let id_of = |waker| Wakeup::of(waker).token().expect("a loop made it").to_bits() >> 52;
    let id = id_of(&wakers[0]);
    drop(old);
    // An id with wakers left comes last, so the others are taken.
    let mut others = Vec::new();
    loop {
        let (event_loop, _) = virtual_loop();
        let token = event_loop.add(CallbackRef::new(Brief(Rc::default())));
        event_loop.turn().expect("it is ready");
        if token.to_bits() >> 52 == id {
            return (event_loop, wakers);
        }
        others.push(event_loop);
    }
}

fn wake_all(wakers: &[Waker]) {
    wakers.iter().for_each(Waker::wake_by_ref);
}

#[test]
fn wakers_of_an_earlier_loop_lose_no_callback() {
    let _alone = alone();
    let (event_loop, wakers) = with_wakers_of_an_earlier_loop();
    let log = Log::default();
    for _ in 0..3 {
        wake_all(&wakers);
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            event_loop.call_soon(log.noting(name));
        }
        assert_eq!(event_loop.alive(), 8);
        event_loop.turn().expect("something is ready");
        let mut called: Vec<String> = log.take().split(' ').map(str::to_owned).collect();
        called.sort();
        assert_eq!(called.join(" "), "a b c d e f g h");
        wake_all(&wakers);
        event_loop.call_soon(|| {});
        event_loop.turn().expect("something is ready");
        assert_eq!(event_loop.alive(), 0);
    }
}

/// Waits, and says when it is dropped.
struct Kept(Log);

impl Callback for Kept {
    fn call(self: Pin<&Self>, _: &Step<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.note("dropped");
    }
}

/// Wakes what others left, then itself, then adds a few more.
struct Disturbing(Vec<Waker>, Kept);

impl Callback for Disturbing {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        wake_all(&self.0);
        step.waker().wake_by_ref();
        for _ in 0..8 {
            let kept = Kept(self.1.0.clone());
            step.event_loop().add(CallbackRef::new(kept));
        }
        self.1.0.note("called");
        Poll::Pending
    }
}

#[test]
fn wakers_of_an_earlier_loop_drop_no_callback_that_is_being_called() {
    let _alone = alone();
    let (event_loop, wakers) = with_wakers_of_an_earlier_loop();
    let log = Log::default();
    // Free again when the last one is called, and of generations that the wakers know.
    for _ in 0..4 {
        event_loop.call_soon(|| {});
    }
    let disturbing = Disturbing(wakers, Kept(log.clone()));
    event_loop.add(CallbackRef::new(disturbing));
    event_loop.turn().expect("they are ready");
    assert_eq!(log.take(), "called", "and nobody is dropped");
    assert_eq!(event_loop.alive(), 9);
    event_loop.close();
    assert_eq!(log.take().matches("dropped").count(), 9);
}
