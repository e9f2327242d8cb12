//! `Lock`: one at a time, in the order in which they came.

use entracte::sync::Lock;

use crate::hand::{Hand, now};

#[test]
fn a_lock_is_not_locked_at_first() {
    let lock = Lock::new(1);
    assert!(!lock.is_locked());
    let guard = now(lock.acquire());
    assert!(lock.is_locked());
    assert_eq!(*guard, 1);
}

#[test]
fn dropping_the_guard_releases_the_lock_and_keeps_the_data() {
    let lock = Lock::new(String::from("a"));
    now(lock.acquire()).push('b');
    assert!(!lock.is_locked());
    assert_eq!(*now(lock.acquire()), "ab");
}

#[test]
fn try_acquire_gives_a_guard_only_if_nobody_has_one() {
    let lock = Lock::new(());
    let guard = lock.try_acquire().expect("it is free");
    assert!(lock.try_acquire().is_none());
    drop(guard);
    assert!(lock.try_acquire().is_some());
}

#[test]
fn w1_a_released_lock_goes_to_who_has_waited_longest() {
    let lock = Lock::new(());
    let guard = now(lock.acquire());
    let mut waits: Vec<_> = (0..3).map(|_| Hand::waiting(lock.acquire())).collect();
    drop(guard);
    for at in 0..3 {
        assert!(waits[at + 1..].iter().all(|wait| !wait.is_woken()));
        drop(waits[at].finish());
    }
    assert!(!lock.is_locked());
}

#[test]
fn who_comes_later_does_not_get_in_before_who_was_woken() {
    let lock = Lock::new(());
    let guard = now(lock.acquire());
    let mut first = Hand::waiting(lock.acquire());
    drop(guard);
    assert!(lock.is_locked());
    assert!(lock.try_acquire().is_none());
    let mut second = Hand::waiting(lock.acquire());
    drop(first.finish());
    drop(second.finish());
}

#[test]
fn a_wait_that_is_cancelled_leaves_the_line() {
    let lock = Lock::new(());
    let guard = now(lock.acquire());
    let first = Hand::waiting(lock.acquire());
    let mut second = Hand::waiting(lock.acquire());
    drop(first);
    drop(guard);
    drop(second.finish());
}

#[test]
fn w2_a_lock_that_was_handed_to_a_cancelled_task_goes_to_the_next() {
    let lock = Lock::new(5);
    let guard = now(lock.acquire());
    let first = Hand::waiting(lock.acquire());
    let mut second = Hand::waiting(lock.acquire());
    drop(guard);
    assert!(first.is_woken());
    drop(first);
    assert_eq!(*second.finish(), 5);
    assert!(!lock.is_locked());
}

#[test]
fn w2_a_lock_that_was_handed_to_the_only_one_who_waited_is_free_again() {
    let lock = Lock::new(5);
    let guard = now(lock.acquire());
    let wait = Hand::waiting(lock.acquire());
    drop(guard);
    drop(wait);
    assert!(!lock.is_locked());
    assert_eq!(*now(lock.acquire()), 5);
}

#[test]
fn a_guard_may_outlive_every_other_handle() {
    let lock = Lock::new(vec![1]);
    let mut guard = now(lock.acquire());
    drop(lock);
    guard.push(2);
    let lock = guard.lock().clone();
    drop(guard);
    assert_eq!(*now(lock.acquire()), [1, 2]);
}

#[test]
fn a_future_that_was_never_polled_does_not_wait() {
    let lock = Lock::new(());
    let guard = now(lock.acquire());
    let never = Hand::new(lock.acquire());
    let mut second = Hand::waiting(lock.acquire());
    drop(guard);
    drop(second.finish());
    drop(never);
    assert!(!lock.is_locked());
}

#[test]
fn places_of_those_who_left_are_used_again_in_order() {
    let lock = Lock::new(());
    let guard = now(lock.acquire());
    let mut waits: Vec<_> = (0..4).map(|_| Hand::waiting(lock.acquire())).collect();
    drop(waits.remove(1));
    drop(waits.remove(0));
    waits.extend((0..3).map(|_| Hand::waiting(lock.acquire())));
    drop(guard);
    for wait in &mut waits {
        drop(wait.finish());
    }
}

#[test]
fn a_lock_says_what_it_is() {
    let lock = Lock::new(3);
    let guard = now(lock.acquire());
    let _wait = Hand::waiting(lock.acquire());
    assert_eq!(format!("{lock:?}"), "Lock { is_locked: true, waiting: 1 }");
    assert_eq!(format!("{guard:?}"), "LockGuard(3)");
}
