//! The futures of `yield_` and `try_yield`.

use alloc::boxed::Box;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use crate::co::SlotRef;
use crate::error::{Interrupt, Misuse};
use crate::slot::{Phase, Slot};
use crate::waker::is_idle;

/// A yield that found its coroutine in no state to take it.
#[cold]
fn misused<Yield, Input>(slot: &Slot<Yield, Input>, value: Yield) {
    drop(value);
    if matches!(
        slot.phase(),
        Phase::Offered | Phase::Output | Phase::Parked | Phase::Input
    ) {
        slot.raise(Interrupt::Throw(Box::new(Misuse::YieldedTwice)));
    }
}

/// The future of [`Co::yield_`](crate::Co::yield_).
#[must_use = "a yield does nothing unless it is awaited"]
pub struct YieldFuture<'b, Yield, Input> {
    /// `None` once it is done: then its drop has nothing to take back, and the compiler knows.
    slot: Option<SlotRef<'b, Yield, Input>>,
}

impl<'b, Yield, Input> YieldFuture<'b, Yield, Input> {
    #[inline]
    pub(crate) fn offer(slot: SlotRef<'b, Yield, Input>, value: Yield) -> Self {
        if let Err(value) = slot.get().offer(value) {
            misused(slot.get(), value);
        }
        Self { slot: Some(slot) }
    }
}

impl<Yield, Input> Future for YieldFuture<'_, Yield, Input> {
    type Output = Input;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Input> {
        let Some(slot) = &self.slot else {
            return Poll::Pending;
        };
        if let Some(value) = slot.get().take_input() {
            self.slot = None;
            return Poll::Ready(value);
        }
        if slot.get().phase() == Phase::Offered {
            if is_idle(cx.waker()) {
                slot.get().put_out();
            } else {
                put_out_under(*slot, cx.waker());
            }
        }
        Poll::Pending
    }
}

/// Yields under a waker that is not a synchronous driver's: a combinator's, which must be woken
/// before it polls this yield again, or an asynchronous driver's own.
#[cold]
fn put_out_under<Yield, Input>(slot: SlotRef<'_, Yield, Input>, waker: &Waker) {
    if slot.is_drivers(waker) {
        slot.get().put_out();
    } else {
        slot.get().park(waker.clone());
    }
}

impl<Yield, Input> Drop for YieldFuture<'_, Yield, Input> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = &self.slot {
            slot.get().retract();
        }
    }
}

impl<Yield, Input> fmt::Debug for YieldFuture<'_, Yield, Input> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YieldFuture").finish_non_exhaustive()
    }
}

/// The future of [`Co::try_yield`](crate::Co::try_yield).
#[must_use = "a yield does nothing unless it is awaited"]
#[derive(Debug)]
pub struct TryYield<'b, Yield, Input> {
    inner: YieldFuture<'b, Yield, Input>,
}

impl<'b, Yield, Input> TryYield<'b, Yield, Input> {
    #[inline]
    pub(crate) fn new(inner: YieldFuture<'b, Yield, Input>) -> Self {
        Self { inner }
    }
}

impl<Yield, Input> Future for TryYield<'_, Yield, Input> {
    type Output = Result<Input, Interrupt>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(value) = Pin::new(&mut self.inner).poll(cx) {
            return Poll::Ready(Ok(value));
        }
        match self
            .inner
            .slot
            .as_ref()
            .and_then(|slot| slot.get().take_interrupt())
        {
            Some(interrupt) => Poll::Ready(Err(interrupt)),
            None => Poll::Pending,
        }
    }
}
