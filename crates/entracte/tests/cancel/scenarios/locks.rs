//! Locks, conditions, semaphores, barriers and events cut off everywhere: they come back whole.

use std::cell::Cell;
use std::rc::Rc;

use entracte::sync::{Barrier, Condition, Event, Lock, Semaphore};
use entracte::{finally, sleep, task_group};

use crate::everywhere::{Scenario, everywhere};
use crate::log::ms;

#[test]
fn a_lock_is_handed_on_and_free_in_the_end() {
    let runs = everywhere("lock", |stage| {
        let lock = Lock::new(0);
        let (stage, kept) = (stage.clone(), lock.clone());
        let program = async move {
            let tasks: Vec<_> = (0..4)
                .map(|_| {
                    let lock = lock.clone();
                    stage.spawn(async move {
                        for _ in 0..2 {
                            let mut guard = lock.acquire().await;
                            let before = *guard;
                            sleep(ms(1)).await;
                            assert_eq!(*guard, before, "two have the lock");
                            *guard += 1;
                        }
                    })
                })
                .collect();
            for task in tasks {
                drop(task.await);
            }
        };
        Scenario::new(program, move || assert!(!kept.is_locked()))
    });
    assert!(runs > 200, "{runs}");
}

#[test]
fn a_condition_hands_its_lock_and_its_notices_on() {
    let runs = everywhere("condition", |stage| {
        let condition = Condition::with_data(0_u32);
        let (stage, kept) = (stage.clone(), condition.clone());
        let left = Rc::new(Cell::new(0));
        let taken = Rc::clone(&left);
        let program = async move {
            let group = task_group(async |group| {
                for _ in 0..3 {
                    let (condition, taken) = (condition.clone(), Rc::clone(&taken));
                    group.spawn(stage.actor(async move {
                        let guard = condition.acquire().await;
                        let mut guard = condition.wait_for(guard, |ready| *ready > 0).await;
                        *guard -= 1;
                        taken.set(taken.get() + 1);
                    }));
                }
                for _ in 0..3 {
                    sleep(ms(1)).await;
                    let mut guard = condition.acquire().await;
                    *guard += 1;
                    condition.notify_one(&guard);
                }
            });
            group.await.expect("no child fails");
        };
        Scenario::new(program, move || {
            let guard = kept.lock().try_acquire().expect("the lock is free");
            assert!(*guard + left.get() <= 3);
        })
    });
    assert!(runs > 100, "{runs}");
}

#[test]
fn a_notice_that_a_cancelled_waiter_had_goes_to_the_next() {
    let runs = everywhere("notice", |stage| {
        let condition = Condition::with_data(());
        let stage = stage.clone();
        let went_on = Rc::new(Cell::new(0));
        let cancelled = Rc::new(Cell::new(0));
        let counts = (Rc::clone(&went_on), Rc::clone(&cancelled));
        let is_whole = Rc::new(Cell::new(false));
        let whole = Rc::clone(&is_whole);
        let program = async move {
            let waiters: Vec<_> = (0..3)
                .map(|_| {
                    let (condition, went_on) = (condition.clone(), Rc::clone(&counts.0));
                    stage.spawn(async move {
                        let guard = condition.acquire().await;
                        drop(condition.wait(guard).await);
                        went_on.set(went_on.get() + 1);
                    })
                })
                .collect();
            sleep(ms(1)).await;
            condition.notify(&condition.acquire().await, 2);
            sleep(ms(1)).await;
            for waiter in waiters {
                let is_done = waiter.is_done();
                waiter.cancel();
                let failed = waiter.await.is_err();
                counts
                    .1
                    .set(counts.1.get() + usize::from(failed && is_done));
            }
            whole.set(true);
        };
        Scenario::new(program, move || {
            // Two were notified; one that was cancelled by the cut passed its notice on.
            if is_whole.get() {
                assert_eq!(went_on.get(), 2, "{} cancelled", cancelled.get());
            }
        })
    });
    assert!(runs > 50, "{runs}");
}

#[test]
fn a_semaphore_has_all_its_permits_back() {
    let runs = everywhere("semaphore", |stage| {
        let semaphore = Semaphore::new(2);
        let (stage, kept) = (stage.clone(), semaphore.clone());
        let program = async move {
            let working = Rc::new(Cell::new(0));
            let tasks: Vec<_> = (1..=4)
                .map(|millis| {
                    let (semaphore, working) = (semaphore.clone(), Rc::clone(&working));
                    stage.spawn(async move {
                        let _permit = semaphore.acquire().await;
                        working.set(working.get() + 1);
                        assert!(working.get() <= 2, "more work than permits");
                        let ends = async { working.set(working.get() - 1) };
                        finally(sleep(ms(millis)), ends).await;
                    })
                })
                .collect();
            for task in tasks {
                drop(task.await);
            }
        };
        Scenario::new(program, move || assert_eq!(kept.available(), 2))
    });
    assert!(runs > 100, "{runs}");
}

#[test]
fn a_barrier_counts_only_those_who_are_there() {
    let runs = everywhere("barrier", |stage| {
        let barrier = Barrier::new(3).expect("three is not zero");
        let (stage, kept) = (stage.clone(), barrier.clone());
        let program = async move {
            let tasks: Vec<_> = (1..=3)
                .map(|millis| {
                    let barrier = barrier.clone();
                    stage.spawn(async move {
                        for _ in 0..2 {
                            sleep(ms(millis)).await;
                            barrier.wait().await.expect("nobody breaks it");
                        }
                    })
                })
                .collect();
            for task in tasks {
                drop(task.await);
            }
        };
        Scenario::new(program, move || {
            assert_eq!(kept.n_waiting(), 0);
            assert!(!kept.is_broken());
        })
    });
    assert!(runs > 100, "{runs}");
}

#[test]
fn an_event_lets_everyone_through_who_is_not_cancelled() {
    let runs = everywhere("event", |stage| {
        let stage = stage.clone();
        let program = async move {
            let event = Rc::new(Event::new());
            let tasks: Vec<_> = (0..3)
                .map(|_| {
                    let event = Rc::clone(&event);
                    stage.spawn(async move { event.wait().await })
                })
                .collect();
            sleep(ms(1)).await;
            event.set();
            for task in tasks {
                drop(task.await);
            }
        };
        Scenario::new(program, || {})
    });
    assert!(runs > 50, "{runs}");
}
