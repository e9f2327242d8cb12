//! What the docs of `local_group` promise.

use std::cell::Cell;

use entracte::{finally, local_group, sleep};

use crate::log::{LONG, Log, elapsed, ms, play};

use crate::{fails_after, texts};

#[test]
fn children_of_a_local_group_borrow_and_run_in_one_task() {
    let (count, before) = (Cell::new(0), String::from("before"));
    let given = play(local_group(async |group| {
        let tasks = [1, 2, 3].map(|millis| {
            let (count, before) = (&count, &before);
            group.spawn(async move {
                sleep(ms(millis)).await;
                count.set(count.get() + before.len());
                entracte::current_task().map(|task| task.id().number())
            })
        });
        let mut numbers = Vec::new();
        for task in tasks {
            numbers.push(task.await.expect("no child fails"));
        }
        numbers
    }));
    let numbers = given.expect("no child fails");
    assert_eq!(count.get(), 18);
    assert!(numbers.iter().all(|number| *number == numbers[0]));
}

#[test]
fn the_first_failure_of_a_local_group_cancels_the_rest_and_waits() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let group = local_group(async |group| {
                group.spawn(finally(sleep(LONG), log.clean_up("child", 3)));
                group.spawn(fails_after(1, "failed"));
                finally(sleep(LONG), log.clean_up("block", 2)).await;
            });
            (texts(group.await), elapsed())
        }
    });
    assert_eq!(given, (vec!["failed".to_owned()], 4));
    let mut lines = log.take();
    lines.sort();
    assert_eq!(
        lines,
        [
            "1 block begins",
            "1 child begins",
            "3 block ends",
            "4 child ends"
        ]
    );
}

#[test]
fn a_child_of_a_local_group_can_be_cancelled_by_itself() {
    let given = play(local_group(async |group| {
        let child = group.spawn(finally(sleep(LONG), sleep(ms(2))));
        sleep(ms(1)).await;
        assert!(child.cancel());
        let is_cancelled = child.await.is_err_and(|error| error.is_cancelled());
        vec![u64::from(is_cancelled), elapsed()]
    }));
    assert_eq!(given.expect("no child fails"), [1, 3]);
}

#[test]
fn s_a_child_of_a_local_group_can_be_cancelled_before_it_starts() {
    let log = Log::default();
    let given = play(local_group(async |group| {
        let child = group.spawn(async { log.say("runs") });
        assert!(child.cancel());
        child.await.is_err_and(|error| error.is_cancelled())
    }));
    assert!(given.expect("no child fails"));
    assert!(log.take().is_empty());
}
