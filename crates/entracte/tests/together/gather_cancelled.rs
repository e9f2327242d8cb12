//! A gather that is cancelled: its children are, and it waits for them.

use std::rc::Rc;
use std::time::Duration;

use entracte::{catch_cancel, checkpoint, finally, gather, shield, sleep, spawn, timeout};

use crate::hand::{Log, after, ms, others, turns_pass};
use crate::support::run_virtual;

/// Cleans up in one, two and three milliseconds.
fn sleepers(log: &Log) -> [impl Future<Output = ()> + use<>; 3] {
    [3, 1, 2].map(|millis| log.sleeper(&millis.to_string(), ms(millis)))
}

const CLEANED_UP: [&str; 3] = ["1 cleaned up", "2 cleaned up", "3 cleaned up"];

#[test]
fn a_cancelled_gather_cancels_all_children_and_waits_for_the_slowest() {
    let log = Log::default();
    run_virtual(async {
        let children = sleepers(&log);
        let task = spawn(async { gather(children).await.map(drop) });
        sleep(ms(1)).await;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(log.take(), CLEANED_UP);
        assert_eq!(entracte::time::now().as_nanos(), 4_000_000);
        assert_eq!(others(), 0);
    })
    .unwrap();
}

#[test]
fn a_gather_that_waits_for_all_outcomes_is_cancelled_in_the_same_way() {
    let log = Log::default();
    run_virtual(async {
        let children = sleepers(&log);
        let task = spawn(async { gather(children).outcomes().await.map(drop) });
        sleep(ms(1)).await;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(log.take(), CLEANED_UP);
    })
    .unwrap();
}

#[test]
fn a_block_that_catches_goes_on_when_all_children_have_cleaned_up() {
    let log = Log::default();
    run_virtual(async {
        let (children, said) = (sleepers(&log), log.clone());
        let task = spawn(async move {
            let caught = catch_cancel(gather(children)).await;
            said.say("caught");
            caught.is_err_and(|error| error.message().as_deref() == Some("enough"))
        });
        sleep(ms(1)).await;
        task.cancel_with("enough");
        assert!(task.await.unwrap());
        assert_eq!(log.take()[..3], CLEANED_UP);
    })
    .unwrap();
}

#[test]
fn a_timeout_around_it_waits_for_the_children_too() {
    let log = Log::default();
    run_virtual(async {
        assert!(timeout(ms(5), gather(sleepers(&log))).await.is_err());
        assert_eq!(log.take(), CLEANED_UP);
        assert_eq!(entracte::time::now().as_nanos(), 8_000_000);
    })
    .unwrap();
}

#[test]
fn a_finally_around_it_cleans_up_after_its_children() {
    let log = Log::default();
    run_virtual(async {
        let (children, said) = (sleepers(&log), log.clone());
        let task = spawn(finally(gather(children), async move { said.say("outer") }));
        sleep(ms(1)).await;
        task.cancel();
        assert!(task.await.is_err());
        assert_eq!(
            log.take(),
            ["1 cleaned up", "2 cleaned up", "3 cleaned up", "outer"]
        );
    })
    .unwrap();
}

#[test]
fn children_that_never_began_are_not_begun() {
    let log = Log::default();
    run_virtual(async {
        let drops = Rc::new(());
        let children = [1, 2].map(|_| {
            let (log, held) = (log.clone(), drops.clone());
            async move {
                log.say("begun");
                drop(held);
            }
        });
        drop(gather(children));
        turns_pass(2).await;
        assert_eq!(
            (log.take().len(), Rc::strong_count(&drops), others()),
            (0, 1, 0)
        );
    })
    .unwrap();
}

#[test]
fn dropping_it_cancels_the_children() {
    let log = Log::default();
    run_virtual(async {
        let gathering = gather(sleepers(&log));
        checkpoint().await;
        drop(gathering);
        sleep(ms(5)).await;
        assert_eq!(log.take(), CLEANED_UP);
    })
    .unwrap();
}

#[test]
fn the_others_of_a_failed_gather_are_not_cancelled_with_its_caller() {
    let log = Log::default();
    run_virtual(async {
        let child = log.child("ran on", 9);
        let task = spawn(async move {
            let failed = gather((child, async { Err::<(), _>("wrong") })).await;
            assert!(failed.is_err());
            sleep(ms(3_600_000)).await;
        });
        turns_pass(5).await;
        task.cancel();
        assert!(task.await.is_err());
        turns_pass(9).await;
        assert_eq!(log.take(), ["ran on"]);
    })
    .unwrap();
}

#[test]
fn a_second_cancel_interrupts_the_clean_up_of_the_children() {
    let log = Log::default();
    run_virtual(async {
        let children = sleepers(&log);
        let task = spawn(async { gather(children).await.map(drop) });
        sleep(ms(1)).await;
        task.cancel();
        sleep(Duration::from_micros(1500)).await;
        task.cancel();
        assert!(task.await.is_err());
        assert_eq!(entracte::time::now().as_nanos(), 2_500_000);
        assert_eq!(log.take(), ["1 cleaned up"]);
    })
    .unwrap();
}

#[test]
fn a_child_that_swallows_the_cancellation_is_waited_for() {
    run_virtual(async {
        let stubborn = async {
            drop(catch_cancel(sleep(ms(3_600_000))).await);
            sleep(ms(7)).await;
        };
        assert!(
            timeout(ms(1), gather((stubborn, after(ms(9), ()))))
                .await
                .is_err()
        );
        assert_eq!(entracte::time::now().as_nanos(), 8_000_000);
    })
    .unwrap();
}

#[test]
fn a_shielded_gather_gives_its_values() {
    run_virtual(async {
        let task = spawn(async {
            let values = shield(gather([after(ms(5), 1), after(ms(6), 2)])).await;
            assert_eq!(values.unwrap(), [1, 2]);
            sleep(ms(3_600_000)).await;
        });
        sleep(ms(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(entracte::time::now().as_nanos(), 6_000_000);
    })
    .unwrap();
}
