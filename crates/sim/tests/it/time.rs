//! Virtual time: it jumps when all wait, and stands still while anybody is ready.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use entracte::sync::Event;
use entracte::{checkpoint, sleep, spawn, timeout};
use entracte_sim::{advance, check, elapsed, run, run_fifo, wait_all_blocked};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_day_of_timers_every_second_takes_no_time_to_speak_of() {
    let ticks = run_fifo(async {
        let mut ticks = 0;
        for _ in 0..24 * 60 * 60 {
            sleep(s(1)).await;
            ticks += 1;
        }
        assert_eq!(elapsed(), s(24 * 60 * 60));
        ticks
    });
    assert_eq!(ticks, 86_400);
}

#[test]
fn no_time_passes_while_a_task_is_ready() {
    run(7, async {
        let other = spawn(sleep(s(1)));
        for _ in 0..1000 {
            checkpoint().await;
        }
        assert_eq!(elapsed(), s(0));
        assert!(!other.is_done());
    });
}

async fn order_of_waking() -> Vec<u64> {
    let log = Rc::new(RefCell::new(Vec::new()));
    let tasks = [3, 1, 2].map(|seconds| {
        let log = Rc::clone(&log);
        spawn(async move {
            sleep(s(seconds)).await;
            log.borrow_mut().push(seconds);
        })
    });
    sleep(s(4)).await;
    drop(tasks);
    log.take()
}

#[test]
fn those_who_sleep_wake_in_the_order_of_their_deadlines_whatever_the_seed() {
    for seed in 0..50 {
        assert_eq!(run(seed, order_of_waking()), [1, 2, 3]);
    }
}

/// Counts to twenty, waits for the event, sleeps a second, counts once more.
async fn busy(event: Rc<Event>, counter: Rc<Cell<u64>>) {
    for _ in 0..20 {
        checkpoint().await;
        counter.set(counter.get() + 1);
    }
    event.wait().await;
    sleep(s(1)).await;
    counter.set(counter.get() + 1);
}

#[test]
fn waiting_for_all_others_lets_them_do_what_they_can_before_time_passes() {
    check(0..50, async || {
        let (event, counter) = (Rc::new(Event::new()), Rc::new(Cell::new(0)));
        let busy = spawn(busy(Rc::clone(&event), Rc::clone(&counter)));
        wait_all_blocked().await;
        assert_eq!((counter.get(), elapsed()), (20, s(0)));
        event.set();
        wait_all_blocked().await;
        assert_eq!((counter.get(), elapsed()), (20, s(0)));
        busy.await.expect("nobody cancels it");
        assert_eq!((counter.get(), elapsed()), (21, s(1)));
    });
}

#[test]
fn several_that_wait_for_all_others_go_on_together() {
    run(7, async {
        let tasks = [(); 3].map(|()| spawn(wait_all_blocked()));
        wait_all_blocked().await;
        checkpoint().await;
        assert!(tasks.iter().all(entracte::Task::is_done));
    });
}

#[test]
fn waiting_for_all_others_can_be_cancelled() {
    run(7, async {
        let waited = timeout(s(0), async {
            wait_all_blocked().await;
        });
        assert!(waited.await.is_err());
        let task = spawn(wait_all_blocked());
        checkpoint().await;
        task.cancel();
        drop(task.await);
        sleep(s(1)).await;
        assert_eq!(elapsed(), s(1));
    });
}

async fn tick(ticks: Rc<Cell<u64>>) {
    loop {
        ticks.set(ticks.get() + 1);
        sleep(s(1)).await;
    }
}

#[test]
fn what_is_due_at_the_end_of_an_advance_has_happened() {
    check(0..50, async || {
        let ticks = Rc::new(Cell::new(0));
        let task = spawn(tick(Rc::clone(&ticks)));
        advance(s(3)).await;
        assert_eq!((ticks.get(), elapsed()), (4, s(3)));
        advance(s(2)).await;
        assert_eq!((ticks.get(), elapsed()), (6, s(5)));
        drop(task);
    });
}

#[test]
fn the_clean_up_of_tasks_that_are_left_is_awaited_in_virtual_time() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let cleans = Rc::clone(&log);
    run(7, async {
        let clean_up = async move {
            sleep(s(5)).await;
            cleans.borrow_mut().push(elapsed());
        };
        spawn(entracte::finally(sleep(s(100)), clean_up)).detach();
        sleep(s(1)).await;
    });
    assert_eq!(log.take(), [s(6)]);
}
