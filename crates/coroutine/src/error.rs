//! Interrupts, and why a verb gave no value: one enum for the verbs, one for `close`, one for bodies.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::error::Error;
use core::fmt;

/// Any error: what is thrown into a coroutine and what it raises.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// What arrives at a paused [`yield_`](crate::Co::yield_) instead of a value.
///
/// Nobody has to look at it: an interrupt that no block catches drops the frames of the body,
/// innermost first, and comes out of the verb that sent it. [`try_yield`](crate::Co::try_yield),
/// [`catch`](crate::Co::catch) and [`finally`](crate::Co::finally) stop it on its way.
///
/// # Python
///
/// `GeneratorExit`, or the exception given to `throw`.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::{Coroutine, Interrupt};
///
/// let mut co = Coroutine::new(async |mut co| match co.try_yield(1).await {
///     Ok(()) => "next",
///     Err(Interrupt::Close) => "closed",
///     Err(Interrupt::Throw(_)) => "thrown",
/// });
/// assert_eq!(co.next()?, 1);
/// assert_eq!(co.close()?, Some("closed"));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
#[doc(alias = "GeneratorExit")]
#[derive(Debug)]
pub enum Interrupt {
    /// Asked to finish now, by [`close`](crate::Coroutine::close).
    Close,
    /// An error, by [`throw`](crate::Coroutine::throw) or [`raise`](crate::Co::raise).
    Throw(BoxError),
}

impl Interrupt {
    /// Unboxes an error that is itself an interrupt, so that raising one again does not wrap it.
    pub(crate) fn from_error(mut error: BoxError) -> Self {
        loop {
            error = match error.downcast::<Interrupt>().map(|interrupt| *interrupt) {
                Ok(Interrupt::Close) => return Interrupt::Close,
                Ok(Interrupt::Throw(inner)) => inner,
                Err(error) => return Interrupt::Throw(error),
            };
        }
    }

    /// The error as which an uncaught interrupt leaves.
    pub(crate) fn into_error(self) -> BoxError {
        match self {
            Interrupt::Close => Box::new(Interrupt::Close),
            Interrupt::Throw(error) => error,
        }
    }

    pub(crate) fn into_word(self) -> Option<Box<BoxError>> {
        match self {
            Interrupt::Close => None,
            Interrupt::Throw(error) => Some(Box::new(error)),
        }
    }

    pub(crate) fn from_word(word: Option<Box<BoxError>>) -> Self {
        match word {
            None => Interrupt::Close,
            Some(error) => Interrupt::Throw(*error),
        }
    }
}

impl fmt::Display for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Interrupt::Close => f.write_str("coroutine was asked to close"),
            Interrupt::Throw(error) => error.fmt(f),
        }
    }
}

impl Error for Interrupt {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Interrupt::Close => None,
            Interrupt::Throw(error) => error.source(),
        }
    }
}

/// Why a verb gave no value.
///
/// `?` turns it into a [`BoxError`] or a `Box<dyn Error>`: a raised error goes on as itself, as an
/// exception does in Python.
///
/// `Given` is what the caller handed in (`()` for `next`, the value for `send`, the error for
/// `throw`); the variants that refuse give it back.
///
/// # Python
///
/// `Returned(v)` is `StopIteration(v)`, `Finished` a bare `StopIteration`, `NotStarted` the
/// `TypeError` of a first `send`, `AlreadyRunning` the `ValueError` of a re-entrant resume.
#[doc(alias = "StopIteration")]
#[non_exhaustive]
pub enum Stop<Return, Given = ()> {
    /// The body returned; the value is delivered once.
    Returned(Return),
    /// An error that nobody caught left the body: one thrown in, or one that it raised.
    Raised(BoxError),
    /// It ended before.
    Finished(Given),
    /// A value was sent before the first yield could wait for one. Start with `next`.
    NotStarted(Given),
    /// `next` on a coroutine whose paused yield waits for a value. Use `send`.
    NeedsInput,
    /// Its body is on the stack: it was resumed from within, through a shared handle.
    AlreadyRunning(Given),
}

