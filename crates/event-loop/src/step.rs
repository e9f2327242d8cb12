//! `Step`: what a callback is given when the loop calls it.

use std::cell::Cell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::task::Waker;

use crate::core::Core;
use crate::event_loop::EventLoop;
use crate::token::Token;
use crate::waker;

/// One call of a callback by its loop.
pub struct Step<'a> {
    core: &'a Core,
    token: Token,
    waker: ManuallyDrop<Waker>,
    word: &'a Cell<u32>,
}

impl<'a> Step<'a> {
    #[inline]
    pub(crate) fn new(core: &'a Core, token: Token, word: &'a Cell<u32>) -> Self {
        Self {
            core,
            token,
            word,
            waker: waker::lend(token),
        }
    }

    /// The token of the callback.
    #[inline]
    #[must_use]
    pub const fn token(&self) -> Token {
        self.token
    }

    /// The waker that makes the loop call this callback again.
    #[inline]
    #[must_use]
    pub fn waker(&self) -> &Waker {
        &self.waker
    }

    /// The front end's word of this callback: see [`CallbackRef::word`](crate::CallbackRef::word).
    #[inline]
    #[must_use]
    pub const fn word(&self) -> &Cell<u32> {
        self.word
    }

    /// The loop that calls.
    #[must_use]
    pub fn event_loop(&self) -> EventLoop {
        EventLoop::from_core(self.core)
    }

    /// Clears what the callback is said to wait for: see [`note_wait`](crate::note_wait).
    #[inline]
    pub fn clear_note(&self) {
        self.core.set_note(0);
    }

    /// What the callback waits for: the last note since [`clear_note`](Self::clear_note), or 0.
    #[inline]
    #[must_use]
    pub fn note(&self) -> u32 {
        self.core.note()
    }
}

impl fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
