//! The invariants X1 to X5 of scopes, as `task/scope.rs` states them.

use std::rc::Rc;

use entracte::sync::Event;
use entracte::task::Task;
use entracte::time::Elapsed;
use entracte::{catch_cancel, current_task, finally, shield, sleep, spawn, timeout};
use futures::FutureExt as _;
use futures::join;

use crate::log::{LONG, Log, elapsed, ms, play};
use crate::model::{cancelled_after_1, cancelled_after_1_of};

#[test]
fn x1_a_request_reaches_the_innermost_scope_of_every_branch() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let left = finally(sleep(LONG), log.clean_up("left", 1));
            let right = finally(
                finally(sleep(LONG), log.clean_up("inner right", 2)),
                log.clean_up("outer right", 3),
            );
            join!(left, right);
        }
    }));
    assert_eq!(outcome, "6 the task was cancelled");
    let lines = [
        "1 left begins",
        "1 inner right begins",
        "2 left ends",
        "3 inner right ends",
        "3 outer right begins",
        "6 outer right ends",
    ];
    assert_eq!(log.take(), lines);
}

#[test]
fn x1_a_scope_that_is_handling_is_passed_by() {
    let given = play(async {
        let task = spawn(async {
            let first = catch_cancel(sleep(LONG)).await;
            // The token of the first lives: the next request goes to the block beside it.
            let second = catch_cancel(sleep(LONG)).await;
            (first.is_err(), second.is_err(), elapsed())
        });
        sleep(ms(1)).await;
        task.cancel();
        sleep(ms(1)).await;
        task.cancel();
        task.await.expect("it swallowed both")
    });
    assert_eq!(given, (true, true, 2));
}

#[test]
fn x1_a_request_is_held_at_a_shield_and_reaches_its_siblings() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let shielded = shield(finally(sleep(ms(9)), log.clean_up("shielded", 1)));
            join!(shielded, finally(sleep(LONG), log.clean_up("open", 1)));
        }
    }));
    assert_eq!(outcome, "10 the task was cancelled");
    let lines = [
        "1 open begins",
        "2 open ends",
        "9 shielded begins",
        "10 shielded ends",
    ];
    assert_eq!(log.take(), lines);
}

#[test]
fn x2_a_scope_that_was_asked_drops_its_future_without_polling_it_again() {
    let log = Log::default();
    let event = Rc::new(Event::new());
    play({
        let log = log.clone();
        async move {
            let task = spawn({
                let event = Rc::clone(&event);
                async move {
                    let block = async {
                        event.wait().await;
                        log.say("polled");
                    };
                    drop(catch_cancel(block).await);
                }
            });
            sleep(ms(1)).await;
            // Ready and asked in the same turn.
            event.set();
            task.cancel();
            task.await.expect("it swallowed the cancellation");
        }
    });
    assert!(log.take().is_empty());
}

#[test]
fn x2_a_scope_that_has_to_wait_goes_on_polling_its_future() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let ticks = async {
                for _ in 0..4 {
                    sleep(ms(2)).await;
                    log.at("tick");
                }
            };
            join!(finally(sleep(LONG), sleep(ms(4))), ticks);
        }
    }));
    assert_eq!(outcome, "5 the task was cancelled");
    assert_eq!(log.take(), ["2 tick", "4 tick"]);
}

#[test]
fn x3_the_slowest_clean_up_decides() {
    for order in [[1, 5, 9], [9, 5, 1], [5, 9, 1]] {
        let log = Log::default();
        let outcome = play(cancelled_after_1_of({
            let log = log.clone();
            async move {
                let [a, b, c] = order.map(|millis| finally(sleep(LONG), sleep(ms(millis))));
                finally(async { join!(a, b, c) }, log.clean_up("outer", 1)).await
            }
        }));
        assert_eq!(outcome, "11 the task was cancelled", "{order:?}");
        assert_eq!(
            log.take(),
            ["10 outer begins", "11 outer ends"],
            "{order:?}"
        );
    }
}

#[test]
fn x3_a_token_that_lives_in_another_branch_holds_the_unwinding_up() {
    let outcome = play(cancelled_after_1_of(async {
        let keeps = async {
            let token = catch_cancel(sleep(LONG)).await;
            sleep(ms(7)).await;
            drop(token);
            sleep(LONG).await;
        };
        join!(keeps, finally(sleep(LONG), sleep(ms(1))));
    }));
    assert_eq!(outcome, "8 the task was cancelled");
}

#[test]
fn r_x3_a_branch_that_swallowed_and_entered_a_new_block_is_asked_again() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let stubborn = async {
                drop(catch_cancel(sleep(LONG)).await);
                finally(sleep(LONG), log.clean_up("stubborn", 3)).await;
            };
            join!(finally(sleep(LONG), sleep(ms(1))), stubborn);
        }
    }));
    assert_eq!(outcome, "5 the task was cancelled");
    assert_eq!(log.take(), ["2 stubborn begins", "5 stubborn ends"]);
}

