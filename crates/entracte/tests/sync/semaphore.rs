//! `Semaphore` and `BoundedSemaphore`: permits.

use entracte::sync::{BoundedSemaphore, ReleasedTooOften, Semaphore};

use crate::hand::{Hand, now};

#[test]
fn as_many_permits_are_given_as_there_are() {
    let semaphore = Semaphore::new(2);
    let first = now(semaphore.acquire());
    assert!(!semaphore.is_locked());
    let second = now(semaphore.acquire());
    assert!(semaphore.is_locked());
    let mut third = Hand::waiting(semaphore.acquire());
    drop(first);
    drop((second, third.finish()));
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn permits_are_handed_on_in_the_order_in_which_tasks_came() {
    let semaphore = Semaphore::new(0);
    let mut waits: Vec<_> = (0..3).map(|_| Hand::waiting(semaphore.acquire())).collect();
    semaphore.add_permits(2);
    assert!(!waits[2].is_woken());
    waits[0].finish().forget();
    waits[1].finish().forget();
    assert_eq!(semaphore.available(), 0);
    semaphore.add_permits(2);
    waits[2].finish().forget();
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn who_comes_later_does_not_take_the_permit_of_who_was_woken() {
    let semaphore = Semaphore::new(0);
    let mut first = Hand::waiting(semaphore.acquire());
    semaphore.add_permits(1);
    assert!(semaphore.is_locked());
    assert!(semaphore.try_acquire().is_none());
    let mut second = Hand::waiting(semaphore.acquire());
    drop(first.finish());
    drop(second.finish());
}

#[test]
fn a_permit_that_was_handed_to_a_cancelled_task_goes_to_the_next() {
    let semaphore = Semaphore::new(0);
    let first = Hand::waiting(semaphore.acquire());
    let mut second = Hand::waiting(semaphore.acquire());
    semaphore.add_permits(1);
    drop(first);
    drop(second.finish());
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_wait_that_is_cancelled_takes_no_permit() {
    let semaphore = Semaphore::new(0);
    drop(Hand::waiting(semaphore.acquire()));
    semaphore.add_permits(1);
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_permit_that_is_forgotten_is_gone_until_it_is_added() {
    let semaphore = Semaphore::new(1);
    now(semaphore.acquire()).forget();
    assert_eq!(semaphore.available(), 0);
    semaphore.add_permits(1);
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn permits_may_become_more_than_there_were() {
    let semaphore = Semaphore::new(1);
    semaphore.add_permits(3);
    assert_eq!(semaphore.available(), 4);
}

#[test]
#[should_panic(expected = "at most usize::MAX permits")]
fn more_permits_than_can_be_counted_are_refused() {
    Semaphore::new(usize::MAX).add_permits(1);
}

#[test]
fn a_bounded_semaphore_gives_permits_as_any_other() {
    let semaphore = BoundedSemaphore::new(1);
    let permit = now(semaphore.acquire());
    assert!(semaphore.is_locked());
    assert!(semaphore.try_acquire().is_none());
    let mut second = Hand::waiting(semaphore.acquire());
    drop(permit);
    drop(second.finish());
    assert_eq!((semaphore.available(), semaphore.bound()), (1, 1));
}

#[test]
fn releasing_a_bounded_semaphore_too_often_is_an_error() {
    let semaphore = BoundedSemaphore::new(1);
    assert_eq!(semaphore.release(), Err(ReleasedTooOften));
    let permit = now(semaphore.acquire());
    assert_eq!(
        semaphore.release(),
        Err(ReleasedTooOften),
        "the permit is held"
    );
    permit.forget();
    assert_eq!(semaphore.release(), Ok(()));
    assert_eq!(semaphore.release(), Err(ReleasedTooOften));
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn releasing_a_bounded_semaphore_wakes_who_waits() {
    let semaphore = BoundedSemaphore::new(1);
    now(semaphore.acquire()).forget();
    let mut wait = Hand::waiting(semaphore.acquire());
    assert_eq!(semaphore.release(), Ok(()));
    drop(wait.finish());
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_semaphore_says_what_it_is() {
    let semaphore = Semaphore::new(0);
    let _wait = Hand::waiting(semaphore.acquire());
    assert_eq!(
        format!("{semaphore:?}"),
        "Semaphore { available: 0, waiting: 1 }"
    );
    assert_eq!(
        ReleasedTooOften.to_string(),
        "cannot release a bounded semaphore more often than it was acquired"
    );
}
