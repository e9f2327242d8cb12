//! Faults at every point: the real primitives are whole wherever a task is cancelled or dropped.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use entracte::sync::{Event, Lock, Queue, Semaphore};
use entracte::{checkpoint, finally, sleep};
use entracte_sim::{Sim, faults, wait_all_blocked};

#[test]
fn a_queue_loses_no_item_wherever_a_get_is_cancelled() {
    let points = faults::everywhere(async |faults| {
        let queue = Rc::new(Queue::bounded(1));
        let got = Rc::new(Cell::new(0));
        let (gets, counts) = (Rc::clone(&queue), Rc::clone(&got));
        let task = faults.spawn(async move {
            for _ in 0..3 {
                gets.get().await.expect("it is open");
                counts.set(counts.get() + 1);
            }
        });
        let puts = Rc::clone(&queue);
        let producer = entracte::spawn(async move {
            for item in 0..3 {
                checkpoint().await;
                puts.put(item).await.expect("it is open");
            }
        });
        drop(task.await);
        wait_all_blocked().await;
        let mut left = 0;
        while queue.try_get().is_ok() {
            left += 1;
            wait_all_blocked().await;
        }
        producer.await.expect("nobody cancels it");
        assert_eq!(got.get() + left, 3);
    });
    assert!(points > 5, "{points} points");
}

#[test]
fn a_semaphore_gets_its_permits_back_wherever_a_task_is_dropped() {
    let points = faults::everywhere(async |faults| {
        let semaphore = Semaphore::new(1);
        let first = semaphore.acquire().await;
        let holder = entracte::spawn(async move {
            checkpoint().await;
            drop(first);
        });
        let used = faults.dropping(async {
            let permit = semaphore.acquire().await;
            sleep(Duration::from_secs(1)).await;
            drop(permit);
        });
        let ended = used.await.is_some();
        assert_eq!(ended, !faults.has_struck());
        holder.await.expect("nobody cancels it");
        assert!(semaphore.try_acquire().is_some(), "a permit is lost");
    });
    assert_eq!(points, 4); // waiting and woken, for the permit and for the second
}

#[test]
fn a_clean_up_runs_wherever_a_task_is_cancelled_once_it_began() {
    let (begun, cleaned) = (Cell::new(0), Cell::new(0));
    let points = faults::everywhere(async |faults| {
        let (has_begun, is_clean) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let (begins, cleans) = (Rc::clone(&has_begun), Rc::clone(&is_clean));
        let task = faults.spawn(finally(
            async move {
                begins.set(true);
                for _ in 0..3 {
                    sleep(Duration::from_secs(1)).await;
                }
            },
            async move {
                checkpoint().await;
                cleans.set(true);
            },
        ));
        drop(task.await);
        begun.set(begun.get() + u32::from(has_begun.get()));
        cleaned.set(cleaned.get() + u32::from(is_clean.get()));
        assert!(!has_begun.get() || is_clean.get() || faults.has_struck());
    });
    // Before it began; three sleeps and the clean-up, waiting and woken.
    assert_eq!(points, 9);
    // All runs but the one that was cancelled before it began; the clean-up itself can be
    // interrupted at its two points.
    assert_eq!((begun.get(), cleaned.get()), (9, 7));
}

#[test]
fn a_fault_strikes_once() {
    faults::everywhere(async |faults| {
        let lock = Lock::new(());
        let tasks = [(); 3].map(|()| {
            let lock = lock.clone();
            faults.spawn(async move {
                let _guard = lock.acquire().await;
                checkpoint().await;
            })
        });
        let mut cancelled = 0;
        for task in tasks {
            cancelled += u8::from(task.await.is_err());
        }
        assert_eq!(cancelled, u8::from(faults.has_struck()));
        assert!(!lock.is_locked());
    });
}

#[test]
fn what_breaks_at_one_point_is_found_and_says_where() {
    // Whoever sets the event last is cancelled before it does: the others wait for ever.
    let broken = || {
        faults::everywhere_in(&Sim::new(7), async |faults| {
            let event = Rc::new(Event::new());
            let sets = Rc::clone(&event);
            let task = faults.spawn(async move {
                checkpoint().await;
                sets.set();
            });
            drop(task.await);
            event.wait().await;
        })
    };
    let panic = std::panic::catch_unwind(broken).expect_err("the first point breaks it");
    let text = panic.downcast_ref::<String>().expect("it is a text");
    assert!(text.contains("seed 7, fault at point 0"), "{text}");
    assert!(
        text.contains("ENTRACTE_SEED=7 ENTRACTE_FAULT=0 cargo test"),
        "{text}"
    );
}