#[test]
fn x4_tasks_whose_handles_are_dropped_by_the_unwinding_are_awaited() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let log = log.clone();
        async move {
            let [one, two] = [("one", 4), ("two", 2)]
                .map(|(name, millis)| spawn(finally(sleep(LONG), log.clean_up(name, millis))));
            let caught = catch_cancel(async move { join!(one, two) }).await;
            log.at("answer");
            drop(caught);
        }
    }));
    assert_eq!(outcome, "5 value");
    let mut lines = log.take();
    lines[..2].sort();
    assert_eq!(
        lines,
        [
            "1 one begins",
            "1 two begins",
            "3 two ends",
            "5 one ends",
            "5 answer"
        ]
    );
}

#[test]
fn x4_a_second_cancel_is_passed_on_to_the_tasks_that_are_awaited() {
    let log = Log::default();
    let outcome = play({
        let log = log.clone();
        async move {
            let child = finally(sleep(LONG), log.clean_up("child", 100));
            let task = spawn(async move { spawn(child).await });
            sleep(ms(1)).await;
            task.cancel();
            cancelled_after_1(task).await
        }
    });
    assert_eq!(outcome, "2 the task was cancelled");
    assert_eq!(log.take(), ["1 child begins"]);
}

#[test]
fn x4_a_task_that_owns_its_own_handle_does_not_wait_for_itself() {
    let outcome = play(async {
        let own: Rc<std::cell::Cell<Option<Task<()>>>> = Rc::default();
        let slot = Rc::clone(&own);
        let task = spawn(async move {
            let _own = slot.take();
            sleep(LONG).await;
        });
        let ended = Rc::new(Event::new());
        let tells = Rc::clone(&ended);
        task.on_done(move || tells.set());
        let other = spawn(sleep(LONG));
        own.set(Some(task));
        sleep(ms(1)).await;
        drop(other);
        let tree = entracte::task_tree();
        assert_eq!(tree.tasks().len(), 3, "{tree}");
        ended
    });
    assert!(outcome.is_set(), "it ended only when the loop dropped it");
}

#[test]
fn x5_of_two_requests_the_one_with_the_outer_aim_goes_on() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            // Both are there when the clean-up is asked: the inner first, then the outer.
            let inner = timeout(ms(1), finally(sleep(LONG), log.clean_up("clean-up", 5)));
            let outer = timeout(ms(3), inner).await;
            (outer, elapsed())
        }
    });
    assert_eq!(given, (Err(Elapsed), 3));
    assert_eq!(log.take(), ["1 clean-up begins"]);
}

#[test]
fn x5_an_inner_request_does_not_hide_an_outer_one_that_came_first() {
    let given = play(async {
        let inner = timeout(ms(3), finally(sleep(LONG), sleep(ms(5))));
        let outer = timeout(ms(1), inner).await;
        (outer, elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 3));
}

#[test]
fn x3_a_newer_request_interrupts_those_that_are_busy_with_an_older_one() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let task = spawn(async move {
                let clean_up = finally(sleep(LONG), log.clean_up("second", 2));
                join!(
                    finally(sleep(LONG), log.clean_up("slow", 100)),
                    finally(sleep(LONG), clean_up)
                );
            });
            sleep(ms(1)).await;
            task.cancel();
            sleep(ms(1)).await;
            task.cancel();
            (task.await.is_err(), elapsed())
        }
    });
    assert_eq!(given, (true, 4));
    assert_eq!(
        log.take(),
        ["1 slow begins", "2 second begins", "4 second ends"]
    );
}

#[test]
fn x6_a_scope_that_is_dropped_before_it_answers_hands_its_request_up() {
    let outcome = play(cancelled_after_1_of(async {
        let both = async {
            futures::select_biased! {
                () = Box::pin(finally(sleep(LONG), sleep(ms(9)))).fuse() => {}
                () = Box::pin(sleep(ms(3))).fuse() => {}
            }
        };
        both.await;
        sleep(LONG).await;
    }));
    assert_eq!(outcome, "3 the task was cancelled");
}

#[test]
fn x6_a_request_that_a_value_outran_waits_for_the_next_await() {
    let log = Log::default();
    let outcome = play({
        let log = log.clone();
        async move {
            let task = spawn(async move {
                let own = current_task().expect("a task runs");
                let inner =
                    catch_cancel(async { catch_cancel(async { own.cancel() }).await.is_ok() });
                log.say(inner.await.is_ok());
                log.say(catch_cancel(sleep(LONG)).await.is_err());
                sleep(ms(1)).await;
            });
            sleep(ms(1)).await;
            (task.await.is_ok(), elapsed())
        }
    });
    assert_eq!(outcome, (true, 1));
    assert_eq!(log.take(), ["true", "true"]);
}

#[test]
fn x6_a_request_that_reached_its_aim_goes_no_further() {
    let outcome = play(async {
        let waited = timeout(ms(1), sleep(LONG)).await;
        sleep(ms(5)).await;
        (waited, elapsed())
    });
    assert_eq!(outcome, (Err(Elapsed), 6));
}
