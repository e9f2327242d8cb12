//! `promise`: a value that is set once, for one who waits.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::Wakeup;

use super::shared_promise::{SharedPromise, Sharing};
use crate::task::waiting::{Wait, waits_for};

/// Makes a promise and the resolver that keeps it.
///
/// # Cancel safety
///
/// Cancel safe: to stop awaiting `&mut promise` loses nothing. A promise that is dropped is given
/// up, and its value goes back to who sets it.
///
/// # Python
///
/// [`asyncio.Future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future), in two
/// halves: who waits cannot set the value, and a resolver that is dropped breaks its promise, where
/// a forgotten future is waited for for ever.
///
/// # Examples
///
/// ```
/// use entracte::sync::promise;
///
/// entracte::run(async {
///     let (resolver, promise) = promise();
///     resolver.set("done").unwrap();
///     assert_eq!(promise.await, Ok("done"));
/// })
/// .unwrap();
/// ```
#[doc(alias = "asyncio.Future")]
#[doc(alias = "oneshot")]
#[inline]
pub fn promise<T>() -> (Resolver<T>, Promise<T>) {
    let state = Rc::new(Cell::new(State::Unset));
    (
        Resolver {
            state: Some(Rc::clone(&state)),
        },
        Promise { state },
    )
}

/// What the two halves share. It is taken out to be looked at, so that no borrow is held when
/// foreign code runs.
enum State<T> {
    Unset,
    Waited(Wakeup),
    Shared(Rc<Sharing<T>>),
    Done(Result<T, PromiseBroken>),
    /// Nobody waits any more, or the value was taken.
    Gone,
}

/// Sets the value of a [`Promise`], once. Dropped before, it breaks the promise.
///
/// # Python
///
/// [`asyncio.Future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future) in the
/// hands of who sets its result. Dropping the resolver is what comes closest to `cancel`.
#[doc(alias = "asyncio.Future.cancel")]
#[must_use = "a resolver that is dropped breaks its promise"]
pub struct Resolver<T> {
    /// There until the promise is kept or broken.
    state: Option<Rc<Cell<State<T>>>>,
}

impl<T> Resolver<T> {
    /// Sets the value and wakes who waits for it.
    ///
    /// # Errors
    ///
    /// Returns the value if nobody can get it, as the promise was dropped.
    ///
    /// # Python
    ///
    /// [`asyncio.Future.set_result`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future.set_result).
    /// To set an error, let the value be a `Result`.
    #[doc(alias = "asyncio.Future.set_result")]
    #[doc(alias = "asyncio.Future.set_exception")]
    #[inline]
    pub fn set(mut self, value: T) -> Result<(), T> {
        match self.state.take() {
            Some(state) => resolve(&state, Ok(value)),
            None => Err(value),
        }
    }

    /// Whether somebody can still get the value.
    #[doc(alias = "asyncio.Future.cancelled")]
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let Some(state) = &self.state else {
            return false;
        };
        let now = state.replace(State::Gone);
        let is_wanted = match &now {
            State::Gone => false,
            State::Shared(sharing) => Rc::strong_count(sharing) > 1,
            _ => true,
        };
        state.set(now);
        is_wanted
    }
}

/// Puts the outcome where it belongs; gives the value back if that is nowhere.
#[inline]
fn resolve<T>(state: &Cell<State<T>>, outcome: Result<T, PromiseBroken>) -> Result<(), T> {
    match state.replace(State::Done(outcome)) {
        State::Unset => Ok(()),
        State::Waited(wakeup) => {
            wakeup.wake();
            Ok(())
        }
        old => resolve_elsewhere(state, old),
    }
}

/// Takes the outcome back to where it belongs, if that is not the state.
#[cold]
fn resolve_elsewhere<T>(state: &Cell<State<T>>, old: State<T>) -> Result<(), T> {
    let State::Done(outcome) = state.replace(State::Gone) else {
        unreachable!("the outcome was put there just now");
    };
    match old {
        State::Shared(sharing) => sharing.resolve(outcome),
        _ => outcome.map_or(Ok(()), Err),
    }
}

impl<T> Drop for Resolver<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            // Nothing comes back, as there is no value.
            drop(resolve(&state, Err(PromiseBroken)));
        }
    }
}

impl<T> fmt::Debug for Resolver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("is_wanted", &self.is_wanted())
            .finish()
    }
}

/// A value that will be set once: await it to get it.
///
/// Dropping it says that the value is not wanted any more. [`shared`](Self::shared) makes it one
/// that many can wait for.
///
/// # Cancel safety
///
/// Cancel safe: to stop awaiting `&mut promise` loses nothing.
///
/// # Errors
///
/// Gives [`PromiseBroken`] if the resolver was dropped before it set a value.
///
/// # Python
///
/// [`asyncio.Future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future).
#[doc(alias = "asyncio.Future")]
#[must_use = "a promise gives its value to who awaits it"]
pub struct Promise<T> {
    state: Rc<Cell<State<T>>>,
}

impl<T> Promise<T> {
    /// Whether the promise was kept or broken.
    #[doc(alias = "asyncio.Future.done")]
    #[must_use]
    pub fn is_done(&self) -> bool {
        let now = self.state.replace(State::Gone);
        let is_done = matches!(now, State::Done(_) | State::Gone);
        self.state.set(now);
        is_done
    }

    /// Makes it a promise that many can wait for.
    #[must_use]
    pub fn shared(self) -> SharedPromise<T> {
        let sharing = Rc::new(Sharing::new());
        let outcome = match self.state.replace(State::Shared(Rc::clone(&sharing))) {
            State::Done(outcome) => Some(outcome),
            // Awaited to its end before: there is nothing left to share.
            State::Gone => Some(Err(PromiseBroken)),
            _ => None,
        };
        if let Some(outcome) = outcome {
            self.state.set(State::Gone);
            sharing.settle(outcome);
        }
        SharedPromise::new(sharing)
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T, PromiseBroken>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Made first: cloning a waker runs foreign code, which may keep the promise.
        let wakeup = Wakeup::of(cx.waker());
        match self.state.replace(State::Waited(wakeup)) {
            State::Done(outcome) => {
                drop(self.state.replace(State::Gone));
                Poll::Ready(outcome)
            }
            State::Gone => {
                drop(self.state.replace(State::Gone));
                panic!("cannot await a promise again that gave its value")
            }
            old => {
                drop(old);
                waits_for(Wait::Promise);
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Promise<T> {
    #[inline]
    fn drop(&mut self) {
        match self.state.replace(State::Gone) {
            shared @ State::Shared(_) => self.state.set(shared),
            old => drop(old),
        }
    }
}

impl<T> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise")
            .field("is_done", &self.is_done())
            .finish()
    }
}

/// The resolver was dropped before it set a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "asyncio.CancelledError")]
pub struct PromiseBroken;

impl fmt::Display for PromiseBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot wait for a promise that nobody can keep any more")
    }
}

impl Error for PromiseBroken {}
