//! `EventLoop`: the front door. Callbacks now, later, at a deadline, when a descriptor is ready.

mod descriptors;
mod looking_in;
mod running;
mod visiting;

use std::fmt;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use crate::callback::{CallbackRef, Once};
use crate::clock::Instant;
use crate::core::{Core, Due};
use crate::current;
use crate::handle::{Handle, TimerHandle};
use crate::settings::Settings;
use crate::token::Token;

pub use visiting::Visit;

/// An event loop: it calls what is ready, in turns, on one thread.
///
/// A turn calls exactly what was ready when it began, first in, first out; what that makes ready
/// belongs to the next turn. Clones are handles to the same loop. [`close`](Self::close) drops what
/// the loop keeps; a loop whose callbacks hold a clone of it lives until it is closed.
///
/// # Python
///
/// [`asyncio.AbstractEventLoop`](https://docs.python.org/3/library/asyncio-eventloop.html). Tasks
/// belong to the front ends that stand on this loop.
///
/// # Examples
///
/// ```
/// use std::{cell::RefCell, rc::Rc};
/// use entracte_event_loop::EventLoop;
///
/// let event_loop = EventLoop::new()?;
/// let order = Rc::new(RefCell::new(vec![]));
/// for word in ["one", "two"] {
///     let order = order.clone();
///     event_loop.call_soon(move || order.borrow_mut().push(word));
/// }
/// event_loop.turn()?;
/// assert_eq!(*order.borrow(), ["one", "two"]);
/// # Ok::<(), entracte_event_loop::RunError>(())
/// ```
#[derive(Clone)]
pub struct EventLoop {
    core: Rc<Core>,
}

impl EventLoop {
    /// A loop over the system's selector and clock.
    ///
    /// # Errors
    ///
    /// Returns the system's error if it gives no selector, and one of its own if 4096 loops live.
    pub fn new() -> io::Result<Self> {
        Self::with(Settings::new()?)
    }

    /// A loop of these parts.
    ///
    /// # Errors
    ///
    /// Returns an error if 4096 loops live.
    pub fn with(settings: Settings) -> io::Result<Self> {
        Core::new(settings).map(|core| Self { core })
    }

    /// The loop that runs on this thread.
    #[doc(alias = "asyncio.get_running_loop")]
    #[inline]
    #[must_use]
    pub fn current() -> Option<Self> {
        current::get().map(|core| Self { core })
    }

    /// Whether this is the loop that runs on this thread.
    #[inline]
    #[must_use]
    pub fn is_current(&self) -> bool {
        current::with(|core| core.is_some_and(|core| std::ptr::eq(core, &raw const *self.core)))
    }

    pub(crate) fn from_core(core: &Core) -> Self {
        let core = core.to_rc().expect("a loop that calls is alive");
        Self { core }
    }

    pub(crate) const fn core(&self) -> &Rc<Core> {
        &self.core
    }

    /// Calls `act` in the next turn.
    ///
    /// # Panics
    ///
    /// Panics if the loop is closed, or if 67 108 864 callbacks are alive.
    #[doc(alias = "asyncio.loop.call_soon")]
    #[track_caller]
    pub fn call_soon(&self, act: impl FnOnce() + 'static) -> Handle {
        let callback = CallbackRef::new(Once::new(act));
        self.add(callback.clone());
        Handle::new(callback)
    }

    /// Calls `act` after a delay; a delay too large for the clock is for ever.
    ///
    /// # Panics
    ///
    /// Panics if the loop is closed.
    #[doc(alias = "asyncio.loop.call_later")]
    #[track_caller]
    pub fn call_later(&self, delay: Duration, act: impl FnOnce() + 'static) -> TimerHandle {
        self.call_at(self.time() + delay, act)
    }

    /// Calls `act` at a deadline: in the order of the deadlines, then in that of these calls.
    ///
    /// # Panics
    ///
    /// Panics if the loop is closed.
    #[doc(alias = "asyncio.loop.call_at")]
    #[track_caller]
    pub fn call_at(&self, deadline: Instant, act: impl FnOnce() + 'static) -> TimerHandle {
        assert!(
            !self.core.is_closed(),
            "cannot set a timer of an event loop that is closed"
        );
        let due = Due::Call(CallbackRef::new(Once::new(act)));
        let key = self
            .core
            .timers
            .borrow_mut()
            .insert(deadline.as_nanos(), due);
        TimerHandle::new(self.core.to_weak(), key, deadline)
    }

