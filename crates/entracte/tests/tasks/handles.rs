//! Handles: dropped, detached, awaited, asked.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use entracte::task::{Spawn, TaskError};
use entracte::{RunError, Task, checkpoint, current_task, finally, sleep, spawn};

use crate::log::{LONG, Log, ms, play};
use crate::support::{run_virtual, virtual_runner};

use crate::{panics, reports};

#[test]
fn dropping_a_handle_cancels_the_task_which_cleans_up_on_its_own() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            let task = spawn(finally(sleep(LONG), log.clean_up("task", 5)));
            sleep(ms(1)).await;
            drop(task);
            log.at("dropped");
            sleep(ms(9)).await;
        }
    });
    assert_eq!(log.take(), ["1 dropped", "1 task begins", "6 task ends"]);
}

#[test]
fn a_detached_task_runs_on() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            spawn(log.clean_up("task", 5)).detach();
            sleep(ms(9)).await;
        }
    });
    assert_eq!(log.take(), ["0 task begins", "5 task ends"]);
}

#[test]
fn the_error_of_a_detached_task_is_reported_once() {
    for waits in [false, true] {
        let runner = virtual_runner();
        let told = reports(&runner);
        let ran = runner.run(async {
            let task = spawn(async { Err::<(), _>("failed") });
            if waits {
                checkpoint().await;
            }
            task.detach();
            sleep(ms(1)).await;
        });
        ran.expect("it ends");
        runner.close();
        assert_eq!(
            *told.borrow(),
            ["a task failed, and nobody awaits it: failed"]
        );
    }
}

#[test]
fn e_the_panic_of_a_detached_task_is_reported_once() {
    for waits in [false, true] {
        let runner = virtual_runner();
        let told = reports(&runner);
        let ran = runner.run(async {
            let task = spawn(async { panics("lost") });
            if waits {
                checkpoint().await;
            }
            task.detach();
            sleep(ms(1)).await;
        });
        ran.expect("it ends");
        runner.close();
        assert_eq!(told.borrow().len(), 1, "{told:?}");
        assert!(told.borrow()[0].contains("lost"), "{told:?}");
    }
}

#[test]
fn the_panic_of_a_task_that_nobody_awaits_is_reported_once() {
    let runner = virtual_runner();
    let told = reports(&runner);
    let ran = runner.run(async {
        let task = spawn(async { panics("lost") });
        checkpoint().await;
        drop(task);
        sleep(ms(1)).await;
    });
    ran.expect("it ends");
    runner.close();
    assert_eq!(told.borrow().len(), 1, "{told:?}");
}

#[test]
fn the_panic_of_a_task_that_is_awaited_is_not_reported() {
    let runner = virtual_runner();
    let told = reports(&runner);
    let text = runner.run(async {
        match spawn(async { panics("awaited") }).await {
            Err(TaskError::Panicked(panic)) => panic.text().to_owned(),
            other => format!("{other:?}"),
        }
    });
    runner.close();
    assert_eq!(text.expect("it ends"), "awaited");
    assert!(told.borrow().is_empty(), "{told:?}");
}

#[test]
fn an_outcome_is_taken_once() {
    let given = play(async {
        let mut task = spawn(async { 7 });
        let first = (&mut task).await;
        let second = (&mut task).await;
        (first.ok(), matches!(second, Err(TaskError::Taken)))
    });
    assert_eq!(given, (Some(7), true));
}

#[test]
fn an_outcome_can_be_taken_without_waiting_once_it_is_there() {
    let given = play(async {
        let task = spawn(async { 7 });
        let task = task.try_outcome().expect_err("it did not run yet");
        checkpoint().await;
        task.try_outcome().ok().and_then(Result::ok)
    });
    assert_eq!(given, Some(7));
}

#[test]
fn a_task_that_awaits_itself_is_a_deadlock_that_names_it() {
    let ran = run_virtual(async {
        let slot: Rc<Cell<Option<Task<()>>>> = Rc::default();
        let own = Rc::clone(&slot);
        let task = Spawn::new().name("narcissus").spawn(async move {
            let own = own.take().expect("it was put there");
            drop(own.await);
        });
        slot.set(Some(task));
        pending::<()>().await;
    });
    let error = ran.expect_err("nothing can happen");
    assert!(matches!(error, RunError::Deadlock(_)));
    assert!(error.to_string().contains("narcissus"), "{error}");
}

#[test]
fn awaiting_a_task_of_a_closed_loop_says_so() {
    let runner = virtual_runner();
    let task = runner
        .run(async { spawn(pending::<()>()) })
        .expect("it ends");
    // Cancelled and awaited by `close`, so this one is done.
    runner.close();
    let outcome = virtual_runner().run(task).expect("it ends");
    assert!(outcome.is_err_and(|error| error.is_cancelled()));

    let runner = virtual_runner();
    let task = runner
        .run(async { spawn(pending::<()>()) })
        .expect("it ends");
    runner.event_loop().close();
    let outcome = virtual_runner().run(task).expect("it ends");
    assert!(matches!(outcome, Err(TaskError::Closed)));
}

#[test]
fn on_done_is_called_in_the_turn_after_the_end_and_at_once_for_a_task_that_ended() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            let task = spawn(async {});
            let (early, late) = (log.clone(), log.clone());
            task.on_done(move || early.say("early"));
            checkpoint().await;
            log.say("done");
            checkpoint().await;
            task.on_done(move || late.say("late"));
            log.say("asked");
            checkpoint().await;
            log.say("after");
        }
    });
    assert_eq!(log.take(), ["done", "early", "asked", "late", "after"]);
}

#[test]
fn tasks_have_names_numbers_and_places() {
    let given = play(async {
        let reader = Spawn::new().name("reader");
        let line = line!() + 1;
        let task = reader.spawn(async { current_task().map(|it| it.id()) });
        assert_eq!(task.name().as_deref(), Some("reader"));
        task.set_name("writer");
        assert_eq!(task.name().as_deref(), Some("writer"));
        assert_eq!(task.spawned_at().line(), line);
        assert!(task.spawned_at().file().ends_with("handles.rs"));
        let id = task.id();
        task.await.expect("it ends") == Some(id)
    });
    assert!(given);
}
