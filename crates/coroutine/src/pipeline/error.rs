//! How a pipeline fails: `FeedError` gives back what was not delivered.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use crate::error::BoxError;

/// Why a source could not be fed into a stage to the end. Nothing is lost in it.
///
/// # Examples
///
/// A sink that ends, and a source that does not take its close for an answer:
///
/// ```
/// use entracte_coroutine::pipeline::push::{Stage, feed};
/// use entracte_coroutine::pipeline::FeedError;
/// use entracte_coroutine::{Coroutine, Generator};
///
/// let source = Generator::new(async |mut co| {
///     let _ = co.try_yield("first").await;
///     co.yield_("more").await;
/// });
/// let one: Stage<'_, &str, &str> = Coroutine::new(async |mut co| co.yield_(()).await);
/// match feed(source, one) {
///     Err(FeedError::Undelivered { item, returned }) => {
///         assert_eq!((item, returned), ("more", Some("first")));
///     }
///     other => panic!("{other:?}"),
/// }
/// ```
#[non_exhaustive]
pub enum FeedError<Item, Return> {
    /// The source or a stage raised an error that nobody caught.
    Raised {
        /// The error.
        error: BoxError,
        /// What the stage had returned, if it was the clean-up of the source that failed.
        returned: Option<Return>,
    },
    /// The stage had ended, and the source gave one more item: it caught the stage's error, or
    /// answered its close by a yield. A source that was lent is suspended there and goes on.
    Undelivered {
        /// The item that nobody took.
        item: Item,
        /// What the stage had returned, if it did.
        returned: Option<Return>,
    },
}

impl<Item, Return> FeedError<Item, Return> {
    /// The error alone, free of borrowed items, to be passed on with `?`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::pipeline::push::{feed_iter, for_each};
    /// # use entracte_coroutine::BoxError;
    /// fn print(text: &str) -> Result<(), BoxError> {
    ///     let sink = for_each(|line: &str| println!("{line}"));
    ///     feed_iter(text.lines(), sink)?; // `?` calls `into_error`
    ///     Ok(())
    /// }
    /// # print("one\ntwo").unwrap();
    /// ```
    pub fn into_error(self) -> BoxError {
        match self {
            FeedError::Raised { error, .. } => error,
            FeedError::Undelivered { .. } => UNDELIVERED.into(),
        }
    }
}

const UNDELIVERED: &str = "source gave an item to a stage that had ended";

impl<Item, Return> fmt::Debug for FeedError<Item, Return> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeedError::Raised { error, .. } => f.debug_tuple("Raised").field(error).finish(),
            FeedError::Undelivered { .. } => f.write_str("Undelivered(..)"),
        }
    }
}

impl<Item, Return> fmt::Display for FeedError<Item, Return> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeedError::Raised { error, .. } => error.fmt(f),
            FeedError::Undelivered { .. } => f.write_str(UNDELIVERED),
        }
    }
}

/// `?` gives the error alone, whatever the items borrow.
impl<Item, Return> From<FeedError<Item, Return>> for BoxError {
    fn from(failed: FeedError<Item, Return>) -> Self {
        failed.into_error()
    }
}

impl<Item, Return> From<FeedError<Item, Return>> for Box<dyn Error> {
    fn from(failed: FeedError<Item, Return>) -> Self {
        failed.into_error()
    }
}