impl<Return, Given> Stop<Return, Given> {
    /// The return value, if the body returned one just now.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Generator;
    /// let mut co = Generator::new(async |mut co| { co.yield_(1).await; "done" });
    /// co.next()?;
    /// assert_eq!(co.next().unwrap_err().returned(), Some("done"));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    pub fn returned(self) -> Option<Return> {
        match self {
            Stop::Returned(value) => Some(value),
            _ => None,
        }
    }

    /// What the caller handed in, if it was not taken.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut co = Coroutine::new(async |mut co| { let _: i32 = co.yield_(1).await; });
    /// assert_eq!(co.send(5).unwrap_err().given(), Some(5));
    /// ```
    pub fn given(self) -> Option<Given> {
        match self {
            Stop::Finished(given) | Stop::NotStarted(given) | Stop::AlreadyRunning(given) => {
                Some(given)
            }
            _ => None,
        }
    }

    /// Changes what is given back.
    pub fn map_given<T>(self, change: impl FnOnce(Given) -> T) -> Stop<Return, T> {
        match self {
            Stop::Returned(value) => Stop::Returned(value),
            Stop::Raised(error) => Stop::Raised(error),
            Stop::Finished(given) => Stop::Finished(change(given)),
            Stop::NotStarted(given) => Stop::NotStarted(change(given)),
            Stop::NeedsInput => Stop::NeedsInput,
            Stop::AlreadyRunning(given) => Stop::AlreadyRunning(change(given)),
        }
    }

    /// Which of the reasons it is, without its values.
    pub fn kind(&self) -> StopKind {
        match self {
            Stop::Returned(_) => StopKind::Returned,
            Stop::Raised(_) => StopKind::Raised,
            Stop::Finished(_) => StopKind::Finished,
            Stop::NotStarted(_) => StopKind::NotStarted,
            Stop::NeedsInput => StopKind::NeedsInput,
            Stop::AlreadyRunning(_) => StopKind::AlreadyRunning,
        }
    }
}

impl<Return, Given> fmt::Debug for Stop<Return, Given> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Returned(_) => f.write_str("Returned(..)"),
            Stop::Raised(error) => f.debug_tuple("Raised").field(error).finish(),
            Stop::Finished(_) => f.write_str("Finished"),
            Stop::NotStarted(_) => f.write_str("NotStarted"),
            Stop::NeedsInput => f.write_str("NeedsInput"),
            Stop::AlreadyRunning(_) => f.write_str("AlreadyRunning"),
        }
    }
}

impl<Return, Given> fmt::Display for Stop<Return, Given> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Raised(error) => error.fmt(f),
            other => other.kind().fmt(f),
        }
    }
}

/// `?` passes the error on: the one that was raised as itself, the others as their [`StopKind`].
///
/// Neither the return value nor what was given has to outlive anything for that. The price is that
/// `Stop` is not an `Error` itself.
impl<Return, Given> From<Stop<Return, Given>> for BoxError {
    fn from(stop: Stop<Return, Given>) -> Self {
        match stop {
            Stop::Raised(error) => error,
            other => Box::new(other.kind()),
        }
    }
}

impl<Return, Given> From<Stop<Return, Given>> for Box<dyn Error> {
    fn from(stop: Stop<Return, Given>) -> Self {
        BoxError::from(stop)
    }
}

/// A [`Stop`] without its values: what `?` makes of one that is not a raised error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopKind {
    /// [`Stop::Returned`].
    Returned,
    /// [`Stop::Raised`].
    Raised,
    /// [`Stop::Finished`].
    Finished,
    /// [`Stop::NotStarted`].
    NotStarted,
    /// [`Stop::NeedsInput`].
    NeedsInput,
    /// [`Stop::AlreadyRunning`].
    AlreadyRunning,
}

