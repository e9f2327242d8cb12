//! The primitives of `entracte` under every schedule within a bound, from seeds, and with faults.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use entracte::sync::{Barrier, Event, Queue, Semaphore, promise};
use entracte::task::ErrorGroup;
use entracte::{
    Task, catch_cancel, checkpoint, finally, gather, race, sleep, spawn, task_group, timeout,
};
use entracte_sim::explore::depth_first;
use entracte_sim::faults::{Faults, everywhere_in};
use entracte_sim::{Sim, check};

const SECOND: Duration = Duration::from_secs(1);

/// Runs a program in the usual order, in all that differ by two reorderings, and from seeds.
#[track_caller]
fn holds(program: impl AsyncFn()) {
    let explored = depth_first(2, &program).expect("no schedule breaks it");
    assert!(
        explored.is_complete && explored.schedules > 1,
        "{explored:?}"
    );
    check(0..200, program);
}

/// Runs a scenario with a fault at each point, in ten orders.
#[track_caller]
fn holds_with_faults(scenario: impl AsyncFn(&Faults)) {
    let points = everywhere_in(&Sim::new(0).fifo(), &scenario);
    assert!(points > 1);
    for seed in 0..10 {
        everywhere_in(&Sim::new(seed), &scenario);
    }
}

async fn all<T: 'static>(tasks: impl IntoIterator<Item = Task<T>>) {
    for task in tasks {
        task.await.expect("nobody cancels it");
    }
}

/// Comes to the barrier twice; nobody may be there for the second time before all were once.
async fn two_rounds(barrier: Barrier, passed: Rc<Cell<u32>>) {
    for round in 0..2 {
        barrier.wait().await.expect("nobody breaks it");
        assert!((round * 3..round * 3 + 3).contains(&passed.get()));
        passed.set(passed.get() + 1);
        checkpoint().await;
    }
}

#[test]
fn a_barrier_lets_all_through_round_after_round() {
    holds(async || {
        let barrier = Barrier::new(3).expect("three come");
        let passed = Rc::new(Cell::new(0));
        let tasks = [(); 3].map(|()| spawn(two_rounds(barrier.clone(), Rc::clone(&passed))));
        all(tasks).await;
        assert_eq!((passed.get(), barrier.n_waiting()), (6, 0));
    });
}

/// Counts one more while it lives.
struct Inside(Rc<Cell<i32>>);

impl Inside {
    fn enter(count: &Rc<Cell<i32>>) -> Self {
        count.set(count.get() + 1);
        Self(Rc::clone(count))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[test]
fn permits_are_never_more_nor_less() {
    holds_with_faults(async |faults| {
        let semaphore = Semaphore::new(2);
        let count = Rc::new(Cell::new(0));
        let tasks = [(); 4].map(|()| {
            let (semaphore, count) = (semaphore.clone(), Rc::clone(&count));
            faults.spawn(async move {
                let _permit = semaphore.acquire().await;
                let _inside = Inside::enter(&count);
                assert!(count.get() <= 2);
                finally(checkpoint(), checkpoint()).await;
            })
        });
        for task in tasks {
            drop(task.await);
        }
        assert_eq!((semaphore.available(), count.get()), (2, 0));
    });
}

#[test]
fn a_promise_is_kept_or_broken_but_never_forgotten() {
    holds_with_faults(async |faults| {
        let (resolver, promise) = promise();
        let resolves = faults.spawn(async move {
            checkpoint().await;
            resolver.set(7).expect("it is awaited");
        });
        let kept = promise.await;
        assert_eq!(kept.is_ok(), resolves.await.is_ok());
    });
}

/// Gets until the queue is shut down; gives how many there were.
async fn get_all(queue: Rc<Queue<u8>>) -> u8 {
    let mut got = 0;
    while queue.get().await.is_ok() {
        got += 1;
        queue.task_done().expect("it was there");
    }
    got
}

#[test]
fn a_queue_that_is_shut_down_ends_all_who_wait_and_loses_nothing() {
    holds(async || {
        let queue = Rc::new(Queue::bounded(1));
        let gets = [(); 2].map(|()| spawn(get_all(Rc::clone(&queue))));
        let puts = [1, 2].map(|item| {
            let queue = Rc::clone(&queue);
            spawn(async move { queue.put(item).await.expect("it is open") })
        });
        all(puts).await;
        queue.join().await;
        queue.shut_down();
        let mut got = 0;
        for task in gets {
            got += task.await.expect("nobody cancels it");
        }
        assert_eq!(got, 2);
    });
}

/// A child that takes so many turns; the one that takes one fails.
async fn child(turns: u8, _inside: Inside) -> Result<(), &'static str> {
    for _ in 0..turns {
        checkpoint().await;
    }
    if turns == 1 { Err("one fails") } else { Ok(()) }
}

async fn group_that_fails(alive: Rc<Cell<i32>>) {
    let grouped: Result<(), ErrorGroup> = task_group(async |group| {
        for turns in 0..3 {
            drop(group.spawn(child(turns, Inside::enter(&alive))));
        }
    })
    .await;
    assert!(grouped.is_err());
    assert_eq!(alive.get(), 0, "a child outlived its group");
}

#[test]
fn a_group_with_a_failing_child_leaves_nobody_behind() {
    holds_with_faults(async |faults| {
        let alive = Rc::new(Cell::new(0));
        let ended = faults.spawn(group_that_fails(Rc::clone(&alive))).await;
        assert!(ended.is_ok() || faults.has_struck());
        assert_eq!(alive.get(), 0, "a child outlived its group");
    });
}

#[test]
fn gathering_and_racing_give_what_there_is_in_any_order() {
    holds(async || {
        let gathered = gather((async { 1 }, async { checkpoint().await }, async { 3 })).await;
        assert_eq!(gathered.expect("nothing fails"), (1, (), 3));
        let event = Rc::new(Event::new());
        let (waits, sets) = (Rc::clone(&event), Rc::clone(&event));
        let setter = spawn(async move { sets.set() });
        let futures: [std::pin::Pin<Box<dyn Future<Output = u8>>>; 2] = [
            Box::pin(async move {
                waits.wait().await;
                1
            }),
            Box::pin(async {
                checkpoint().await;
                2
            }),
        ];
        let raced = race(futures).await;
        drop(raced);
        all([setter]).await;
    });
}

#[test]
fn a_timeout_and_what_it_limits_may_end_in_the_same_moment() {
    holds_with_faults(async |faults| {
        let semaphore = Semaphore::new(1);
        let limited = semaphore.clone();
        let task = faults.spawn(async move {
            let permit = timeout(SECOND, async {
                sleep(SECOND).await;
                limited.acquire().await
            });
            drop(permit.await);
        });
        let holder = semaphore.acquire().await;
        sleep(SECOND).await;
        drop(holder);
        drop(task.await);
        assert_eq!(semaphore.available(), 1);
    });
}

#[test]
fn a_swallowed_cancellation_lets_the_task_go_on_wherever_it_comes() {
    holds_with_faults(async |faults| {
        let done = Rc::new(Cell::new(false));
        let ends = Rc::clone(&done);
        let task = faults.spawn(async move {
            for _ in 0..3 {
                drop(catch_cancel(sleep(SECOND)).await);
            }
            ends.set(true);
        });
        let ended = task.await.is_ok();
        assert_eq!(ended, done.get());
    });
}
