//! Twins of timeouts.

use entracte::time::{now, timeout_with};
use entracte::{finally, sleep, timeout};

use super::{Voice, cleaned_up, compare, s};

#[test]
fn a_timeout_around_a_clean_up() {
    compare(
        include_str!("06-timeout.out"),
        6,
        true,
        async |voice: Voice| {
            let clean_up = async {
                voice.say("clean-up begins");
                sleep(s(2)).await;
                voice.say("clean-up ends");
            };
            if timeout(s(3), finally(sleep(s(5)), clean_up)).await.is_err() {
                voice.say("elapsed");
            }
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn two_timeouts_with_one_deadline() {
    compare(
        include_str!("07-nested-timeouts.out"),
        5,
        true,
        async |voice: Voice| {
            let block = async {
                let inner = timeout(s(3), cleaned_up(&voice, sleep(s(5)), 1, "cleaned up"));
                if inner.await.is_err() {
                    voice.say("inner elapsed");
                }
            };
            if timeout(s(3), block).await.is_err() {
                voice.say("outer elapsed");
            }
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn an_outer_timeout_interrupts_the_clean_up_of_the_inner() {
    compare(
        include_str!("08-inner-timeout.out"),
        4,
        true,
        async |voice: Voice| {
            let block = async {
                let clean_up = async {
                    voice.say("inner begins");
                    sleep(s(3)).await;
                    voice.say("inner ends");
                };
                if timeout(s(2), finally(sleep(s(9)), clean_up)).await.is_err() {
                    voice.say("inner elapsed");
                }
            };
            if timeout(s(4), block).await.is_err() {
                voice.say("outer elapsed");
            }
            "the end"
        },
    );
}

#[test]
fn a_clean_up_with_a_limit_of_its_own() {
    compare(
        include_str!("09-timeout-in-clean-up.out"),
        6,
        true,
        async |voice: Voice| {
            let clean_up = async {
                let block = async {
                    voice.say("clean-up begins");
                    sleep(s(9)).await;
                };
                if timeout(s(3), block).await.is_err() {
                    voice.say("clean-up elapsed");
                }
            };
            finally(sleep(s(2)), clean_up).await;
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn a_deadline_that_is_moved_on() {
    compare(
        include_str!("17-reschedule.out"),
        6,
        true,
        async |voice: Voice| {
            let mut expired = String::new();
            let limited = timeout_with(Some(now() + s(2)), async |limit| {
                for _ in 0..3 {
                    sleep(s(1)).await;
                    limit.reschedule(Some(now() + s(2)));
                }
                sleep(s(9)).await;
            });
            if limited.await.is_err() {
                expired.push_str("elapsed True");
            }
            voice.say(expired);
            sleep(s(1)).await;
            "the end"
        },
    );
}
