//! A promise whose value is set on one thread and awaited on another.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crate::sync::PromiseBroken;
use crate::task::waiting::{Wait, waits_for};
use crate::threads::lock;

/// Makes a promise and the resolver that keeps it; each may go to a thread of its own.
///
/// On one thread [`sync::promise`](crate::sync::promise()) does the same for less.
///
/// # Cancel safety
///
/// Cancel safe: a promise that is dropped gives the value back to whoever sets it.
///
/// # Python
///
/// [`concurrent.futures.Future`](https://docs.python.org/3/library/concurrent.futures.html#future-objects)
/// with [`asyncio.wrap_future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.wrap_future).
///
/// # Examples
///
/// ```
/// use entracte::threads::promise;
///
/// let (resolver, promise) = promise();
/// let thread = std::thread::spawn(move || resolver.set(6 * 7));
/// assert_eq!(entracte::run(promise)?, Ok(42));
/// assert_eq!(thread.join().unwrap(), Ok(()));
/// # Ok::<(), entracte::RunError>(())
/// ```
#[doc(alias = "asyncio.wrap_future")]
#[doc(alias = "oneshot")]
pub fn promise<T>() -> (SendResolver<T>, SendPromise<T>) {
    let state = Arc::new(Mutex::new(State::Unset(None)));
    let resolver = SendResolver {
        state: Some(Arc::clone(&state)),
    };
    (resolver, SendPromise { state })
}

/// Wakers and values are dropped, cloned and woken outside the lock: that is code of others.
enum State<T> {
    Unset(Option<Waker>),
    Done(Result<T, PromiseBroken>),
    /// Nobody waits any more, or the value was taken.
    Gone,
}

/// Sets the value of a [`SendPromise`], once. Dropped before, it breaks the promise.
#[must_use = "a resolver that is dropped breaks its promise"]
pub struct SendResolver<T> {
    /// There until the promise is kept or broken.
    state: Option<Arc<Mutex<State<T>>>>,
}

impl<T> SendResolver<T> {
    /// Sets the value and wakes who waits for it.
    ///
    /// # Errors
    ///
    /// Returns the value if nobody can get it, as the promise was dropped.
    #[doc(alias = "concurrent.futures.Future.set_result")]
    pub fn set(mut self, value: T) -> Result<(), T> {
        match self.state.take() {
            Some(state) => resolve(&state, Ok(value)),
            None => Err(value),
        }
    }

    /// Whether somebody can still get the value.
    #[doc(alias = "concurrent.futures.Future.cancelled")]
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let state = self.state.as_ref();
        state.is_some_and(|state| !matches!(&*lock(state), State::Gone))
    }
}

fn resolve<T>(state: &Mutex<State<T>>, outcome: Result<T, PromiseBroken>) -> Result<(), T> {
    let mut state = lock(state);
    if matches!(&*state, State::Gone) {
        return outcome.map_or(Ok(()), Err);
    }
    let old = mem::replace(&mut *state, State::Done(outcome));
    drop(state);
    if let State::Unset(Some(waker)) = old {
        waker.wake();
    }
    Ok(())
}

impl<T> Drop for SendResolver<T> {
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            // Nothing comes back, as there is no value.
            drop(resolve(&state, Err(PromiseBroken)));
        }
    }
}

impl<T> fmt::Debug for SendResolver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendResolver")
            .field("is_wanted", &self.is_wanted())
            .finish()
    }
}

/// A value that some thread will set once: await it to get it, on a loop or anywhere else.
///
/// Dropping it says that the value is not wanted any more.
///
/// # Cancel safety
///
/// Cancel safe: to stop awaiting `&mut promise` loses nothing.
///
/// # Errors
///
/// Gives [`PromiseBroken`] if the resolver was dropped before it set a value.
///
/// # Panics
///
/// Panics if it is awaited again after it gave its value.
///
/// # Python
///
/// [`concurrent.futures.Future`](https://docs.python.org/3/library/concurrent.futures.html#future-objects).
#[must_use = "a promise gives its value to who awaits it"]
pub struct SendPromise<T> {
    state: Arc<Mutex<State<T>>>,
}

impl<T> SendPromise<T> {
    /// Whether the promise was kept or broken.
    #[doc(alias = "concurrent.futures.Future.done")]
    #[must_use]
    pub fn is_done(&self) -> bool {
        !matches!(&*lock(&self.state), State::Unset(_))
    }

    /// As `poll`, with a note of what for that is the caller's own.
    pub(super) fn poll_for(&self, wait: Wait, cx: &Context<'_>) -> Poll<Result<T, PromiseBroken>> {
        if !self.is_awaited_by(cx.waker()) {
            let waker = cx.waker().clone();
            let mut state = lock(&self.state);
            let old = match mem::replace(&mut *state, State::Gone) {
                State::Done(outcome) => return Poll::Ready(outcome),
                State::Unset(old) => old,
                State::Gone => {
                    drop(state);
                    panic!("cannot await a promise again that gave its value")
                }
            };
            *state = State::Unset(Some(waker));
            drop(state);
            drop(old);
        }
        waits_for(wait);
        Poll::Pending
    }

    fn is_awaited_by(&self, waker: &Waker) -> bool {
        matches!(&*lock(&self.state), State::Unset(Some(own)) if own.will_wake(waker))
    }
}

impl<T> Future for SendPromise<T> {
    type Output = Result<T, PromiseBroken>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_for(Wait::Promise, cx)
    }
}

impl<T> Drop for SendPromise<T> {
    fn drop(&mut self) {
        let old = mem::replace(&mut *lock(&self.state), State::Gone);
        drop(old);
    }
}

impl<T> fmt::Debug for SendPromise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendPromise")
            .field("is_done", &self.is_done())
            .finish()
    }
}