impl fmt::Display for StopKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopKind::Returned => "coroutine returned",
            StopKind::Raised => "coroutine raised an error",
            StopKind::Finished => "cannot resume a finished coroutine",
            StopKind::NotStarted => "cannot send into a coroutine that has not started",
            StopKind::NeedsInput => "cannot resume without a value: the paused yield waits for one",
            StopKind::AlreadyRunning => "cannot resume a running coroutine",
        })
    }
}

impl Error for StopKind {}

/// Why a coroutine could not be closed.
///
/// # Python
///
/// `Ignored` is `RuntimeError: generator ignored GeneratorExit`; here the value is not lost.
#[non_exhaustive]
pub enum CloseError<Yield> {
    /// It answered by yielding this value. It is suspended there and stays usable.
    Ignored(Yield),
    /// Its clean-up raised this error. It is closed.
    Raised(BoxError),
    /// Its body is on the stack.
    AlreadyRunning,
}

impl<Yield> fmt::Debug for CloseError<Yield> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseError::Ignored(_) => f.write_str("Ignored(..)"),
            CloseError::Raised(error) => f.debug_tuple("Raised").field(error).finish(),
            CloseError::AlreadyRunning => f.write_str("AlreadyRunning"),
        }
    }
}

impl<Yield> fmt::Display for CloseError<Yield> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseError::Ignored(_) => Misuse::IgnoredClose.fmt(f),
            CloseError::Raised(error) => error.fmt(f),
            CloseError::AlreadyRunning => f.write_str("cannot close a running coroutine"),
        }
    }
}

/// `?` passes the error on, as with [`Stop`].
impl<Yield> From<CloseError<Yield>> for BoxError {
    fn from(failed: CloseError<Yield>) -> Self {
        match failed {
            CloseError::Ignored(_) => Box::new(Misuse::IgnoredClose),
            CloseError::Raised(error) => error,
            CloseError::AlreadyRunning => failed.to_string().into(),
        }
    }
}

impl<Yield> From<CloseError<Yield>> for Box<dyn Error> {
    fn from(failed: CloseError<Yield>) -> Self {
        BoxError::from(failed)
    }
}

/// An error that the library raises inside a body, at the await that went wrong.
///
/// It unwinds as any other: a block may catch it, and uncaught it comes out as
/// [`Stop::Raised`], where `downcast_ref::<Misuse>()` finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// A synchronous body awaited something that is not its own yield.
    AwaitedOutside,
    /// A yield was left unfinished, and another one was made before the coroutine was resumed.
    YieldedTwice,
    /// `yield_from` a coroutine that has ended: there is no value to give.
    DelegatedToFinished,
    /// `yield_from` a coroutine whose body is on the stack, or itself.
    DelegatedToRunning,
    /// `yield_from` a suspended coroutine whose yield waits for a value.
    DelegatedWithoutInput,
    /// `yield_from_with` a coroutine that has not started.
    DelegatedWithInput,
    /// Delegations that cannot be linked are nested too deep for the stack.
    DelegatedTooDeep,
    /// The coroutine delegated to answered `close` by yielding one more value.
    IgnoredClose,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Misuse::AwaitedOutside => {
                "cannot await anything but `yield_` in a synchronous coroutine: \
                 make it an `AsyncCoroutine` and drive it from async code"
            }
            Misuse::YieldedTwice => "cannot yield while another yield is unfinished",
            Misuse::DelegatedToFinished => "cannot delegate to a finished coroutine",
            Misuse::DelegatedToRunning => "cannot delegate to a running coroutine",
            Misuse::DelegatedWithoutInput => {
                "cannot delegate to a suspended coroutine without a value: use `yield_from_with`"
            }
            Misuse::DelegatedWithInput => {
                "cannot send into a coroutine that has not started: use `yield_from`"
            }
            Misuse::DelegatedTooDeep => "cannot delegate this deep: pass boxed coroutines to `yield_from` directly, by value or `&mut`",
            Misuse::IgnoredClose => "coroutine ignored close",
        })
    }
}

impl Error for Misuse {}
