//! `Co::receive`: the next item that is sent to a stage, or the end.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::co::{Co, SlotRef};
use crate::error::Interrupt;
use crate::yielding::{TryYield, YieldFuture};

impl<Item> Co<'_, (), Item> {
    /// Waits for the next item, and gives `None` when the coroutine is asked to close.
    ///
    /// An error that is thrown in unwinds, as at any yield.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but an item that was sent and not taken yet is lost.
    ///
    /// # Python
    ///
    /// `item = yield` with an `except GeneratorExit` around the loop.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut sum = Coroutine::new(async |mut co| {
    ///     let mut sum = 0;
    ///     while let Some(number) = co.receive().await {
    ///         sum += number;
    ///     }
    ///     sum
    /// });
    /// sum.next()?;
    /// sum.send(1)?;
    /// sum.send(2)?;
    /// assert_eq!(sum.close()?, Some(3));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[inline]
    pub fn receive(&mut self) -> Receive<'_, Item> {
        let slot = self.slot_ref();
        Receive {
            item: TryYield::new(YieldFuture::offer(slot, ())),
            slot,
        }
    }
}

/// The future of [`Co::receive`].
#[must_use = "a stage receives nothing unless it waits"]
pub struct Receive<'b, Item> {
    item: TryYield<'b, (), Item>,
    slot: SlotRef<'b, (), Item>,
}

impl<Item> Future for Receive<'_, Item> {
    type Output = Option<Item>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        match Pin::new(&mut self.item).poll(cx) {
            Poll::Ready(Ok(item)) => Poll::Ready(Some(item)),
            Poll::Ready(Err(Interrupt::Close)) => Poll::Ready(None),
            Poll::Ready(Err(error)) => {
                // It goes on from here: the frames of the body are dropped.
                self.slot.get().raise(error);
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<Item> fmt::Debug for Receive<'_, Item> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receive").finish_non_exhaustive()
    }
}
