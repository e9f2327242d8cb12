//! What the docs of `task_group` and its handles promise.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use entracte::event_loop::{EventLoop, Report};
use entracte::task::TaskError;
use entracte::{
    ErrorGroup, catch_cancel, checkpoint, finally, local_group, shield, sleep, spawn, task_group,
    timeout,
};

use crate::log::{LONG, Log, elapsed, ms, play};
use crate::support::virtual_runner;

use crate::{fails_after, texts};

#[test]
fn a_child_gives_its_value_to_who_awaits_it() {
    let given = play(task_group(async |group| {
        let (two, three) = (group.spawn(async { 2_u32 }), group.spawn(async { 3_u32 }));
        Ok::<_, TaskError>(two.await? * three.await?)
    }));
    assert_eq!(given.expect("no child fails"), 6);
}

#[test]
fn who_awaits_a_child_that_failed_has_its_error_as_the_group_has() {
    let given = play(async {
        let kept = Cell::new(None);
        let group = task_group(async |group| {
            kept.set(Some(group.spawn(async { Err::<(), _>("failed") })));
        });
        let errors = texts(group.await);
        let child = kept.take().expect("the block ran");
        match child.await {
            Err(TaskError::Failed(error)) => (errors, error.to_string()),
            other => panic!("unexpected: {other:?}"),
        }
    });
    assert_eq!(given, (vec!["failed".to_owned()], "failed".to_owned()));
}

#[test]
fn a_block_that_awaits_a_child_which_fails_is_cancelled_before_it_sees_the_error() {
    let log = Log::default();
    let errors = play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                let child = group.spawn(async { Err::<(), _>("failed") });
                log.say(child.await.is_err());
            });
            texts(group.await)
        }
    });
    assert_eq!(errors, ["failed"]);
    assert!(log.take().is_empty());
}

#[test]
fn g_who_awaits_a_child_that_panicked_is_told_so() {
    let log = Log::default();
    let errors = play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                let child = group.spawn(async { assert_eq!(elapsed(), 1, "not one") });
                let error = child.await.expect_err("it panicked");
                log.say(format_args!("{}", error.to_string().contains("not one")));
            });
            texts(group.await)
        }
    });
    assert_eq!(errors.len(), 1);
    assert_eq!(log.take(), ["true"]);
}

#[test]
fn dropping_the_handle_of_a_child_leaves_it_alone() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let group = task_group(async |group| {
                drop(group.spawn(log.clean_up("child", 3)));
            });
            group.await
        }
    });
    assert!(given.is_ok());
    assert_eq!(log.take(), ["0 child begins", "3 child ends"]);
}

#[test]
fn f_a_group_that_is_cancelled_by_its_block_ends_without_an_error_and_the_task_goes_on() {
    let given = play(async {
        let task = spawn(async {
            let group = task_group(async |group| {
                group.spawn(finally(sleep(LONG), sleep(ms(3))));
                sleep(ms(1)).await;
                group.cancel();
            });
            (group.await.err().map(|errors| errors.len()), elapsed())
        });
        task.await.expect("nobody cancelled the task")
    });
    assert_eq!(given, (None, 4));
}

#[test]
fn f_a_group_that_is_cancelled_by_a_child_ends_and_the_task_goes_on() {
    let given = play(async {
        let task = spawn(async {
            let group = task_group(async |group| {
                let handle = group.handle();
                group.spawn(async move {
                    sleep(ms(1)).await;
                    handle.cancel();
                });
                group.spawn(finally(sleep(LONG), sleep(ms(3))));
                sleep(LONG).await;
            });
            drop(group.await);
            elapsed()
        });
        task.await.expect("nobody cancelled the task")
    });
    assert_eq!(given, 4);
}

#[test]
fn f_a_local_group_that_is_cancelled_ends_and_the_task_goes_on() {
    let given = play(async {
        let task = spawn(async {
            let group = local_group(async |group| {
                group.spawn(finally(sleep(LONG), sleep(ms(3))));
                sleep(ms(1)).await;
                group.cancel();
            });
            drop(group.await);
            elapsed()
        });
        task.await.expect("nobody cancelled the task")
    });
    assert_eq!(given, 4);
}

#[test]
fn h_a_group_forgets_children_that_ended() {
    let lengths = play(task_group(async |group| {
        let long = group.spawn(sleep(LONG));
        for _ in 0..100 {
            group.spawn(async {});
        }
        let at_first = group.len();
        for _ in 0..5 {
            checkpoint().await;
        }
        let later = group.len();
        long.cancel();
        vec![at_first, later]
    }));
    assert_eq!(lengths.expect("no child fails"), [101, 1]);
}

