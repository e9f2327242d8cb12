//! The inbox under loom, which tries every interleaving that matters.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p entracte-event-loop --release --lib inbox::model`

use std::panic::Location;
use std::sync::Arc as StdArc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use super::{Inbox, Message, Notify};

/// What a selector is to the inbox: a bell that ends the wait which runs, or the next one.
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().expect("nobody panics") = true;
        self.changed.notify_one();
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().expect("nobody panics");
        while !*rung {
            rung = self.changed.wait(rung).expect("nobody panics");
        }
        *rung = false;
    }
}

fn opened() -> (Arc<Inbox>, Arc<Bell>) {
    let bell = Arc::new(Bell {
        rung: Mutex::new(false),
        changed: Condvar::new(),
    });
    let inbox = Arc::new(Inbox::new(0));
    let ring = Arc::clone(&bell);
    let notify: Notify = StdArc::new(move || ring.ring());
    inbox.unseal(1, notify);
    (inbox, bell)
}

/// Does what a loop does until it has so many messages. Loom fails if it waits for ever.
fn receive(inbox: &Inbox, bell: &Bell, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    loop {
        if inbox.has_messages() {
            inbox.take(&mut messages);
        }
        if messages.len() >= count {
            return messages;
        }
        if inbox.begin_park() {
            bell.wait();
            inbox.end_park();
            assert!(inbox.has_messages(), "the bell rang for a message");
        }
    }
}

fn sum(messages: &[Message]) -> u64 {
    let token = |message: &Message| match message {
        Message::Wake(token) => *token,
        Message::Call(_, _) => 0,
    };
    messages.iter().map(token).sum()
}

#[test]
fn no_wake_of_one_thread_is_lost() {
    loom::model(|| {
        let (inbox, bell) = opened();
        let other = Arc::clone(&inbox);
        let poster = thread::spawn(move || {
            other.wake(1);
            other.wake(2);
        });
        assert_eq!(sum(&receive(&inbox, &bell, 2)), 3);
        poster.join().expect("it does not panic");
        assert!(inbox.is_empty() && !inbox.has_messages());
    });
}

#[test]
fn no_wake_of_two_threads_is_lost() {
    loom::model(|| {
        let (inbox, bell) = opened();
        let posters = [1, 2].map(|token| {
            let other = Arc::clone(&inbox);
            thread::spawn(move || other.wake(token))
        });
        assert_eq!(sum(&receive(&inbox, &bell, 2)), 3);
        for poster in posters {
            poster.join().expect("it does not panic");
        }
    });
}

#[test]
fn no_wake_is_lost_when_a_wait_ends_for_another_reason() {
    loom::model(|| {
        let (inbox, bell) = opened();
        let other = Arc::clone(&inbox);
        let poster = thread::spawn(move || other.wake(1));
        if inbox.begin_park() {
            inbox.end_park();
        }
        // The bell may still be rung for the wait that is over. A loop then takes one turn in vain.
        let mut messages = Vec::new();
        while messages.is_empty() {
            if inbox.begin_park() {
                bell.wait();
                inbox.end_park();
            }
            inbox.take(&mut messages);
        }
        assert_eq!(sum(&messages), 1);
        poster.join().expect("it does not panic");
    });
}

/// What became of a call.
#[derive(Default)]
struct Fates {
    run: AtomicUsize,
    dropped: AtomicUsize,
}

/// Counts when it is dropped; a call owns it.
struct Owned(Arc<Fates>);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_call_that_races_with_the_close_runs_comes_back_or_is_dropped() {
    loom::model(|| {
        let (inbox, _) = opened();
        let fates = Arc::new(Fates::default());
        let (other, owned) = (Arc::clone(&inbox), Owned(Arc::clone(&fates)));
        let poster = thread::spawn(move || {
            other.wake(7);
            let call = Box::new(move || {
                owned.0.run.fetch_add(1, Ordering::Relaxed);
            });
            other.call(1, call, Location::caller()).is_err()
        });
        let mut messages = Vec::new();
        inbox.take(&mut messages);
        let taken = messages.len();
        for message in messages {
            if let Message::Call(call, _) = message {
                call();
            }
        }
        assert!(inbox.seal());
        let came_back = poster.join().expect("it does not panic");
        let run = fates.run.load(Ordering::Relaxed);
        assert_eq!(
            fates.dropped.load(Ordering::Relaxed),
            1,
            "it went somewhere"
        );
        assert_eq!(run, usize::from(taken == 2), "what was taken was run");
        assert!(!(came_back && run == 1), "it came back, or it was run");
        assert!(inbox.is_empty() && !inbox.has_messages());
    });
}

#[test]
fn a_call_never_reaches_the_next_loop() {
    loom::model(|| {
        let (inbox, _) = opened();
        let other = Arc::clone(&inbox);
        let poster = thread::spawn(move || {
            // Either answer is right: it depends on who came first.
            drop(other.call(1, Box::new(|| {}), Location::caller()));
        });
        inbox.seal();
        inbox.unseal(2, StdArc::new(|| {}));
        poster.join().expect("it does not panic");
        assert!(inbox.is_empty(), "the call was for epoch 1");
        assert!(inbox.is_open(2) && !inbox.is_open(1));
    });
}

#[test]
fn when_no_waker_is_left_the_last_message_is_seen() {
    loom::model(|| {
        let (inbox, _) = opened();
        // The loop made one waker, and the other thread has it.
        let made_here = 1;
        let other = Arc::clone(&inbox);
        let poster = thread::spawn(move || {
            other.wake(7);
            other.count_waker(-1);
        });
        let is_stuck = made_here + inbox.counted_wakers() == 0 && inbox.is_empty();
        poster.join().expect("it does not panic");
        assert!(!is_stuck, "the message was there before the waker went");
    });
}

#[test]
fn a_waker_that_lives_is_never_missing_from_the_count() {
    loom::model(|| {
        let (inbox, _) = opened();
        let made_here = 1;
        let (first, second) = (Arc::clone(&inbox), Arc::clone(&inbox));
        let posters = thread::spawn(move || {
            // A clone goes on to another thread, then the original is dropped.
            first.count_waker(1);
            let next = thread::spawn(move || {
                second.count_waker(1);
                second.count_waker(-1);
            });
            first.count_waker(-1);
            next.join().expect("it does not panic");
        });
        assert!(made_here + inbox.counted_wakers() > 0);
        posters.join().expect("it does not panic");
        assert_eq!(made_here + inbox.counted_wakers(), 1);
    });
}
