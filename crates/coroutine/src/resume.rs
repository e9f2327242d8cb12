//! `Resume`: whatever can be resumed, and so delegated to, with one required method.

use core::fmt;
use core::marker::PhantomData;
use core::task::{Context, Poll};

use crate::error::{BoxError, Stop};
use crate::frame::Head;

/// What a caller does to a coroutine: the four verbs as a value.
pub enum Act<Input> {
    /// Go on without a value.
    Next,
    /// Go on with this value.
    Send(Input),
    /// Raise this error at the paused yield.
    Throw(BoxError),
    /// Finish now.
    Close,
}

/// The answer to an [`Act`]: a value, or why there is none, with an act that was not taken.
pub type Answer<Yield, Return, Input> = Result<Yield, Stop<Return, Act<Input>>>;

impl<Input> Act<Input> {
    /// The value of a `Send` that was refused.
    pub(crate) fn into_value(self) -> Input {
        match self {
            Act::Send(value) => value,
            _ => unreachable!("internal error in entracte: a send came back as {self:?}"),
        }
    }

    /// The error of a `Throw` that was refused.
    pub(crate) fn into_error(self) -> BoxError {
        match self {
            Act::Throw(error) => error,
            _ => unreachable!("internal error in entracte: a throw came back as {self:?}"),
        }
    }
}

impl<Input> fmt::Debug for Act<Input> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Next => f.write_str("Next"),
            Act::Send(_) => f.write_str("Send(..)"),
            Act::Throw(error) => f.debug_tuple("Throw").field(error).finish(),
            Act::Close => f.write_str("Close"),
        }
    }
}

/// Something that is resumed, gives values, and ends with one.
///
/// All coroutines of this crate are; implement it for your own state machines to delegate to them
/// with [`yield_from`](crate::Co::yield_from).
///
/// # Python
///
/// The generator protocol: an object with `__next__`, `send`, `throw` and `close`.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::{Act, Coroutine, Resume, Stop};
///
/// struct Countdown(u32);
///
/// impl Resume<()> for Countdown {
///     type Yield = u32;
///     type Return = &'static str;
///
///     fn resume(&mut self, act: Act<()>) -> Result<u32, Stop<&'static str, Act<()>>> {
///         match act {
///             Act::Throw(error) => Err(Stop::Raised(error)),
///             Act::Close => Err(Stop::Finished(Act::Close)),
///             Act::Next | Act::Send(()) if self.0 == 0 => Err(Stop::Returned("lift-off")),
///             Act::Next | Act::Send(()) => {
///                 self.0 -= 1;
///                 Ok(self.0 + 1)
///             }
///         }
///     }
/// }
///
/// let mut co = Coroutine::new(async |mut co| co.yield_from(Countdown(2)).await);
/// assert_eq!(co.next()?, 2);
/// assert_eq!(co.next()?, 1);
/// assert_eq!(co.next().unwrap_err().returned(), Some("lift-off"));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub trait Resume<Input> {
    /// What it gives.
    type Yield;
    /// What it ends with.
    type Return;

    /// Goes on with it.
    ///
    /// A value in answer to [`Act::Close`] says that the close was ignored.
    ///
    /// # Errors
    ///
    /// Returns a [`Stop`] if there is no value; an act that was not taken is given back in it.
    fn resume(&mut self, act: Act<Input>) -> Answer<Self::Yield, Self::Return, Input>;

    /// As [`resume`](Self::resume), for what may wait before it answers: takes the act at the
    /// first poll, and is polled with `None` until it is ready.
    ///
    /// # Errors
    ///
    /// As [`resume`](Self::resume).
    fn poll_resume(
        &mut self,
        cx: &mut Context<'_>,
        act: &mut Option<Act<Input>>,
    ) -> Poll<Answer<Self::Yield, Self::Return, Input>> {
        let _ = cx;
        match act.take() {
            Some(act) => Poll::Ready(self.resume(act)),
            None => Poll::Pending,
        }
    }

    /// The frame to resume directly, for delegation in constant time.
    #[doc(hidden)]
    fn link(&mut self) -> Option<Link<'_, Self::Yield, Input, Self::Return>> {
        None
    }

    /// Told how many resumes are nested above it, when it cannot be linked.
    #[doc(hidden)]
    fn nest(&mut self, depth: u32) {
        let _ = depth;
    }
}

impl<Input, D: Resume<Input> + ?Sized> Resume<Input> for &mut D {
    type Yield = D::Yield;
    type Return = D::Return;

    fn resume(&mut self, act: Act<Input>) -> Answer<Self::Yield, Self::Return, Input> {
        (**self).resume(act)
    }

    fn poll_resume(
        &mut self,
        cx: &mut Context<'_>,
        act: &mut Option<Act<Input>>,
    ) -> Poll<Answer<Self::Yield, Self::Return, Input>> {
        (**self).poll_resume(cx, act)
    }

    fn link(&mut self) -> Option<Link<'_, Self::Yield, Input, Self::Return>> {
        (**self).link()
    }

    fn nest(&mut self, depth: u32) {
        (**self).nest(depth);
    }
}

/// Exclusive access to a boxed coroutine's frame. Only this crate can make one.
#[doc(hidden)]
pub struct Link<'a, Yield, Input, Return> {
    pub(crate) head: *const Head<Yield, Input>,
    life: PhantomData<&'a mut Return>,
}

impl<Yield, Input, Return> Link<'_, Yield, Input, Return> {
    /// # Safety
    ///
    /// `head` is live and exclusively borrowed for the link's life; its values are `Return`s.
    pub(crate) unsafe fn new(head: *const Head<Yield, Input>) -> Self {
        Self {
            head,
            life: PhantomData,
        }
    }
}

impl<Yield, Input, Return> fmt::Debug for Link<'_, Yield, Input, Return> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}
