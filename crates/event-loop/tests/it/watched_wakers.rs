//! `Watched` and wakers that others made: they run code of their own.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use entracte_event_loop::{Direction, EventLoop, RunError};

use crate::front_end::{spawn, turn_over};
use crate::support::Log;
use crate::watched::{Checked, pair, settle, try_read};

/// Counts its wakes.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_foreign_waker_is_kept_once_woken_once_and_let_go() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let wakes = Arc::new(Wakes::default());
    let (own, waker) = (Rc::clone(&near), Waker::from(Arc::clone(&wakes)));
    event_loop.call_soon(move || {
        for _ in 0..3 {
            assert!(try_read(&own, &waker).is_pending());
        }
    });
    settle(&event_loop)?;
    assert_eq!(Arc::strong_count(&wakes), 2, "one of them is kept");
    far.write_all(b"hi")?;
    settle(&event_loop)?;
    assert_eq!(
        (wakes.0.load(Ordering::Relaxed), Arc::strong_count(&wakes)),
        (1, 1)
    );
    let waker = Waker::from(Arc::clone(&wakes));
    event_loop.call_soon(move || {
        assert!(matches!(try_read(&near, &waker), Poll::Ready(Ok(2))));
        assert!(try_read(&near, &waker).is_pending());
    });
    settle(&event_loop)?;
    assert_eq!(
        Arc::strong_count(&wakes),
        1,
        "it was dropped while it waited"
    );
    Ok(())
}

#[test]
fn new_wakers_do_not_pile_up_where_nothing_is_reported() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let wakes = [(); 100].map(|()| Arc::new(Wakes::default()));
    let (own, all) = (Rc::clone(&near), wakes.clone());
    event_loop.call_soon(move || {
        for wakes in all {
            let waker = Waker::from(wakes);
            assert!(try_read(&own, &waker).is_pending());
            assert!(try_read(&own, &waker).is_pending());
        }
    });
    settle(&event_loop)?;
    let seen = || {
        let woken = wakes.iter().map(|wakes| wakes.0.load(Ordering::Relaxed));
        let kept = wakes.iter().map(|wakes| Arc::strong_count(wakes) - 1);
        (woken.collect::<Vec<_>>(), kept.collect::<Vec<_>>())
    };
    // The oldest were woken, as they may not be gone.
    let (woken, kept) = seen();
    assert_eq!((&woken[..36], &woken[36..]), (&[1; 36][..], &[0; 64][..]));
    assert_eq!((&kept[..36], &kept[36..]), (&[0; 36][..], &[1; 64][..]));
    far.write_all(b"hi")?;
    settle(&event_loop)?;
    assert_eq!(seen(), (vec![1; 100], vec![0; 100]));
    Ok(())
}

#[test]
fn futures_that_share_a_descriptor_are_all_woken_and_leave_nothing() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let wakes = Arc::new(Wakes::default());
    let (seen, own) = (Arc::clone(&wakes), Rc::clone(&near));
    let kept = move || Arc::strong_count(&seen) - 2;
    let again = Arc::clone(&wakes);
    spawn(&event_loop, async move {
        let look = |mut it: &UnixStream| it.read(&mut [0; 9]);
        let mut waiting = [(); 3].map(|()| own.once_ready(Direction::Read, look));
        for one in &mut waiting {
            // The second waker takes the place of the first; all three are of one task.
            for wakes in [Arc::default(), Arc::clone(&again)] {
                let waker = Waker::from(wakes);
                let polled = Pin::new(&mut *one).poll(&mut Context::from_waker(&waker));
                assert!(polled.is_pending());
            }
        }
        assert_eq!(kept(), 1 + 3);
        let [first, second, third] = waiting;
        drop(second);
        assert_eq!(kept(), 1 + 2, "the others wait on");
        far.write_all(b"hi").expect("there is room");
        while kept() > 1 {
            turn_over().await;
        }
        assert_eq!(again.0.load(Ordering::Relaxed), 2);
        drop((first, third));
        assert!(matches!(try_read(&own, Waker::noop()), Poll::Ready(Ok(2))));
        let mut last = own.once_ready(Direction::Read, look);
        let waker = Waker::from(Arc::clone(&again));
        assert!(
            Pin::new(&mut last)
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        drop((last, waker));
        assert_eq!(kept(), 1, "nobody waits");
        pending::<()>().await;
    });
    let ran = event_loop.run_forever();
    assert!(matches!(ran, Err(RunError::Stuck)), "{ran:?}");
    assert_eq!(Rc::strong_count(&near), 2);
    Ok(())
}

/// Calls what the thread keeps, whenever it is cloned, woken or dropped.
struct Meddles;

thread_local! {
    static MEDDLE: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

impl Wake for Meddles {
    fn wake(self: Arc<Self>) {
        let act = MEDDLE.with_borrow(Clone::clone);
        act.iter().for_each(|act| act());
    }
}

#[test]
fn a_waker_may_use_or_drop_the_descriptor_that_wakes_it() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let slot = Rc::new(RefCell::new(Some(near)));
    let log = Log::default();
    let (own, noted, turn) = (Rc::clone(&slot), log.clone(), Cell::new(0));
    MEDDLE.set(Some(Rc::new(move || {
        turn.set(turn.get() + 1);
        let answer = own
            .borrow()
            .as_ref()
            .map(|near| try_read(near, &Waker::from(Arc::new(Meddles))));
        noted.note(format!("{answer:?}"));
        if turn.get() == 2 {
            own.take();
        }
    })));
    let own = Rc::clone(&slot);
    event_loop.call_soon(move || {
        let waker = Waker::from(Arc::new(Meddles));
        let near = own.borrow();
        let near = near.as_ref().expect("it is there yet");
        assert!(try_read(near, &waker).is_pending());
        let write = |mut it: &UnixStream| it.write(&[0; 65536]);
        while near.poll(Direction::Write, &waker, write).is_ready() {}
    });
    settle(&event_loop)?;
    far.write_all(b"hi")?;
    settle(&event_loop)?;
    assert_eq!(log.take(), "Some(Ready(Ok(2)))");
    event_loop.call_soon({
        let own = Rc::clone(&slot);
        move || {
            let near = own.borrow();
            let near = near.as_ref().expect("it is there yet");
            assert!(try_read(near, &Waker::from(Arc::new(Meddles))).is_pending());
        }
    });
    settle(&event_loop)?;
    drop(far);
    settle(&event_loop)?;
    MEDDLE.set(None);
    assert!(log.take().starts_with("Some(Ready("));
    assert!(slot.borrow().is_none());
    Ok(())
}
