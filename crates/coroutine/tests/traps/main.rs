//! The traps that other coroutine crates fell into, one test or more each, and the invariants.

#[path = "../support/ledger.rs"]
mod ledger;

mod async_wakers;
mod chains;
mod compile;
mod drops;
mod forgotten;
mod invariants;
mod liars;
mod panics;
mod running;
mod threads;
mod yields;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Polls a future once, as a combinator might, and leaves it.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| {
        Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        })
    })
    .await
}
