//! What the docs of `run` and `Runner` promise.

use std::future::pending;

use entracte::event_loop::EventLoop;
use entracte::task::{Spawn, TaskState};
use entracte::{RunError, checkpoint, current_task, finally, shield, sleep, spawn, task_tree};

use crate::log::{LONG, Log, elapsed, ms, play};
use crate::support::{run_virtual, virtual_runner};

use crate::reports;

#[test]
fn run_within_a_run_is_refused() {
    let given = play(async { matches!(entracte::run(async {}), Err(RunError::Nested)) });
    assert!(given);
}

#[test]
fn a_main_task_that_is_cancelled_is_an_error_with_its_message() {
    let ran = run_virtual(async {
        current_task()
            .expect("main is a task")
            .cancel_with("stopped");
        sleep(LONG).await;
    });
    let error = ran.expect_err("it was cancelled");
    assert_eq!(error.to_string(), "the main task was cancelled: stopped");
}

#[test]
fn a_deadlock_shows_who_waits_for_whom() {
    let ran = run_virtual(async {
        let inner = Spawn::new().name("inner").spawn(pending::<()>());
        let outer = Spawn::new()
            .name("outer")
            .spawn(async { inner.await.is_ok() });
        outer.await.is_ok()
    });
    let error = ran.expect_err("nothing can happen");
    let RunError::Deadlock(tree) = &error else {
        panic!("unexpected: {error}");
    };
    assert_eq!(tree.tasks().len(), 3);
    let text = error.to_string();
    let [main, outer, inner] = ["main", "outer", "inner"].map(|name| text.find(name));
    assert!(main < outer && outer < inner, "{text}");
}

#[test]
fn a_deadlocked_main_task_cleans_up() {
    let log = Log::default();
    let ran = run_virtual(finally(pending::<()>(), log.clean_up("main", 5)));
    assert!(matches!(ran, Err(RunError::Deadlock(_))));
    assert_eq!(log.take(), ["0 main begins", "5 main ends"]);
}

#[test]
fn run_cancels_what_is_left_and_awaits_its_clean_up() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            spawn(finally(sleep(LONG), log.clean_up("left", 5))).detach();
            checkpoint().await;
            log.at("main ends");
        }
    });
    assert_eq!(log.take(), ["0 main ends", "0 left begins", "5 left ends"]);
}

#[test]
fn q_tasks_that_outlast_the_grace_period_are_dropped_with_a_report() {
    let runner = virtual_runner();
    runner.set_grace(ms(10));
    let told = reports(&runner);
    let log = Log::default();
    let guard = log.guard("stubborn");
    let ran = runner.run(async move {
        let stubborn = async move {
            let _guard = guard;
            shield(pending::<()>()).await;
        };
        Spawn::new().name("stubborn").spawn(stubborn).detach();
        checkpoint().await;
    });
    ran.expect("it ends");
    let event_loop = runner.event_loop().clone();
    runner.close();
    assert_eq!(event_loop.time().as_nanos(), 10_000_000);
    assert_eq!(log.take(), ["drop stubborn"]);
    assert_eq!(told.borrow().len(), 1, "{told:?}");
    assert!(told.borrow()[0].contains("stubborn"), "{told:?}");
}

#[test]
fn the_main_future_may_borrow_and_is_dropped_before_run_returns() {
    let log = Log::default();
    let words = [String::from("one"), String::from("two")];
    let length = run_virtual(async {
        let _guard = log.guard("main");
        checkpoint().await;
        words.len()
    });
    log.say("returned");
    assert_eq!(length.expect("it ends"), 2);
    assert_eq!(log.take(), ["drop main", "returned"]);
}

#[test]
fn a_main_future_that_is_cancelled_is_dropped_before_run_returns() {
    let log = Log::default();
    let ran = run_virtual(async {
        let _guard = log.guard("main");
        pending::<()>().await;
    });
    log.say("returned");
    assert!(ran.is_err());
    assert_eq!(log.take(), ["drop main", "returned"]);
}

#[test]
fn a_runner_is_entered_again_and_its_tasks_go_on() {
    let runner = virtual_runner();
    let task = runner.run(async {
        spawn(async {
            sleep(ms(5)).await;
            elapsed()
        })
    });
    runner.run(sleep(ms(2))).expect("it ends");
    let task = task.expect("it ends");
    assert!(!task.is_done());
    assert_eq!(runner.run(task).expect("it ends").ok(), Some(5));
}

#[test]
fn a_runner_can_be_used_after_a_deadlock() {
    let runner = virtual_runner();
    assert!(matches!(
        runner.run(pending::<()>()),
        Err(RunError::Deadlock(_))
    ));
    assert_eq!(runner.run(async { 7 }).expect("it ends"), 7);
}

#[test]
fn a_loop_that_is_stopped_cancels_the_main_task() {
    let log = Log::default();
    let ran = run_virtual({
        let clean_up = log.clean_up("main", 5);
        async {
            EventLoop::current().expect("a loop runs").stop();
            finally(sleep(LONG), clean_up).await;
        }
    });
    assert!(matches!(ran, Err(RunError::Stopped)));
    assert_eq!(log.take(), ["0 main begins", "5 main ends"]);
}

#[test]
fn every_task_is_in_the_tree() {
    let given = play(async {
        let sleeper = Spawn::new().name("sleeper").spawn(sleep(LONG));
        checkpoint().await;
        sleeper.cancel();
        let tree = task_tree();
        let info = tree
            .tasks()
            .iter()
            .find(|task| task.name.as_deref() == Some("sleeper"));
        let info = info.expect("it is there");
        let running = tree
            .tasks()
            .iter()
            .filter(|task| task.state == TaskState::Running);
        (tree.tasks().len(), info.cancelling, running.count())
    });
    assert_eq!(given, (2, 1, 1));
}
