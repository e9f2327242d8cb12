//! What a server, its handles and its clients share.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll};

use entracte_event_loop::Wakeup;

use crate::sync::Event;
use crate::task::waiting::{Wait, waits_for};

/// What the server, its handles and its clients share.
pub(super) struct State {
    pub(super) closing: Event,
    pub(super) must_hurry: Cell<bool>,
    pub(super) clients: Cell<usize>,
    pub(super) accepted: Cell<u64>,
    /// Whether it was told that nothing can be accepted, since something last was.
    pub(super) is_told: Cell<bool>,
    /// How many clients there may be.
    pub(super) most: Cell<usize>,
    pub(super) waiter: RefCell<Option<Wakeup>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            closing: Event::new(),
            must_hurry: Cell::new(false),
            clients: Cell::new(0),
            most: Cell::new(usize::MAX),
            accepted: Cell::new(0),
            is_told: Cell::new(false),
            waiter: RefCell::new(None),
        }
    }
}

impl State {
    /// Has the server look again.
    pub(super) fn wake(&self) {
        let waiter = self.waiter.take();
        waiter.into_iter().for_each(Wakeup::wake);
    }

    pub(super) fn wait<T>(&self, what: Wait, cx: &Context<'_>) -> Poll<T> {
        let old = self.waiter.replace(Some(Wakeup::of(cx.waker())));
        drop(old);
        waits_for(what);
        Poll::Pending
    }

    /// Ready when no client is left, or they are to be cancelled.
    pub(super) fn poll_hurry(&self, cx: &Context<'_>) -> Poll<()> {
        if self.must_hurry.get() {
            return Poll::Ready(());
        }
        self.poll_gone(cx)
    }

    pub(super) fn poll_gone(&self, cx: &Context<'_>) -> Poll<()> {
        if self.clients.get() == 0 {
            return Poll::Ready(());
        }
        self.wait(Wait::Task, cx)
    }
}
