//! `Condition`: waits until the data of a lock is as one needs it.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

use entracte_event_loop::Wakeup;

use super::lock::{Lock, LockGuard};
use super::wait_queue::{Line, Ticket, WaitQueue, Waiter};
use crate::task::waiting::Wait;

/// Lets tasks wait until the data of a lock is as they need it.
///
/// Who waits gives its guard away and gets a new one when it was notified. Who changed the data
/// notifies, with its guard at hand. Several conditions can stand on one lock. Clones are handles
/// to the same condition.
///
/// # Python
///
/// [`asyncio.Condition`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition).
/// There, `wait` holds the lock again when it is cancelled; here the guard is gone, so nobody can
/// believe that the lock is held.
///
/// # Examples
///
/// ```
/// use entracte::sync::Condition;
///
/// entracte::run(async {
///     let stock = Condition::with_data(0);
///     let shop = stock.clone();
///     let customer = entracte::spawn(async move {
///         let guard = shop.acquire().await;
///         let mut guard = shop.wait_for(guard, |stock| *stock >= 2).await;
///         *guard -= 2;
///     });
///     let mut guard = stock.acquire().await;
///     *guard += 3;
///     stock.notify_all(&guard);
///     drop(guard);
///     customer.await.unwrap();
///     assert_eq!(*stock.acquire().await, 1);
/// })
/// .unwrap();
/// ```
#[doc(alias = "asyncio.Condition")]
pub struct Condition<T = ()> {
    lock: Lock<T>,
    line: Rc<RefCell<WaitQueue>>,
}

impl<T> Condition<T> {
    /// Makes a condition of the data of this lock.
    #[must_use]
    pub fn new(lock: &Lock<T>) -> Self {
        Self {
            lock: lock.clone(),
            line: Rc::default(),
        }
    }

    /// Makes a condition of data in a lock of its own.
    #[must_use]
    pub fn with_data(data: T) -> Self {
        Self::new(&Lock::new(data))
    }

    /// The lock that it stands on.
    #[must_use]
    pub const fn lock(&self) -> &Lock<T> {
        &self.lock
    }

    /// Acquires the lock: [`Lock::acquire`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: as [`Lock::acquire`].
    #[doc(alias = "asyncio.Condition.acquire")]
    pub async fn acquire(&self) -> LockGuard<T> {
        self.lock.acquire().await
    }

    /// Releases the lock, waits to be notified, and acquires the lock again.
    ///
    /// Those who wait are notified in the order in which they came. The data may have changed
    /// between the notification and the return: look again, or use [`wait_for`](Self::wait_for).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the guard is lost: if `wait` is cancelled, the lock is not held any more.
    /// Had it been notified already, the next who waits is notified in its place.
    ///
    /// # Panics
    ///
    /// Panics if the guard is not one of this condition's lock.
    ///
    /// # Python
    ///
    /// [`asyncio.Condition.wait`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.wait).
    #[doc(alias = "asyncio.Condition.wait")]
    pub async fn wait(&self, guard: LockGuard<T>) -> LockGuard<T> {
        self.check(&guard);
        let mut waiter = pin!(Waiter::new(Waiters(&self.line)));
        let mut guard = Some(guard);
        poll_fn(|cx| {
            // In line before the lock is released: who gets it may notify at once.
            let notified = waiter.as_mut().poll(cx);
            drop(guard.take());
            notified
        })
        .await;
        let mut passing_on = PassOn {
            line: &self.line,
            is_due: true,
        };
        let guard = self.lock.acquire().await;
        passing_on.is_due = false;
        guard
    }

    /// Waits until `is_ready` says so of the data, looking at it first and whenever notified.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the guard is lost: as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// Panics if the guard is not one of this condition's lock.
    ///
    /// # Python
    ///
    /// [`asyncio.Condition.wait_for`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.wait_for).
    #[doc(alias = "asyncio.Condition.wait_for")]
    pub async fn wait_for(
        &self,
        guard: LockGuard<T>,
        mut is_ready: impl FnMut(&T) -> bool,
    ) -> LockGuard<T> {
        self.check(&guard);
        let mut guard = guard;
        while !is_ready(&guard) {
            guard = self.wait(guard).await;
        }
        guard
    }

    /// Notifies the task that has waited longest. It goes on once it has the lock.
    ///
    /// # Panics
    ///
    /// Panics if the guard is not one of this condition's lock.
    pub fn notify_one(&self, guard: &LockGuard<T>) {
        self.notify(guard, 1);
    }

    /// Notifies the tasks that have waited longest, so many at most.
    ///
    /// # Panics
    ///
    /// Panics if the guard is not one of this condition's lock.
    #[doc(alias = "asyncio.Condition.notify")]
    pub fn notify(&self, guard: &LockGuard<T>, tasks: usize) {
        self.check(guard);
        notify(&self.line, tasks);
    }

    /// Notifies every task that waits.
    ///
    /// # Panics
    ///
    /// Panics if the guard is not one of this condition's lock.
    #[doc(alias = "asyncio.Condition.notify_all")]
    pub fn notify_all(&self, guard: &LockGuard<T>) {
        self.notify(guard, usize::MAX);
    }

    #[track_caller]
    fn check(&self, guard: &LockGuard<T>) {
        assert!(
            guard.lock().is_same(&self.lock),
            "cannot use a condition with the guard of another lock"
        );
    }
}

fn notify(line: &RefCell<WaitQueue>, tasks: usize) {
    let woken = line.borrow_mut().grant_to(tasks, ());
    woken.wake();
}

impl<T> Clone for Condition<T> {
    fn clone(&self) -> Self {
        Self {
            lock: self.lock.clone(),
            line: Rc::clone(&self.line),
        }
    }
}

impl<T: Default> Default for Condition<T> {
    fn default() -> Self {
        Self::with_data(T::default())
    }
}

impl<T> fmt::Debug for Condition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition")
            .field("lock", &self.lock)
            .field("waiting", &self.line.borrow().len())
            .finish()
    }
}

/// Notifies another, should a task that was notified be dropped before it has the lock.
struct PassOn<'a> {
    line: &'a RefCell<WaitQueue>,
    is_due: bool,
}

impl Drop for PassOn<'_> {
    fn drop(&mut self) {
        if self.is_due {
            notify(self.line, 1);
        }
    }
}

#[derive(Clone, Copy)]
struct Waiters<'a>(&'a RefCell<WaitQueue>);

impl Line for Waiters<'_> {
    type Grant = ();
    const WAITS_FOR: Wait = Wait::Condition;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, ()> {
        Ok(self.0.borrow_mut().enter(wakeup))
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue) -> R) -> R {
        act(&mut self.0.borrow_mut())
    }

    fn hand_back(self, (): ()) {
        notify(self.0, 1);
    }
}
