//! `promise`: one sets, one waits, or many.

use entracte::sync::{PromiseBroken, promise};

use crate::hand::{Counted, Hand, now};

#[test]
fn a_value_that_is_set_before_is_there_at_once() {
    let (resolver, promise) = promise();
    assert!(!promise.is_done());
    resolver.set(1).expect("it is wanted");
    assert!(promise.is_done());
    assert_eq!(now(promise), Ok(1));
}

#[test]
fn setting_the_value_wakes_who_waits() {
    let (resolver, promise) = promise();
    let mut wait = Hand::waiting(promise);
    resolver.set("value").expect("it is wanted");
    assert_eq!(wait.finish(), Ok("value"));
}

#[test]
fn a_dropped_resolver_breaks_its_promise() {
    let (resolver, promise) = promise::<u8>();
    let mut wait = Hand::waiting(promise);
    drop(resolver);
    assert_eq!(wait.finish(), Err(PromiseBroken));
}

#[test]
fn a_value_that_nobody_wants_is_given_back() {
    let (resolver, promise) = promise();
    assert!(resolver.is_wanted());
    drop(promise);
    assert!(!resolver.is_wanted());
    assert_eq!(resolver.set("value"), Err("value"));
}

#[test]
fn a_wait_that_is_cancelled_gives_the_value_up() {
    let (resolver, promise) = promise();
    drop(Hand::waiting(promise));
    assert_eq!(resolver.set(1), Err(1));
}

#[test]
fn awaiting_a_reference_can_be_stopped_and_gone_on_with() {
    let (resolver, mut promise) = promise();
    drop(Hand::waiting(&mut promise));
    assert!(resolver.is_wanted());
    resolver.set(1).expect("it is wanted");
    assert_eq!(now(&mut promise), Ok(1));
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    let (resolver, promise) = promise();
    let mut wait = Hand::waiting(promise);
    assert_eq!(wait.poll(), None);
    assert_eq!(wait.poll_anew(), None);
    resolver.set(1).expect("it is wanted");
    assert_eq!(wait.finish(), Ok(1));
}

#[test]
#[should_panic(expected = "cannot await a promise again that gave its value")]
fn a_value_is_given_once() {
    let (resolver, mut promise) = promise();
    resolver.set(1).expect("it is wanted");
    assert_eq!(now(&mut promise), Ok(1));
    assert_eq!(now(&mut promise), Ok(1));
}

#[test]
fn a_value_that_nobody_took_is_dropped_with_its_promise() {
    let values = Counted::default();
    let (resolver, promise) = promise();
    resolver.set(values.one()).expect("it is wanted");
    assert_eq!(values.alive(), 1);
    drop(promise);
    assert_eq!(values.alive(), 0);
}

#[test]
fn many_can_wait_for_a_shared_promise() {
    let (resolver, promise) = promise();
    let promise = promise.shared();
    let mut waits: Vec<_> = (0..3).map(|_| Hand::waiting(promise.wait())).collect();
    drop(waits.remove(1));
    assert_eq!(promise.outcome(), None);
    resolver.set(5).expect("it is wanted");
    for wait in &mut waits {
        assert_eq!(wait.finish(), Ok(5));
    }
    assert_eq!(promise.outcome(), Some(Ok(&5)));
    assert_eq!(now(promise.clone().wait()), Ok(5));
}

#[test]
fn a_shared_promise_can_be_broken() {
    let (resolver, promise) = promise::<u8>();
    let promise = promise.shared();
    let mut wait = Hand::waiting(promise.wait());
    drop(resolver);
    assert_eq!(wait.finish(), Err(PromiseBroken));
    assert_eq!(promise.outcome(), Some(Err(PromiseBroken)));
}

#[test]
fn a_shared_promise_is_wanted_as_long_as_it_has_a_handle() {
    let (resolver, promise) = promise();
    let promise = promise.shared();
    drop(promise.clone());
    assert!(resolver.is_wanted());
    drop(promise);
    assert!(!resolver.is_wanted());
    assert_eq!(resolver.set(1), Err(1));
}

#[test]
fn a_promise_can_be_shared_after_it_is_done() {
    let (resolver, promise) = promise();
    resolver.set(1).expect("it is wanted");
    let promise = promise.shared();
    assert!(promise.is_done());
    assert_eq!(now(promise.wait()), Ok(1));
}

#[test]
fn nothing_is_left_to_share_of_a_promise_that_gave_its_value() {
    let (resolver, mut promise) = promise();
    resolver.set(1).expect("it is wanted");
    assert_eq!(now(&mut promise), Ok(1));
    assert_eq!(now(promise.shared().wait()), Err(PromiseBroken));
}

#[test]
fn a_shared_value_needs_no_clone_to_be_looked_at() {
    struct Plain(u8);
    let (resolver, promise) = promise();
    let promise = promise.shared();
    assert!(resolver.set(Plain(3)).is_ok());
    let value = promise.outcome().expect("it is done").map(|plain| plain.0);
    assert_eq!(value, Ok(3));
}

#[test]
fn promises_say_what_they_are() {
    let (resolver, promise) = promise::<u8>();
    assert_eq!(format!("{promise:?}"), "Promise { is_done: false }");
    assert_eq!(format!("{resolver:?}"), "Resolver { is_wanted: true }");
    assert_eq!(
        format!("{:?}", promise.shared()),
        "SharedPromise { is_done: false }"
    );
    assert_eq!(
        PromiseBroken.to_string(),
        "cannot wait for a promise that nobody can keep any more"
    );
}
