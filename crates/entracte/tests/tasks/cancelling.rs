//! Cancelling tasks: counts, messages, grace periods.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use entracte::task::Spawn;
use entracte::{catch_cancel, checkpoint, current_task, shield, sleep, spawn, task};

use crate::log::{LONG, Log, elapsed, ms, play};
use crate::support::virtual_runner;

use crate::reports;

#[test]
fn cancel_says_whether_the_task_was_not_done() {
    let given = play(async {
        let task = spawn(async {});
        let first = task.cancel();
        checkpoint().await;
        (first, task.cancel(), task.is_done(), task.is_cancelled())
    });
    assert_eq!(given, (true, false, true, true));
}

#[test]
fn cancelling_counts_and_uncancel_takes_one() {
    let given = play(async {
        let task = spawn(async {
            let mut counts = Vec::new();
            for _ in 0..2 {
                drop(catch_cancel(sleep(LONG)).await);
                counts.push(current_task().map(|task| task.cancelling()));
            }
            counts.extend([
                Some(task::uncancel()),
                Some(task::uncancel()),
                Some(task::uncancel()),
            ]);
            counts
        });
        let mut seen = Vec::new();
        for _ in 0..2 {
            checkpoint().await;
            task.cancel();
            seen.push(task.cancelling());
        }
        (seen, task.await.expect("it swallowed both"))
    });
    let counts = [1, 2, 1, 0, 0].map(Some).to_vec();
    assert_eq!(given, (vec![1, 2], counts));
}

#[test]
fn cancel_with_gives_its_message_to_who_awaits() {
    let text = play(async {
        let task = spawn(pending::<()>());
        task.cancel_with("enough");
        task.await.expect_err("it was cancelled").to_string()
    });
    assert_eq!(text, "the task was cancelled: enough");
}

#[test]
fn cancel_within_drops_a_task_that_takes_longer_and_shows_the_tree() {
    let runner = virtual_runner();
    let told = reports(&runner);
    let log = Log::default();
    let guard = log.guard("stubborn");
    let given = runner.run(async move {
        let task = Spawn::new().name("stubborn").spawn(async move {
            let _guard = guard;
            shield(pending::<()>()).await;
        });
        sleep(ms(1)).await;
        task.cancel_within(ms(10));
        (
            task.await.is_err_and(|error| error.is_cancelled()),
            elapsed(),
        )
    });
    assert_eq!(given.expect("it ends"), (true, 11));
    assert_eq!(log.take(), ["drop stubborn"]);
    assert_eq!(told.borrow().len(), 1, "{told:?}");
    assert!(told.borrow()[0].contains("stubborn"), "{told:?}");
}

#[test]
fn p_cancel_within_leaves_no_timer_behind() {
    let runner = virtual_runner();
    let ran = runner.run(async {
        let task = spawn(sleep(LONG));
        checkpoint().await;
        task.cancel_within(LONG);
        task.await.is_err()
    });
    assert!(ran.expect("it ends"));
    assert!(runner.event_loop().turn().is_err(), "a timer is left");
}

#[test]
fn a_task_can_be_cancelled_through_its_current_task_from_elsewhere() {
    let given = play(async {
        let slot = Rc::new(Cell::new(None));
        let own = Rc::clone(&slot);
        let task = spawn(async move {
            own.set(current_task());
            sleep(LONG).await;
        });
        sleep(ms(1)).await;
        let current = slot.take().expect("the task ran");
        assert!(current.cancel_with("from elsewhere"));
        let text = task.await.expect_err("it was cancelled").to_string();
        (text, current.is_done(), current.cancel())
    });
    assert_eq!(
        given,
        (
            "the task was cancelled: from elsewhere".to_owned(),
            true,
            false
        )
    );
}
