//! The invariants G1 to G3, as `task/group/children.rs` states them.

use entracte::task::GroupHandle;
use entracte::{catch_cancel, finally, sleep, spawn, task_group};

use crate::log::{LONG, Log, elapsed, ms, play};

use crate::{fails_after, texts};

#[test]
fn g1_a_group_waits_for_every_child() {
    let given = play(async {
        let value = task_group(async |group| {
            for millis in [5, 9, 7] {
                group.spawn(sleep(ms(millis)));
            }
            "value"
        });
        (value.await.expect("no child fails"), elapsed())
    });
    assert_eq!(given, ("value", 9));
}

#[test]
fn g1_a_group_waits_for_its_block() {
    let given = play(async {
        let group = task_group(async |group| {
            group.spawn(async {});
            sleep(ms(5)).await;
        });
        group.await.expect("no child fails");
        elapsed()
    });
    assert_eq!(given, 5);
}

#[test]
fn g1_a_group_waits_for_children_that_children_spawn() {
    async fn countdown(group: GroupHandle, left: u64) {
        sleep(ms(1)).await;
        if left > 0 {
            let next = countdown(group.clone(), left - 1);
            group
                .spawn(Box::pin(next) as std::pin::Pin<Box<dyn Future<Output = ()>>>)
                .expect("the group is not over");
        }
    }
    let given = play(async {
        let group = task_group(async |group| {
            group.spawn(countdown(group.handle(), 4));
        });
        group.await.expect("no child fails");
        elapsed()
    });
    assert_eq!(given, 5);
}

#[test]
fn g1_a_group_waits_for_the_clean_up_of_children_that_it_cancels() {
    let log = Log::default();
    let errors = play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                group.spawn(finally(sleep(LONG), log.clean_up("child", 7)));
                group.spawn(fails_after(1, "failed"));
            });
            let errors = texts(group.await);
            log.at("over");
            errors
        }
    });
    assert_eq!(errors, ["failed"]);
    assert_eq!(log.take(), ["1 child begins", "8 child ends", "8 over"]);
}

#[test]
fn g1_a_group_that_is_cancelled_from_outside_waits_for_its_children() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let task = spawn(async move {
                let group = task_group(async |group| {
                    group.spawn(finally(sleep(LONG), log.clean_up("child", 7)));
                    finally(sleep(LONG), log.clean_up("block", 3)).await;
                });
                finally(async { drop(group.await) }, log.clean_up("outer", 1)).await;
            });
            sleep(ms(1)).await;
            task.cancel();
            (
                task.await.is_err_and(|error| error.is_cancelled()),
                elapsed(),
            )
        }
    });
    assert_eq!(given, (true, 12));
    // As in asyncio: the block unwinds first, then the children are cancelled.
    let lines = [
        "1 block begins",
        "4 block ends",
        "4 child begins",
        "11 child ends",
        "11 outer begins",
        "12 outer ends",
    ];
    assert_eq!(log.take(), lines);
}

#[test]
fn g1_a_child_spawned_while_the_group_unwinds_ends_before_the_group() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            let task = spawn(async move {
                let group = task_group(async |group| {
                    let (handle, guard) = (group.handle(), log.guard("late child"));
                    group.spawn(finally(sleep(LONG), async move {
                        sleep(ms(5)).await;
                        let late = handle.spawn(async move {
                            let _guard = guard;
                            sleep(LONG).await;
                        });
                        drop(late);
                    }));
                });
                let caught = catch_cancel(group).await;
                log.say(format_args!("over {}", caught.is_err()));
            });
            sleep(ms(1)).await;
            task.cancel();
            task.await.expect("it swallowed the cancellation");
        }
    });
    assert_eq!(log.take(), ["drop late child", "over true"]);
}

#[test]
fn g1_a_group_that_is_dropped_is_adopted_and_run_waits_for_its_children() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                group.spawn(finally(sleep(LONG), log.clean_up("child", 7)));
                sleep(LONG).await;
            });
            tokio::select! { biased; _ = group => {}, () = sleep(ms(1)) => {} }
            log.at("main ends");
        }
    });
    assert_eq!(
        log.take(),
        ["1 main ends", "1 child begins", "8 child ends"]
    );
}

