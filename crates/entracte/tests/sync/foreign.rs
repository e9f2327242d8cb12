//! Wakers that others made: they run code of their own, which may use what is being used.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread_local;

use entracte::sync::{Event, Lock, Queue, promise};

use crate::hand::{Hand, now};

thread_local! {
    static ON_WAKE: RefCell<Option<Box<dyn Fn()>>> = const { RefCell::new(None) };
    static WAKES: Cell<u32> = const { Cell::new(0) };
}

/// Calls what the thread keeps for it.
struct Calls;

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        WAKES.set(WAKES.get() + 1);
        ON_WAKE.with_borrow(|act| act.iter().for_each(|act| act()));
    }
}

fn calling(act: impl Fn() + 'static) -> Waker {
    ON_WAKE.set(Some(Box::new(act)));
    Waker::from(Arc::new(Calls))
}

#[test]
fn a_waker_may_use_the_lock_that_wakes_it() {
    let lock = Lock::new(());
    let guard = now(lock.acquire());
    let other = lock.clone();
    let waker = calling(move || assert!(other.is_locked()));
    let mut wait = Hand::new(lock.acquire());
    assert!(wait.poll_with(&waker).is_none());
    drop(guard);
    assert_eq!(WAKES.get(), 1);
    assert!(wait.poll_with(&waker).is_some());
}

#[test]
fn a_waker_may_use_the_queue_that_wakes_it() {
    let queue = Queue::bounded(1);
    let other = queue.clone();
    let waker = calling(move || {
        other.shut_down();
        assert!(other.try_put(2).is_err());
    });
    let mut get = Hand::new(queue.get());
    assert!(get.poll_with(&waker).is_none());
    queue.try_put(1).expect("there is room");
    assert_eq!(get.poll_with(&waker), Some(Ok(1)));
    assert!(queue.is_shut_down());
}

#[test]
fn a_waker_may_clear_the_event_that_wakes_it() {
    let event = Event::new();
    let other = event.clone();
    let waker = calling(move || other.clear());
    let mut waits = [Hand::new(event.wait()), Hand::new(event.wait())];
    for wait in &mut waits {
        assert!(wait.poll_with(&waker).is_none());
    }
    event.set();
    assert!(!event.is_set());
    assert_eq!(WAKES.get(), 2);
    for wait in &mut waits {
        assert!(
            wait.poll_with(&waker).is_some(),
            "all who waited go through"
        );
    }
}

#[test]
fn a_waker_may_cancel_a_wait_that_was_woken_with_it() {
    let event = Event::new();
    let second = Rc::new(RefCell::new(None));
    let shared = Rc::clone(&second);
    let waker = calling(move || drop(shared.take()));
    let mut first = Hand::new(event.wait());
    assert!(first.poll_with(&waker).is_none());
    let other = event.clone();
    second.replace(Some(Hand::waiting(async move { other.wait().await })));
    event.set();
    assert!(second.borrow().is_none());
    assert!(first.poll_with(&waker).is_some());
}

#[test]
fn a_waker_may_take_the_value_of_the_promise_that_wakes_it() {
    let (resolver, promise) = promise();
    let promise = Rc::new(RefCell::new(Some(Hand::new(promise))));
    let taken = Rc::new(Cell::new(None));
    let (kept, seen) = (Rc::clone(&promise), Rc::clone(&taken));
    let waker = calling(move || {
        let mut wait = kept.take().expect("it is woken once");
        seen.set(wait.poll());
    });
    assert!(
        promise
            .borrow_mut()
            .as_mut()
            .is_some_and(|wait| wait.poll_with(&waker).is_none())
    );
    resolver.set(1).expect("it is wanted");
    assert_eq!(taken.get(), Some(Ok(1)));
}

#[test]
fn one_waker_may_wait_for_many() {
    let lock = Lock::new(());
    let event = Event::new();
    let guard = now(lock.acquire());
    let waker = calling(|| {});
    let mut acquire = Hand::new(lock.acquire());
    let mut wait = Hand::new(event.wait());
    for _ in 0..2 {
        assert!(acquire.poll_with(&waker).is_none());
        assert!(wait.poll_with(&waker).is_none());
    }
    event.set();
    drop(guard);
    assert_eq!(WAKES.get(), 2);
    assert!(acquire.poll_with(&waker).is_some() && wait.poll_with(&waker).is_some());
}
