//! `OnceReady` and wakers that do things of their own when they are woken or dropped.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};

use entracte_event_loop::EventLoop;

use crate::once_ready::{Waiting, foreign, forever, poll, reading, waiting_in, within};
use crate::watched::{Checked, Socket, pair, settle, try_read};

thread_local! {
    static MEDDLED: Cell<Option<&'static Socket>> = const { Cell::new(None) };
    static KEPT: RefCell<Vec<Waiting>> = const { RefCell::new(Vec::new()) };
}

/// Drops futures whenever it is dropped or woken, and polls them with others of its kind.
struct Meddles;

impl Meddles {
    fn waker() -> Waker {
        Waker::from(Arc::new(Self))
    }

    fn meddle() {
        let one = KEPT.with_borrow_mut(Vec::pop);
        let two = KEPT.with_borrow_mut(Vec::pop);
        drop(one);
        if let Some(mut two) = two
            && EventLoop::current().is_some()
        {
            drop(poll(&mut two, &Self::waker()));
            if let Some(near) = MEDDLED.get() {
                drop(try_read(near, &Self::waker()));
            }
            KEPT.with_borrow_mut(|kept| kept.push(two));
        }
    }
}

impl Wake for Meddles {
    fn wake(self: Arc<Self>) {
        Self::meddle();
    }
}

impl Drop for Meddles {
    fn drop(&mut self) {
        Self::meddle();
    }
}

#[test]
fn wakers_may_drop_and_poll_those_who_wait_with_them() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = pair()?;
    let near = forever(near);
    MEDDLED.set(Some(near));
    let (waker, wakes) = foreign();
    for round in 1..50 {
        let honest = waiting_in(&event_loop, reading(near), waker.clone())?;
        for _ in 0..20 {
            let meddles = Meddles::waker();
            let mut waiting = reading(near);
            let (waiting, answer) = within(&event_loop, move || {
                let answer = poll(&mut waiting, &meddles);
                (waiting, answer)
            })?;
            assert!(answer.is_pending());
            KEPT.with_borrow_mut(|kept| kept.push(waiting));
        }
        far.write_all(b"x")?;
        settle(&event_loop)?;
        assert_eq!(wakes.count(), round);
        drop(honest);
        drop(KEPT.take());
        // What one of them has not read, and whoever waits now.
        let (last, _) = foreign();
        within(
            &event_loop,
            move || while try_read(near, &last).is_ready() {},
        )?;
    }
    drop(KEPT.take());
    assert_eq!(Arc::strong_count(&wakes), 2, "the waker, and the count");
    // The socket lives on; who came last and found nothing is told of its end, and let go.
    MEDDLED.set(None);
    drop(far);
    settle(&event_loop)?;
    Ok(())
}

thread_local! {
    static ON_DROP: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

/// Calls what the thread keeps when it is dropped.
struct LastWords;

impl Wake for LastWords {
    fn wake(self: Arc<Self>) {}
}

impl Drop for LastWords {
    fn drop(&mut self) {
        let act = ON_DROP.take();
        act.into_iter().for_each(|act| act());
    }
}

#[test]
fn a_waker_that_is_replaced_or_forgotten_may_have_another_wait() -> Checked {
    for is_forgotten in [false, true] {
        let event_loop = EventLoop::new()?;
        let (near, mut far) = pair()?;
        let near = forever(near);
        let (waker, wakes) = foreign();
        let words = Waker::from(Arc::new(LastWords));
        let mut leaves = waiting_in(&event_loop, reading(near), words)?;
        let (honest, last) = (Rc::new(Cell::new(None)), waker.clone());
        let (slot, inner) = (Rc::clone(&honest), waker.clone());
        ON_DROP.set(Some(Box::new(move || {
            let mut waiting = reading(near);
            assert!(poll(&mut waiting, &inner).is_pending());
            slot.set(Some(waiting));
        })));
        let left = within(&event_loop, move || {
            if is_forgotten {
                drop(leaves);
                return None;
            }
            assert!(poll(&mut leaves, &last).is_pending());
            Some(leaves)
        })?;
        let waiting = 2 - usize::from(is_forgotten);
        assert_eq!(Arc::strong_count(&wakes), 2 + waiting, "{is_forgotten}");
        far.write_all(b"x")?;
        settle(&event_loop)?;
        assert_eq!(wakes.count(), waiting, "is forgotten: {is_forgotten}");
        drop((honest, left, waker));
    }
    Ok(())
}
