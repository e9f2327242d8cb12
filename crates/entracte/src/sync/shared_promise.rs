//! `SharedPromise`: a value that is set once, for all who wait.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;

use entracte_event_loop::{EventLoop, Wakeup};

use super::promise::PromiseBroken;
use super::wait_queue::{Line, Ticket, WaitQueue, Waiter};
use crate::task::waiting::Wait;

/// A promise that many can wait for, made by [`Promise::shared`](super::Promise::shared).
///
/// Clones are handles to the same promise; dropping the last says that the value is not wanted.
///
/// # Python
///
/// [`asyncio.Future`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future).
///
/// # Examples
///
/// ```
/// use entracte::sync::promise;
///
/// entracte::run(async {
///     let (resolver, promise) = promise();
///     let one = promise.shared();
///     let other = one.clone();
///     resolver.set(7).unwrap();
///     assert_eq!((one.wait().await, other.wait().await), (Ok(7), Ok(7)));
/// })
/// .unwrap();
/// ```
pub struct SharedPromise<T> {
    sharing: Rc<Sharing<T>>,
}

/// What the resolver and the handles of a shared promise have in common.
pub(super) struct Sharing<T> {
    outcome: OnceCell<Result<T, PromiseBroken>>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    line: WaitQueue,
    /// Those to be called when it is done, in the order in which they were added.
    callbacks: Vec<Box<dyn FnOnce()>>,
}

impl<T> Sharing<T> {
    pub(super) fn new() -> Self {
        Self {
            outcome: OnceCell::new(),
            state: RefCell::default(),
        }
    }

    /// Sets the outcome; gives the value back if no handle is left.
    pub(super) fn resolve(self: Rc<Self>, outcome: Result<T, PromiseBroken>) -> Result<(), T> {
        // This is the resolver's reference.
        if Rc::strong_count(&self) == 1 {
            return outcome.map_or(Ok(()), Err);
        }
        self.settle(outcome);
        Ok(())
    }

    pub(super) fn settle(&self, outcome: Result<T, PromiseBroken>) {
        let is_first = self.outcome.set(outcome).is_ok();
        debug_assert!(is_first, "a promise has one resolver, which is used up");
        let mut state = self.state.borrow_mut();
        let woken = state.line.grant_all(());
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        woken.wake();
        callbacks.into_iter().for_each(|schedule| schedule());
    }
}

impl<T> SharedPromise<T> {
    pub(super) const fn new(sharing: Rc<Sharing<T>>) -> Self {
        Self { sharing }
    }

    /// Whether the promise was kept or broken.
    #[doc(alias = "asyncio.Future.done")]
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.sharing.outcome.get().is_some()
    }

    /// The value, if it was set; the error, if the promise was broken.
    #[doc(alias = "asyncio.Future.result")]
    #[doc(alias = "asyncio.Future.exception")]
    #[must_use]
    pub fn outcome(&self) -> Option<Result<&T, PromiseBroken>> {
        let outcome = self.sharing.outcome.get()?;
        Some(outcome.as_ref().map_err(|broken| *broken))
    }

    /// Waits for the value and returns a clone of it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    ///
    /// # Errors
    ///
    /// Returns [`PromiseBroken`] if the resolver was dropped before it set a value.
    pub async fn wait(&self) -> Result<T, PromiseBroken>
    where
        T: Clone,
    {
        if !self.is_done() {
            Waiter::new(Waiters(&self.sharing)).await;
        }
        self.sharing
            .outcome
            .get()
            .cloned()
            .unwrap_or(Err(PromiseBroken))
    }
}

impl<T: 'static> SharedPromise<T> {
    /// Has the loop call `act` with the outcome, in the turn after the one in which it is there.
    ///
    /// Those who were added first are called first. A loop that is closed calls nobody.
    ///
    /// # Panics
    ///
    /// Panics if no event loop runs on this thread.
    ///
    /// # Python
    ///
    /// [`asyncio.Future.add_done_callback`](https://docs.python.org/3/library/asyncio-future.html#asyncio.Future.add_done_callback).
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::sync::promise;
    ///
    /// entracte::run(async {
    ///     let (resolver, promise) = promise();
    ///     let promise = promise.shared();
    ///     promise.on_done(|outcome| assert_eq!(outcome, Ok(&7)));
    ///     resolver.set(7).unwrap();
    ///     entracte::checkpoint().await;
    /// })
    /// .unwrap();
    /// ```
    #[doc(alias = "asyncio.Future.add_done_callback")]
    #[track_caller]
    pub fn on_done(&self, act: impl FnOnce(Result<&T, PromiseBroken>) + 'static) {
        let event_loop = EventLoop::current().expect("on_done is called while an event loop runs");
        let promise = self.clone();
        let call = move || promise.outcome().map_or((), act);
        let schedule = move || {
            if !event_loop.is_closed() {
                event_loop.call_soon(call);
            }
        };
        if self.is_done() {
            schedule();
        } else {
            self.sharing
                .state
                .borrow_mut()
                .callbacks
                .push(Box::new(schedule));
        }
    }
}

impl<T> Clone for SharedPromise<T> {
    fn clone(&self) -> Self {
        Self::new(Rc::clone(&self.sharing))
    }
}

impl<T> fmt::Debug for SharedPromise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedPromise")
            .field("is_done", &self.is_done())
            .finish()
    }
}

struct Waiters<'a, T>(&'a Sharing<T>);

impl<T> Clone for Waiters<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Waiters<'_, T> {}

impl<T> Line for Waiters<'_, T> {
    type Grant = ();
    const WAITS_FOR: Wait = Wait::Promise;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, ()> {
        if self.0.outcome.get().is_some() {
            return Err(());
        }
        Ok(self.0.state.borrow_mut().line.enter(wakeup))
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue) -> R) -> R {
        act(&mut self.0.state.borrow_mut().line)
    }

    fn hand_back(self, (): ()) {}
}
