//! `Coroutine`: boxed and nameable, one allocation, one pointer wide.

mod iterate;
mod verbs;

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use crate::admit::{describe, discard, nest};
use crate::body::Body;
use crate::co::Co;
use crate::frame::{Beside, Frame, Head, Label};
use crate::resume::{Act, Answer, Link, Resume};

/// Marks a coroutine that stays on its thread.
#[derive(Debug)]
pub struct Local;

/// Marks a coroutine that may move between threads.
#[derive(Debug)]
pub struct Threads;

/// A coroutine that may move between threads: made by [`Coroutine::new_send`].
pub type SendCoroutine<'env, Yield, Input, Return> = Coroutine<'env, Yield, Input, Return, Threads>;

/// A coroutine to which nothing is sent: an iterator with an end of its own.
///
/// # Python
///
/// A generator that is only advanced.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::Generator;
///
/// let mut parts = Generator::new(async |mut co| {
///     co.yield_(5).await;
///     co.yield_(12).await;
/// });
/// assert_eq!(parts.next()?, 5);
/// assert_eq!(parts.next()?, 12);
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub type Generator<'env, Yield, Return = (), Home = Local> =
    Coroutine<'env, Yield, (), Return, Home>;

/// A function that pauses at its yields, gives values out, takes values in, and goes on when the
/// caller says so.
///
/// It borrows what lives for `'env`, gives `Yield`s, takes `Input`s and ends with a `Return`. With
/// `Input = ()` it is an iterator. Dropping it drops the frames of its body, innermost first, and
/// runs none of its code: destructors are Rust's `finally`. For a conversation with the body, call
/// [`close`](Self::close).
///
/// # Python
///
/// A generator object. There, dropping one closes it; here, that runs destructors only.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::Coroutine;
///
/// let mut echo = Coroutine::new(async |mut co| {
///     let mut answer = String::new();
///     loop {
///         let said: &str = co.yield_(answer).await;
///         answer = format!("Echo: {said}");
///     }
/// });
/// echo.next()?;
/// assert_eq!(echo.send("First")?, "Echo: First");
/// assert_eq!(echo.send("Second")?, "Echo: Second");
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
#[doc(alias = "generator")]
pub struct Coroutine<'env, Yield, Input, Return, Home = Local> {
    head: NonNull<Head<Yield, Input>>,
    #[expect(clippy::type_complexity, reason = "each part has its reason beside it")]
    marker: PhantomData<(
        // Owns a body that borrows for 'env and may be run by `&mut`: invariant.
        &'env mut &'env (),
        (Yield, Input, Return),
        Home,
        // Neither `Send` nor `Sync` but by the impl below.
        *const (),
    )>,
}

// SAFETY: only `new_send` makes one with `Threads`, and it demands that the future is `Send`. The
// values in the slot and in the frame are the three types bounded here.
unsafe impl<Yield: Send, Input: Send, Return: Send> Send
    for Coroutine<'_, Yield, Input, Return, Threads>
{
}

impl<'env, Yield, Input, Return> Coroutine<'env, Yield, Input, Return> {
    /// Makes a coroutine from an async closure or `async fn`; runs none of its body.
    ///
    /// # Python
    ///
    /// Calling a generator function.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let names = vec!["a".to_string(), "b".to_string()];
    /// let co = Coroutine::new(async |mut co| {
    ///     for name in &names {
    ///         co.yield_(name.as_str()).await;
    ///     }
    /// });
    /// assert_eq!(co.collect::<Vec<_>>(), ["a", "b"]);
    /// ```
    #[inline]
    pub fn new<F>(body: F) -> Self
    where
        F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + 'env,
        F: for<'a> Body<'a, Yield, Input>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self {
            head: boxed::<(), _, _, _, _, _>((), body),
            marker: PhantomData,
        }
    }

    /// As [`new`](Self::new), with a name of its own for `Debug` and [`name`](Self::name).
    ///
    /// # Python
    ///
    /// Setting `__name__`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let co = Coroutine::named("ticker", async |mut co| co.yield_(1).await);
    /// assert_eq!(co.name(), "ticker");
    /// # let _: Coroutine<_, (), _> = co;
    /// ```
    pub fn named<F>(name: &'static str, body: F) -> Self
    where
        F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + 'env,
        F: for<'a> Body<'a, Yield, Input>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self {
            head: boxed::<(), _, _, _, _, _>(name, body),
            marker: PhantomData,
        }
    }
}

impl<'env, Yield, Input, Return> SendCoroutine<'env, Yield, Input, Return> {
    /// Makes a coroutine that may move between threads: what its body holds across a yield must
    /// be `Send`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut co = Coroutine::new_send(async |mut co| co.yield_(1).await);
    /// assert_eq!(co.next()?, 1);
    /// let end = std::thread::spawn(move || co.send("sent").unwrap_err().returned());
    /// assert_eq!(end.join().unwrap(), Some("sent"));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[inline]
    pub fn new_send<F>(body: F) -> Self
    where
        F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + Send + 'env,
        F: for<'a> Body<'a, Yield, Input, Future: Send>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self {
            head: boxed::<(), _, _, _, _, _>((), body),
            marker: PhantomData,
        }
    }
}

/// Allocates a frame for a body.
#[inline]
pub(crate) fn boxed<Side, Name, Yield, Input, Return, F>(
    name: Name,
    body: F,
) -> NonNull<Head<Yield, Input>>
where
    Side: Beside,
    Name: Label,
    F: for<'a> Body<'a, Yield, Input>,
    <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
{
    Frame::<Yield, Input, <F as Body<'static, Yield, Input>>::Future, Return, Side, Name>::allocate(
        name,
        // SAFETY: the slot stands in the frame around the future, and outlives it. The brand is
        // chosen here, but the body had to accept every one, so it cannot have made use of it.
        |slot| body(unsafe { Co::new(slot) }),
    )
}

impl<Yield, Input, Return, Home> Coroutine<'_, Yield, Input, Return, Home> {
    #[inline]
    fn head(&self) -> &Head<Yield, Input> {
        // SAFETY: the frame is live as long as its handle (F3).
        unsafe { self.head.as_ref() }
    }
}

/// A handle is a pointer; its frame does not move with it.
impl<Yield, Input, Return, Home> Unpin for Coroutine<'_, Yield, Input, Return, Home> {}

impl<Yield, Input, Return, Home> Drop for Coroutine<'_, Yield, Input, Return, Home> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this handle owns the frame, and `&mut self` says that it is not on the stack.
        unsafe { discard(self.head.as_ptr()) };
    }
}

impl<Yield, Input, Return, Home> fmt::Debug for Coroutine<'_, Yield, Input, Return, Home> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe("Coroutine", self.head(), f)
    }
}

impl<Yield, Input, Return, Home> Resume<Input> for Coroutine<'_, Yield, Input, Return, Home> {
    type Yield = Yield;
    type Return = Return;

    #[inline]
    fn resume(&mut self, act: Act<Input>) -> Answer<Yield, Return, Input> {
        match act {
            Act::Next => self.next().map_err(|stop| stop.map_given(|()| Act::Next)),
            Act::Send(value) => self.send(value).map_err(|stop| stop.map_given(Act::Send)),
            act => self.act(act),
        }
    }

    fn link(&mut self) -> Option<Link<'_, Yield, Input, Return>> {
        // SAFETY: the handle owns the frame and is borrowed exclusively for the link's life.
        Some(unsafe { Link::new(self.head.as_ptr()) })
    }

    fn nest(&mut self, depth: u32) {
        nest(self.head(), depth);
    }
}
