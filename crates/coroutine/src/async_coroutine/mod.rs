//! `AsyncCoroutine`: yields and awaits in one body, driven by whatever polls it.

mod resuming;

use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};

use crate::beside::Extra;
use crate::body::Body;
use crate::co::Co;
use crate::drive::Step;
use crate::error::{BoxError, CloseError, Stop};
use crate::handle::Handle;
use crate::home::{Local, Threads};
use crate::hop::Hop;
use crate::resume::{Act, Answer};
use crate::state::State;
use crate::unit::unit;

/// An asynchronous coroutine that may move between threads.
pub type SendAsyncCoroutine<'env, Yield, Input, Return> =
    AsyncCoroutine<'env, Yield, Input, Return, Threads>;

/// An asynchronous coroutine to which nothing is sent: an async iterator with an end of its own.
///
/// # Python
///
/// An async generator that is only advanced.
pub type AsyncGenerator<'env, Yield, Return = (), Home = Local> =
    AsyncCoroutine<'env, Yield, (), Return, Home>;

/// A coroutine whose body may also await anything; its verbs are awaited.
///
/// It needs no particular event loop: whatever polls the verb's future drives it. The verbs are
/// those of [`Coroutine`](crate::Coroutine). A verb's future that is dropped before it is done
/// leaves the body at its await; `next` goes on from there, `throw` and `close` interrupt it
/// there.
///
/// With `Input = ()` and the feature `stream` it is a `Stream` (its own `next` comes before that of
/// an extension trait). Delegations of asynchronous coroutines are nested: each item passes through
/// every level, so that what a body awaits beside a delegation goes on.
///
/// # Python
///
/// An async generator (PEP 525), with return values and `yield from` (PEP 828).
///
/// # Examples
///
/// ```
/// use entracte_coroutine::AsyncCoroutine;
/// # futures::executor::block_on(async {
/// let mut doubled = AsyncCoroutine::new(async |mut co| {
///     let mut value = co.yield_(0).await;
///     for _ in 0..2 {
///         let fetched = async { value * 2 }.await;
///         value = co.yield_(fetched).await;
///     }
///     "end"
/// });
/// assert_eq!(doubled.next().await?, 0);
/// assert_eq!(doubled.send(21).await?, 42);
/// assert_eq!(doubled.close().await?, None);
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// # }).unwrap();
/// ```
#[doc(alias = "async generator")]
#[must_use = "a coroutine does nothing until it is resumed"]
pub struct AsyncCoroutine<'env, Yield, Input, Return, Home = Local> {
    handle: Handle<'env, Yield, Input, Return, Home>,
}

impl<'env, Yield, Input, Return> AsyncCoroutine<'env, Yield, Input, Return> {
    /// Makes an asynchronous coroutine; runs none of its body.
    ///
    /// # Python
    ///
    /// Calling an async generator function.
    pub fn new<F>(body: F) -> Self
    where
        F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + 'env,
        F: for<'a> Body<'a, Yield, Input>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self {
            handle: Handle::new::<Extra, _, _>((), body),
        }
    }

    /// As [`new`](Self::new), with a name of its own for `Debug` and [`name`](Self::name).
    pub fn named<F>(name: &'static str, body: F) -> Self
    where
        F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + 'env,
        F: for<'a> Body<'a, Yield, Input>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self {
            handle: Handle::new::<Extra, _, _>(name, body),
        }
    }
}

impl<'env, Yield, Input, Return> SendAsyncCoroutine<'env, Yield, Input, Return> {
    /// Makes an asynchronous coroutine that may move between threads.
    pub fn new_send<F>(body: F) -> Self
    where
        F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + Send + 'env,
        F: for<'a> Body<'a, Yield, Input, Future: Send>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self {
            handle: Handle::new_send::<Extra, _>(body),
        }
    }
}

