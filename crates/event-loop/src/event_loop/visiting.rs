//! Visiting a loop: a host that has its own way to wait runs it bit by bit.

use std::time::Duration;

use crate::core::TurnPart;
use crate::current;
use crate::error::RunError;
use crate::event_loop::EventLoop;

/// What a visit to a loop ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Visit {
    /// The caller said so, or [`EventLoop::stop`] was called.
    Done,
    /// There is more to do at once.
    Busy,
    /// The loop rests until its selector has something, the selector's notifier is called, or time
    /// is up.
    Resting {
        /// Until the next timer; `None` if there is none.
        at_most: Option<Duration>,
        /// Whether the loop knows of nothing that could end its rest.
        is_stuck: bool,
    },
}

impl EventLoop {
    /// Runs for so many steps at most, and returns where it would have to wait.
    ///
    /// For a host: another loop on this thread, of which this one is a part. Between two visits
    /// no loop is the [current](Self::current) one. The turns are those of
    /// [`run_until`](Self::run_until), but a long one may stretch over several visits. A host whose
    /// visits come in time for what [`Visit::Resting`] names misses nothing, and may visit at any
    /// other time. The selector is only ever looked at, with a timeout of zero. An observer is told of
    /// the time between two visits as of a wait.
    ///
    /// # Errors
    ///
    /// As [`turn`](Self::turn), but for [`RunError::Stuck`]: whether the loop is stuck is the host's
    /// to say, who may know more.
    ///
    /// # Python
    ///
    /// asyncio has no twin; Trio calls it
    /// [guest mode](https://trio.readthedocs.io/en/stable/reference-lowlevel.html#using-guest-mode-to-run-trio-on-top-of-other-event-loops).
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte_event_loop::{EventLoop, Visit};
    ///
    /// let event_loop = EventLoop::new()?;
    /// event_loop.call_soon(|| println!("hello"));
    /// assert_eq!(event_loop.visit(100, || false)?, Visit::Resting { at_most: None, is_stuck: true });
    /// # Ok::<(), entracte_event_loop::RunError>(())
    /// ```
    pub fn visit(
        &self,
        steps: usize,
        mut is_done: impl FnMut() -> bool,
    ) -> Result<Visit, RunError> {
        let core = self.core();
        let _entered = current::enter(core).ok_or(RunError::Nested)?;
        core.end_rest();
        let mut left = steps;
        while left > 0 {
            if core.is_between_turns() && is_done() {
                return Ok(Visit::Done);
            }
            if core.is_closed() {
                return Err(RunError::Closed);
            }
            match core.part_of_turn(left).map_err(RunError::Selector)? {
                // A turn without a step counts as well, or a visit might never end.
                TurnPart::Ran { steps } => left = left.saturating_sub(steps.max(1)),
                TurnPart::Rests { at_most, is_stuck } => {
                    return Ok(Visit::Resting { at_most, is_stuck });
                }
            }
            if core.is_between_turns() && core.stopping.replace(false) {
                return Ok(Visit::Done);
            }
        }
        Ok(Visit::Busy)
    }
}
