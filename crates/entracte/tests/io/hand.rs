//! Polls futures by hand, and drops them whenever they wait.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Polls a future once and drops it: its value, or `None` if it was cancelled.
pub(crate) fn once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut cx) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Polls a future until it is done.
pub(crate) fn patiently<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    panic!("it waits for ever");
}
