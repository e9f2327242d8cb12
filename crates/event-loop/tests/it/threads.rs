//! Wakers on other threads: a million of them, cloned, used and dropped anywhere, at any time.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};
use std::thread;

use entracte_event_loop::{EventLoop, RunError};

use crate::front_end::spawn;

/// A task that gives a clone of its waker to the channel each time it is called, `times` times.
fn giving(event_loop: &EventLoop, wakers: &mpsc::Sender<Waker>, times: usize) {
    let wakers = wakers.clone();
    let mut left = times;
    spawn(
        event_loop,
        poll_fn(move |cx| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            wakers.send(cx.waker().clone()).expect("somebody reads");
            Poll::Pending
        }),
    );
}

fn run_to_the_end(event_loop: &EventLoop) -> Result<(), RunError> {
    event_loop.run_until(|| event_loop.alive() == 0)
}

#[test]
fn other_threads_wake_tasks_a_hundred_thousand_times() -> Result<(), RunError> {
    let event_loop = EventLoop::new()?;
    let (sender, receiver) = mpsc::channel();
    for _ in 0..100 {
        giving(&event_loop, &sender, 1000);
    }
    drop(sender);
    let other = thread::spawn(move || receiver.into_iter().map(Waker::wake).count());
    run_to_the_end(&event_loop)?;
    assert_eq!(other.join().expect("it wakes and ends"), 100_000);
    assert!(
        matches!(event_loop.turn(), Err(RunError::Stuck)),
        "the count is even"
    );
    Ok(())
}

#[test]
fn a_million_wakers_are_cloned_and_dropped_on_three_threads() -> Result<(), RunError> {
    let event_loop = EventLoop::new()?;
    let (sender, receiver) = mpsc::channel();
    giving(&event_loop, &sender, 1);
    drop(sender);
    event_loop.turn()?;
    let waker = receiver.recv().expect("the task was called");
    let threads = [(); 2].map(|()| {
        let waker = waker.clone();
        thread::spawn(move || {
            let kept: Vec<Waker> = (0..333_333).map(|_| waker.clone()).collect();
            assert!(kept.iter().all(|kept| kept.will_wake(&waker)));
            kept
        })
    });
    let mut kept: Vec<Waker> = (0..333_334).map(|_| waker.clone()).collect();
    for thread in threads {
        // Cloned there, dropped here.
        kept.append(&mut thread.join().expect("it clones and ends"));
    }
    assert_eq!(kept.len(), 1_000_000);
    drop(kept);
    waker.wake();
    run_to_the_end(&event_loop)?;
    assert!(
        matches!(event_loop.turn(), Err(RunError::Stuck)),
        "the count is even"
    );
    Ok(())
}

#[test]
fn a_million_wakes_while_the_loop_does_not_run_are_one_call() -> Result<(), RunError> {
    let event_loop = EventLoop::new()?;
    let calls = Rc::new(Cell::new(0));
    let waker = Rc::new(RefCell::new(None));
    let (counted, kept) = (Rc::clone(&calls), Rc::clone(&waker));
    spawn(
        &event_loop,
        poll_fn(move |cx| {
            counted.set(counted.get() + 1);
            kept.replace(Some(cx.waker().clone()));
            Poll::Pending
        }),
    );
    event_loop.turn()?;
    let shared = waker.take().expect("it was called");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..500_000).for_each(|_| shared.wake_by_ref()));
        }
    });
    event_loop.turn()?;
    assert_eq!(calls.get(), 2);
    Ok(())
}

#[test]
fn wakers_are_used_while_their_loop_closes() -> Result<(), RunError> {
    for _ in 0..200 {
        let event_loop = EventLoop::new()?;
        let (sender, receiver) = mpsc::channel();
        giving(&event_loop, &sender, 2);
        event_loop.turn()?;
        let waker = receiver.recv().expect("the task was called");
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let other = thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                let another = waker.clone();
                another.wake();
            }
            waker.wake();
        });
        let turned = event_loop.turn();
        assert!(turned.is_ok());
        event_loop.close();
        over.store(true, Ordering::Relaxed);
        drop(event_loop);
        other.join().expect("waking nobody is no error");
    }
    Ok(())
}

#[test]
fn a_task_is_dropped_on_its_own_thread_whoever_has_the_last_waker() -> Result<(), RunError> {
    struct Local(thread::ThreadId, Rc<Cell<bool>>);
    impl Drop for Local {
        fn drop(&mut self) {
            assert_eq!(self.0, thread::current().id());
            self.1.set(true);
        }
    }
    let event_loop = EventLoop::new()?;
    let dropped = Rc::new(Cell::new(false));
    let local = Local(thread::current().id(), Rc::clone(&dropped));
    let (sender, receiver) = mpsc::channel();
    spawn(
        &event_loop,
        poll_fn(move |cx| {
            let _ = &local;
            sender.send(cx.waker().clone()).expect("somebody reads");
            Poll::Pending
        }),
    );
    event_loop.turn()?;
    let waker = receiver.recv().expect("the task was called");
    let other = thread::spawn(move || drop(waker));
    other.join().expect("dropping a waker is no error");
    assert!(!dropped.get());
    drop(event_loop);
    assert!(dropped.get());
    Ok(())
}

/// Leaves its waker, then takes and wakes one of the other side, until it has woken a thousand.
fn exchange(
    own: mpsc::Sender<Waker>,
    others: mpsc::Receiver<Waker>,
    woken: Arc<AtomicUsize>,
) -> impl Future<Output = ()> {
    let mut rounds = 0;
    poll_fn(move |cx| {
        // The other side may be over.
        drop(own.send(cx.waker().clone()));
        if let Ok(other) = others.try_recv() {
            other.wake();
            rounds += 1;
            woken.fetch_add(1, Ordering::Relaxed);
        }
        cx.waker().wake_by_ref();
        if rounds < 1000 {
            return Poll::Pending;
        }
        Poll::Ready(())
    })
}

#[test]
fn two_loops_on_two_threads_wake_each_other() {
    let (to_first, first_wakers) = mpsc::channel::<Waker>();
    let (to_second, second_wakers) = mpsc::channel::<Waker>();
    let woken = Arc::new(AtomicUsize::new(0));
    let side = |own, others| {
        let woken = Arc::clone(&woken);
        thread::spawn(move || {
            let event_loop = EventLoop::new().expect("a test opens few loops");
            spawn(&event_loop, exchange(own, others, woken));
            run_to_the_end(&event_loop)
        })
    };
    let sides = [side(to_first, second_wakers), side(to_second, first_wakers)];
    for side in sides {
        let ended = side.join().expect("a side does not panic");
        assert!(ended.is_ok());
    }
    assert_eq!(woken.load(Ordering::Relaxed), 2000);
}
