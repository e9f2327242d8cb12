//! `Co::receive`: the next item that is sent to a stage, or the end.

use crate::co::Co;
use crate::error::Interrupt;

impl<Item> Co<'_, (), Item> {
    /// Waits for the next item, and gives `None` when the coroutine is asked to close.
    ///
    /// An error that is thrown in unwinds, as at any yield.
    ///
    /// # Cancel safety
    ///
    /// As [`yield_`](Self::yield_): dropping it drops an item that was sent and not yet taken.
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
    pub async fn receive(&mut self) -> Option<Item> {
        match self.try_yield(()).await {
            Ok(item) => Some(item),
            Err(Interrupt::Close) => None,
            Err(error) => self.raise(error).await,
        }
    }
}
