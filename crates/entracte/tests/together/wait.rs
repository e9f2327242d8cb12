//! What `wait` promises.

use std::time::Duration;

use entracte::task::{NoTasks, When, wait_within};
use entracte::{EventLoop, Task, sleep, spawn, timeout, wait};

use crate::hand::{after, counted, ms, turns_pass};
use crate::support::run_virtual;

const HOUR: Duration = ms(3_600_000);

fn sleepers(millis: &[u64]) -> Vec<Task<u64>> {
    let sleeper = |millis: &u64| spawn(after(ms(*millis), *millis));
    millis.iter().map(sleeper).collect()
}

async fn values(tasks: Vec<Task<u64>>) -> Vec<u64> {
    let mut values = vec![];
    for task in tasks {
        values.push(task.await.expect("it is not cancelled"));
    }
    values
}

async fn result(millis: u64, result: Result<u8, &'static str>) -> Result<u8, &'static str> {
    after(ms(millis), result).await
}

fn millis() -> u64 {
    entracte::time::now().as_nanos() / 1_000_000
}

#[test]
fn for_all_gives_all_in_their_order() {
    run_virtual(async {
        let mut tasks = sleepers(&[3, 1, 2]);
        let done = wait(&mut tasks, When::All).await.unwrap();
        assert!(tasks.is_empty() && done.iter().all(Task::is_done));
        assert_eq!(values(done).await, [3, 1, 2]);
        assert_eq!(millis(), 3);
    })
    .unwrap();
}

#[test]
fn for_the_first_gives_those_that_are_done_and_leaves_the_others_running() {
    run_virtual(async {
        let mut tasks = sleepers(&[5, 2, 9, 2]);
        let done = wait(&mut tasks, When::FirstCompleted).await.unwrap();
        assert_eq!(millis(), 2);
        assert_eq!(values(done).await, [2, 2]);
        assert!(
            tasks
                .iter()
                .all(|task| !task.is_done() && task.cancelling() == 0)
        );
        assert_eq!(values(tasks).await, [5, 9]);
    })
    .unwrap();
}

#[test]
fn for_the_first_error_ends_with_an_err() {
    run_virtual(async {
        let mut tasks = vec![
            spawn(result(9, Ok(9))),
            spawn(result(1, Ok(1))),
            spawn(result(3, Err("wrong"))),
        ];
        let mut done = wait(&mut tasks, When::FirstError).await.unwrap();
        assert_eq!((millis(), tasks.len(), done.len()), (3, 1, 2));
        // The outcome is still there.
        assert_eq!(done.pop().unwrap().await.unwrap(), Err("wrong"));
        assert_eq!(done.pop().unwrap().await.unwrap(), Ok(1));
    })
    .unwrap();
}

#[test]
fn for_the_first_error_ends_with_a_panic() {
    run_virtual(async {
        let mut tasks = sleepers(&[1, 9]);
        tasks.push(spawn(async {
            sleep(ms(3)).await;
            panic!("a task panics")
        }));
        let done = wait(&mut tasks, When::FirstError).await.unwrap();
        assert_eq!((millis(), tasks.len(), done.len()), (3, 1, 2));
        for task in done {
            drop(task.await);
        }
    })
    .unwrap();
}

#[test]
fn for_the_first_error_passes_by_a_cancellation_and_ends_with_the_last() {
    run_virtual(async {
        let mut tasks = sleepers(&[4, 9]);
        tasks[0].cancel();
        let done = wait(&mut tasks, When::FirstError).await.unwrap();
        assert_eq!((millis(), done.len()), (9, 2));
        assert!(done[0].is_cancelled());
    })
    .unwrap();
}

#[test]
fn no_tasks_are_an_error() {
    run_virtual(async {
        let mut none: Vec<Task<()>> = vec![];
        assert_eq!(wait(&mut none, When::All).await.unwrap_err(), NoTasks);
        assert!(wait_within(HOUR, &mut none, When::All).await.is_err());
    })
    .unwrap();
}

#[test]
fn a_limit_is_no_error_and_cancels_nothing() {
    run_virtual(async {
        let mut tasks = sleepers(&[9, 1, 7]);
        let done = wait_within(ms(5), &mut tasks, When::All).await.unwrap();
        assert_eq!(millis(), 5);
        assert_eq!(values(done).await, [1]);
        assert_eq!(values(tasks).await, [9, 7]);
    })
    .unwrap();
}

#[test]
fn a_limit_that_is_not_reached_leaves_no_timer() {
    run_virtual(async {
        let mut tasks = sleepers(&[1]);
        wait_within(HOUR, &mut tasks, When::All).await.unwrap();
        assert_eq!(millis(), 1);
    })
    .unwrap();
    // A timer that is left would let the clock jump to it here, where nothing else can happen.
    let runner = crate::support::virtual_runner();
    let waited = runner.run(async {
        let mut tasks = sleepers(&[1]);
        wait_within(HOUR, &mut tasks, When::All).await.unwrap();
        std::future::pending::<()>().await;
    });
    assert!(waited.is_err());
    assert_eq!(runner.event_loop().time().as_nanos(), 1_000_000);
}

#[test]
fn a_cancelled_wait_leaves_the_tasks_as_they_were() {
    run_virtual(async {
        let mut tasks = sleepers(&[9, 1, 7]);
        assert!(timeout(ms(5), wait(&mut tasks, When::All)).await.is_err());
        assert_eq!((millis(), tasks.len()), (5, 3));
        assert!(tasks.iter().all(|task| task.cancelling() == 0));
        assert_eq!(values(tasks).await, [9, 1, 7]);
    })
    .unwrap();
}

#[test]
fn tasks_of_a_cancelled_owner_are_cancelled_by_it() {
    run_virtual(async {
        let owner = spawn(async {
            let mut tasks = sleepers(&[3_600_000; 3]);
            wait(&mut tasks, When::All).await.map(drop)
        });
        turns_pass(3).await;
        owner.cancel();
        assert!(owner.await.is_err());
        assert_eq!((crate::hand::others(), millis()), (0, 0));
    })
    .unwrap();
}

#[test]
fn a_task_can_be_waited_for_again_and_again() {
    run_virtual(async {
        let mut tasks = sleepers(&[3, 1, 2]);
        let mut order = vec![];
        while !tasks.is_empty() {
            let done = wait(&mut tasks, When::FirstCompleted).await.unwrap();
            order.extend(values(done).await);
        }
        assert_eq!(order, [1, 2, 3]);
    })
    .unwrap();
}

#[test]
fn waits_that_are_over_leave_nothing_behind() {
    run_virtual(async {
        let event_loop = EventLoop::current().unwrap();
        let mut tasks = sleepers(&[3_600_000; 5]);
        turns_pass(1).await;
        let before = event_loop.alive();
        for _ in 0..1000 {
            let done = wait_within(ms(1), &mut tasks, When::FirstError)
                .await
                .unwrap();
            assert!(done.is_empty());
        }
        turns_pass(2).await;
        assert_eq!(event_loop.alive(), before);
    })
    .unwrap();
}

#[test]
fn it_is_polled_twice_however_many_tasks_end_in_turns_of_their_own() {
    run_virtual(async {
        for when in [When::All, When::FirstError] {
            let mut tasks: Vec<_> = (0..100).map(|turns| spawn(turns_pass(turns))).collect();
            let (done, polls) = counted(wait(&mut tasks, when)).await;
            assert_eq!((done.unwrap().len(), polls), (100, 2));
        }
    })
    .unwrap();
}

#[test]
fn two_parts_of_one_task_can_wait_each_for_its_own() {
    run_virtual(async {
        let (mut odd, mut even) = (sleepers(&[1, 3]), sleepers(&[2, 4]));
        let (odd, even) = futures::join!(
            wait(&mut odd, When::All),
            wait(&mut even, When::FirstCompleted)
        );
        assert_eq!(values(odd.unwrap()).await, [1, 3]);
        assert_eq!(values(even.unwrap()).await, [2]);
    })
    .unwrap();
}

#[test]
fn tasks_of_a_loop_that_is_closed_are_done() {
    let runner = crate::support::virtual_runner();
    let mut tasks = runner.run(async { sleepers(&[1, 2]) }).unwrap();
    runner.event_loop().close();
    run_virtual(async {
        let done = wait(&mut tasks, When::All).await.unwrap();
        assert_eq!((done.len(), tasks.len()), (2, 0));
    })
    .unwrap();
}

#[test]
fn a_wait_that_is_dropped_half_way_leaves_the_tasks_to_be_awaited() {
    run_virtual(async {
        let mut tasks = sleepers(&[5, 2]);
        {
            let waited = std::pin::pin!(wait(&mut tasks, When::All));
            let slept = std::pin::pin!(sleep(ms(3)));
            futures::future::select(waited, slept).await;
        }
        assert_eq!(values(tasks).await, [5, 2]);
        assert_eq!(millis(), 5);
    })
    .unwrap();
}

#[test]
fn a_wait_ends_when_its_loop_is_closed() {
    let runner = crate::support::virtual_runner();
    let tasks = runner.run(async { sleepers(&[1, 2]) });
    let mut tasks = tasks.unwrap();
    let mut waiting = Box::pin(wait(&mut tasks, When::All));
    runner
        .run(async { assert!(futures::poll!(waiting.as_mut()).is_pending()) })
        .unwrap();
    runner.event_loop().close();
    let done = run_virtual(waiting).unwrap().unwrap();
    assert_eq!(done.len(), 2);
}
