//! The turns in which callers go on: each expected trace is what CPython 3.13 prints.

use entracte::task::When;
use entracte::{TaskError, as_completed, current_task, gather, spawn, wait};

use crate::hand::{Log, turns_pass};
use crate::support::run_virtual;

async fn ticks(log: Log) {
    for tick in 0..8 {
        log.say(format!("tick {tick}"));
        turns_pass(1).await;
    }
}

/// Runs a block beside a task that counts the turns.
fn trace(block: impl AsyncFnOnce(Log)) -> String {
    let log = Log::default();
    let traced = run_virtual(async {
        let ticker = spawn(ticks(log.clone()));
        block(log.clone()).await;
        log.say("back");
        ticker.await.expect("it is not cancelled");
    });
    traced.expect("the main task is not cancelled");
    log.take().join(", ")
}

#[test]
fn j1_the_caller_of_gather_goes_on_in_the_second_turn_after_the_last_child_ended() {
    let trace = trace(async |log| {
        let both = gather([log.child("a", 0), log.child("b", 1)]);
        both.await.unwrap();
    });
    let expected = "tick 0, a, tick 1, b, tick 2, tick 3, back, tick 4, tick 5, tick 6, tick 7";
    assert_eq!(trace, expected);
}

#[test]
fn j1_an_error_comes_back_at_once_and_the_others_run_on() {
    let trace = trace(async |log| {
        let child = log.child("a", 3);
        let bad = {
            let log = log.clone();
            async move {
                log.say("bad");
                Err::<(), _>("wrong")
            }
        };
        let error = gather((child, bad)).await.unwrap_err();
        assert_eq!(error.to_string(), "wrong");
        log.say("caught");
    });
    let expected =
        "tick 0, bad, tick 1, tick 2, caught, back, tick 3, a, tick 4, tick 5, tick 6, tick 7";
    assert_eq!(trace, expected);
}

#[test]
fn j1_a_child_that_is_cancelled_is_an_error_of_gather_and_not_its_cancellation() {
    let trace = trace(async |log| {
        let cancels_itself = async {
            turns_pass(1).await;
            current_task().unwrap().cancel();
            turns_pass(1).await;
        };
        let error = gather((log.child("a", 4), cancels_itself))
            .await
            .unwrap_err();
        assert!(error.downcast::<TaskError>().unwrap().is_cancelled());
        log.say("child cancelled");
    });
    let expected = "tick 0, tick 1, tick 2, tick 3, tick 4, a, child cancelled, back, tick 5, \
                    tick 6, tick 7";
    assert_eq!(trace, expected);
}

#[test]
fn j1_outcomes_are_given_in_the_second_turn_after_the_last_end() {
    let trace = trace(async |log| {
        let bad = log.child("bad", 0);
        let bad = async move {
            bad.await;
            Err::<(), _>("wrong")
        };
        let (_, bad) = gather((log.child("a", 2), bad)).outcomes().await;
        assert_eq!(bad.unwrap(), Err("wrong"));
        log.say("gathered");
    });
    let expected =
        "tick 0, bad, tick 1, tick 2, a, tick 3, tick 4, gathered, back, tick 5, tick 6, tick 7";
    assert_eq!(trace, expected);
}

async fn x(log: Log) {
    for step in 0..5 {
        log.say(format!("x {step}"));
        turns_pass(1).await;
    }
}

#[test]
fn j1_it_is_the_last_end_that_places_the_caller_in_its_turn() {
    let expected = "tick 0, a, x 0, b, tick 1, x 1, tick 2, x 2, waited, tick 3, x 3, tick 4, x 4, \
                    tick 5, tick 6, back, tick 7";
    let waited = trace(async |log| {
        let a = spawn(log.child("a", 0));
        let x = spawn(x(log.clone()));
        let mut tasks = vec![a, spawn(log.child("b", 0))];
        wait(&mut tasks, When::All).await.unwrap();
        log.say("waited");
        x.await.unwrap();
    });
    assert_eq!(waited, expected);
}

#[test]
fn j1_gather_places_its_caller_by_the_last_end_too() {
    let trace = trace(async |log| {
        let children = (log.child("a", 1), x(log.clone()), log.child("b", 5));
        gather(children).await.unwrap();
        log.say("gathered");
    });
    let expected = "tick 0, x 0, tick 1, a, x 1, tick 2, x 2, tick 3, x 3, tick 4, x 4, tick 5, b, \
                    tick 6, tick 7, gathered, back";
    assert_eq!(trace, expected);
}

#[test]
fn j1_a_wait_for_the_first_error_goes_on_in_the_second_turn_after_it() {
    let trace = trace(async |log| {
        let bad = log.child("bad", 1);
        let good = log.child("a", 3);
        let mut tasks = vec![
            spawn(async move {
                good.await;
                Ok(())
            }),
            spawn(async move {
                bad.await;
                Err("wrong")
            }),
        ];
        wait(&mut tasks, When::FirstError).await.unwrap();
        log.say("waited");
    });
    let expected = "tick 0, tick 1, bad, tick 2, tick 3, a, waited, back, tick 4, tick 5, tick 6, \
                    tick 7";
    assert_eq!(trace, expected);
}

#[test]
fn j1_each_wait_goes_on_in_the_second_turn_after_the_task_that_decided() {
    let trace = trace(async |log| {
        let mut tasks = vec![spawn(log.child("a", 0)), spawn(log.child("b", 2))];
        let mut kept = wait(&mut tasks, When::FirstCompleted).await.unwrap();
        log.say("first");
        kept.append(&mut wait(&mut tasks, When::FirstCompleted).await.unwrap());
        log.say("again");
        assert!(tasks.is_empty());
        // Both are done already: that takes as long as if they ended now.
        assert_eq!(wait(&mut kept, When::All).await.unwrap().len(), 2);
        log.say("all");
    });
    let expected = "tick 0, a, tick 1, tick 2, first, b, tick 3, tick 4, again, tick 5, tick 6, \
                    all, back, tick 7";
    assert_eq!(trace, expected);
}

#[test]
fn j1_as_completed_gives_in_the_second_turn_after_the_end() {
    let trace = trace(async |log| {
        let mut children = as_completed([log.child("a", 2), log.child("b", 0), log.child("c", 0)]);
        while children.next().await.is_some() {
            log.say("got");
        }
    });
    let expected = "tick 0, b, c, tick 1, tick 2, a, got, got, tick 3, tick 4, got, back, \
                    tick 5, tick 6, tick 7";
    assert_eq!(trace, expected);
}
