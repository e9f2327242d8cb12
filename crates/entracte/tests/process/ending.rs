//! How a process ends when its owner does: asked, killed, reaped, and waited for.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::rc::Rc;
use std::time::Duration;

use entracte::event_loop::Report;
use entracte::process::{Child, Command, shell};
use entracte::{catch_cancel, checkpoint, finally, run, sleep, spawn, task_group, timeout};

use crate::{FOR_EVER, SHORT, is_there, started, waiting};

const IGNORES_TERM: &str = "trap '' TERM;";

#[test]
fn a_block_that_times_out_has_ended_its_process() {
    run(async {
        let child = started(waiting("")).await;
        let id = child.id();
        let block = async move {
            sleep(FOR_EVER).await;
            drop(child);
        };
        assert!(timeout(SHORT, block).await.is_err());
        assert!(!is_there(id), "gone, and reaped");
    })
    .unwrap();
}

#[test]
fn a_task_that_waits_for_its_process_ends_it_when_it_is_cancelled() {
    run(async {
        let id = Rc::new(Cell::new(0));
        let own = Rc::clone(&id);
        let task = spawn(async move {
            let mut child = started(waiting("")).await;
            own.set(child.id());
            child.wait().await
        });
        while id.get() == 0 {
            sleep(Duration::from_millis(1)).await;
        }
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert!(!is_there(id.get()));
    })
    .unwrap();
}

async fn waits_for_its_own(ids: Rc<RefCell<Vec<u32>>>) -> io::Result<()> {
    let mut child = started(waiting("")).await;
    ids.borrow_mut().push(child.id());
    child.wait().await.map(drop)
}

#[test]
fn a_group_that_fails_has_ended_the_processes_of_its_tasks() {
    run(async {
        let ids = Rc::new(RefCell::new(Vec::new()));
        let ended = task_group(async |group| {
            for _ in 0..3 {
                group.spawn(waits_for_its_own(Rc::clone(&ids)));
            }
            while ids.borrow().len() < 3 {
                sleep(Duration::from_millis(1)).await;
            }
            Err::<(), _>(io::Error::other("enough"))
        });
        assert!(ended.await.is_err());
        assert_eq!(ids.borrow().len(), 3);
        assert!(ids.borrow().iter().all(|id| !is_there(*id)));
    })
    .unwrap();
}

#[test]
fn one_that_ignores_the_request_is_killed_after_its_grace() {
    run(async {
        let grace = 3 * SHORT;
        let mut child = started(waiting(IGNORES_TERM).grace(grace)).await;
        child.terminate()?;
        assert!(timeout(SHORT, child.wait()).await.is_err(), "it ignores it");
        let before = entracte::time::now();
        let status = child.end().await?;
        assert_eq!(status.signal(), Some(9));
        assert!(entracte::time::now() - before >= grace);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn one_that_cleans_up_has_the_time_for_it() {
    run(async {
        let child = started(waiting("trap 'sleep 0.05; exit 7' TERM;")).await;
        let status = child.end().await?;
        assert_eq!(status.code(), Some(7));
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn no_grace_kills_at_once() {
    run(async {
        let command = Command::new("sleep").arg("3600").grace(Duration::ZERO);
        assert_eq!(command.spawn()?.end().await?.signal(), Some(9));
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn one_that_is_stopped_ends_as_well() {
    run(async {
        let child = started(waiting("")).await;
        child.signal(entracte::signal::Signal::STOP)?;
        assert_eq!(child.end().await?.signal(), Some(15));
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn what_a_process_has_started_ends_with_it_in_a_group_of_its_own() {
    run(async {
        let command = shell("sleep 3600 & echo $!; wait").own_group();
        let mut child = command.stdout(std::process::Stdio::piped()).spawn()?;
        let stdout = child.stdout.as_mut().expect("it is piped");
        let line = stdout.read_line().await?.unwrap_or_default();
        let grandchild: u32 = line.parse().expect("a number");
        assert!(is_there(grandchild));
        let mut stdout = child.stdout.take().expect("it is piped");
        child.end().await?;
        // The end of the pipe: nobody has it open any more.
        assert_eq!(stdout.read_line().await?, None);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_child_that_is_dropped_ends_in_the_background() {
    run(async {
        let child = started(waiting("")).await;
        let id = child.id();
        drop(child);
        assert!(is_there(id), "dropping does not wait");
        while is_there(id) {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .unwrap();
}

#[test]
fn run_waits_for_processes_that_are_being_ended() {
    let id = run(async {
        let child = started(waiting("trap 'sleep 0.05; exit' TERM;")).await;
        child.id()
    });
    assert!(!is_there(id.unwrap()));
}

#[test]
fn a_child_that_leaves_the_loop_is_killed_when_it_is_dropped() {
    let child: Child = run(started(waiting(IGNORES_TERM))).unwrap();
    let id = child.id();
    assert!(is_there(id));
    drop(child);
    assert!(!is_there(id));
}

#[test]
fn a_runner_whose_grace_is_over_kills_what_is_left() {
    let runner = entracte::Runner::new().unwrap();
    runner.set_grace(SHORT);
    let was_told = Rc::new(Cell::new(false));
    let own = Rc::clone(&was_told);
    let handler = move |_: &Report<'_>| own.set(true);
    runner
        .event_loop()
        .set_error_handler(Some(Rc::new(handler)));
    let id = runner
        .run(async {
            let child = started(waiting(IGNORES_TERM)).await;
            child.id()
        })
        .unwrap();
    runner.close();
    assert!(!is_there(id));
    assert!(was_told.get(), "of the task that was dropped");
}

#[test]
fn cancelling_the_end_does_not_stop_it() {
    run(async {
        let grace = 3 * SHORT;
        let child = started(waiting(IGNORES_TERM).grace(grace)).await;
        let id = child.id();
        let block = async move { child.end().await.map(drop) };
        let before = entracte::time::now();
        assert!(timeout(SHORT, block).await.is_err());
        assert!(!is_there(id), "the block had to wait for it");
        assert!(entracte::time::now() - before >= grace);
    })
    .unwrap();
}

#[test]
fn a_clean_up_may_await_a_process_of_its_own() {
    run(async {
        let done = Rc::new(Cell::new(false));
        let own = Rc::clone(&done);
        let task = spawn(finally(sleep(FOR_EVER), async move {
            let status = shell("exit 7").status().await;
            own.set(status.is_ok_and(|status| status.code() == Some(7)));
        }));
        checkpoint().await;
        task.cancel();
        assert!(task.await.is_err());
        assert!(done.get());
    })
    .unwrap();
}

#[test]
fn a_process_can_be_cancelled_at_any_time() {
    run(async {
        for steps in 0..60 {
            let task = spawn(async {
                let command = shell("cat; exit 7").piped().grace(FOR_EVER);
                let mut child = command.spawn()?;
                let input = vec![b'x'; 300_000];
                catch_cancel(child.communicate(input))
                    .await
                    .ok()
                    .transpose()
            });
            for _ in 0..steps {
                checkpoint().await;
            }
            task.cancel();
            match task.await {
                Ok(Ok(output)) => assert!(output.is_none_or(|it| it.stdout.len() == 300_000)),
                Ok(Err(error)) => panic!("after {steps} steps: {error}"),
                Err(error) => assert!(error.is_cancelled(), "after {steps} steps: {error}"),
            }
        }
    })
    .unwrap();
}
