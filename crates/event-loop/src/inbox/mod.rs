//! Waking the loop from another thread: the only atomics of the crate, model-checked with loom.
//!
//! Everything but two numbers is behind one lock, which nobody holds for longer than a push. The
//! notifier is called, and closures are dropped, after it is released: both are code that may come
//! back here.
//!
//! Why no wake-up is lost: a message is pushed, and `parked` is read, under the same lock under
//! which `begin_park` looks for messages and sets `parked`. Whoever comes second sees the first.

mod table;

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

use std::collections::HashSet;
use std::mem;
use std::panic::Location;
use std::sync::{Arc, PoisonError};

#[cfg(loom)]
use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicI64, Ordering},
};
#[cfg(not(loom))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

pub(crate) use table::{of, open};

/// What another thread wants done on the loop's.
pub(crate) type Call = Box<dyn FnOnce() + Send>;

/// Ends the loop's wait, from any thread.
pub(crate) type Notify = Arc<dyn Fn() + Send + Sync>;

/// How many messages may pile up before the first look for repeated wakes.
const FIRST_LOOK: usize = 1024;

/// What other threads put into an inbox.
pub(crate) enum Message {
    /// Wake the task that this token stands for; it may be gone.
    Wake(u64),
    /// Call this on the loop's thread; it was asked for there.
    Call(Call, &'static Location<'static>),
}

/// Where other threads leave messages for one loop.
pub(crate) struct Inbox {
    id: u16,
    /// Whether there are messages. Written under the lock only; it spares each turn the lock.
    pending: AtomicBool,
    /// Wakers that other threads cloned, less those they dropped.
    wakers: AtomicI64,
    state: Mutex<State>,
}

struct State {
    /// Which opening this is, counted over all inboxes; no two loops ever share a number.
    epoch: u64,
    /// The loop's notifier; `None` as long as the inbox is closed.
    notify: Option<Notify>,
    /// The loop waits, and nobody has called its notifier yet.
    parked: bool,
    messages: Vec<Message>,
    /// The number of messages at which to look for repeated wakes.
    look_at: usize,
}

