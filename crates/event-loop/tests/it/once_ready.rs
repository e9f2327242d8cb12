//! `OnceReady`: whose waker is kept where, for how long, and whom the loop takes to be waiting.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::io::{self, ErrorKind, Read, Write};
use std::mem::ManuallyDrop;
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use entracte_event_loop::{Direction, EventLoop, OnceReady, RunError};

use crate::front_end::spawn;
use crate::support::virtual_loop;
use crate::watched::{Checked, Socket, pair, settle, try_read};

#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A waker of the test's own, and the number of its wakes.
pub(crate) fn foreign() -> (Waker, Arc<Wakes>) {
    let wakes = Arc::<Wakes>::default();
    (Waker::from(Arc::clone(&wakes)), wakes)
}

pub(crate) type Waiting = OnceReady<'static, UnixStream, fn(&UnixStream) -> io::Result<usize>>;

/// Where a check for leaks finds the sockets that live for ever.
static FOREVER: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// Futures that may be kept anywhere have a socket that lives for ever.
pub(crate) fn forever(near: Socket) -> &'static Socket {
    let near: &Socket = Box::leak(Box::new(near));
    let mut all = FOREVER.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(ptr::from_ref(near).expose_provenance());
    near
}

pub(crate) fn reading(near: &'static Socket) -> Waiting {
    near.once_ready(Direction::Read, |mut it| it.read(&mut [0; 1]))
}

fn writing(near: &'static Socket) -> Waiting {
    near.once_ready(Direction::Write, |_| Err(ErrorKind::WouldBlock.into()))
}

pub(crate) fn poll(waiting: &mut Waiting, waker: &Waker) -> Poll<io::Result<usize>> {
    Pin::new(waiting).poll(&mut Context::from_waker(waker))
}

/// Calls `act` within a turn of the loop.
pub(crate) fn within<R: 'static>(
    event_loop: &EventLoop,
    act: impl FnOnce() -> R + 'static,
) -> Result<R, RunError> {
    let answer = Rc::new(Cell::new(None));
    let place = Rc::clone(&answer);
    event_loop.call_soon(move || place.set(Some(act())));
    event_loop.stop();
    event_loop.turn()?;
    Ok(answer.take().expect("it was called"))
}

/// One that waits with a foreign waker.
pub(crate) fn waiting_in(
    event_loop: &EventLoop,
    mut waiting: Waiting,
    waker: Waker,
) -> Result<Waiting, RunError> {
    within(event_loop, move || {
        assert!(poll(&mut waiting, &waker).is_pending());
        waiting
    })
}

/// Whether the loop knows that nobody waits. One in virtual time refuses to wait for ever.
fn is_stuck(event_loop: &EventLoop) -> bool {
    matches!(event_loop.turn(), Err(RunError::Stuck))
}

#[test]
fn the_last_that_is_dropped_leaves_its_loop_stuck_wherever_that_is() -> Checked {
    for place in ["inside", "outside", "elsewhere"] {
        let ((event_loop, _), (other, _)) = (virtual_loop(), virtual_loop());
        let (near, _far) = pair()?;
        let near = forever(near);
        let first = waiting_in(&event_loop, reading(near), foreign().0)?;
        let second = waiting_in(&event_loop, writing(near), foreign().0)?;
        for (waiting, is_last) in [(first, false), (second, true)] {
            match place {
                "inside" => within(&event_loop, move || drop(waiting))?,
                "outside" => drop(waiting),
                _ => within(&other, move || drop(waiting))?,
            }
            assert_eq!(is_stuck(&event_loop), is_last, "dropped {place}");
        }
    }
    Ok(())
}

