//! `catch_cancel`, `finally`, `shield`: the blocks that meet a cancellation.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::task::scope::Scope;
use crate::task::scoped::{Ended, Scoped, Unwound, never};

/// A cancellation that was caught.
///
/// While it lives, its block counts as handling it: whoever unwinds around it waits. Passing it to
/// [`propagate`](Self::propagate) goes on unwinding, dropping it swallows the cancellation. It is
/// no error, so that `?` does not take it for one and swallow it.
///
/// # Python
///
/// [`asyncio.CancelledError`](https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError),
/// as an `except` clause has it.
#[doc(alias = "asyncio.CancelledError")]
#[must_use = "dropping it swallows the cancellation: `propagate` goes on unwinding"]
pub struct Cancelled {
    unwound: Unwound,
}

impl Cancelled {
    pub(crate) const fn new(unwound: Unwound) -> Self {
        Self { unwound }
    }

    /// What was said to whoever catches this.
    #[must_use]
    pub fn message(&self) -> Option<Arc<str>> {
        self.unwound.message()
    }

    /// Goes on unwinding: the enclosing block is asked, and this never returns.
    ///
    /// The enclosing block waits for all that handle the same cancellation. A [`Cancelled`] that is
    /// merely kept in there, as a `join!` keeps the results of its branches, is dropped with the
    /// block as soon as nothing in it waits any more. Whether a foreign future waits is not known:
    /// while one does anywhere in the program, a `Cancelled` that is kept holds the block up.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it is itself on the way out, and has nothing to lose.
    ///
    /// # Panics
    ///
    /// Panics if it is called outside a task, where nothing could unwind.
    ///
    /// # Python
    ///
    /// `raise` in an `except` clause.
    pub async fn propagate(self) -> ! {
        self.unwound.propagate();
        poll_fn(|_| never()).await
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled")
            .field("message", &self.message())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => write!(f, "cancelled: {message}"),
            None => f.write_str("cancelled"),
        }
    }
}

/// Awaits a future; if that is cancelled, drops it and gives the cancellation as an error.
///
/// # Cancel safety
///
/// Cancel safe: a cancellation is what it is here to answer with.
///
/// # Errors
///
/// Returns [`Cancelled`] if the block was asked to unwind.
///
/// # Python
///
/// `try: … except asyncio.CancelledError:`
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{catch_cancel, sleep, spawn};
///
/// # entracte::run(async {
/// let task = spawn(async {
///     match catch_cancel(sleep(Duration::from_secs(3600))).await {
///         Ok(()) => "slept",
///         Err(cancelled) => {
///             sleep(Duration::from_millis(1)).await; // clean-up may await
///             drop(cancelled); // swallowed
///             "woken"
///         }
///     }
/// });
/// entracte::checkpoint().await;
/// task.cancel();
/// assert_eq!(task.await?, "woken");
/// # Ok::<(), entracte::TaskError>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.CancelledError")]
pub fn catch_cancel<F: Future>(future: F) -> impl Future<Output = Result<F::Output, Cancelled>> {
    CatchCancel {
        scoped: Scoped::new(future),
    }
}

// Written by hand, like the others here: an `async fn` keeps its argument twice, before and while it
// is awaited, so that blocks within blocks would grow by a factor with each level.
pin_project! {
    struct CatchCancel<F: Future> {
        #[pin]
        scoped: Scoped<F>,
    }
}

impl<F: Future> Future for CatchCancel<F> {
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().scoped.poll(cx).map(|ended| match ended {
            Ended::Value(value) => Ok(value),
            Ended::Unwound(unwound) => Err(Cancelled::new(unwound.give_out())),
        })
    }
}