impl Inbox {
    /// Makes an inbox that is closed.
    fn new(id: u16) -> Self {
        Self {
            id,
            pending: AtomicBool::new(false),
            wakers: AtomicI64::new(0),
            state: Mutex::new(State {
                epoch: 0,
                notify: None,
                parked: false,
                messages: Vec::new(),
                look_at: FIRST_LOOK,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of others runs under the lock, so no panic can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a closed inbox for a loop, with nothing in it and no waker counted.
    fn unseal(&self, epoch: u64, notify: Notify) {
        let mut state = self.lock();
        debug_assert!(state.notify.is_none(), "an inbox has one loop at a time");
        debug_assert!(state.messages.is_empty(), "a closed inbox is empty");
        state.epoch = epoch;
        state.notify = Some(notify);
        state.parked = false;
        state.look_at = FIRST_LOOK;
        self.wakers.store(0, Ordering::Relaxed);
    }

    /// Closes the inbox and drops what is in it. Answers whether it was open.
    fn seal(&self) -> bool {
        let mut state = self.lock();
        let notify = state.notify.take();
        let messages = mem::take(&mut state.messages);
        state.parked = false;
        self.pending.store(false, Ordering::Relaxed);
        drop(state);
        drop(messages);
        notify.is_some()
    }

    /// Closes the inbox: from now on wakes do nothing and calls come back.
    ///
    /// Calls that the loop did not take are dropped here, and not run. If the loop adds its own
    /// count of wakers with `count_waker` before, the id stays unused until the last of them is gone.
    pub(crate) fn close(&self) {
        if self.seal() {
            table::give_back(self.id);
        }
    }

    /// Leaves a wake-up for the loop. Nothing happens if the inbox is closed.
    pub(crate) fn wake(&self, token: u64) {
        let state = self.lock();
        if state.notify.is_some() {
            self.post(state, Message::Wake(token));
        }
    }

    /// Leaves a call for the loop that opened the inbox with this epoch.
    ///
    /// # Errors
    /// Gives the call back when that loop has closed the inbox.
    pub(crate) fn call(
        &self,
        epoch: u64,
        call: Call,
        origin: &'static Location<'static>,
    ) -> Result<(), Call> {
        let state = self.lock();
        if state.notify.is_none() || state.epoch != epoch {
            drop(state);
            return Err(call);
        }
        self.post(state, Message::Call(call, origin));
        Ok(())
    }

    fn post(&self, mut state: MutexGuard<'_, State>, message: Message) {
        state.push(message);
        self.pending.store(true, Ordering::Relaxed);
        // Clearing `parked` here is what makes the notifier's system call happen once per wait.
        let parked = mem::replace(&mut state.parked, false);
        let notify = if parked { state.notify.clone() } else { None };
        drop(state);
        if let Some(notify) = notify {
            notify();
        }
    }

    /// Ends the loop's wait, if it waits: somebody is gone who could have left a message.
    pub(crate) fn poke(&self) {
        let mut state = self.lock();
        let parked = mem::replace(&mut state.parked, false);
        let notify = if parked { state.notify.clone() } else { None };
        drop(state);
        if let Some(notify) = notify {
            notify();
        }
    }

    /// Tells whether the loop that opened the inbox with this epoch still has it open.
    pub(crate) fn is_open(&self, epoch: u64) -> bool {
        let state = self.lock();
        state.notify.is_some() && state.epoch == epoch
    }

    /// Tells whether there are messages, at the cost of one load.
    ///
    /// A message that arrives at this moment may go unseen, which is no loss: `begin_park` looks
    /// again, under the lock.
    #[inline]
    pub(crate) fn has_messages(&self) -> bool {
        self.pending.load(Ordering::Relaxed)
    }

    /// Appends all messages to `into`, in the order of their arrival.
    pub(crate) fn take(&self, into: &mut Vec<Message>) {
        let mut state = self.lock();
        if into.is_empty() {
            mem::swap(&mut state.messages, into);
        } else {
            into.append(&mut state.messages);
        }
        state.look_at = FIRST_LOOK;
        self.pending.store(false, Ordering::Relaxed);
    }

    /// Tells whether there are no messages, and misses none: unlike `has_messages` it takes the lock.
    ///
    /// The question to ask after it was seen that nobody is left who could leave one.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().messages.is_empty()
    }

    /// Gets ready to wait. `false` means that there are messages and the loop must not wait;
    /// after `true` the next one who leaves a message calls the notifier, and only that one.
    pub(crate) fn begin_park(&self) -> bool {
        let mut state = self.lock();
        state.parked = state.messages.is_empty();
        state.parked
    }

    /// Says that the loop waits no more, so that nobody needs to call the notifier.
    pub(crate) fn end_park(&self) {
        self.lock().parked = false;
    }

    /// Counts wakers that a thread other than the loop's has cloned (+) or dropped (−).
    pub(crate) fn count_waker(&self, change: i64) {
        self.wakers.fetch_add(change, Ordering::Relaxed);
    }

    /// Returns what other threads have counted since the inbox was opened; negative when they
    /// dropped what the loop's thread made.
    ///
    /// Relaxed is enough for the one question this answers: is there a waker left that can wake
    /// somebody? A clone borrows its original, so the clone's +1 comes before the original's −1,
    /// either in the order of this one counter, or, where the loop's thread drops the original,
    /// by what brought the original back to it. The loop can therefore see a waker too many, never
    /// one too few. Zero together with the loop's own count means: none is left. One of them may
    /// have left a message before it went; `is_empty`, asked after this, knows.
    pub(crate) fn counted_wakers(&self) -> i64 {
        self.wakers.load(Ordering::Relaxed)
    }
}

impl State {
    /// Pushes a message, and sees to it that wakes of the same tokens do not pile up.
    fn push(&mut self, message: Message) {
        self.messages.push(message);
        if self.messages.len() < self.look_at {
            return;
        }
        let mut seen = HashSet::new();
        self.messages.retain(|message| match message {
            Message::Wake(token) => seen.insert(*token),
            Message::Call(..) => true,
        });
        // Looking only after as many pushes as the look costs keeps a push cheap on average.
        if self.messages.len() > self.look_at / 2 {
            self.look_at *= 2;
        }
    }
}
