//! What can be put beside a loop: an observer that watches it, a schedule that orders what is ready.

use std::panic::Location;
use std::time::Duration;

use crate::token::Token;

/// Watches a loop. Every method does nothing unless it is written.
///
/// A loop without an observer, debug mode or schedule does not even ask whether it has one, but
/// once a turn.
pub trait Observer {
    /// A callback is about to be called.
    fn before_step(&self, token: Token, origin: &'static Location<'static>) {
        let _ = (token, origin);
    }

    /// A callback was called, which took this long by the loop's clock.
    fn after_step(&self, token: Token, origin: &'static Location<'static>, took: Duration) {
        let _ = (token, origin, took);
    }

    /// The loop is about to wait for its selector, at most this long; `None` is without limit.
    fn before_wait(&self, at_most: Option<Duration>) {
        let _ = at_most;
    }

    /// The loop has waited, and this many sources are ready.
    fn after_wait(&self, events: usize) {
        let _ = events;
    }
}

/// Chooses the order in which the callbacks of one turn are called.
///
/// The default order is first in, first out. A schedule explores others: each is one that a
/// program which relies on nothing but its awaits has to get along with.
pub trait Schedule {
    /// Which of `ready` callbacks, in the order in which they became ready, is called next.
    /// A number that is too large counts as the last.
    fn pick(&mut self, ready: usize) -> usize;
}
