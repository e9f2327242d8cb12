//! How programs end in host mode: cancelled, panicking, nested; and that the clean-up is awaited.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use entracte::{
    BoxError, RunError, Runner, TaskError, checkpoint, finally, host, sleep, spawn, timeout,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::LocalRuntime;

const SHORT: Duration = Duration::from_millis(1);
const FOR_EVER: Duration = Duration::from_hours(24);

#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<&'static str>>>);

impl Log {
    fn note(&self, word: &'static str) {
        self.0.borrow_mut().push(word);
    }

    fn take(&self) -> Vec<&'static str> {
        self.0.take()
    }
}

/// Notes when it is dropped, in a task of tokio's, as clients of databases do.
struct Guard(Log, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.note(self.1);
        drop(tokio::spawn(async {}));
    }
}

/// Waits on both sides, and uses a socket of tokio's.
async fn clean_up(log: Log) {
    tokio::time::sleep(SHORT).await;
    sleep(SHORT).await;
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
    client.expect("it listens");
    server.expect("it was called");
    log.note("cleaned up");
}

async fn waits_for_tokio(log: Log) {
    let _guard = Guard(log, "dropped");
    tokio::time::sleep(FOR_EVER).await;
}

#[test]
fn a_cancelled_task_drops_what_it_awaits_of_tokio_and_cleans_up() -> Result<(), BoxError> {
    let log = Log::default();
    host::run(async {
        let task = spawn(finally(waits_for_tokio(log.clone()), clean_up(log.clone())));
        checkpoint().await;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(log.take(), ["dropped", "cleaned up"]);
        let late = timeout(
            SHORT,
            finally(waits_for_tokio(log.clone()), clean_up(log.clone())),
        );
        assert!(late.await.is_err());
        assert_eq!(log.take(), ["dropped", "cleaned up"]);
    })?;
    Ok(())
}

#[test]
fn tasks_that_are_left_clean_up_before_tokio_ends() -> Result<(), BoxError> {
    let log = Log::default();
    host::run(async {
        let theirs = Guard(log.clone(), "the task of tokio");
        tokio::task::spawn_local(async move {
            let _theirs = theirs;
            tokio::time::sleep(FOR_EVER).await;
        });
        spawn(finally(waits_for_tokio(log.clone()), clean_up(log.clone()))).detach();
        checkpoint().await;
    })?;
    assert_eq!(log.take(), ["dropped", "cleaned up", "the task of tokio"]);
    Ok(())
}

#[test]
fn what_does_not_end_in_time_is_dropped_within_tokio() -> Result<(), BoxError> {
    let log = Log::default();
    let runner = host::runner()?;
    runner.event_loop().set_error_handler(Some(Rc::new(|_| {})));
    runner.set_grace(SHORT);
    runner.run(async {
        spawn(finally(async {}, waits_for_tokio(log.clone()))).detach();
        checkpoint().await;
        checkpoint().await;
    })?;
    runner.close();
    assert_eq!(log.take(), ["dropped"]);
    Ok(())
}

#[test]
fn the_panic_of_a_task_is_its_outcome_and_that_of_main_goes_on() -> Result<(), BoxError> {
    let log = Log::default();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        host::run(async {
            let ours = spawn(async { panic!("ours") });
            assert!(matches!(ours.await, Err(TaskError::Panicked(_))));
            let theirs = tokio::spawn(async { panic!("theirs") });
            assert!(theirs.await.is_err_and(|error| error.is_panic()));
            spawn(finally(waits_for_tokio(log.clone()), clean_up(log.clone()))).detach();
            checkpoint().await;
            panic!("main");
        })
    }));
    let payload = panicked.expect_err("main panicked");
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"main"));
    assert_eq!(log.take(), ["dropped", "cleaned up"]);
    assert_eq!(host::run(async { 1 })?, 1);
    Ok(())
}

#[test]
fn a_cancelled_main_task_gives_an_error() -> Result<(), BoxError> {
    let ended = host::run(async {
        entracte::current_task().ok_or("a task runs")?.cancel();
        tokio::time::sleep(FOR_EVER).await;
        Ok::<(), BoxError>(())
    });
    assert!(matches!(ended, Err(RunError::Cancelled(_))), "{ended:?}");
    Ok(())
}

#[test]
fn a_main_task_borrows_and_a_stopped_loop_unwinds_it() -> Result<(), BoxError> {
    let words = ["one".to_owned()];
    let log = Log::default();
    let runner = host::runner()?;
    let stopped = runner.run(async {
        runner.event_loop().stop();
        finally(tokio::time::sleep(FOR_EVER), clean_up(log.clone())).await;
        words.len()
    });
    assert!(matches!(stopped, Err(RunError::Stopped)), "{stopped:?}");
    assert_eq!(log.take(), ["cleaned up"]);
    assert_eq!(runner.run(async { words.len() })?, 1);
    Ok(())
}

fn is_nested<T>(outcome: &Result<T, RunError>) -> bool {
    matches!(outcome, Err(RunError::Nested))
}

#[test]
fn loops_do_not_nest_in_any_combination() -> Result<(), BoxError> {
    let idle = host::runner()?;
    host::run(async {
        assert!(is_nested(&host::run(async {})));
        assert!(is_nested(&entracte::run(async {})));
        assert!(is_nested(&host::runner()));
        assert!(is_nested(&idle.run(async {})));
    })?;
    entracte::run(async {
        assert!(is_nested(&host::run(async {})));
        assert!(is_nested(&idle.run(async {})));
    })?;
    LocalRuntime::new()?.block_on(async {
        assert!(is_nested(&host::run(async {})));
        assert!(is_nested(&idle.run(async {})));
    });
    assert_eq!(idle.run(async { 1 })?, 1);
    Ok(())
}

#[test]
fn a_runner_that_is_dropped_inside_another_loop_drops_its_tasks() -> Result<(), BoxError> {
    fn with_a_task(log: &Log) -> Result<Runner, RunError> {
        let runner = host::runner()?;
        runner.event_loop().set_error_handler(Some(Rc::new(|_| {})));
        runner.run(async {
            spawn(finally(waits_for_tokio(log.clone()), clean_up(log.clone()))).detach();
            checkpoint().await;
        })?;
        Ok(runner)
    }
    let log = Log::default();
    for act in [
        |runner| LocalRuntime::new().map(|tokio| tokio.block_on(async { drop(runner) })),
        |runner| entracte::run(async { drop(runner) }).map_err(std::io::Error::other),
        |runner| host::run(async { drop(runner) }).map_err(std::io::Error::other),
    ] {
        let act: fn(Runner) -> std::io::Result<()> = act;
        act(with_a_task(&log)?)?;
        assert_eq!(log.take(), ["dropped"]);
    }
    Ok(())
}

#[test]
fn a_runner_runs_again_and_keeps_what_it_had() -> Result<(), BoxError> {
    let runner = host::runner()?;
    let task = runner.run(async {
        spawn(async {
            sleep(SHORT).await;
            2
        })
    })?;
    let theirs = runner.run(async {
        tokio::spawn(async {
            tokio::time::sleep(SHORT).await;
            3
        })
    })?;
    let sum = runner.run(async { Ok::<_, BoxError>(task.await? + theirs.await?) })?;
    assert_eq!(sum?, 5);
    Ok(())
}
