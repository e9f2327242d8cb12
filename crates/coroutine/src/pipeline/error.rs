//! How a pipeline fails: `FeedError` gives back what was not delivered, `SharedError` has many readers.

use alloc::boxed::Box;
use alloc::sync::Arc;
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
    ///     feed_iter(text.lines(), sink).map_err(|failed| failed.into_error())?;
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

impl<Item, Return> Error for FeedError<Item, Return> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FeedError::Raised { error, .. } => error.source(),
            FeedError::Undelivered { .. } => None,
        }
    }
}

/// One error for several stages: [`broadcast`](super::push::broadcast) throws it into each of
/// them. It says what the first error says; [`get`](Self::get) gives that one.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::SharedError;
/// # use entracte_coroutine::pipeline::push::{Stage, broadcast};
/// # use entracte_coroutine::{Coroutine, Interrupt, Misuse};
/// let mut is_misuse = false;
/// let sink: Stage<'_, &str> = Coroutine::new(async |mut co| {
///     let Err(Interrupt::Throw(error)) = co.try_yield(()).await else { return };
///     let shared = error.downcast_ref::<SharedError>().unwrap();
///     is_misuse = shared.get().is::<Misuse>();
/// });
/// let mut all = broadcast([sink]);
/// all.next()?;
/// assert!(all.throw(Misuse::AwaitedOutside).is_err());
/// drop(all);
/// assert!(is_misuse);
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SharedError {
    error: Arc<BoxError>,
}

impl SharedError {
    pub(super) fn new(error: BoxError) -> Self {
        Self {
            error: Arc::new(error),
        }
    }

    /// The error that is shared, to look at or to downcast.
    pub fn get(&self) -> &(dyn Error + Send + Sync + 'static) {
        &**self.error
    }

    /// The error itself if nobody else holds it any more, else the shared one.
    pub(super) fn unshare(self) -> BoxError {
        match Arc::try_unwrap(self.error) {
            Ok(error) => error,
            Err(error) => Box::new(Self { error }),
        }
    }
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for SharedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
