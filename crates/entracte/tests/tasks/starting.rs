//! Spawning tasks: in turn, eagerly, in a context.

use entracte::task::{ContextVar, Spawn, TaskContext};
use entracte::{catch_cancel, checkpoint, current_task, sleep, spawn};

use crate::log::{LONG, Log, elapsed, ms, play};

use crate::panics;

#[test]
fn tasks_start_in_the_next_turn_in_the_order_in_which_they_were_spawned() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            let tasks = ["one", "two", "three"].map(|name| {
                let log = log.clone();
                spawn(async move { log.say(name) })
            });
            log.say("spawned");
            for task in tasks {
                task.await.expect("it ends");
            }
        }
    });
    assert_eq!(log.take(), ["spawned", "one", "two", "three"]);
}

#[test]
fn an_eager_task_takes_its_first_step_at_once() {
    let log = Log::default();
    play({
        let log = log.clone();
        async move {
            let (own, outer) = (log.clone(), current_task().map(|task| task.id()));
            let task = Spawn::new().eager().spawn(async move {
                own.say("first step");
                assert_ne!(current_task().map(|task| task.id()), outer);
                checkpoint().await;
                own.say("second step");
            });
            log.say("spawned");
            assert_eq!(current_task().map(|task| task.id()), outer);
            task.await.expect("it ends");
        }
    });
    assert_eq!(log.take(), ["first step", "spawned", "second step"]);
}

#[test]
fn an_eager_task_is_not_below_the_blocks_of_its_spawner() {
    let given = play(async {
        let task = spawn(async {
            let inner = catch_cancel(async {
                let eager = Spawn::new().eager().spawn(sleep(ms(9)));
                eager.detach();
                sleep(LONG).await;
            });
            drop(inner.await);
            sleep(ms(20)).await;
            elapsed()
        });
        sleep(ms(1)).await;
        task.cancel();
        task.await.ok()
    });
    assert_eq!(given, Some(21));
}

#[test]
fn an_eager_task_that_panics_does_not_harm_its_spawner() {
    let given = play(async {
        let task = Spawn::new().eager().spawn(async { panics("early") });
        assert!(task.is_done());
        task.await.is_err_and(|error| error.is_panic())
    });
    assert!(given);
}

#[test]
#[should_panic(expected = "cannot spawn a task outside an event loop")]
fn spawning_outside_a_loop_panics() {
    drop(spawn(async {}));
}

#[test]
fn a_variable_is_inherited_at_the_spawn_and_then_the_tasks_own() {
    let variable = ContextVar::new();
    let given = play(async move {
        assert_eq!(variable.set(1), None);
        let child = spawn(async move {
            let inherited = variable.get();
            variable.set(2);
            checkpoint().await;
            let grandchild = spawn(async move { variable.get() });
            (inherited, grandchild.await.ok().flatten())
        });
        variable.set(3);
        let seen = child.await.expect("it ends");
        (seen, variable.get(), variable.unset(), variable.get())
    });
    assert_eq!(given, ((Some(1), Some(2)), Some(3), Some(3), None));
}

#[test]
fn a_task_runs_in_the_context_that_it_is_given() {
    let variable = ContextVar::new();
    let given = play(async move {
        variable.set("then");
        let context = TaskContext::copy_current();
        variable.set("now");
        let task = Spawn::new()
            .context(context)
            .spawn(async move { variable.get() });
        (task.await.ok().flatten(), variable.get())
    });
    assert_eq!(given, (Some("then"), Some("now")));
}

#[test]
fn two_variables_do_not_meet() {
    let (one, two) = (ContextVar::new(), ContextVar::new());
    let given = play(async move {
        one.set(1);
        two.set("two");
        (one.get(), two.get(), one.unset(), two.get())
    });
    assert_eq!(given, (Some(1), Some("two"), Some(1), Some("two")));
}
