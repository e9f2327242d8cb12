//! `Event`: a flag that tasks wait for.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use entracte_event_loop::Wakeup;

use super::wait_queue::{Line, Ticket, WaitQueue, Waiter};
use crate::task::waiting::Wait;

/// A flag that tasks wait for: once set, it lets everybody through until it is cleared.
///
/// Clones are handles to the same event.
///
/// # Python
///
/// [`asyncio.Event`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event).
///
/// # Examples
///
/// ```
/// use entracte::sync::Event;
///
/// entracte::run(async {
///     let event = Event::new();
///     let other = event.clone();
///     let task = entracte::spawn(async move { other.wait().await });
///     event.set();
///     task.await.unwrap();
///     event.wait().await; // it is set: this does not wait
/// })
/// .unwrap();
/// ```
#[derive(Clone, Default)]
#[doc(alias = "asyncio.Event")]
pub struct Event {
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    is_set: bool,
    line: WaitQueue,
}

impl Event {
    /// Makes an event that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the flag and wakes everybody who waits for it, in the order in which they came.
    ///
    /// They go through even if the flag is cleared before they run.
    #[doc(alias = "asyncio.Event.set")]
    pub fn set(&self) {
        let mut state = self.state.borrow_mut();
        state.is_set = true;
        let woken = state.line.grant_all(());
        drop(state);
        woken.wake();
    }

    /// Clears the flag: from now on [`wait`](Self::wait) waits for the next [`set`](Self::set).
    #[doc(alias = "asyncio.Event.clear")]
    pub fn clear(&self) {
        self.state.borrow_mut().is_set = false;
    }

    /// Whether the flag is set.
    #[doc(alias = "asyncio.Event.is_set")]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.state.borrow().is_set
    }

    /// Waits until the flag is set; does not wait at all if it is.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    ///
    /// # Python
    ///
    /// [`asyncio.Event.wait`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event.wait),
    /// without the `True` that it always returns.
    #[doc(alias = "asyncio.Event.wait")]
    pub async fn wait(&self) {
        if !self.is_set() {
            Waiter::new(Waiters(&self.state)).await;
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        f.debug_struct("Event")
            .field("is_set", &state.is_set)
            .field("waiting", &state.line.len())
            .finish()
    }
}

#[derive(Clone, Copy)]
struct Waiters<'a>(&'a RefCell<State>);

impl Line for Waiters<'_> {
    type Grant = ();
    const WAITS_FOR: Wait = Wait::Event;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, ()> {
        let mut state = self.0.borrow_mut();
        if state.is_set {
            Err(())
        } else {
            Ok(state.line.enter(wakeup))
        }
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue) -> R) -> R {
        act(&mut self.0.borrow_mut().line)
    }

    fn hand_back(self, (): ()) {}
}
