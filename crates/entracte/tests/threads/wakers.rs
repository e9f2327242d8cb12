//! Wakers on other threads: many wakes, late wakes, wakes of what is gone.

use std::cell::Cell;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};
use std::thread;

use entracte::{RunError, run, spawn};

/// Wakes on a thread of its own, and counts each time before it does.
fn wake_often(wakes: usize, waker: Waker, woken: Arc<AtomicUsize>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for _ in 0..wakes {
            woken.fetch_add(1, Ordering::SeqCst);
            waker.wake_by_ref();
        }
    })
}

#[test]
fn a_million_wakes_from_four_threads_lose_none_that_counts() {
    const WAKES: usize = 250_000;
    let woken = Arc::new(AtomicUsize::new(0));
    let polls = Cell::new(0_usize);
    let mut threads: Option<Vec<thread::JoinHandle<()>>> = None;
    run(poll_fn(|cx| {
        polls.set(polls.get() + 1);
        threads.get_or_insert_with(|| {
            let start = |_| wake_often(WAKES, cx.waker().clone(), Arc::clone(&woken));
            (0..4).map(start).collect()
        });
        // The poll that the last wake leads to sees that it was the last.
        if woken.load(Ordering::SeqCst) == 4 * WAKES {
            return Poll::Ready(());
        }
        Poll::Pending
    }))
    .unwrap();
    assert!(polls.get() <= 4 * WAKES + 1);
    for thread in threads.expect("the first poll started them") {
        thread.join().expect("waking does not panic");
    }
}

/// A future that gives its waker away, and waits until it is woken by it.
async fn give_waker(to: mpsc::Sender<Waker>) {
    let is_first = AtomicBool::new(true);
    poll_fn(|cx| {
        if is_first.swap(false, Ordering::SeqCst) {
            to.send(cx.waker().clone()).expect("somebody takes it");
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

#[test]
fn a_waker_may_outlive_its_loop() {
    let (to, wakers) = mpsc::channel();
    run(async {
        spawn(give_waker(to)).detach();
        entracte::checkpoint().await;
    })
    .unwrap();
    let waker = wakers.recv().expect("the task gave one");
    waker.wake_by_ref();
    let late = thread::spawn(move || {
        let other = waker.clone();
        waker.wake();
        drop(other);
    });
    late.join()
        .expect("waking a loop that is gone does nothing");
}

#[test]
fn a_late_wake_does_not_reach_the_next_loop() {
    let (to, wakers) = mpsc::channel();
    run(async {
        spawn(give_waker(to)).detach();
        entracte::checkpoint().await;
    })
    .unwrap();
    let waker = wakers.recv().expect("the task gave one");
    let polls = Cell::new(0);
    let stuck = run(poll_fn(|_| {
        polls.set(polls.get() + 1);
        waker.wake_by_ref();
        Poll::<()>::Pending
    }));
    assert!(matches!(stuck, Err(RunError::Deadlock(_))), "{stuck:?}");
    assert_eq!(polls.get(), 1);
    drop(waker);
}

#[test]
fn a_loop_is_stuck_once_the_last_waker_was_dropped_elsewhere() {
    let (to, wakers) = mpsc::channel::<Waker>();
    let thread = thread::spawn(move || {
        let waker = wakers.recv().expect("the task gives one");
        waker.wake_by_ref();
        drop(waker);
    });
    let mut to = Some(to);
    let mut thread = Some(thread);
    let stuck = run(poll_fn(|cx| {
        match to.take() {
            Some(to) => to.send(cx.waker().clone()).expect("the thread takes it"),
            // This poll is that of its wake-up; the waker is gone when the thread is.
            None => drop(thread.take().map(thread::JoinHandle::join)),
        }
        Poll::<()>::Pending
    }));
    assert!(matches!(stuck, Err(RunError::Deadlock(_))), "{stuck:?}");
}
