//! A coroutine with nothing to send is an iterator, and keeps its end for `outcome`.

use core::iter::{self, FusedIterator};

use super::Coroutine;
use crate::error::BoxError;
use crate::hop::Hop;
use crate::resume::Act;

/// Ends where the body ends. An error that leaves the body ends it too: it is kept for
/// [`outcome`](Coroutine::outcome), and [`results`](Coroutine::results) gives it as an item.
impl<Yield, Return, Home> Iterator for Coroutine<'_, Yield, (), Return, Home> {
    type Item = Yield;

    #[inline]
    fn next(&mut self) -> Option<Yield> {
        match self.handle.hop(()) {
            Hop::Yielded(value) => Some(value),
            Hop::Refused(()) => self.next_cold(),
            Hop::Polled => self.polled_cold(),
        }
    }
}

impl<Yield, Return, Home> Coroutine<'_, Yield, (), Return, Home> {
    /// The items as `Ok`, and an error that leaves the body as one last `Err`.
    ///
    /// A plain `for` loop ends in silence when the body raises, and leaves the error to
    /// [`outcome`](Self::outcome); this does not. The return value stays there in any case.
    ///
    /// # Python
    ///
    /// A `for` loop, out of which an exception of the generator comes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::{BoxError, Generator};
    /// let mut co = Generator::new(async |mut co| {
    ///     co.yield_(1).await;
    ///     co.raise("out of numbers").await
    /// });
    /// let items: Result<Vec<i32>, BoxError> = co.results().collect();
    /// assert_eq!(items.unwrap_err().to_string(), "out of numbers");
    /// # let _: Generator<_, ()> = co;
    /// ```
    pub fn results(&mut self) -> impl Iterator<Item = Result<Yield, BoxError>> {
        iter::from_fn(|| match Iterator::next(self) {
            Some(value) => Some(Ok(value)),
            None => self.handle.take_raised().map(Err),
        })
    }

    #[cold]
    #[inline(never)]
    fn polled_cold(&mut self) -> Option<Yield> {
        let step = self.polled();
        self.handle.item(step)
    }

    #[cold]
    #[inline(never)]
    fn next_cold(&mut self) -> Option<Yield> {
        let step = self.run(Act::Next).ok()?;
        self.handle.item(step)
    }
}

impl<Yield, Return, Home> FusedIterator for Coroutine<'_, Yield, (), Return, Home> {}

impl<Yield, Input, Return, Home> Coroutine<'_, Yield, Input, Return, Home> {
    /// How an iteration ended: the return value or the error that a `for` loop could not give.
    /// Once; `None` if a verb gave it already, or nothing has ended.
    ///
    /// # Errors
    ///
    /// Returns the error that left the body during iteration.
    ///
    /// # Python
    ///
    /// A `for` loop drops the return value and raises the error; here neither is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut co = Coroutine::new(async |mut co| { co.yield_(1).await; "end" });
    /// assert_eq!(co.by_ref().sum::<i32>(), 1);
    /// assert_eq!(co.outcome().unwrap()?, "end");
    /// assert!(co.outcome().is_none());
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    pub fn outcome(&mut self) -> Option<Result<Return, BoxError>> {
        self.handle.outcome()
    }
}
