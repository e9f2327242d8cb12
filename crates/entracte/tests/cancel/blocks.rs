//! What the docs of `catch_cancel`, `finally`, `finally_within`, `shield` and `propagate` promise.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;

use entracte::event_loop::{EventLoop, Report};
use entracte::task::Cancelled;
use entracte::time::Elapsed;
use entracte::{
    catch_cancel, checkpoint, finally, finally_within, shield, sleep, spawn, task_group, timeout,
};
use futures::join;

use crate::log::{LONG, Log, elapsed, ms, play};
use crate::model::cancelled_after_1_of;

/// Gathers what the loop's error handler is told.
pub(crate) fn reports() -> Rc<RefCell<Vec<String>>> {
    let told: Rc<RefCell<Vec<String>>> = Rc::default();
    let handler = Rc::clone(&told);
    let handler = move |report: &Report<'_>| handler.borrow_mut().push(report.to_string());
    let event_loop = EventLoop::current().expect("a loop runs");
    event_loop.set_error_handler(Some(Rc::new(handler)));
    told
}

#[test]
fn catch_cancel_gives_the_value_of_a_block_that_was_not_cancelled() {
    let given = play(async { catch_cancel(async { 7 }).await.ok() });
    assert_eq!(given, Some(7));
}

#[test]
fn a_caught_cancellation_says_what_was_said_to_it() {
    let given = play(async {
        let task = spawn(async {
            let caught = catch_cancel(sleep(LONG)).await;
            caught.expect_err("it is cancelled").to_string()
        });
        checkpoint().await;
        task.cancel_with("go home");
        task.await.expect("it swallowed the cancellation")
    });
    assert_eq!(given, "cancelled: go home");
}

#[test]
fn finally_cleans_up_after_a_value_and_gives_it() {
    let log = Log::default();
    let given = play(finally(async { 7 }, log.clean_up("clean-up", 2)));
    assert_eq!(given, 7);
    assert_eq!(log.take(), ["0 clean-up begins", "2 clean-up ends"]);
}

#[test]
fn finally_can_be_cancelled_while_it_cleans_up_after_a_value() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of(finally(
        async { 7 },
        log.clean_up("clean-up", 2),
    )));
    assert_eq!(outcome, "1 the task was cancelled");
    assert_eq!(log.take(), ["0 clean-up begins"]);
}

#[test]
fn finally_within_is_interrupted_by_nothing_while_the_grace_period_lasts() {
    let log = Log::default();
    let outcome = play({
        let clean_up = log.clean_up("clean-up", 9);
        async move {
            let task = spawn(finally_within(ms(10), sleep(LONG), clean_up));
            for _ in 0..5 {
                sleep(ms(1)).await;
                task.cancel();
            }
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
            elapsed()
        }
    });
    assert_eq!(outcome, 10);
    assert_eq!(log.take(), ["1 clean-up begins", "10 clean-up ends"]);
}

#[test]
fn finally_within_drops_a_clean_up_that_takes_longer_and_says_so() {
    let given = play(async {
        let told = reports();
        let outcome = cancelled_after_1_of(finally_within(ms(10), sleep(LONG), pending())).await;
        (outcome, told.take())
    });
    assert_eq!(given.0, "11 the task was cancelled");
    assert_eq!(
        given.1,
        ["a clean-up did not end in time and was dropped: 10ms"]
    );
}

#[test]
fn o_finally_within_drops_even_a_clean_up_that_is_shielded_or_stubborn() {
    async fn stubborn() {
        loop {
            drop(catch_cancel(sleep(LONG)).await);
        }
    }
    let shielded = finally_within(ms(10), sleep(LONG), shield(sleep(LONG)));
    assert_eq!(
        play(cancelled_after_1_of(shielded)),
        "11 the task was cancelled"
    );
    let catching = finally_within(ms(10), sleep(LONG), stubborn());
    assert_eq!(
        play(cancelled_after_1_of(catching)),
        "11 the task was cancelled"
    );
}

#[test]
fn a_shield_gives_its_value_and_the_cancellation_comes_at_the_next_await() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let value = shield(async {
                sleep(ms(5)).await;
                7
            });
            log.at(value.await);
            sleep(LONG).await;
        }
    }));
    assert_eq!(outcome, "5 the task was cancelled");
    assert_eq!(log.take(), ["5 7"]);
}

#[test]
fn what_a_shield_held_is_caught_by_the_block_that_is_entered_next() {
    let given = play(cancelled_after_1_of(async {
        shield(sleep(ms(5))).await;
        let caught = catch_cancel(sleep(LONG)).await;
        assert!(caught.is_err());
    }));
    assert_eq!(given, "5 value");
}

#[test]
fn a_task_that_ends_with_its_shield_was_not_cancelled() {
    let given = play(cancelled_after_1_of(shield(sleep(ms(5)))));
    assert_eq!(given, "5 value");
}