#[test]
fn a_handle_gives_the_future_back_when_the_group_is_over() {
    let given = play(async {
        let group = task_group(async |group| vec![group.handle()]);
        let handle = group.await.expect("no child fails").remove(0);
        handle.cancel();
        let ended = handle.spawn(async { 7 }).expect_err("the group is over");
        assert_eq!(
            ended.to_string(),
            "cannot spawn into a task group that is over"
        );
        ended.future.await
    });
    assert_eq!(given, 7);
}

#[test]
fn children_that_take_longer_than_the_grace_period_are_dropped_with_a_report() {
    let log = Log::default();
    let (given, told) = play({
        let guard = log.guard("stubborn");
        async move {
            let told: Rc<RefCell<Vec<String>>> = Rc::default();
            let handler = Rc::clone(&told);
            let handler = move |report: &Report<'_>| handler.borrow_mut().push(report.to_string());
            let event_loop = EventLoop::current().expect("a loop runs");
            event_loop.set_error_handler(Some(Rc::new(handler)));
            let group = task_group(async |group| {
                group.set_grace(ms(10));
                group.spawn(async move {
                    let _guard = guard;
                    shield(sleep(LONG)).await;
                });
                group.spawn(fails_after(1, "failed"));
            });
            ((texts(group.await), elapsed()), told.take())
        }
    });
    assert_eq!(given, (vec!["failed".to_owned()], 11));
    assert_eq!(log.take(), ["drop stubborn"]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("did not end in time"), "{told:?}");
}

#[test]
fn when_a_child_fails_while_the_group_is_cancelled_from_outside_the_errors_come_first() {
    let given = play(async {
        let told = Rc::new(Cell::new(0));
        let task = spawn({
            let told = Rc::clone(&told);
            async move {
                let group = task_group(async |group| {
                    group.spawn(async {
                        drop(catch_cancel(sleep(LONG)).await);
                        Err::<(), _>("failed on the way out")
                    });
                });
                told.set(texts(group.await).len());
                sleep(LONG).await;
            }
        });
        sleep(ms(1)).await;
        task.cancel();
        (
            task.await.is_err_and(|error| error.is_cancelled()),
            told.get(),
            elapsed(),
        )
    });
    assert_eq!(given, (true, 1, 1));
}

#[test]
fn u_the_cancellation_that_follows_the_errors_reaches_the_next_block() {
    let given = play(async {
        let task = spawn(async {
            let group = task_group(async |group| {
                group.spawn(async {
                    drop(catch_cancel(sleep(LONG)).await);
                    Err::<(), _>("failed on the way out")
                });
            });
            assert_eq!(texts(group.await).len(), 1);
            catch_cancel(sleep(LONG)).await.is_err()
        });
        sleep(ms(1)).await;
        task.cancel();
        (task.await.ok(), elapsed())
    });
    assert_eq!(given, (Some(true), 1));
}

#[test]
fn a_group_in_a_group_fails_its_own_children_first() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let outer = task_group(async |outer| {
                outer.spawn(finally(sleep(LONG), log.clean_up("outer child", 2)));
                outer.spawn(async move {
                    task_group(async |inner| {
                        inner.spawn(finally(sleep(LONG), log.clean_up("inner child", 3)));
                        inner.spawn(fails_after(1, "failed"));
                    })
                    .await
                });
            });
            let errors = outer.await.expect_err("a child fails");
            (
                errors
                    .split(|error| !error.is::<ErrorGroup>())
                    .0
                    .map(|flat| flat.len()),
                elapsed(),
            )
        }
    });
    assert_eq!(given, (Some(1), 6));
    assert_eq!(
        log.take(),
        [
            "1 inner child begins",
            "4 inner child ends",
            "4 outer child begins",
            "6 outer child ends"
        ]
    );
}

#[test]
fn a_timeout_around_a_group_cancels_it_and_waits() {
    let given = play(async {
        let group = task_group(async |group| {
            group.spawn(finally(sleep(LONG), sleep(ms(3))));
        });
        (timeout(ms(5), group).await.is_err(), elapsed())
    });
    assert_eq!(given, (true, 8));
}

#[test]
fn errors_of_a_group_that_was_dropped_are_reported() {
    let told: Rc<RefCell<Vec<String>>> = Rc::default();
    let runner = virtual_runner();
    let handler = Rc::clone(&told);
    let handler = move |report: &Report<'_>| handler.borrow_mut().push(report.to_string());
    runner
        .event_loop()
        .set_error_handler(Some(Rc::new(handler)));
    let ran = runner.run(async {
        let group = task_group(async |group| {
            group.spawn(async {
                drop(catch_cancel(sleep(LONG)).await);
                Err::<(), _>("failed on the way out")
            });
        });
        tokio::select! { biased; _ = group => {}, () = sleep(ms(1)) => {} }
        sleep(ms(1)).await;
    });
    ran.expect("it ends by itself");
    assert_eq!(told.borrow().len(), 1, "{told:?}");
}
