//! Those who wait, as the copies keep them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Those who wait, oldest first.
#[derive(Clone, Default)]
pub(crate) struct Line(Rc<RefCell<VecDeque<Rc<Waiter>>>>);

#[derive(Default)]
struct Waiter {
    waker: RefCell<Option<Waker>>,
    has_turn: Cell<bool>,
}

/// Leaves the line when it is dropped; `on_lost` is for one whose turn it was already.
struct Place<F: FnMut()> {
    line: Line,
    waiter: Rc<Waiter>,
    on_lost: F,
    stays: bool,
}

impl<F: FnMut()> Drop for Place<F> {
    fn drop(&mut self) {
        if self.waiter.has_turn.get() {
            (self.on_lost)();
        } else if !self.stays {
            let mut line = self.line.0.borrow_mut();
            line.retain(|other| !Rc::ptr_eq(other, &self.waiter));
        }
    }
}

impl Line {
    /// Waits for its turn. If it is dropped when it has it, `on_lost` is called. A place that `stays`
    /// is not given up: that is a bug.
    pub(crate) async fn wait(&self, on_lost: impl FnMut(), stays: bool) {
        let waiter = Rc::<Waiter>::default();
        self.0.borrow_mut().push_back(Rc::clone(&waiter));
        let place = Place {
            line: self.clone(),
            waiter: Rc::clone(&waiter),
            on_lost,
            stays,
        };
        poll_fn(|cx| {
            if waiter.has_turn.get() {
                return Poll::Ready(());
            }
            waiter.waker.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await;
        waiter.has_turn.set(false);
        drop(place);
    }

    /// Tells the oldest that it has its turn; whether there was one.
    pub(crate) fn call_oldest(&self) -> bool {
        let oldest = self.0.borrow_mut().pop_front();
        oldest.is_some_and(|waiter| call(&waiter))
    }

    /// Tells the newest.
    pub(crate) fn call_newest(&self) -> bool {
        let newest = self.0.borrow_mut().pop_back();
        newest.is_some_and(|waiter| call(&waiter))
    }
}

fn call(waiter: &Waiter) -> bool {
    waiter.has_turn.set(true);
    if let Some(waker) = waiter.waker.take() {
        waker.wake();
    }
    true
}
