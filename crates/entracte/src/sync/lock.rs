//! `Lock`: data that one task at a time may use.

use std::cell::RefCell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use entracte_event_loop::Wakeup;

use super::wait_queue::{Line, Ticket, WaitQueue, Waiter};
use crate::task::waiting::Wait;

/// Data that one task at a time may use, across awaits.
///
/// The lock owns its data, and who acquired it holds a guard: nothing can be used without the
/// lock, and nobody can release a lock that is not theirs. A released lock is handed to the task
/// that has waited longest, so nobody who comes later gets in first.
///
/// A guard that is dropped by a panic releases the lock as well; the data is as it was left.
///
/// Clones are handles to the same lock. Data that no task uses across an await needs no lock, as
/// tasks of one loop never run at the same time: a `Cell` or `RefCell` in an `Rc` will do.
///
/// # Python
///
/// [`asyncio.Lock`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock). There the
/// lock stands beside the data, and `release` is a call, an error if the lock is not locked.
///
/// # Examples
///
/// ```
/// use entracte::sync::Lock;
///
/// entracte::run(async {
///     let total = Lock::new(0);
///     *total.acquire().await += 1;
///     assert_eq!(*total.acquire().await, 1);
/// })
/// .unwrap();
/// ```
#[doc(alias = "asyncio.Lock")]
#[doc(alias = "Mutex")]
pub struct Lock<T = ()> {
    shared: Rc<RefCell<State<T>>>,
}

struct State<T> {
    /// In the lock, in the hand of its guard, or granted to the waiter that is next.
    ///
    /// Moved about, as a reference into the lock could not outlive a borrow of it; boxed, so that
    /// a move is that of a pointer. For `()` nothing is allocated.
    data: Option<Box<T>>,
    line: WaitQueue<Box<T>>,
}

impl<T> Lock<T> {
    /// Makes a lock around data. It is not locked.
    #[must_use]
    pub fn new(data: T) -> Self {
        let state = State {
            data: Some(Box::new(data)),
            line: WaitQueue::new(),
        };
        Self {
            shared: Rc::new(RefCell::new(state)),
        }
    }

    /// Acquires the lock, waiting while another task holds it.
    ///
    /// Those who wait get it in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if `acquire` is cancelled, the lock was not acquired; had it been handed over
    /// already, it goes to the next who waits. The place in the line is lost.
    ///
    /// # Python
    ///
    /// [`asyncio.Lock.acquire`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock.acquire).
    /// Dropping the guard is `release`.
    #[doc(alias = "asyncio.Lock.acquire")]
    pub async fn acquire(&self) -> LockGuard<T> {
        match self.try_acquire() {
            Some(guard) => guard,
            None => self.guard(Waiter::new(Waiters(&self.shared)).await),
        }
    }

    /// Acquires the lock if it is not locked.
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::sync::Lock;
    ///
    /// let lock = Lock::new("data");
    /// let guard = lock.try_acquire().unwrap();
    /// assert!(lock.try_acquire().is_none());
    /// drop(guard);
    /// assert!(!lock.is_locked());
    /// ```
    #[must_use]
    pub fn try_acquire(&self) -> Option<LockGuard<T>> {
        let data = self.shared.borrow_mut().data.take();
        data.map(|data| self.guard(data))
    }

    /// Whether somebody holds the lock, or it is on its way to somebody who waited.
    #[doc(alias = "asyncio.Lock.locked")]
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.shared.borrow().data.is_none()
    }

    /// Whether both are handles to the same lock.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }

    fn guard(&self, data: Box<T>) -> LockGuard<T> {
        LockGuard {
            data: Some(data),
            lock: self.clone(),
        }
    }

    fn release(&self, data: Box<T>) {
        Waiters(&self.shared).hand_back(data);
    }
}

impl<T> Clone for Lock<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.borrow();
        f.debug_struct("Lock")
            .field("is_locked", &state.data.is_none())
            .field("waiting", &state.line.len())
            .finish()
    }
}

/// Holds a [`Lock`] and gives access to its data; dropping it releases the lock.
///
/// # Python
///
/// The block of `async with lock`.
#[must_use = "the lock is released when its guard is dropped"]
#[doc(alias = "asyncio.Lock.release")]
pub struct LockGuard<T = ()> {
    /// There until the guard is dropped.
    data: Option<Box<T>>,
    lock: Lock<T>,
}

impl<T> LockGuard<T> {
    /// The lock that it holds.
    #[must_use]
    pub const fn lock(&self) -> &Lock<T> {
        &self.lock
    }
}

impl<T> Deref for LockGuard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.data
            .as_deref()
            .expect("a guard has the data until it is dropped")
    }
}

impl<T> DerefMut for LockGuard<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.data
            .as_deref_mut()
            .expect("a guard has the data until it is dropped")
    }
}

impl<T> Drop for LockGuard<T> {
    fn drop(&mut self) {
        if let Some(data) = self.data.take() {
            self.lock.release(data);
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for LockGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LockGuard").field(&**self).finish()
    }
}

struct Waiters<'a, T>(&'a RefCell<State<T>>);

impl<T> Clone for Waiters<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Waiters<'_, T> {}

impl<T> Line for Waiters<'_, T> {
    type Grant = Box<T>;
    const WAITS_FOR: Wait = Wait::Lock;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, Box<T>> {
        let mut state = self.0.borrow_mut();
        match state.data.take() {
            Some(data) => Err(data),
            None => Ok(state.line.enter(wakeup)),
        }
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue<Box<T>>) -> R) -> R {
        act(&mut self.0.borrow_mut().line)
    }

    fn hand_back(self, data: Box<T>) {
        let mut state = self.0.borrow_mut();
        match state.line.grant(data) {
            Ok(next) => {
                drop(state);
                next.wake();
            }
            Err(data) => state.data = Some(data),
        }
    }
}
