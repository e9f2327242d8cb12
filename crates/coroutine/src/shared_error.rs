//! `SharedError`: one error that several parties hold.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

use crate::error::BoxError;

/// One error for several stages: [`broadcast`](crate::pipeline::push::broadcast) throws it into each of
/// them. It says what the first error says; [`get`](Self::get) gives that one.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::SharedError;
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
    /// Makes an error one that can be cloned.
    #[must_use]
    pub fn new(error: BoxError) -> Self {
        Self {
            error: Arc::new(error),
        }
    }

    /// The error that is shared, to look at or to downcast.
    pub fn get(&self) -> &(dyn Error + Send + Sync + 'static) {
        &**self.error
    }

    /// The error itself if nobody else holds it any more, else the shared one.
    #[must_use]
    pub fn unshare(self) -> BoxError {
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
