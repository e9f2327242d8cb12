//! Tasks of a loop: what only shows when many run.

use std::cell::RefCell;
use std::rc::Rc;

use entracte::sync::{Barrier, Condition, Event, Lock, PromiseBroken, Queue, Semaphore, promise};
use entracte::{checkpoint, run, spawn, task_tree};

async fn put_hundred(queue: Queue<u32>) {
    for item in 1..=100 {
        queue.put(item).await.expect("it is open");
    }
    queue.shut_down();
}

async fn work(queue: Queue<u32>, seen: Rc<RefCell<Vec<u32>>>) {
    while let Ok(item) = queue.get().await {
        checkpoint().await;
        seen.borrow_mut().push(item);
        queue.task_done().expect("an item was put");
    }
}

#[test]
fn a_producer_and_a_consumer_hand_everything_on() {
    for capacity in [0, 1, 3, 64] {
        let sum = run(async move {
            let queue = Queue::bounded(capacity);
            let producer = spawn(put_hundred(queue.clone()));
            let mut sum = 0;
            while let Ok(item) = queue.get().await {
                sum += item;
            }
            producer.await.expect("it is not cancelled");
            sum
        });
        assert_eq!(sum.expect("it runs"), 5050, "capacity {capacity}");
    }
}

#[test]
fn workers_say_done_and_join_goes_on() {
    run(async {
        let queue = Queue::unbounded();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let workers: Vec<_> = (0..3)
            .map(|_| spawn(work(queue.clone(), Rc::clone(&seen))))
            .collect();
        for item in 0..10 {
            queue.try_put(item).expect("it is open");
        }
        queue.join().await;
        seen.borrow_mut().sort_unstable();
        assert_eq!(*seen.borrow(), (0..10).collect::<Vec<_>>());
        queue.shut_down();
        for worker in workers {
            worker.await.expect("it is not cancelled");
        }
    })
    .expect("it runs");
}

#[test]
fn a_lock_keeps_tasks_apart_across_awaits() {
    let total = run(async {
        let lock = Lock::new(0);
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let lock = lock.clone();
                spawn(async move {
                    let mut total = lock.acquire().await;
                    let before = *total;
                    checkpoint().await;
                    *total = before + 1;
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("it is not cancelled");
        }
        *lock.acquire().await
    });
    assert_eq!(total.expect("it runs"), 10);
}

#[test]
fn tasks_that_are_cancelled_in_line_lose_nothing() {
    run(async {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.acquire().await;
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let semaphore = semaphore.clone();
            tasks.push(spawn(async move { drop(semaphore.acquire().await) }));
        }
        checkpoint().await;
        tasks[0].cancel();
        drop(permit);
        tasks[1].cancel();
        for (at, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.is_err(), at < 2, "task {at}");
        }
        assert_eq!(semaphore.available(), 1);
    })
    .expect("it runs");
}

#[test]
fn tasks_go_through_a_barrier_together() {
    run(async {
        let barrier = Barrier::new(3).expect("there are parties");
        let arrived = Rc::new(RefCell::new(0));
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let (barrier, arrived) = (barrier.clone(), Rc::clone(&arrived));
                spawn(async move {
                    *arrived.borrow_mut() += 1;
                    let turn = barrier.wait().await.expect("it is whole");
                    assert!(*arrived.borrow() >= 3);
                    turn.index()
                })
            })
            .collect();
        let mut indices = Vec::new();
        for task in tasks {
            indices.push(task.await.expect("it is not cancelled"));
        }
        assert_eq!(indices, [0, 1, 2, 0, 1, 2]);
    })
    .expect("it runs");
}

#[test]
fn a_condition_makes_a_bounded_buffer() {
    run(async {
        let buffer = Lock::new(Vec::new());
        let (not_empty, not_full) = (Condition::new(&buffer), Condition::new(&buffer));
        let (lock, empty, full) = (buffer.clone(), not_empty.clone(), not_full.clone());
        let producer = spawn(async move {
            for item in 0..20 {
                let guard = lock.acquire().await;
                let mut items = full
                    .wait_for(guard, |items: &Vec<u32>| items.len() < 2)
                    .await;
                items.push(item);
                empty.notify_one(&items);
            }
        });
        let mut sum = 0;
        for _ in 0..20 {
            let guard = buffer.acquire().await;
            let mut items = not_empty.wait_for(guard, |items| !items.is_empty()).await;
            sum += items.remove(0);
            not_full.notify_one(&items);
        }
        producer.await.expect("it is not cancelled");
        assert_eq!(sum, 190);
    })
    .expect("it runs");
}

