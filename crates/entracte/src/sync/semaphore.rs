//! `Semaphore`: a number of permits, and `Permit`, which gives its own back when it is dropped.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use entracte_event_loop::Wakeup;

use super::wait_queue::{Line, Ticket, WaitQueue, Waiter};
use crate::task::waiting::Wait;

/// A number of permits: who wants one when there is none waits until one is given back.
///
/// A permit that is given back is handed to the task that has waited longest, so nobody who comes
/// later gets it first. Clones are handles to the same semaphore.
///
/// # Python
///
/// [`asyncio.Semaphore`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore).
/// There nothing ties a `release` to its `acquire`; here a dropped [`Permit`] is given back.
///
/// # Examples
///
/// ```
/// use entracte::sync::Semaphore;
///
/// entracte::run(async {
///     let connections = Semaphore::new(2);
///     let first = connections.acquire().await;
///     let second = connections.acquire().await;
///     assert!(connections.try_acquire().is_none());
///     drop(first);
///     assert_eq!(connections.available(), 1);
///     drop(second);
/// })
/// .unwrap();
/// ```
#[derive(Clone)]
#[doc(alias = "asyncio.Semaphore")]
pub struct Semaphore {
    state: Rc<RefCell<State>>,
}

struct State {
    available: usize,
    /// Permits that were forgotten: neither available nor held.
    forgotten: usize,
    line: WaitQueue,
}

impl Semaphore {
    /// Makes a semaphore with this many permits.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        let state = State {
            available: permits,
            forgotten: 0,
            line: WaitQueue::new(),
        };
        Self {
            state: Rc::new(RefCell::new(state)),
        }
    }

    /// Takes a permit, waiting while there is none.
    ///
    /// Those who wait get theirs in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if `acquire` is cancelled, no permit was taken; had one been handed over
    /// already, it goes to the next who waits. The place in the line is lost.
    ///
    /// # Python
    ///
    /// [`asyncio.Semaphore.acquire`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore.acquire).
    /// Dropping the permit is `release`.
    #[doc(alias = "asyncio.Semaphore.acquire")]
    pub async fn acquire(&self) -> Permit {
        match self.try_acquire() {
            Some(permit) => permit,
            None => {
                Waiter::new(Waiters(&self.state)).await;
                self.permit()
            }
        }
    }

    /// Takes a permit if there is one.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Permit> {
        let taken = self.state.borrow_mut().take();
        taken.then(|| self.permit())
    }

    /// How many permits could be taken now.
    #[must_use]
    pub fn available(&self) -> usize {
        self.state.borrow().available
    }

    /// Whether there is no permit to be taken.
    #[doc(alias = "asyncio.Semaphore.locked")]
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.available() == 0
    }

    /// Adds permits: more than there ever were, or those that were forgotten.
    ///
    /// # Panics
    ///
    /// Panics if there would be more than `usize::MAX` permits.
    ///
    /// # Python
    ///
    /// [`asyncio.Semaphore.release`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore.release)
    /// that often.
    #[doc(alias = "asyncio.Semaphore.release")]
    pub fn add_permits(&self, permits: usize) {
        for given in 0..permits {
            let mut state = self.state.borrow_mut();
            let Ok(next) = state.line.grant(()) else {
                let sum = state.available.checked_add(permits - given);
                state.available = sum.expect("a semaphore has at most usize::MAX permits");
                return;
            };
            drop(state);
            next.wake();
        }
    }

    /// Gives a forgotten permit back; whether there was one.
    pub(super) fn restore(&self) -> bool {
        let mut state = self.state.borrow_mut();
        let Some(forgotten) = state.forgotten.checked_sub(1) else {
            return false;
        };
        state.forgotten = forgotten;
        drop(state);
        self.add_permits(1);
        true
    }

    fn permit(&self) -> Permit {
        Permit {
            semaphore: Some(self.clone()),
        }
    }
}

impl State {
    const fn take(&mut self) -> bool {
        match self.available.checked_sub(1) {
            Some(rest) => {
                self.available = rest;
                true
            }
            None => false,
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        f.debug_struct("Semaphore")
            .field("available", &state.available)
            .field("waiting", &state.line.len())
            .finish()
    }
}

/// A permit of a semaphore; dropping it gives it back.
#[derive(Debug)]
#[must_use = "a permit is given back when it is dropped"]
pub struct Permit {
    /// There until the permit is dropped or forgotten.
    semaphore: Option<Semaphore>,
}

impl Permit {
    /// Does not give the permit back: the semaphore has one less from now on.
    ///
    /// [`Semaphore::add_permits`] and [`BoundedSemaphore::release`](super::BoundedSemaphore::release)
    /// bring it back, from any task.
    pub fn forget(mut self) {
        if let Some(semaphore) = self.semaphore.take() {
            semaphore.state.borrow_mut().forgotten += 1;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(semaphore) = self.semaphore.take() {
            semaphore.add_permits(1);
        }
    }
}

#[derive(Clone, Copy)]
struct Waiters<'a>(&'a Rc<RefCell<State>>);

impl Line for Waiters<'_> {
    type Grant = ();
    const WAITS_FOR: Wait = Wait::Semaphore;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, ()> {
        let mut state = self.0.borrow_mut();
        if state.take() {
            Err(())
        } else {
            Ok(state.line.enter(wakeup))
        }
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue) -> R) -> R {
        act(&mut self.0.borrow_mut().line)
    }

    fn hand_back(self, (): ()) {
        let state = Rc::clone(self.0);
        Semaphore { state }.add_permits(1);
    }
}