#[test]
fn a_shield_in_a_shield_holds_as_one() {
    let outcome = play(cancelled_after_1_of(async {
        shield(async {
            shield(sleep(ms(5))).await;
            sleep(ms(5)).await;
        })
        .await;
        sleep(LONG).await;
    }));
    assert_eq!(outcome, "10 the task was cancelled");
}

#[test]
fn a_timeout_in_a_shield_goes_off() {
    let given = play(async { (shield(timeout(ms(5), sleep(LONG))).await, elapsed()) });
    assert_eq!(given, (Err(Elapsed), 5));
}

#[test]
fn a_timeout_around_a_shield_waits_for_it() {
    let given = play(async {
        let block = async {
            shield(sleep(ms(9))).await;
            sleep(LONG).await;
        };
        (timeout(ms(5), block).await, elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 9));
}

#[test]
fn a_shield_that_is_dropped_lets_go_of_what_it_held() {
    let outcome = play(cancelled_after_1_of(async {
        tokio::select! { biased; () = shield(sleep(LONG)) => {}, () = sleep(ms(5)) => {} }
        sleep(LONG).await;
    }));
    assert_eq!(outcome, "5 the task was cancelled");
}

#[test]
fn a_token_can_be_propagated_from_within_a_shield() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            if let Err(cancelled) = catch_cancel(sleep(LONG)).await {
                shield(async {
                    log.clean_up("clean-up", 2).await;
                    cancelled.propagate().await;
                })
                .await;
            }
        }
    }));
    assert_eq!(outcome, "3 the task was cancelled");
    assert_eq!(log.take(), ["1 clean-up begins", "3 clean-up ends"]);
}

#[test]
fn d_a_token_is_propagated_though_another_lives_in_the_same_frame() {
    let outcome = play(cancelled_after_1_of(async {
        let (one, two) = join!(catch_cancel(sleep(LONG)), catch_cancel(sleep(LONG)));
        if let Err(cancelled) = one {
            cancelled.propagate().await;
        }
        drop(two);
    }));
    assert_eq!(outcome, "1 the task was cancelled");
}

#[test]
fn a_token_may_be_stored_and_dropped_late() {
    let outcome = play(cancelled_after_1_of(async {
        let mut kept = Vec::new();
        kept.push(catch_cancel(sleep(LONG)).await);
        sleep(ms(5)).await;
        kept.clear();
        sleep(ms(5)).await;
    }));
    assert_eq!(outcome, "11 value");
}

#[test]
fn a_token_that_another_task_keeps_does_not_hold_the_unwinding_up_once_nothing_waits() {
    let given = play(async {
        let slot: Rc<Cell<Option<Cancelled>>> = Rc::default();
        let task = spawn({
            let slot = Rc::clone(&slot);
            async move {
                let gives = async { slot.set(catch_cancel(sleep(LONG)).await.err()) };
                join!(gives, finally(sleep(LONG), sleep(ms(6))));
            }
        });
        sleep(ms(1)).await;
        task.cancel();
        let ended = (task.await.is_err(), elapsed());
        sleep(ms(1)).await;
        drop(slot.take().expect("the task gave it away"));
        ended
    });
    assert_eq!(given, (true, 7));
}

#[test]
fn a_token_that_is_propagated_in_another_task_unwinds_that_one() {
    let given = play(async {
        let slot: Rc<Cell<Option<Cancelled>>> = Rc::default();
        let source = spawn({
            let slot = Rc::clone(&slot);
            async move {
                slot.set(catch_cancel(sleep(LONG)).await.err());
                "went on"
            }
        });
        sleep(ms(1)).await;
        source.cancel_with("moved");
        assert_eq!(source.await.ok(), Some("went on"));
        let cancelled = slot.take().expect("the task gave it away");
        let other = spawn(async { cancelled.propagate().await });
        let other = other.await.map(|never: ()| never);
        other.expect_err("it was cancelled").to_string()
    });
    assert_eq!(given, "the task was cancelled: moved");
}

#[test]
fn a_token_of_an_inner_block_unwinds_the_block_around_its_propagation() {
    let given = play(cancelled_after_1_of(async {
        let Err(cancelled) = catch_cancel(sleep(LONG)).await else {
            return;
        };
        let goes_on = async { cancelled.propagate().await };
        assert!(catch_cancel::<_>(goes_on).await.is_err());
        sleep(ms(1)).await;
    }));
    assert_eq!(given, "2 value");
}

#[test]
fn a_clean_up_may_spawn_and_await_and_open_groups() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let clean_up = async {
                let child = log.clean_up("child", 2);
                let group = task_group(async |group| {
                    group.spawn(child);
                });
                group.await.expect("no child fails");
                spawn(log.clean_up("task", 2)).await.expect("it ends");
            };
            finally(sleep(LONG), clean_up).await;
        }
    }));
    assert_eq!(outcome, "5 the task was cancelled");
    assert_eq!(
        log.take(),
        [
            "1 child begins",
            "3 child ends",
            "3 task begins",
            "5 task ends"
        ]
    );
}
