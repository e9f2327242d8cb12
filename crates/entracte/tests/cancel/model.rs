//! The model of cancellation, sentence by sentence.

use std::pin::pin;

use entracte::sync::Queue;
use entracte::task::Task;
use entracte::time::Elapsed;
use entracte::{
    catch_cancel, checkpoint, current_task, finally, shield, sleep, spawn, task_group, timeout,
};

use crate::log::{LONG, Log, elapsed, ms, play};

/// Cancels a task after a millisecond, and gives its outcome as a text.
pub(crate) async fn cancelled_after_1<T: 'static>(task: Task<T>) -> String {
    sleep(ms(1)).await;
    assert!(task.cancel(), "it is done");
    match task.await {
        Ok(_) => format!("{} value", elapsed()),
        Err(error) => format!("{} {error}", elapsed()),
    }
}

#[test]
fn a_plain_task_is_unwound_where_it_waits_from_the_innermost_outwards() {
    async fn inner(log: Log) {
        let _inner = log.guard("inner");
        sleep(LONG).await;
    }
    let log = Log::default();
    let task_log = log.clone();
    let outcome = play(cancelled_after_1_of(async move {
        let _outer = task_log.guard("outer");
        inner(task_log.clone()).await;
    }));
    assert_eq!(outcome, "1 the task was cancelled");
    assert_eq!(log.take(), ["drop inner", "drop outer"]);
}

/// As `cancelled_after_1`, for a future that is spawned first.
pub(crate) async fn cancelled_after_1_of<F: Future + 'static>(future: F) -> String {
    cancelled_after_1(spawn(future)).await
}

#[test]
fn a_block_that_was_not_polled_catches_nothing() {
    let outcome = play(cancelled_after_1_of(async {
        let never_polled = catch_cancel(sleep(LONG));
        sleep(LONG).await;
        drop(never_polled);
    }));
    assert_eq!(outcome, "1 the task was cancelled");
}

#[test]
fn a_block_that_is_done_catches_nothing() {
    let outcome = play(cancelled_after_1_of(async {
        assert!(catch_cancel(checkpoint()).await.is_ok());
        sleep(LONG).await;
    }));
    assert_eq!(outcome, "1 the task was cancelled");
}

#[test]
fn a_cancellation_goes_through_every_block_from_the_innermost_outwards() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let inner = finally(sleep(LONG), log.clean_up("inner", 2));
            finally(inner, log.clean_up("outer", 3)).await;
        }
    }));
    assert_eq!(outcome, "6 the task was cancelled");
    assert_eq!(
        log.take(),
        [
            "1 inner begins",
            "3 inner ends",
            "3 outer begins",
            "6 outer ends"
        ]
    );
}

#[test]
fn the_frames_below_a_block_are_dropped_before_it_answers() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let caught = catch_cancel(async {
                let _frame = log.guard("frame");
                sleep(LONG).await;
            });
            let caught = caught.await;
            log.say("answer");
            drop(caught);
        }
    }));
    assert_eq!(outcome, "1 value");
    assert_eq!(log.take(), ["drop frame", "answer"]);
}

