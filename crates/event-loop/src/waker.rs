//! Wakers made of a token: they own nothing, and may be cloned, kept and used on any thread.

use std::mem::ManuallyDrop;
use std::ptr;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::current;
use crate::inbox;
use crate::token::Token;

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// The waker of a token, on loan: it is not counted, and must not be dropped.
#[inline]
pub(crate) fn lend(token: Token) -> ManuallyDrop<Waker> {
    // SAFETY: the functions of the vtable keep the contract of `RawWaker`. They read the data as a
    // number and never as an address, so there is nothing that could dangle or be freed twice, and
    // each of them may be called on any thread: what they reach is a thread-local or the inbox.
    ManuallyDrop::new(unsafe { Waker::new(data_of(token), &VTABLE) })
}

/// The token that a waker carries; `None` for a waker that somebody else made.
#[inline]
pub(crate) fn token_of(waker: &Waker) -> Option<Token> {
    ptr::eq(waker.vtable(), &raw const VTABLE).then(|| token_in(waker.data()))
}

fn data_of(token: Token) -> *const () {
    ptr::without_provenance(token.to_bits() as usize)
}

fn token_in(data: *const ()) -> Token {
    Token::from_bits(data.addr() as u64)
}

/// Wakes the callback of a token from wherever this is called.
#[inline]
pub(crate) fn wake_token(token: Token) {
    current::with(|core| match core {
        Some(core) if core.id() == token.event_loop() => core.wake(token),
        _ => wake_elsewhere(token),
    });
}

#[cold]
fn wake_elsewhere(token: Token) {
    if let Some(inbox) = inbox::of(token.event_loop()) {
        inbox.wake(token.to_bits());
    }
}

/// Wakers at large are counted, so that a loop in which everything waits can tell whether anybody
/// could still wake it.
fn count(token: Token, change: i64) {
    let done = current::with(|core| match core {
        Some(core) if core.id() == token.event_loop() => {
            core.count_waker(change);
            true
        }
        _ => false,
    });
    if !done && let Some(inbox) = inbox::of(token.event_loop()) {
        inbox.count_waker(change);
        if change < 0 {
            // It may have been the last that could wake anybody: a loop that waits looks again.
            inbox.poke();
        }
    }
}

fn clone(data: *const ()) -> RawWaker {
    count(token_in(data), 1);
    RawWaker::new(data, &VTABLE)
}

fn wake(data: *const ()) {
    wake_token(token_in(data));
    count(token_in(data), -1);
}

fn wake_by_ref(data: *const ()) {
    wake_token(token_in(data));
}

fn drop(data: *const ()) {
    count(token_in(data), -1);
}

/// Whom to wake: a callback by its token, or a waker that somebody else made.
///
/// What a primitive keeps of the waker it is polled with. Two words, and for a callback of a loop
/// neither cloning nor waking goes through a vtable. A `Wakeup` of a token is not counted as a
/// waker at large: keep it where only the code of its own loop can reach it.
#[derive(Clone, Debug)]
pub struct Wakeup(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Token(Token),
    Foreign(Waker),
}

impl Wakeup {
    /// Whom this waker wakes.
    #[inline]
    #[must_use]
    pub fn of(waker: &Waker) -> Self {
        Self(match token_of(waker) {
            Some(token) => Kind::Token(token),
            None => Kind::Foreign(waker.clone()),
        })
    }

    /// The callback of this token.
    #[inline]
    #[must_use]
    pub const fn from_token(token: Token) -> Self {
        Self(Kind::Token(token))
    }

    /// The token, if it is a callback of a loop that is woken.
    #[inline]
    #[must_use]
    pub const fn token(&self) -> Option<Token> {
        match self.0 {
            Kind::Token(token) => Some(token),
            Kind::Foreign(_) => None,
        }
    }

    /// Whether this waker wakes the same.
    #[inline]
    #[must_use]
    pub fn will_wake(&self, waker: &Waker) -> bool {
        match &self.0 {
            Kind::Token(token) => token_of(waker) == Some(*token),
            Kind::Foreign(own) => own.will_wake(waker),
        }
    }

    /// Whether both wake the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Token(own), Kind::Token(other)) => own == other,
            (Kind::Foreign(own), Kind::Foreign(other)) => own.will_wake(other),
            _ => false,
        }
    }

    /// Wakes.
    #[inline]
    pub fn wake(self) {
        match self.0 {
            Kind::Token(token) => wake_token(token),
            Kind::Foreign(waker) => waker.wake(),
        }
    }

    /// Wakes, and can wake again.
    #[inline]
    pub fn wake_by_ref(&self) {
        match &self.0 {
            Kind::Token(token) => wake_token(*token),
            Kind::Foreign(waker) => waker.wake_by_ref(),
        }
    }
}
