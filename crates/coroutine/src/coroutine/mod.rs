//! `Coroutine`: boxed and nameable, one allocation, one pointer wide.

mod iterate;
mod verbs;

use core::fmt;

use crate::body::Body;
use crate::co::Co;
use crate::handle::Handle;
use crate::home::{Local, Threads};
use crate::resume::{Act, Answer, Link, Resume};

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
///
/// A function with arguments, as Python's generator functions are: `async move` takes them along.
///
/// ```
/// # use entracte_coroutine::Generator;
/// fn countdown(from: u32) -> Generator<'static, u32> {
///     Generator::new(async move |mut co| {
///         for n in (1..=from).rev() {
///             co.yield_(n).await;
///         }
///     })
/// }
/// assert!(countdown(3).eq([3, 2, 1]));
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
///
/// One that is made and not kept is warned of:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// entracte_coroutine::Generator::new(async |mut co| co.yield_(1).await);
/// ```
#[doc(alias = "generator")]
#[must_use = "a coroutine does nothing until it is resumed"]
pub struct Coroutine<'env, Yield, Input, Return, Home = Local> {
    handle: Handle<'env, Yield, Input, Return, Home>,
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
            handle: Handle::new::<(), _, _>((), body),
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
            handle: Handle::new::<(), _, _>(name, body),
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
            handle: Handle::new_send::<(), _>(body),
        }
    }
}

impl<Yield, Input, Return, Home> fmt::Debug for Coroutine<'_, Yield, Input, Return, Home> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.describe("Coroutine", f)
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
        Some(self.handle.link())
    }

    fn nest(&mut self, depth: u32) {
        self.handle.nest(depth);
    }
}