#[test]
fn a_timeout_aims_at_itself_and_ends_there() {
    let given = play(async {
        let outer = catch_cancel(timeout(ms(5), timeout(ms(50), sleep(LONG)))).await;
        (outer.expect("nobody cancelled the task"), elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 5));
}

#[test]
fn an_inner_timeout_leaves_the_outer_alone() {
    let given = play(async {
        let outer = timeout(ms(50), timeout(ms(5), sleep(LONG))).await;
        (outer, elapsed())
    });
    assert_eq!(given, (Ok(Err(Elapsed)), 5));
}

#[test]
fn a_failing_group_aims_at_itself_and_ends_there() {
    let given = play(async {
        let group = catch_cancel(task_group(async |group| {
            group.spawn(async { Err::<(), _>("failed") });
            sleep(LONG).await;
        }));
        let errors = group.await.expect("nobody cancelled the task");
        (errors.expect_err("a child failed").len(), elapsed())
    });
    assert_eq!(given, (1, 0));
}

#[test]
fn dropping_the_token_swallows_the_cancellation() {
    let given = play(async {
        let task = spawn(async {
            drop(catch_cancel(sleep(LONG)).await);
            sleep(ms(10)).await;
            elapsed()
        });
        sleep(ms(1)).await;
        task.cancel();
        task.await.expect("it swallowed the cancellation")
    });
    assert_eq!(given, 11);
}

#[test]
fn after_a_swallowed_cancellation_another_is_delivered() {
    let log = Log::default();
    let outcome = play({
        let log = log.clone();
        async move {
            let task = spawn(async move {
                for round in 0..2 {
                    let caught = catch_cancel(sleep(LONG)).await;
                    log.at(format_args!("{round} {}", caught.is_err()));
                }
                sleep(LONG).await;
            });
            for _ in 0..2 {
                sleep(ms(1)).await;
                task.cancel();
            }
            cancelled_after_1(task).await
        }
    });
    assert_eq!(outcome, "3 the task was cancelled");
    assert_eq!(log.take(), ["1 0 true", "2 1 true"]);
}

#[test]
fn a_propagated_cancellation_ends_the_task_with_its_message() {
    let given = play(async {
        let task = spawn(async {
            let cancelled = catch_cancel(sleep(LONG))
                .await
                .expect_err("it is cancelled");
            assert_eq!(cancelled.message().as_deref(), Some("enough"));
            sleep(ms(1)).await;
            cancelled.propagate().await;
        });
        sleep(ms(1)).await;
        task.cancel_with("enough");
        let task = async { task.await.map(|never: ()| never) };
        task.await.expect_err("it was cancelled").to_string()
    });
    assert_eq!(given, "the task was cancelled: enough");
}

#[test]
fn a_second_cancel_interrupts_the_clean_up() {
    let log = Log::default();
    let given = play({
        let task = finally(sleep(LONG), log.clean_up("clean-up", 100));
        async {
            let task = spawn(task);
            sleep(ms(1)).await;
            task.cancel();
            cancelled_after_1(task).await
        }
    });
    assert_eq!(given, "2 the task was cancelled");
    assert_eq!(log.take(), ["1 clean-up begins"]);
}

#[test]
fn c_a_second_cancel_interrupts_a_clean_up_that_has_blocks_of_its_own() {
    let given = play(async {
        let clean_up = async { assert_eq!(timeout(ms(500), sleep(LONG)).await, Err(Elapsed)) };
        let task = spawn(finally(sleep(LONG), clean_up));
        sleep(ms(1)).await;
        task.cancel();
        cancelled_after_1(task).await
    });
    assert_eq!(given, "2 the task was cancelled");
}

#[test]
fn a_second_cancel_does_not_interrupt_a_shielded_clean_up() {
    let log = Log::default();
    let given = play({
        let task = finally(sleep(LONG), shield(log.clean_up("clean-up", 100)));
        async {
            let task = spawn(task);
            sleep(ms(1)).await;
            task.cancel();
            cancelled_after_1(task).await
        }
    });
    assert_eq!(given, "101 the task was cancelled");
    assert_eq!(log.take(), ["1 clean-up begins", "101 clean-up ends"]);
}

#[test]
fn result_wins_if_the_block_is_done_in_the_step_that_asks() {
    let given = play(async {
        let task = spawn(async {
            current_task().expect("a task runs").cancel();
            7
        });
        task.await.expect("it was done first")
    });
    assert_eq!(given, 7);
}

#[test]
fn b_a_cancellation_is_not_lost_in_a_block_that_is_done_in_the_step_that_asks() {
    let given = play(async {
        let task = spawn(async {
            let block = async {
                current_task().expect("a task runs").cancel();
                1
            };
            assert_eq!(catch_cancel(block).await.expect("it was done first"), 1);
            sleep(LONG).await;
        });
        (task.await.is_err(), elapsed())
    });
    assert_eq!(given, (true, 0));
}

#[test]
fn a_block_that_is_entered_after_its_task_was_asked_is_asked() {
    let given = play(async {
        let task = spawn(async {
            current_task().expect("a task runs").cancel();
            (catch_cancel(sleep(LONG)).await.is_err(), elapsed())
        });
        task.await.expect("it swallowed the cancellation")
    });
    assert_eq!(given, (true, 0));
}

#[test]
fn an_item_handed_to_a_get_that_is_cancelled_goes_to_the_next() {
    let given = play(async {
        let queue = std::rc::Rc::new(Queue::bounded(1));
        let [first, second] = [0, 1].map(|_| {
            let queue = std::rc::Rc::clone(&queue);
            spawn(async move { queue.get().await })
        });
        checkpoint().await;
        // In one turn: the item is handed to the first, which is cancelled before it runs.
        queue.try_put(7).expect("there is room");
        first.cancel();
        assert!(first.await.is_err());
        second
            .await
            .expect("nobody cancelled it")
            .expect("it is open")
    });
    assert_eq!(given, 7);
}

#[test]
fn a_task_that_is_cancelled_before_its_first_step_never_runs() {
    let log = Log::default();
    let given = play({
        let (guard, log) = (log.guard("future"), log.clone());
        async move {
            let task = spawn(async move {
                let _guard = guard;
                log.say("runs");
            });
            task.cancel();
            task.await.expect_err("it was cancelled").to_string()
        }
    });
    assert_eq!(given, "the task was cancelled");
    assert_eq!(log.take(), ["drop future"]);
}

#[test]
fn a_block_kept_by_reference_is_reached_when_it_is_polled_again() {
    let given = play(async {
        let task = spawn(async {
            let mut kept = pin!(catch_cancel(sleep(LONG)));
            tokio::select! { biased; _ = &mut kept => {}, () = sleep(ms(1)) => {} }
            (kept.await.is_err(), elapsed())
        });
        sleep(ms(2)).await;
        task.cancel();
        task.await.expect("it swallowed the cancellation")
    });
    assert_eq!(given, (true, 2));
}

#[test]
fn j_a_block_that_nobody_polls_does_not_hold_up_the_unwinding() {
    let outcome = play(async {
        let task = spawn(async {
            let mut parked = Box::pin(catch_cancel(sleep(LONG)));
            tokio::select! { biased; _ = &mut parked => {}, () = checkpoint() => {} }
            sleep(LONG).await;
            drop(parked);
        });
        cancelled_after_1(task).await
    });
    assert_eq!(outcome, "1 the task was cancelled");
}
