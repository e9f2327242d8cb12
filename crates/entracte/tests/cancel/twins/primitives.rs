//! Twins of queues, locks and events: who is cancelled takes nothing with him.

use std::rc::Rc;

use entracte::sync::{Event, Lock, Queue};
use entracte::{checkpoint, finally, sleep, spawn};

use super::{Voice, compare, s};

/// A truth as Python prints it.
const fn python(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}

#[test]
fn a_consumer_that_is_cancelled() {
    compare(
        include_str!("15-queue.out"),
        7,
        true,
        async |voice: Voice| {
            let queue = Queue::bounded(1);
            let source = queue.clone();
            let producing = spawn(async move {
                for item in 0..4 {
                    sleep(s(1)).await;
                    source.put(item).await.expect("it is open");
                }
            });
            let block = async {
                for _ in 0..3 {
                    voice.say(format_args!(
                        "got {}",
                        queue.get().await.expect("it is open")
                    ));
                    sleep(s(2)).await;
                }
            };
            let clean_up = async {
                sleep(s(3)).await;
                let done = python(producing.is_done());
                voice.say(format_args!("left {} {done}", queue.len()));
            };
            finally(block, clean_up).await;
            "the end"
        },
    );
}

async fn holder(voice: Voice, name: &str, lock: Lock<()>, seconds: u64) {
    let _guard = lock.acquire().await;
    voice.say(format_args!("{name} has it"));
    sleep(s(seconds)).await;
}

#[test]
fn one_that_waits_for_a_lock_is_cancelled() {
    compare(
        include_str!("16-lock.out"),
        5,
        true,
        async |voice: Voice| {
            let lock = Lock::new(());
            let first = spawn(holder(voice.clone(), "first", lock.clone(), 2));
            checkpoint().await;
            let (own, shared) = (voice.clone(), lock.clone());
            let later = spawn(async move {
                sleep(s(1)).await;
                holder(own, "last", shared, 2).await;
            });
            let clean_up = async {
                sleep(s(5)).await;
                let [locked, done] = [lock.is_locked(), later.is_done()].map(python);
                voice.say(format_args!("locked {locked} {done}"));
            };
            finally(holder(voice.clone(), "program", lock.clone(), 2), clean_up).await;
            drop(first);
            "the end"
        },
    );
}

#[test]
fn three_that_wait_for_an_event() {
    async fn waiter(voice: Voice, name: &str, event: Rc<Event>) {
        event.wait().await;
        voice.say(format_args!("{name} goes on"));
    }
    compare(
        include_str!("18-event.out"),
        6,
        true,
        async |voice: Voice| {
            let event = Rc::new(Event::new());
            let [one, two] =
                ["one", "two"].map(|name| spawn(waiter(voice.clone(), name, Rc::clone(&event))));
            let sets = Rc::clone(&event);
            let three = spawn(async move {
                sleep(s(2)).await;
                sets.set();
            });
            let block = async {
                waiter(voice.clone(), "program", Rc::clone(&event)).await;
                sleep(s(1)).await;
            };
            let clean_up = async {
                sleep(s(3)).await;
                let done = [one.is_done(), two.is_done(), three.is_done()];
                let done = done.into_iter().filter(|done| *done).count();
                voice.say(format_args!("{done} are done"));
            };
            finally(block, clean_up).await;
            "the end"
        },
    );
}