    /// Keeps a callback of a front end, ready to be called in the next turn, until it is done.
    ///
    /// # Panics
    ///
    /// Panics if the loop is closed, or if 67 108 864 callbacks are alive.
    #[inline]
    #[track_caller]
    pub fn add(&self, callback: CallbackRef) -> Token {
        let added = self.core.add(callback);
        self.token_or_panic(added)
    }

    #[inline]
    #[track_caller]
    fn token_or_panic(&self, added: Result<Token, CallbackRef>) -> Token {
        match added {
            Ok(token) => token,
            Err(_) if self.core.is_closed() => {
                panic!("cannot give a callback to an event loop that is closed")
            }
            Err(_) => panic!("cannot keep more than 67108864 callbacks in one event loop"),
        }
    }

    /// Makes a callback ready, unless it is ready or done.
    pub fn wake(&self, token: Token) {
        if token.event_loop() == self.core.id() {
            self.core.wake(token);
        }
    }

    /// Keeps a callback as [`add`](Self::add) does, and calls it at once, within the one that is
    /// being called: an eager start. It is called again when it is woken.
    ///
    /// # Panics
    ///
    /// As [`add`](Self::add).
    #[track_caller]
    pub fn add_and_call(&self, callback: CallbackRef) -> Token {
        let added = self.core.insert(callback);
        let token = self.token_or_panic(added);
        self.core.call_now(token);
        token
    }

    /// Keeps a callback as [`add`](Self::add) does; it is called once it is woken.
    ///
    /// # Panics
    ///
    /// As [`add`](Self::add).
    #[track_caller]
    pub fn keep(&self, callback: CallbackRef) -> Token {
        let added = self.core.insert(callback);
        self.token_or_panic(added)
    }

    /// Lets go of a callback that is not being called; whether it was there.
    pub fn remove(&self, token: Token) -> bool {
        token.event_loop() == self.core.id() && self.core.remove(token)
    }

    /// When a callback that waits was last called; `None` for one that is ready or done.
    #[must_use]
    pub fn last_called(&self, token: Token) -> Option<Instant> {
        self.core.last_called(token)
    }

    /// The callback of a token, until it is done.
    #[must_use]
    pub fn callback(&self, token: Token) -> Option<CallbackRef> {
        self.core.callback(token)
    }

    /// The callback that is being called.
    #[must_use]
    pub fn running(&self) -> Option<Token> {
        self.core.running()
    }

    /// Every callback that the loop keeps, in the order of their slots.
    pub fn callbacks(&self) -> impl Iterator<Item = (Token, CallbackRef)> + '_ {
        let slots = &self.core.slots;
        (0..slots.used()).filter_map(|index| {
            let slot = slots.slot(index)?;
            let token = Token::new(self.core.id(), slot.generation(), index);
            Some((token, slot.get()?))
        })
    }

    /// Whether a callback is ready to be called in the next turn.
    #[must_use]
    pub fn is_ready(&self, token: Token) -> bool {
        token.event_loop() == self.core.id() && self.core.is_ready(token)
    }

    /// How many wakers of the loop somebody has cloned and not dropped. What futures of this crate
    /// keep in place of a waker is not among them.
    #[must_use]
    pub fn wakers_at_large(&self) -> i64 {
        self.core.wakers_at_large()
    }

    /// How many callbacks are ready to be called in the next turn.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.core.slots.ready()
    }

    /// How many callbacks the loop was ever given; one that has grown means that some are new.
    #[must_use]
    pub fn added(&self) -> u64 {
        self.core.added()
    }

    /// How many callbacks the loop keeps.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.core.slots.alive()
    }

    /// The time of the loop's clock.
    #[doc(alias = "asyncio.loop.time")]
    #[must_use]
    pub fn time(&self) -> Instant {
        self.core.clock.now()
    }

    /// The time of the loop's clock when this turn began, or a little before.
    #[must_use]
    pub fn time_of_turn(&self) -> Instant {
        self.core.now_of_turn()
    }

    /// A number from the loop's source of randomness.
    #[must_use]
    pub fn random(&self) -> u64 {
        self.core.random.borrow_mut().next_u64()
    }
}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop")
            .field("alive", &self.alive())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