#[test]
fn one_that_is_done_leaves_what_others_wait_for() -> Checked {
    let (event_loop, _) = virtual_loop();
    let (near, mut far) = pair()?;
    let near = forever(near);
    let (waker, wakes) = foreign();
    // The last through `poll` is none of them, nor is the other direction.
    let last = waker.clone();
    within(&event_loop, move || {
        assert!(try_read(near, &last).is_pending());
    })?;
    let mut read = waiting_in(&event_loop, reading(near), waker.clone())?;
    let write = waiting_in(&event_loop, writing(near), waker.clone())?;
    assert_eq!(Arc::strong_count(&wakes), 2 + 3);
    far.write_all(b"hi")?;
    // Polled although nobody reported anything: it waits on, and is kept once.
    read = waiting_in(&event_loop, read, waker.clone())?;
    assert_eq!(Arc::strong_count(&wakes), 2 + 3);
    drop(read);
    assert_eq!(Arc::strong_count(&wakes), 2 + 2);
    drop(write);
    assert_eq!(Arc::strong_count(&wakes), 2 + 1);
    assert!(!is_stuck(&event_loop), "the last through `poll` waits");
    Ok(())
}

#[test]
fn one_may_go_over_to_a_task_of_the_loop_and_back() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let near = forever(near);
    let (waker, wakes) = foreign();
    let slot = Rc::new(RefCell::new(reading(near)));
    let got = Rc::new(Cell::new(0));
    for round in 1..4 {
        let (own, other) = (Rc::clone(&slot), waker.clone());
        within(&event_loop, move || {
            assert!(poll(&mut own.borrow_mut(), &other).is_pending());
        })?;
        let (own, counted) = (Rc::clone(&slot), Rc::clone(&got));
        spawn(&event_loop, async move {
            let read = poll_fn(|cx| poll(&mut own.borrow_mut(), cx.waker())).await;
            counted.set(counted.get() + read.expect("it is open"));
        });
        settle(&event_loop)?;
        assert_eq!(got.get(), round - 1);
        far.write_all(b"x")?;
        settle(&event_loop)?;
        assert_eq!((got.get(), wakes.count()), (round, round));
        // So that the next poll waits.
        let own = Rc::clone(&slot);
        let (last, _) = foreign();
        within(&event_loop, move || {
            assert!(poll(&mut own.borrow_mut(), &last).is_pending());
        })?;
    }
    Ok(())
}

#[test]
fn one_that_is_leaked_keeps_its_waker_until_the_next_report() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let near = forever(near);
    let (waker, wakes) = foreign();
    let _leaked = ManuallyDrop::new(waiting_in(&event_loop, reading(near), waker.clone())?);
    let (other, others) = foreign();
    let waiting = waiting_in(&event_loop, reading(near), other)?;
    far.write_all(b"x")?;
    settle(&event_loop)?;
    assert_eq!((wakes.count(), Arc::strong_count(&wakes)), (1, 2));
    assert_eq!((others.count(), Arc::strong_count(&others)), (1, 1));
    drop((waiting, waker));
    Ok(())
}

#[test]
fn one_may_outlive_its_loop_and_wait_in_another() -> Checked {
    let (near, mut far) = pair()?;
    let near = forever(near);
    let (waker, wakes) = foreign();
    let event_loop = EventLoop::new()?;
    let mut waiting = waiting_in(&event_loop, reading(near), waker.clone())?;
    let dropped = waiting_in(&event_loop, writing(near), waker.clone())?;
    event_loop.close();
    drop(event_loop);
    drop(dropped);
    assert_eq!(Arc::strong_count(&wakes), 3, "one is kept yet");
    let next = EventLoop::new()?;
    waiting = waiting_in(&next, waiting, waker.clone())?;
    assert_eq!(wakes.count(), 1, "who waited in the first is to try again");
    far.write_all(b"x")?;
    settle(&next)?;
    assert_eq!(wakes.count(), 2);
    assert!(matches!(poll(&mut waiting, &waker), Poll::Ready(Ok(1))));
    Ok(())
}

