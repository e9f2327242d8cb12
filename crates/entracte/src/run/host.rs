//! `Host`: what runs the loop of a runner in its place, as a part of another loop on this thread.

use entracte_event_loop::{EventLoop, RunError};

/// Runs the loop of a [`Runner`](crate::Runner) bit by bit, inside another loop.
pub(crate) trait Host {
    /// Whether nothing can be run at the moment, as a loop of the host's kind runs on this thread.
    fn is_nested(&self) -> bool;

    /// Makes the host the current one of its kind.
    fn enter(&self) -> Box<dyn Entered + '_>;

    /// As [`EventLoop::run_until`].
    fn run_until(
        &self,
        event_loop: &EventLoop,
        is_done: &mut dyn FnMut() -> bool,
    ) -> Result<(), RunError>;
}

/// While it lives, a host is the current one of its kind.
pub(crate) trait Entered {}