#[test]
fn g2_the_first_failure_cancels_the_block_and_the_other_children() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                group.spawn(finally(sleep(LONG), log.clean_up("child", 1)));
                group.spawn(fails_after(3, "failed"));
                finally(sleep(LONG), log.clean_up("block", 2)).await;
            });
            (texts(group.await), elapsed())
        }
    });
    assert_eq!(given, (vec!["failed".to_owned()], 5));
    let mut lines = log.take();
    lines.sort();
    assert_eq!(
        lines,
        [
            "3 block begins",
            "3 child begins",
            "4 child ends",
            "5 block ends"
        ]
    );
}

#[test]
fn g2_a_failing_block_cancels_the_children() {
    let given = play(async {
        let group = task_group(async |group| {
            group.spawn(finally(sleep(LONG), sleep(ms(2))));
            sleep(ms(1)).await;
            Err::<(), _>("block failed")
        });
        (texts(group.await), elapsed())
    });
    assert_eq!(given, (vec!["block failed".to_owned()], 3));
}

#[test]
fn g2_a_second_failure_does_not_interrupt_a_clean_up() {
    let log = Log::default();
    let errors = play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                group.spawn(finally(sleep(LONG), log.clean_up("child", 9)));
                group.spawn(fails_after(1, "first"));
                group.spawn(async {
                    drop(catch_cancel(sleep(LONG)).await);
                    fails_after(2, "second").await
                });
            });
            texts(group.await)
        }
    });
    assert_eq!(errors, ["first", "second"]);
    assert_eq!(log.take(), ["1 child begins", "10 child ends"]);
}

#[test]
fn g2_errors_of_one_turn_come_back_together_oldest_first() {
    let given = play(async {
        let group = task_group(async |group| {
            group.spawn(fails_after(1, "b"));
            group.spawn(fails_after(1, "a"));
        });
        let errors = group.await.expect_err("two children fail").into_errors();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    });
    assert_eq!(given, ["b", "a"]);
}

#[test]
fn g2_a_child_that_panics_has_failed() {
    let given = play(async {
        let group = task_group(async |group| {
            group.spawn(finally(sleep(LONG), sleep(ms(2))));
            group.spawn(async {
                sleep(ms(1)).await;
                assert_eq!(elapsed(), 0, "not zero");
            });
        });
        (texts(group.await), elapsed())
    });
    assert_eq!(given.0.len(), 1);
    assert!(given.0[0].contains("not zero"), "{:?}", given.0);
    assert_eq!(given.1, 3);
}

#[test]
fn g2_a_child_spawned_into_a_group_that_is_being_cancelled_never_runs() {
    let log = Log::default();
    let errors = play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                group.spawn(fails_after(1, "failed"));
                drop(catch_cancel(sleep(LONG)).await);
                let late = group.spawn(async move { log.say("runs") });
                assert!(late.await.is_err_and(|error| error.is_cancelled()));
            });
            texts(group.await)
        }
    });
    assert_eq!(errors, ["failed"]);
    assert!(log.take().is_empty());
}

#[test]
fn g3_a_child_that_is_cancelled_by_itself_is_no_failure() {
    let given = play(async {
        let group = task_group(async |group| {
            let child = group.spawn(sleep(LONG));
            group.spawn(sleep(ms(5)));
            sleep(ms(1)).await;
            child.cancel();
            child.await.is_err_and(|error| error.is_cancelled())
        });
        (group.await.expect("no child fails"), elapsed())
    });
    assert_eq!(given, (true, 5));
}

#[test]
fn g3_nor_is_one_that_cancels_itself() {
    let given = play(async {
        let group = task_group(async |group| {
            group.spawn(async {
                entracte::current_task()
                    .expect("a child is a task")
                    .cancel();
                sleep(LONG).await;
            });
            sleep(ms(2)).await;
        });
        (group.await.is_ok(), elapsed())
    });
    assert_eq!(given, (true, 2));
}