#[test]
fn a_waker_that_panics_keeps_nobody_asleep() -> Checked {
    struct Bang;
    impl Wake for Bang {
        fn wake(self: Arc<Self>) {
            panic::resume_unwind(Box::new("bang"));
        }
    }
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let near = forever(near);
    let bang = Waker::from(Arc::new(Bang));
    let (waker, wakes) = foreign();
    let mut all = Vec::new();
    for waker in [&waker, &bang, &waker, &bang, &waker] {
        all.push(waiting_in(&event_loop, reading(near), waker.clone())?);
    }
    far.write_all(b"x")?;
    let settled = panic::catch_unwind(AssertUnwindSafe(|| settle(&event_loop)));
    assert!(settled.is_err(), "the panic goes on");
    assert_eq!(wakes.count(), 3);
    Ok(())
}

#[test]
fn tasks_that_are_gone_do_not_push_foreign_wakers_out() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let near = forever(near);
    let (waker, wakes) = foreign();
    let mut kept = Vec::new();
    for round in 0..40 {
        let tokens = [(); 7].map(|()| {
            spawn(&event_loop, async move {
                drop(reading(near).await);
                pending::<()>().await;
            })
        });
        settle(&event_loop)?;
        for token in tokens {
            event_loop.remove(token);
        }
        kept.push(waiting_in(&event_loop, reading(near), waker.clone())?);
        if round % 3 == 0 {
            drop(kept.swap_remove(round / 3));
        }
    }
    far.write_all(b"x")?;
    settle(&event_loop)?;
    assert_eq!(wakes.count(), kept.len());
    assert_eq!(Arc::strong_count(&wakes), 2);
    Ok(())
}

#[test]
fn a_foreign_waker_takes_no_place_of_a_task() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let near = forever(near);
    let tries = [(); 3].map(|()| {
        let tries = Rc::new(Cell::new(0));
        let counted = Rc::clone(&tries);
        spawn(&event_loop, async move {
            poll_fn(|cx| {
                counted.set(counted.get() + 1);
                // Nothing is taken, so that each of them waits on.
                let look = |_: &UnixStream| Err::<(), _>(ErrorKind::WouldBlock.into());
                near.poll(Direction::Read, cx.waker(), look).map(drop)
            })
            .await;
        });
        tries
    });
    settle(&event_loop)?;
    let (waker, wakes) = foreign();
    let (first, second) = (waker.clone(), Waker::noop());
    within(&event_loop, move || {
        assert!(try_read(near, second).is_pending());
        assert!(try_read(near, &first).is_pending());
    })?;
    let waiting = waiting_in(&event_loop, reading(near), waker.clone())?;
    far.write_all(b"x")?;
    settle(&event_loop)?;
    assert_eq!(tries.map(|tries| tries.get()), [2; 3]);
    assert_eq!(wakes.count(), 2);
    drop((waiting, waker));
    Ok(())
}

#[test]
fn tasks_of_another_loop_are_woken_however_many_they_are() -> Checked {
    let [home, away] = [EventLoop::new()?, EventLoop::new()?];
    let (near, mut far) = pair()?;
    let near = forever(near);
    let wakers = Rc::new(RefCell::new(Vec::new()));
    let calls = Rc::new(Cell::new(0));
    for _ in 0..9 {
        let (wakers, calls) = (Rc::clone(&wakers), Rc::clone(&calls));
        let waits = poll_fn(move |cx| {
            calls.set(calls.get() + 1);
            wakers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        });
        spawn(&home, waits);
    }
    settle(&home)?;
    let given = wakers.take();
    within(&away, move || {
        for waker in given {
            assert!(try_read(near, &waker).is_pending());
        }
    })?;
    far.write_all(b"x")?;
    settle(&away)?;
    settle(&home)?;
    assert_eq!(calls.get(), 2 * 9);
    Ok(())
}

#[test]
fn who_was_woken_is_not_waited_for() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let near = forever(near);
    let (waker, wakes) = foreign();
    within(&event_loop, move || {
        assert!(try_read(near, &waker).is_pending());
    })?;
    far.write_all(b"x")?;
    settle(&event_loop)?;
    assert_eq!(wakes.count(), 1);
    assert!(is_stuck(&event_loop), "else it waits for ever");
    Ok(())
}
