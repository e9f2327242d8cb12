//! `BoundedSemaphore`: a semaphore that never has more permits than it began with.

use std::error::Error;
use std::fmt;

use super::semaphore::{Permit, Semaphore};

/// A semaphore that never has more permits than it began with.
///
/// Clones are handles to the same semaphore.
///
/// # Python
///
/// [`asyncio.BoundedSemaphore`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.BoundedSemaphore).
/// Here a permit that is dropped cannot be released twice; [`release`](Self::release) is for those
/// that were forgotten.
///
/// # Examples
///
/// ```
/// use entracte::sync::BoundedSemaphore;
///
/// entracte::run(async {
///     let semaphore = BoundedSemaphore::new(1);
///     semaphore.acquire().await.forget();
///     assert!(semaphore.is_locked());
///     assert!(semaphore.release().is_ok());
///     assert!(semaphore.release().is_err());
/// })
/// .unwrap();
/// ```
#[derive(Clone)]
#[doc(alias = "asyncio.BoundedSemaphore")]
pub struct BoundedSemaphore {
    semaphore: Semaphore,
    bound: usize,
}

impl BoundedSemaphore {
    /// Makes a semaphore with this many permits, and never more.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        Self {
            semaphore: Semaphore::new(permits),
            bound: permits,
        }
    }

    /// Takes a permit, waiting while there is none: [`Semaphore::acquire`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: as [`Semaphore::acquire`].
    pub async fn acquire(&self) -> Permit {
        self.semaphore.acquire().await
    }

    /// Takes a permit if there is one.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Permit> {
        self.semaphore.try_acquire()
    }

    /// Gives back a permit that was [forgotten](Permit::forget).
    ///
    /// # Errors
    ///
    /// Returns [`ReleasedTooOften`] if none was.
    #[doc(alias = "asyncio.BoundedSemaphore.release")]
    pub fn release(&self) -> Result<(), ReleasedTooOften> {
        if self.semaphore.restore() {
            Ok(())
        } else {
            Err(ReleasedTooOften)
        }
    }

    /// How many permits could be taken now.
    #[must_use]
    pub fn available(&self) -> usize {
        self.semaphore.available()
    }

    /// With how many permits it began.
    #[must_use]
    pub const fn bound(&self) -> usize {
        self.bound
    }

    /// Whether there is no permit to be taken.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.semaphore.is_locked()
    }
}

impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedSemaphore")
            .field("bound", &self.bound)
            .field("available", &self.available())
            .finish_non_exhaustive()
    }
}

/// A semaphore has all the permits that it began with, or they are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleasedTooOften;

impl fmt::Display for ReleasedTooOften {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot release a bounded semaphore more often than it was acquired")
    }
}

impl Error for ReleasedTooOften {}