/// Awaits a future, then a clean-up, whether the future gave a value or was cancelled.
///
/// After a cancellation the unwinding goes on when the clean-up is done. One that arrives during the
/// clean-up interrupts it, the first one too if the future had ended by itself, unless the clean-up is
/// [shielded](shield) or has a [grace period](crate::finally_within). Where future and clean-up
/// need the same `&mut`, catch, clean up, and [propagate](Cancelled::propagate).
///
/// # Cancel safety
///
/// Cancel safe, but a cancellation during the clean-up interrupts it, and the value of the future is
/// lost.
///
/// # Python
///
/// `try: … finally:`
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{finally, sleep, spawn};
///
/// # entracte::run(async {
/// let task = spawn(finally(sleep(Duration::from_secs(3600)), async {
///     sleep(Duration::from_millis(1)).await;
///     println!("cleaned up");
/// }));
/// entracte::checkpoint().await;
/// task.cancel();
/// assert!(task.await.is_err_and(|error| error.is_cancelled()));
/// # }).unwrap();
/// ```
pub fn finally<F: Future>(
    future: F,
    clean_up: impl Future<Output = ()>,
) -> impl Future<Output = F::Output> {
    Finally {
        scoped: Scoped::new(future),
        clean_up,
        ended: None,
        is_on_its_way: false,
    }
}

pin_project! {
    struct Finally<F: Future, C> {
        #[pin]
        scoped: Scoped<F>,
        #[pin]
        clean_up: C,
        ended: Option<Ended<F::Output>>,
        is_on_its_way: bool,
    }
}

impl<F: Future, C: Future<Output = ()>> Future for Finally<F, C> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if *this.is_on_its_way {
            return never();
        }
        if this.ended.is_none() {
            *this.ended = Some(ready!(this.scoped.poll(cx)));
        }
        if let Some(Ended::Unwound(unwound)) = this.ended {
            unwound.mark_seen();
        }
        ready!(this.clean_up.poll(cx));
        match this.ended.take() {
            Some(Ended::Value(value)) => Poll::Ready(value),
            Some(Ended::Unwound(unwound)) => {
                *this.is_on_its_way = true;
                unwound.propagate();
                never()
            }
            None => panic!("cannot poll a future after its end"),
        }
    }
}

/// Awaits a future that no cancellation from outside reaches.
///
/// One that arrives meanwhile is held, and asks the enclosing block when the future is done.
///
/// # Cancel safety
///
/// Cannot be cancelled: it waits for the future to end. What drops it drops the future.
///
/// # Python
///
/// [`asyncio.shield`](https://docs.python.org/3/library/asyncio-task.html#asyncio.shield). There
/// the caller is cancelled at once, and the shielded part runs on by itself; here the caller waits,
/// as in Trio's shielded scopes. To have the other, spawn a task and detach it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{shield, sleep, timeout};
///
/// # entracte::run(async {
/// let short = Duration::from_millis(1);
/// let waited = timeout(short, shield(async {
///     sleep(2 * short).await;
///     println!("finished in spite of the timeout");
/// }));
/// assert!(waited.await.is_ok());
/// # }).unwrap();
/// ```
#[doc(alias = "asyncio.shield")]
pub fn shield<F: Future>(future: F) -> impl Future<Output = F::Output> {
    Shielded {
        scoped: Scoped::new(future),
        shield: None,
        is_on_its_way: false,
    }
}

pin_project! {
    struct Shielded<F: Future> {
        #[pin]
        scoped: Scoped<F>,
        shield: Option<Shield>,
        is_on_its_way: bool,
    }
}

impl<F: Future> Future for Shielded<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if *this.is_on_its_way {
            return never();
        }
        if this.shield.is_none() {
            let scope = Scope::shield();
            this.scoped.as_mut().set_scope(Rc::clone(&scope));
            *this.shield = Some(Shield(scope));
        }
        let ended = ready!(this.scoped.poll(cx));
        *this.shield = None;
        match ended {
            Ended::Value(value) => Poll::Ready(value),
            // Only what propagates from within gets here.
            Ended::Unwound(unwound) => {
                *this.is_on_its_way = true;
                unwound.propagate();
                never()
            }
        }
    }
}

/// Lets go of what a shield held, however the shield ends.
struct Shield(Rc<Scope>);

impl Drop for Shield {
    fn drop(&mut self) {
        self.0.release_held();
    }
}
