//! Tests of one inbox that need no model of all interleavings.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{FIRST_LOOK, Inbox, Message, Notify};

/// An open inbox of epoch 1, and how often its notifier was called.
fn opened() -> (Inbox, Arc<AtomicUsize>) {
    let inbox = Inbox::new(0);
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let notify: Notify = Arc::new(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    inbox.unseal(1, notify);
    (inbox, calls)
}

/// What is in the inbox; `None` stands for a call.
fn taken(inbox: &Inbox) -> Vec<Option<u64>> {
    let mut messages = Vec::new();
    inbox.take(&mut messages);
    let token = |message: &Message| match message {
        Message::Wake(token) => Some(*token),
        Message::Call(_, _) => None,
    };
    messages.iter().map(token).collect()
}

#[test]
fn messages_come_out_in_the_order_of_their_arrival() {
    let (inbox, _) = opened();
    assert!(!inbox.has_messages() && inbox.is_empty());
    inbox.wake(7);
    assert!(inbox.call(1, Box::new(|| {}), Location::caller()).is_ok());
    inbox.wake(3);
    assert!(inbox.has_messages() && !inbox.is_empty());
    assert_eq!(taken(&inbox), [Some(7), None, Some(3)]);
    assert!(!inbox.has_messages() && inbox.is_empty());
}

#[test]
fn taking_appends_to_what_is_there() {
    let (inbox, _) = opened();
    let mut messages = vec![Message::Wake(1)];
    inbox.wake(2);
    inbox.take(&mut messages);
    assert!(matches!(messages[..], [Message::Wake(1), Message::Wake(2)]));
}

#[test]
fn the_notifier_is_called_once_for_each_wait() {
    let (inbox, calls) = opened();
    inbox.wake(1);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert!(!inbox.begin_park(), "there is a message");
    inbox.wake(2);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    taken(&inbox);
    assert!(inbox.begin_park());
    inbox.wake(3);
    inbox.wake(4);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    inbox.end_park();
    taken(&inbox);
    assert!(inbox.begin_park());
    inbox.end_park();
    inbox.wake(5);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_call_after_the_close_comes_back_and_a_wake_does_nothing() {
    let (inbox, calls) = opened();
    assert!(inbox.begin_park());
    assert!(inbox.seal());
    inbox.wake(7);
    let called = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&called);
    let call = Box::new(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let back = inbox
        .call(1, call, Location::caller())
        .expect_err("the inbox is closed");
    back();
    assert_eq!(called.load(Ordering::Relaxed), 1);
    assert!(!inbox.has_messages() && inbox.is_empty());
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert!(!inbox.seal(), "it is closed already");
}

#[test]
fn a_call_for_an_earlier_loop_comes_back_and_an_old_wake_may_arrive() {
    let (inbox, _) = opened();
    inbox.count_waker(-3);
    inbox.seal();
    inbox.unseal(2, Arc::new(|| {}));
    assert!(inbox.call(1, Box::new(|| {}), Location::caller()).is_err());
    assert!(inbox.call(2, Box::new(|| {}), Location::caller()).is_ok());
    inbox.wake(7);
    assert_eq!(taken(&inbox), [None, Some(7)]);
    assert!(!inbox.is_open(1) && inbox.is_open(2));
    assert_eq!(inbox.counted_wakers(), 0, "a new loop counts anew");
}

#[test]
fn counting_wakers_goes_up_and_down_and_below_zero() {
    let (inbox, _) = opened();
    inbox.count_waker(2);
    inbox.count_waker(-3);
    assert_eq!(inbox.counted_wakers(), -1);
}

/// Fails when it is dropped while somebody holds the lock.
struct NeedsTheLock(&'static Inbox);

impl Drop for NeedsTheLock {
    fn drop(&mut self) {
        assert!(self.0.state.try_lock().is_ok());
    }
}

#[test]
fn neither_the_notifier_nor_a_drop_runs_under_the_lock() {
    let inbox: &'static Inbox = Box::leak(Box::new(Inbox::new(0)));
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let held = NeedsTheLock(inbox);
    let notify: Notify = Arc::new(move || {
        let _held = &held;
        assert!(inbox.state.try_lock().is_ok());
        counter.fetch_add(1, Ordering::Relaxed);
    });
    inbox.unseal(1, notify);
    assert!(inbox.begin_park());
    let held = NeedsTheLock(inbox);
    assert!(
        inbox
            .call(1, Box::new(move || drop(held)), Location::caller())
            .is_ok()
    );
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert!(inbox.seal());
    assert!(inbox.is_empty());
}

#[test]
fn a_million_wakes_of_few_tokens_take_little_room() {
    const THREADS: u64 = 4;
    const WAKES: u64 = 250_000;
    let (inbox, _) = opened();
    thread::scope(|scope| {
        for token in 0..THREADS {
            let inbox = &inbox;
            scope.spawn(move || (0..WAKES).for_each(|_| inbox.wake(token)));
        }
    });
    let state = inbox.lock();
    assert!(state.messages.len() <= FIRST_LOOK);
    assert!(state.messages.capacity() <= 4 * FIRST_LOOK);
    drop(state);
    let mut tokens = taken(&inbox);
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens, [Some(0), Some(1), Some(2), Some(3)]);
}

#[test]
fn the_first_of_equal_wakes_stays_and_so_does_every_call() {
    let (inbox, _) = opened();
    inbox.wake(7);
    assert!(inbox.call(1, Box::new(|| {}), Location::caller()).is_ok());
    for _ in 3..FIRST_LOOK {
        inbox.wake(3);
    }
    assert!(inbox.call(1, Box::new(|| {}), Location::caller()).is_ok());
    assert_eq!(taken(&inbox), [Some(7), None, Some(3), None]);
}

#[test]
fn wakes_of_many_tokens_all_stay_and_are_looked_at_ever_more_rarely() {
    let (inbox, _) = opened();
    let many = 100 * FIRST_LOOK as u64;
    for token in 0..many {
        inbox.wake(token);
    }
    assert!(inbox.lock().look_at > 100 * FIRST_LOOK);
    let tokens = taken(&inbox);
    assert!(tokens.into_iter().eq((0..many).map(Some)));
    assert_eq!(inbox.lock().look_at, FIRST_LOOK, "it starts afresh");
}
