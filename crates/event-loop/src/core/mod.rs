//! The inside of a loop: its slots, timers and sources.

mod callbacks;
mod closing;
mod outside;
mod turn;
mod visit;
mod watch;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe};
use std::rc::{Rc, Weak};
use std::sync::{self, Arc};
use std::time::Duration;

use crate::callback::CallbackRef;
use crate::clock::{Clock, Instant};
use crate::core::watch::Watch;
use crate::inbox::{self, Inbox, Message};
use crate::random::Random;
use crate::report::{ErrorHandler, Report, panic_text};
use crate::selector::{Event, Selector};
use crate::settings::Settings;
use crate::slots::Slots;
use crate::sources::Sources;
use crate::timers::{TimerKey, Timers};
use crate::token::Token;
use crate::waker::Wakeup;

pub(crate) use closing::CarryOn;

/// What a timer does when it is due.
pub(crate) enum Due {
    Wake(Wakeup),
    Call(CallbackRef),
}

/// What a turn found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Ran,
    /// Nothing is ready, nothing is scheduled, and nobody is left who could change that.
    Stuck,
}

/// What became of a turn that is run in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnPart {
    Ran {
        steps: usize,
    },
    /// Nothing is ready: the loop waits, until the next timer if there is one.
    Rests {
        at_most: Option<Duration>,
        is_stuck: bool,
    },
}

pub(crate) struct Core {
    me: Weak<Core>,
    id: u16,
    epoch: u64,
    inbox: &'static Inbox,
    pub(crate) slots: Slots,
    /// The callback that is being called, or nobody.
    running: Cell<Token>,
    note: Cell<u32>,
    /// The clock as it was last read, and the same in milliseconds.
    now: Cell<Instant>,
    millis: Cell<u32>,
    steps_since_look: Cell<usize>,
    /// Steps of the present turn that a visit left for the next.
    left_of_turn: Cell<usize>,
    /// The last visit left the loop at rest.
    rests: Cell<bool>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) timers: RefCell<Timers<Due>>,
    pub(crate) selector: RefCell<Box<dyn Selector>>,
    pub(crate) sources: Sources,
    pub(crate) random: RefCell<Box<dyn Random>>,
    pub(crate) watch: Watch,
    error_handler: RefCell<Option<ErrorHandler>>,
    /// Wakers of this loop at large, cloned less dropped on this thread.
    wakers: Cell<i64>,
    /// Held by the handles for other threads.
    remotes: RefCell<sync::Weak<Held>>,
    pub(crate) stopping: Cell<bool>,
    closed: Cell<bool>,
    messages: RefCell<Vec<Message>>,
    events: RefCell<Vec<Event>>,
}

impl Core {
    pub(crate) fn new(settings: Settings) -> io::Result<Rc<Self>> {
        let now = settings.clock.now();
        let opened = inbox::open(settings.selector.notifier())?;
        Ok(Rc::new_cyclic(|me| Self {
            me: me.clone(),
            id: opened.id,
            epoch: opened.epoch,
            inbox: opened.inbox,
            slots: Slots::new(),
            running: Cell::new(Token::NOBODY),
            note: Cell::new(0),
            now: Cell::new(now),
            millis: Cell::new(millis(now)),
            steps_since_look: Cell::new(0),
            left_of_turn: Cell::new(0),
            rests: Cell::new(false),
            timers: RefCell::new(Timers::new(now.as_nanos())),
            clock: settings.clock,
            selector: RefCell::new(settings.selector),
            sources: Sources::new(),
            random: RefCell::new(settings.random),
            watch: Watch::new(
                settings.debug,
                settings.slow_callback,
                settings.observer,
                settings.schedule,
            ),
            error_handler: RefCell::new(None),
            wakers: Cell::new(0),
            remotes: RefCell::default(),
            stopping: Cell::new(false),
            closed: Cell::new(false),
            messages: RefCell::default(),
            events: RefCell::default(),
        }))
    }

    pub(crate) fn to_rc(&self) -> Option<Rc<Self>> {
        self.me.upgrade()
    }

    pub(crate) fn to_weak(&self) -> Weak<Self> {
        self.me.clone()
    }

    pub(crate) const fn id(&self) -> u16 {
        self.id
    }

    /// The loop's own for as long as the process runs: ids are used again, epochs of an id are not.
    pub(crate) const fn number(&self) -> u64 {
        self.epoch << 12 | self.id as u64
    }

    pub(crate) const fn inbox(&self) -> (&'static Inbox, u64) {
        (self.inbox, self.epoch)
    }

    pub(crate) fn running(&self) -> Option<Token> {
        Some(self.running.get()).filter(|token| *token != Token::NOBODY)
    }

    pub(crate) fn note(&self) -> u32 {
        self.note.get()
    }

    #[inline]
    pub(crate) fn set_note(&self, note: u32) {
        self.note.set(note);
    }

    pub(crate) fn count_waker(&self, change: i64) {
        self.wakers.set(self.wakers.get() + change);
    }

    /// How many callbacks it was ever given: a program that looks can tell whether some are new.
    pub(crate) fn added(&self) -> u64 {
        self.slots.added()
    }

    /// What a handle for other threads holds, so that the loop knows whether there is one.
    pub(crate) fn held(&self) -> Arc<Held> {
        let mut remotes = self.remotes.borrow_mut();
        remotes.upgrade().unwrap_or_else(|| {
            let held = Arc::new(Held(self.inbox));
            *remotes = Arc::downgrade(&held);
            held
        })
    }

    pub(crate) fn wakers_at_large(&self) -> i64 {
        self.wakers.get() + self.inbox.counted_wakers()
    }

    fn has_remotes(&self) -> bool {
        self.remotes.borrow().strong_count() > 0
    }

    pub(crate) fn set_error_handler(&self, handler: Option<ErrorHandler>) {
        let old = self.error_handler.replace(handler);
        drop(old);
    }

    /// Tells the error handler; one that panics has nobody left to tell but standard error.
    pub(crate) fn report(&self, report: &Report<'_>) {
        let handler = self.error_handler.borrow().clone();
        guard(|| match &handler {
            Some(handler) => handler(report),
            None => to_standard_error(&format_args!("{report}")),
        });
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    pub(crate) fn cancel_timer(&self, key: TimerKey) -> bool {
        let due = self.timers.borrow_mut().cancel(key);
        due.is_some()
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.close();
    }
}

fn millis(now: Instant) -> u32 {
    (now.as_nanos() / 1_000_000) as u32
}

/// What the handles for other threads hold together; the loop is told when the last of them goes.
pub(crate) struct Held(&'static Inbox);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.poke();
    }
}

/// Writes a line to standard error, if that is there.
fn to_standard_error(text: &dyn fmt::Display) {
    drop(writeln!(io::stderr(), "entracte: {text}"));
}

/// Calls what is not ours, and lets no panic of it through.
fn guard(act: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(act)) {
        let text = panic_text(&*payload);
        to_standard_error(&format_args!("a handler or an observer panicked: {text}"));
        drop_payload(payload);
    }
}

/// Drops the payload of a panic, whose destructor may panic in turn, and so may that one's payload.
fn drop_payload(payload: Box<dyn Any + Send>) {
    let drops = |payload| panic::catch_unwind(AssertUnwindSafe(|| drop(payload))).err();
    if let Some(second) = drops(payload)
        && let Some(third) = drops(second)
    {
        // Enough: this one is kept.
        let _kept = ManuallyDrop::new(third);
    }
}
