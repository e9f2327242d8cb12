//! `Event`: set, clear, wait.

use entracte::sync::Event;

use crate::hand::{Hand, now};

#[test]
fn an_event_is_not_set_at_first() {
    let event = Event::new();
    assert!(!event.is_set());
    Hand::waiting(event.wait());
}

#[test]
fn waiting_for_an_event_that_is_set_does_not_wait() {
    let event = Event::new();
    event.set();
    now(event.wait());
    now(event.wait());
}

#[test]
fn setting_wakes_everybody_who_waits() {
    let event = Event::new();
    let mut waits: Vec<_> = (0..3).map(|_| Hand::waiting(event.wait())).collect();
    event.set();
    for wait in &mut waits {
        wait.finish();
    }
}

#[test]
fn who_was_woken_goes_through_though_the_event_is_cleared() {
    let event = Event::new();
    let mut wait = Hand::waiting(event.wait());
    event.set();
    event.clear();
    wait.finish();
    Hand::waiting(event.wait());
}

#[test]
fn who_comes_after_clear_waits_for_the_next_set() {
    let event = Event::new();
    event.set();
    event.clear();
    let mut wait = Hand::waiting(event.wait());
    assert!(!wait.is_woken());
    event.set();
    wait.finish();
}

#[test]
fn a_wait_that_is_cancelled_leaves_the_others() {
    let event = Event::new();
    let mut first = Hand::waiting(event.wait());
    let second = Hand::waiting(event.wait());
    let mut third = Hand::waiting(event.wait());
    drop(second);
    event.set();
    first.finish();
    third.finish();
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    let event = Event::new();
    let mut wait = Hand::waiting(event.wait());
    assert_eq!(wait.poll_anew(), None);
    event.set();
    wait.finish();
}

#[test]
fn an_event_says_what_it_is() {
    let event = Event::new();
    let wait = Hand::waiting(event.wait());
    assert_eq!(format!("{event:?}"), "Event { is_set: false, waiting: 1 }");
    drop(wait);
    event.set();
    assert_eq!(format!("{event:?}"), "Event { is_set: true, waiting: 0 }");
}