#[test]
fn an_event_wakes_tasks_in_the_order_in_which_they_came() {
    run(async {
        let event = Event::new();
        let order = Rc::new(RefCell::new(Vec::new()));
        let mut tasks = Vec::new();
        for number in 0..3 {
            let (event, order) = (event.clone(), Rc::clone(&order));
            tasks.push(spawn(async move {
                event.wait().await;
                order.borrow_mut().push(number);
            }));
        }
        checkpoint().await;
        event.set();
        for task in tasks {
            task.await.expect("it is not cancelled");
        }
        assert_eq!(*order.borrow(), [0, 1, 2]);
    })
    .expect("it runs");
}

#[test]
fn callbacks_of_a_promise_are_called_in_the_next_turn_in_order() {
    run(async {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let (resolver, promise) = promise();
        let promise = promise.shared();
        for number in 0..2 {
            let calls = Rc::clone(&calls);
            promise.on_done(move |outcome| calls.borrow_mut().push((number, outcome.copied())));
        }
        assert!(resolver.set('v').is_ok());
        assert!(calls.borrow().is_empty(), "not at once");
        checkpoint().await;
        assert_eq!(*calls.borrow(), [(0, Ok('v')), (1, Ok('v'))]);
        let late = Rc::clone(&calls);
        promise.on_done(move |outcome| late.borrow_mut().push((2, outcome.copied())));
        assert_eq!(calls.borrow().len(), 2, "not at once either");
        checkpoint().await;
        assert_eq!(calls.borrow()[2], (2, Ok('v')));
    })
    .expect("it runs");
}

#[test]
fn callbacks_are_told_that_a_promise_was_broken() {
    run(async {
        let told = Rc::new(RefCell::new(None));
        let (resolver, promise) = promise::<u8>();
        let seen = Rc::clone(&told);
        promise.shared().on_done(move |outcome| {
            seen.replace(Some(outcome.copied()));
        });
        assert!(resolver.is_wanted(), "a callback wants it");
        drop(resolver);
        checkpoint().await;
        assert_eq!(told.take(), Some(Err(PromiseBroken)));
    })
    .expect("it runs");
}

#[test]
#[should_panic(expected = "while an event loop runs")]
fn a_callback_needs_a_loop() {
    let (_resolver, promise) = promise::<u8>();
    promise.shared().on_done(|_| {});
}

/// What the tree of tasks says of a task that runs this.
async fn said_of(waiting: impl Future + 'static) -> String {
    let _task = spawn(async move {
        waiting.await;
    });
    checkpoint().await;
    task_tree().to_string()
}

#[test]
fn the_tree_of_tasks_says_what_a_task_waits_for() {
    run(async {
        let (queue, full) = (Queue::<u8>::unbounded(), Queue::bounded(1));
        full.try_put(1).expect("there is room");
        let (put, join) = (full.clone(), full.clone());
        let lock = Lock::new(());
        let guard = lock.acquire().await;
        let condition = Condition::with_data(());
        let barrier = Barrier::new(2).expect("there are parties");
        let (_resolver, promise) = promise::<u8>();
        let said = [
            (
                "Queue::get",
                said_of(async move { queue.get().await }).await,
            ),
            ("Queue::put", said_of(async move { put.put(2).await }).await),
            (
                "Queue::join",
                said_of(async move { join.join().await }).await,
            ),
            (
                "Event::wait",
                said_of(async { Event::new().wait().await }).await,
            ),
            (
                "Lock::acquire",
                said_of(async move { lock.acquire().await }).await,
            ),
            (
                "Condition::wait",
                said_of(async move { condition.wait(condition.acquire().await).await }).await,
            ),
            (
                "Semaphore::acquire",
                said_of(async { Semaphore::new(0).acquire().await }).await,
            ),
            (
                "Barrier::wait",
                said_of(async move { barrier.wait().await }).await,
            ),
            ("a promise", said_of(promise).await),
        ];
        drop(guard);
        for (what, tree) in said {
            assert!(tree.contains(what), "{what}: {tree}");
        }
    })
    .expect("it runs");
}
