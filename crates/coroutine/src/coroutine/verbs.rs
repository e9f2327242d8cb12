//! The verbs of a boxed coroutine: `next`, `send`, `throw`, `close`, and what it says of itself.

use core::task::Poll;

use super::Coroutine;
use crate::drive::Step;
use crate::error::{BoxError, CloseError, Stop};
use crate::hop::Hop;
use crate::resume::{Act, Answer};
use crate::state::State;
use crate::unit::unit;
use crate::waker::context;

impl<Yield, Input, Return, Home> Coroutine<'_, Yield, Input, Return, Home> {
    /// Goes on to the next yield. Starts a coroutine that has not started.
    ///
    /// # Errors
    ///
    /// Returns a [`Stop`] if there is no value: it returned, raised, or ended before; or its
    /// paused yield waits for a value (`Input` is not `()`), and then nothing happens.
    ///
    /// # Python
    ///
    /// `next(generator)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::{Generator, Stop};
    /// let mut co = Generator::new(async |mut co| { co.yield_(1).await; "end" });
    /// assert_eq!(co.next()?, 1);
    /// assert!(matches!(co.next(), Err(Stop::Returned("end"))));
    /// assert!(matches!(co.next(), Err(Stop::Finished(()))));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[doc(alias = "__next__")]
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "Python's name; the iterator's is there too"
    )]
    pub fn next(&mut self) -> Result<Yield, Stop<Return>> {
        match unit() {
            Some(input) => self.hop(input).map_err(|stop| stop.map_given(drop)),
            None => match self.handle.start() {
                Hop::Yielded(value) => Ok(value),
                Hop::Refused(()) => self.start_cold(),
                Hop::Polled => self.settle(),
            },
        }
    }

    /// Sends a value to the paused yield and goes on to the next one.
    ///
    /// # Errors
    ///
    /// Returns a [`Stop`] if there is no value; before the start and after the end it gives the
    /// sent value back. With `Input = ()`, a first `send(())` starts as `next` does.
    ///
    /// # Python
    ///
    /// `generator.send(value)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::{Coroutine, Stop};
    /// let mut co = Coroutine::new(async |mut co| co.yield_("ready").await + 1);
    /// assert!(matches!(co.send(5), Err(Stop::NotStarted(5))));
    /// assert_eq!(co.next()?, "ready");
    /// assert!(matches!(co.send(5), Err(Stop::Returned(6))));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[inline]
    pub fn send(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        self.hop(value)
    }

    #[inline]
    fn hop(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        match self.handle.hop(value) {
            Hop::Yielded(value) => Ok(value),
            Hop::Refused(value) => self.hop_cold(value),
            Hop::Polled => self.settle(),
        }
    }

    #[cold]
    #[inline(never)]
    fn hop_cold(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        self.act(Act::Send(value))
            .map_err(|stop| stop.map_given(Act::into_value))
    }

    #[cold]
    #[inline(never)]
    fn start_cold(&mut self) -> Result<Yield, Stop<Return>> {
        self.act(Act::Next).map_err(|stop| stop.map_given(drop))
    }

    /// The innermost coroutine was polled and did not just yield.
    #[cold]
    #[inline(never)]
    fn settle<Given>(&mut self) -> Result<Yield, Stop<Return, Given>> {
        let step = self.polled();
        self.handle.answer(step)
    }

    pub(super) fn polled(&mut self) -> Step<Yield> {
        done(self.handle.run_polled(&mut context()))
    }

    /// Any verb, off the hot path.
    pub(super) fn act(&mut self, act: Act<Input>) -> Answer<Yield, Return, Input> {
        let step = self.run(act)?;
        self.handle.answer(step)
    }

    pub(super) fn run(&mut self, act: Act<Input>) -> Answer<Step<Yield>, Return, Input> {
        done(self.handle.run(&mut context(), act))
    }

    /// Throws an error in at the paused yield, and goes on to the next one if the body catches it.
    ///
    /// # Errors
    ///
    /// Returns a [`Stop`] if there is no value. If nobody caught the error it is
    /// [`Stop::Raised`], and the coroutine is closed; so it is before the start, where the body
    /// never runs, and after the end.
    ///
    /// # Python
    ///
    /// `generator.throw(error)`. `throw(Interrupt::Close)` is `throw(GeneratorExit)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Generator;
    /// let mut co = Generator::new(async |mut co| {
    ///     let caught = co.try_yield("first").await;
    ///     co.yield_(if caught.is_err() { "caught" } else { "went on" }).await;
    /// });
    /// co.next()?;
    /// assert_eq!(co.throw("boom")?, "caught");
    /// assert_eq!(co.throw("again").unwrap_err().to_string(), "again");
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    pub fn throw(&mut self, error: impl Into<BoxError>) -> Result<Yield, Stop<Return, BoxError>> {
        self.act(Act::Throw(error.into()))
            .map_err(|stop| stop.map_given(Act::into_error))
    }

    /// Asks the body to finish now, and gives the value that it returned in answer, if any.
    ///
    /// A body that has not started never runs. An ended coroutine stays ended.
    ///
    /// # Errors
    ///
    /// Returns [`CloseError::Ignored`] if the body yielded once more (it stays suspended there and
    /// usable), and [`CloseError::Raised`] if its clean-up raised an error.
    ///
    /// # Python
    ///
    /// `generator.close()`, as of CPython 3.13.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut co = Coroutine::new(async |mut co| {
    ///     let mut sum = 0;
    ///     while let Ok(value) = co.try_yield(()).await {
    ///         sum += value;
    ///     }
    ///     sum
    /// });
    /// co.next()?;
    /// co.send(1)?;
    /// co.send(2)?;
    /// assert_eq!(co.close()?, Some(3));
    /// assert_eq!(co.close()?, None);
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    pub fn close(&mut self) -> Result<Option<Return>, CloseError<Yield>> {
        match self.run(Act::Close) {
            Ok(step) => self.handle.closed(step),
            Err(_) => Ok(None),
        }
    }

    /// Where the coroutine is in its life.
    ///
    /// # Python
    ///
    /// `inspect.getgeneratorstate(generator)`.
    pub fn state(&self) -> State {
        self.handle.state()
    }

    /// What the coroutine is called: the type of its body, or what [`named`](Self::named) said.
    ///
    /// # Python
    ///
    /// `generator.__qualname__`.
    pub fn name(&self) -> &'static str {
        self.handle.name()
    }

    /// The name of the coroutine that this one delegates to in constant time, if any.
    ///
    /// # Python
    ///
    /// `generator.gi_yieldfrom`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Generator;
    /// let mut outer = Generator::new(async |mut co| {
    ///     co.yield_from(Generator::named("inner", async |mut co| co.yield_(1).await)).await;
    /// });
    /// assert_eq!(outer.delegates_to(), None);
    /// outer.next()?;
    /// assert_eq!(outer.delegates_to(), Some("inner"));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[doc(alias = "gi_yieldfrom")]
    pub fn delegates_to(&self) -> Option<&'static str> {
        self.handle.delegates_to()
    }
}

/// A synchronous run always ends.
fn done<T>(run: Poll<T>) -> T {
    match run {
        Poll::Ready(step) => step,
        Poll::Pending => unreachable!("internal error in entracte: a resume waits"),
    }
}
