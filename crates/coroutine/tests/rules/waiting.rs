//! Something to wait for, and polls by hand: asynchronous rules without a loop.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use futures::task::noop_waker_ref;

/// `Aw`: something to await, until a value is put in.
pub(crate) struct Aw<T>(pub(crate) Cell<Option<T>>);

impl<T> Aw<T> {
    pub(crate) fn new() -> Self {
        Self(Cell::new(None))
    }

    pub(crate) async fn wait(&self) -> T {
        poll_fn(|_| self.0.take().map_or(Poll::Pending, Poll::Ready)).await
    }
}

/// Polls once, by hand.
pub(crate) fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(noop_waker_ref()))
}
