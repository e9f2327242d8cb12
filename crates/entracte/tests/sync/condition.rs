//! `Condition`: wait, wait for, notify.

use std::pin::pin;

use entracte::sync::{Condition, Lock};

use crate::hand::{Hand, now};

#[test]
fn waiting_releases_the_lock_and_returns_with_it() {
    let condition = Condition::with_data(0);
    let guard = now(condition.acquire());
    let mut wait = Hand::waiting(condition.wait(guard));
    let mut guard = now(condition.acquire());
    *guard = 7;
    condition.notify_one(&guard);
    assert!(wait.poll().is_none(), "the lock is held by who notified");
    drop(guard);
    assert_eq!(*wait.finish(), 7);
    assert!(!condition.lock().is_locked());
}

#[test]
fn nobody_goes_on_without_being_notified() {
    let condition = Condition::<()>::default();
    let guard = now(condition.acquire());
    let mut wait = Hand::waiting(condition.wait(guard));
    drop(now(condition.acquire()));
    assert!(!wait.is_woken());
    assert!(wait.poll().is_none());
}

#[test]
fn as_many_are_notified_as_said_oldest_first() {
    let condition = Condition::with_data(());
    let mut waits: Vec<_> = (0..4)
        .map(|_| Hand::waiting(condition.wait(now(condition.acquire()))))
        .collect();
    condition.notify(&now(condition.acquire()), 2);
    let woken: Vec<bool> = waits.iter().map(Hand::is_woken).collect();
    assert_eq!(woken, [true, true, false, false]);
    condition.notify_all(&now(condition.acquire()));
    for wait in &mut waits {
        drop(wait.finish());
    }
}

#[test]
fn notifying_nobody_is_forgotten() {
    let condition = Condition::with_data(());
    let guard = now(condition.acquire());
    condition.notify_all(&guard);
    Hand::waiting(condition.wait(guard));
}

#[test]
fn wait_for_looks_at_the_data_before_it_waits() {
    let condition = Condition::with_data(3);
    let guard = now(condition.acquire());
    assert_eq!(*now(condition.wait_for(guard, |data| *data == 3)), 3);
}

#[test]
fn wait_for_goes_on_waiting_until_the_data_is_right() {
    let condition = Condition::with_data(0);
    let guard = now(condition.acquire());
    let mut wait = Hand::waiting(condition.wait_for(guard, |data| *data == 2));
    for expected in [None, Some(2)] {
        let mut guard = now(condition.acquire());
        *guard += 1;
        condition.notify_all(&guard);
        drop(guard);
        assert!(wait.is_woken());
        assert_eq!(wait.poll().map(|guard| *guard), expected);
    }
}

#[test]
fn a_cancelled_wait_holds_no_lock() {
    let condition = Condition::with_data(());
    drop(Hand::waiting(condition.wait(now(condition.acquire()))));
    assert!(!condition.lock().is_locked());
}

#[test]
fn a_notification_of_a_cancelled_task_goes_to_the_next() {
    let condition = Condition::with_data(());
    let first = Hand::waiting(condition.wait(now(condition.acquire())));
    let mut second = Hand::waiting(condition.wait(now(condition.acquire())));
    condition.notify_one(&now(condition.acquire()));
    assert!(first.is_woken() && !second.is_woken());
    drop(first);
    drop(second.finish());
}

#[test]
fn a_notification_goes_on_if_its_task_is_cancelled_while_it_waits_for_the_lock() {
    let condition = Condition::with_data(());
    let mut first = Hand::waiting(condition.wait(now(condition.acquire())));
    let mut second = Hand::waiting(condition.wait(now(condition.acquire())));
    let guard = now(condition.acquire());
    condition.notify_one(&guard);
    assert!(first.poll().is_none(), "it waits for the lock now");
    drop(first);
    assert!(second.is_woken());
    drop(guard);
    drop(second.finish());
}

#[test]
fn a_notification_and_a_lock_that_were_handed_to_a_cancelled_task_both_go_on() {
    let condition = Condition::with_data(());
    let mut first = Hand::waiting(condition.wait(now(condition.acquire())));
    let mut second = Hand::waiting(condition.wait(now(condition.acquire())));
    let guard = now(condition.acquire());
    condition.notify_one(&guard);
    assert!(first.poll().is_none());
    drop(guard);
    assert!(first.is_woken() && condition.lock().is_locked());
    drop(first);
    drop(second.finish());
    assert!(!condition.lock().is_locked());
}

#[test]
fn a_task_that_is_cancelled_unnotified_notifies_nobody() {
    let condition = Condition::with_data(());
    let first = Hand::waiting(condition.wait(now(condition.acquire())));
    let second = Hand::waiting(condition.wait(now(condition.acquire())));
    drop(first);
    assert!(!second.is_woken());
}

#[test]
fn conditions_can_share_a_lock() {
    let lock = Lock::new(Vec::new());
    let (not_empty, not_full) = (Condition::new(&lock), Condition::new(&lock));
    let guard = now(lock.acquire());
    let mut getter = Hand::waiting(not_empty.wait_for(guard, |items| !items.is_empty()));
    let mut guard = now(not_full.wait_for(now(lock.acquire()), |items| items.len() < 2));
    guard.push("item");
    not_empty.notify_one(&guard);
    drop(guard);
    assert_eq!(getter.finish().pop(), Some("item"));
}

#[test]
fn who_waits_is_in_line_before_the_lock_is_released() {
    let condition = Condition::with_data(());
    let guard = now(condition.acquire());
    let mut other = Hand::waiting(condition.acquire());
    let mut wait = Hand::waiting(condition.wait(guard));
    condition.notify_one(&other.finish());
    drop(wait.finish());
}

#[test]
#[should_panic(expected = "cannot use a condition with the guard of another lock")]
fn a_guard_of_another_lock_is_refused() {
    let condition = Condition::with_data(());
    let other = Lock::new(());
    condition.notify_one(&now(other.acquire()));
}

#[test]
#[should_panic(expected = "cannot use a condition with the guard of another lock")]
fn waiting_with_a_guard_of_another_lock_is_refused() {
    let condition = Condition::with_data(());
    let other = Lock::new(());
    drop(now(condition.wait(now(other.acquire()))));
}

#[test]
fn a_wait_that_was_never_polled_releases_the_lock() {
    let condition = Condition::with_data(());
    {
        let _never = pin!(condition.wait(now(condition.acquire())));
        assert!(condition.lock().is_locked());
    }
    assert!(!condition.lock().is_locked());
}