impl<Yield, Input, Return, Home> AsyncCoroutine<'_, Yield, Input, Return, Home> {
    /// Delivers an act at the first poll, and drives until there is a step.
    fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        act: &mut Option<Act<Input>>,
    ) -> Poll<Answer<Step<Yield>, Return, Input>> {
        let act = match act.take() {
            Some(Act::Send(value)) => match self.poll_hop(cx, value) {
                Ok(step) => return step,
                Err(value) => Act::Send(value),
            },
            Some(Act::Next) => match unit()
                .ok_or(())
                .and_then(|unit| self.poll_hop(cx, unit).map_err(drop))
            {
                Ok(step) => return step,
                Err(()) => Act::Next,
            },
            Some(act) => act,
            // A poll without an act goes on with the run that waits.
            None => Act::Next,
        };
        self.handle.run(cx, act)
    }

    /// The hot path, from yield to yield; gives the value back if it does not apply.
    #[inline]
    fn poll_hop(
        &mut self,
        cx: &mut Context<'_>,
        value: Input,
    ) -> Result<Poll<Answer<Step<Yield>, Return, Input>>, Input> {
        match self.handle.hop_async(value, cx) {
            Hop::Yielded(value) => Ok(Poll::Ready(Ok(Step::Yielded(value)))),
            Hop::Refused(value) => Err(value),
            Hop::Polled => Ok(self.handle.run_polled(cx).map(Ok)),
        }
    }

    async fn run(&mut self, act: Act<Input>) -> Answer<Yield, Return, Input> {
        let mut act = Some(act);
        let step = poll_fn(|cx| self.poll_step(cx, &mut act)).await?;
        self.handle.answer(step)
    }

    /// Goes on to the next yield. Starts a coroutine that has not started, and goes on with one
    /// whose last verb was dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the body keeps its place, and the next `next` goes on from there.
    ///
    /// # Errors
    ///
    /// As [`Coroutine::next`](crate::Coroutine::next).
    ///
    /// # Python
    ///
    /// `await anext(generator)`.
    #[doc(alias = "__anext__")]
    #[doc(alias = "anext")]
    pub async fn next(&mut self) -> Result<Yield, Stop<Return>> {
        self.run(Act::Next)
            .await
            .map_err(|stop| stop.map_given(drop))
    }

    /// Sends a value to the paused yield and goes on to the next one.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but once it was polled the value is with the body; go on with `next`.
    ///
    /// # Errors
    ///
    /// As [`Coroutine::send`](crate::Coroutine::send), and [`Stop::AlreadyRunning`] with the value
    /// if a verb was dropped before it was done and the body waits in an await.
    ///
    /// # Python
    ///
    /// `await generator.asend(value)`.
    #[doc(alias = "asend")]
    pub async fn send(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        self.run(Act::Send(value))
            .await
            .map_err(|stop| stop.map_given(Act::into_value))
    }

    /// Throws an error in at the paused yield, or at the await where the body waits.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but once it was polled the error is with the body; go on with `next`.
    ///
    /// # Errors
    ///
    /// As [`Coroutine::throw`](crate::Coroutine::throw).
    ///
    /// # Python
    ///
    /// `await generator.athrow(error)`.
    #[doc(alias = "athrow")]
    pub async fn throw(
        &mut self,
        error: impl Into<BoxError>,
    ) -> Result<Yield, Stop<Return, BoxError>> {
        self.run(Act::Throw(error.into()))
            .await
            .map_err(|stop| stop.map_given(Act::into_error))
    }

    /// Asks the body to finish now; its clean-up may await.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the clean-up stays where it is; `next` or `close` go on with it.
    ///
    /// # Errors
    ///
    /// As [`Coroutine::close`](crate::Coroutine::close).
    ///
    /// # Python
    ///
    /// `await generator.aclose()`.
    #[doc(alias = "aclose")]
    pub async fn close(&mut self) -> Result<Option<Return>, CloseError<Yield>> {
        let mut act = Some(Act::Close);
        match poll_fn(|cx| self.poll_step(cx, &mut act)).await {
            Ok(step) => self.handle.closed(step),
            Err(_) => Ok(None),
        }
    }

    /// Where the coroutine is in its life. One that waits in an await is `Running`.
    ///
    /// # Python
    ///
    /// `inspect.getasyncgenstate(generator)`.
    pub fn state(&self) -> State {
        self.handle.state()
    }

    /// As [`Coroutine::name`](crate::Coroutine::name).
    pub fn name(&self) -> &'static str {
        self.handle.name()
    }

    /// As [`Coroutine::delegates_to`](crate::Coroutine::delegates_to).
    pub fn delegates_to(&self) -> Option<&'static str> {
        self.handle.delegates_to()
    }

    /// As [`Coroutine::outcome`](crate::Coroutine::outcome), after iterating as a stream.
    ///
    /// # Errors
    ///
    /// Returns the error that left the body during iteration.
    pub fn outcome(&mut self) -> Option<Result<Return, BoxError>> {
        self.handle.outcome()
    }
}

impl<Yield, Input, Return, Home> fmt::Debug for AsyncCoroutine<'_, Yield, Input, Return, Home> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.describe("AsyncCoroutine", f)
    }
}
