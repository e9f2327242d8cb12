//! Context managers made from a coroutine: run to the yield, hand the value over, clean up.

use core::error::Error;
use core::fmt;

use crate::async_coroutine::AsyncCoroutine;
use crate::coroutine::Coroutine;
use crate::error::{BoxError, CloseError, Interrupt, Stop};

/// Why a coroutine failed as a context manager, or the error of the block inside.
///
/// # Python
///
/// The `RuntimeError`s of `contextlib.contextmanager`, or what left the `with` block.
#[derive(Debug)]
#[non_exhaustive]
pub enum ContextError {
    /// It ended without handing a value over; the block did not run.
    DidNotYield,
    /// It yielded again after the block; it was closed.
    DidNotStop,
    /// It yielded again after the block's error was thrown in; it was closed.
    DidNotStopAfterThrow,
    /// The block failed and the coroutine let the error through, or it raised this one itself.
    Raised(BoxError),
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContextError::DidNotYield => f.write_str("coroutine did not yield a value to use"),
            ContextError::DidNotStop => f.write_str("coroutine did not stop after the block"),
            ContextError::DidNotStopAfterThrow => {
                f.write_str("coroutine did not stop after the block's error was thrown in")
            }
            ContextError::Raised(error) => error.fmt(f),
        }
    }
}

impl Error for ContextError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ContextError::Raised(error) => error.source(),
            _ => None,
        }
    }
}

impl<Yield, Return, Home> Coroutine<'_, Yield, (), Return, Home> {
    /// Uses the coroutine as a context manager around a block.
    ///
    /// It runs to its yield, whose value the block gets. When the block is done it goes on to its
    /// end; if the block fails, the error is thrown in at the yield, so that a `catch` or a
    /// `finally` around the yield sees it. A panic in the block drops the coroutine: destructors
    /// clean up, nothing else.
    ///
    /// Gives what the block gave, or `None` if the coroutine swallowed the block's error.
    ///
    /// # Errors
    ///
    /// Returns a [`ContextError`] if the block's error comes through, if the coroutine raises one,
    /// or if it does not yield exactly once.
    ///
    /// # Python
    ///
    /// `contextlib.contextmanager`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::{ContextError, Generator};
    /// # use std::cell::RefCell;
    /// let log = RefCell::new(Vec::new());
    /// let opened = || Generator::new(async |mut co| {
    ///     log.borrow_mut().push("open");
    ///     co.finally(async |co| co.yield_("file").await, async |_| log.borrow_mut().push("close"))
    ///         .await;
    /// });
    /// let length = opened().with(|file| Ok(file.len()))?;
    /// assert_eq!(length, Some(4));
    /// let failed = opened().with(|_| Err::<(), _>("disk full".into()));
    /// assert_eq!(failed.unwrap_err().to_string(), "disk full");
    /// assert_eq!(*log.borrow(), ["open", "close", "open", "close"]);
    /// # Ok::<(), ContextError>(())
    /// ```
    #[doc(alias = "contextmanager")]
    pub fn with<T>(
        mut self,
        block: impl FnOnce(Yield) -> Result<T, BoxError>,
    ) -> Result<Option<T>, ContextError> {
        let value = match self.next() {
            Ok(value) => value,
            Err(Stop::Raised(error)) => return Err(ContextError::Raised(error)),
            Err(_) => return Err(ContextError::DidNotYield),
        };
        match block(value) {
            Ok(value) => match self.next() {
                Ok(_) => Err(after(self.close(), ContextError::DidNotStop)),
                Err(Stop::Raised(error)) => Err(ContextError::Raised(error)),
                Err(_) => Ok(Some(value)),
            },
            Err(error) => match self.throw(error) {
                Ok(_) => Err(after(self.close(), ContextError::DidNotStopAfterThrow)),
                Err(Stop::Raised(error)) => Err(ContextError::Raised(error)),
                Err(_) => Ok(None),
            },
        }
    }
}

impl<Yield, Return, Home> AsyncCoroutine<'_, Yield, (), Return, Home> {
    /// Uses the coroutine as a context manager around an async block.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future drops block and coroutine; destructors clean up,
    /// nothing else. Use [`catch`](crate::Co::catch) and `close` by hand instead.
    ///
    /// # Errors
    ///
    /// As [`Coroutine::with`](crate::Coroutine::with).
    ///
    /// # Python
    ///
    /// `contextlib.asynccontextmanager`.
    #[doc(alias = "asynccontextmanager")]
    pub async fn with<T>(
        mut self,
        block: impl AsyncFnOnce(Yield) -> Result<T, BoxError>,
    ) -> Result<Option<T>, ContextError> {
        let value = match self.next().await {
            Ok(value) => value,
            Err(Stop::Raised(error)) => return Err(ContextError::Raised(error)),
            Err(_) => return Err(ContextError::DidNotYield),
        };
        match block(value).await {
            Ok(value) => match self.next().await {
                Ok(_) => Err(after(self.close().await, ContextError::DidNotStop)),
                Err(Stop::Raised(error)) => Err(ContextError::Raised(error)),
                Err(_) => Ok(Some(value)),
            },
            Err(error) => match self.throw(error).await {
                Ok(_) => Err(after(
                    self.close().await,
                    ContextError::DidNotStopAfterThrow,
                )),
                Err(Stop::Raised(error)) => Err(ContextError::Raised(error)),
                Err(_) => Ok(None),
            },
        }
    }
}

/// What to report once a coroutine that did not stop was closed.
fn after<Yield, Return>(
    closed: Result<Option<Return>, CloseError<Yield>>,
    error_after: ContextError,
) -> ContextError {
    match closed {
        Err(CloseError::Raised(error)) => match Interrupt::from_error(error) {
            Interrupt::Throw(error) => ContextError::Raised(error),
            Interrupt::Close => error_after,
        },
        _ => error_after,
    }
}
