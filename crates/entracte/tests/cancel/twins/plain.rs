//! Twins of frames, clean-ups, and cancellations that are caught.

use std::cell::Cell;
use std::rc::Rc;

use entracte::{catch_cancel, finally, sleep, spawn};

use super::{Voice, compare, s};

#[test]
fn a_frame_that_cleans_up_without_waiting() {
    compare(
        include_str!("01-sleep.out"),
        4,
        true,
        async |voice: Voice| {
            {
                let _frame = voice.says_on_drop("left");
                sleep(s(2)).await;
                voice.say("slept");
            }
            sleep(s(1)).await;
            "the end"
        },
    );
}

async fn says_both_ends(voice: &Voice, name: &str, seconds: u64) {
    voice.say(format_args!("{name} begins"));
    sleep(s(seconds)).await;
    voice.say(format_args!("{name} ends"));
}

#[test]
fn a_clean_up_that_waits() {
    compare(
        include_str!("02-clean-up.out"),
        5,
        true,
        async |voice: Voice| {
            let block = async {
                sleep(s(2)).await;
                voice.say("slept");
            };
            finally(block, says_both_ends(&voice, "clean-up", 2)).await;
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn clean_ups_within_clean_ups() {
    compare(
        include_str!("03-nested.out"),
        6,
        true,
        async |voice: Voice| {
            let block = async {
                finally(sleep(s(2)), says_both_ends(&voice, "inner", 1)).await;
                sleep(s(1)).await;
            };
            finally(block, says_both_ends(&voice, "outer", 2)).await;
            "the end"
        },
    );
}

#[test]
fn a_cancellation_that_is_caught_and_goes_on() {
    compare(
        include_str!("04-caught.out"),
        4,
        true,
        async |voice: Voice| {
            if let Err(cancelled) = catch_cancel(sleep(s(3))).await {
                let message = cancelled.message().expect("it was given one");
                voice.say(format_args!("caught: {message}"));
                sleep(s(1)).await;
                voice.say("goes on");
                cancelled.propagate().await;
            }
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn cancellations_that_are_swallowed() {
    compare(
        include_str!("05-swallowed.out"),
        6,
        true,
        async |voice: Voice| {
            for round in 0..3 {
                let block = async {
                    sleep(s(2)).await;
                    voice.say(format_args!("slept {round}"));
                };
                if catch_cancel(block).await.is_err() {
                    voice.say(format_args!("swallowed {round}"));
                }
            }
            "the end"
        },
    );
}

#[test]
fn a_task_that_awaits_another() {
    compare(
        include_str!("14-task.out"),
        6,
        true,
        async |voice: Voice| {
            {
                let _frame = voice.says_on_drop("left");
                let own = voice.clone();
                let inner = spawn(async move {
                    let block = async {
                        sleep(s(3)).await;
                        "inner"
                    };
                    finally(block, says_both_ends(&own, "inner", 2)).await
                });
                // A block around the await, so that the frame is left when the inner has cleaned up.
                match catch_cancel(inner).await {
                    Ok(value) => voice.say(value.expect("nobody else cancels it")),
                    Err(cancelled) => cancelled.propagate().await,
                }
            }
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn a_gather_that_is_cancelled() {
    compare(
        include_str!("13-gather.out"),
        2,
        false,
        async |voice: Voice| {
            let ended = Rc::new(Cell::new(0));
            let parts = [4, 2, 3].map(|number| {
                let ended = Rc::clone(&ended);
                let block = async move {
                    sleep(s(number)).await;
                    number
                };
                finally(block, async move {
                    sleep(s(1)).await;
                    ended.set(ended.get() + 1);
                })
            });
            let gathered = catch_cancel(entracte::gather(parts)).await;
            if let Ok(Ok(parts)) = &gathered {
                voice.say(format_args!("gathered {}", parts.iter().sum::<u64>()));
            }
            voice.say(format_args!("{} ended", ended.get()));
            if let Err(cancelled) = gathered {
                cancelled.propagate().await;
            }
            "the end"
        },
    );
}
