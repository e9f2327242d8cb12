//! The loop as a guest: the future in which tokio visits it, and what wakes that future.

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use entracte_event_loop::{EventLoop, RunError, Visit};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::runtime::{EnterGuard, Handle, LocalRuntime};
use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep, sleep};

use crate::host::selector::Signs;
use crate::run::host::{Entered, Host};

/// How many visits the loop gets before tokio goes on, and how many steps each of them has. Many
/// short ones, as tokio gives all steps of one poll a common budget: when that is used up, futures
/// of tokio's only say "later", and the steps up to the next visit are in vain.
const VISITS: usize = 8;
const STEPS: usize = 16;

/// The longest time that tokio is asked to sleep; a visit once a day costs nothing.
const LONGEST_REST: Duration = Duration::from_hours(24);

/// How long a loop rests that only a task of tokio's could wake: tokio does not tell when its last
/// task ends.
const STUCK_REST: Duration = Duration::from_millis(500);

/// The tokio that runs the loop of a runner.
pub(super) struct Tokio {
    /// There until it is dropped.
    tokio: Option<LocalRuntime>,
    /// That of the loop's selector, or rather a duplicate.
    selector: OwnedFd,
    signs: Signs,
}

impl Tokio {
    pub(super) const fn new(tokio: LocalRuntime, selector: OwnedFd, signs: Signs) -> Self {
        Self {
            tokio: Some(tokio),
            selector,
            signs,
        }
    }

    fn tokio(&self) -> &LocalRuntime {
        self.tokio.as_ref().expect("it is taken by `drop` alone")
    }
}

impl Host for Tokio {
    fn is_nested(&self) -> bool {
        Handle::try_current().is_ok()
    }

    fn enter(&self) -> Box<dyn Entered + '_> {
        Box::new(self.tokio().enter())
    }

    fn run_until(
        &self,
        event_loop: &EventLoop,
        is_done: &mut dyn FnMut() -> bool,
    ) -> Result<(), RunError> {
        self.tokio().block_on(async {
            let selector = watched(self.selector.as_fd());
            let mut guest = Guest {
                event_loop,
                is_done,
                tokio: self.tokio(),
                selector: selector.map_err(RunError::Selector)?,
                signs: &self.signs,
                alarm: Box::pin(sleep(LONGEST_REST)),
            };
            poll_fn(|cx| guest.poll(cx)).await
        })
    }
}

/// A descriptor that tokio watches. Made for each run, and so it has every run see what is ready.
#[expect(
    deprecated,
    reason = "the one that replaces it is unsafe, as others may lie about their descriptor; a \
              `BorrowedFd` cannot"
)]
fn watched(descriptor: BorrowedFd<'_>) -> io::Result<AsyncFd<BorrowedFd<'_>>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}

impl Entered for EnterGuard<'_> {}

impl Drop for Tokio {
    fn drop(&mut self) {
        // Inside another one it must not wait for the threads of `spawn_blocking`, and would panic.
        if Handle::try_current().is_ok()
            && let Some(tokio) = self.tokio.take()
        {
            tokio.shutdown_background();
        }
    }
}

/// The loop, as a future of tokio's.
struct Guest<'a> {
    event_loop: &'a EventLoop,
    is_done: &'a mut dyn FnMut() -> bool,
    tokio: &'a LocalRuntime,
    selector: AsyncFd<BorrowedFd<'a>>,
    signs: &'a Signs,
    /// Goes off when the loop's next timer is due, or before.
    alarm: Pin<Box<Sleep>>,
}

impl Guest<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RunError>> {
        self.signs.set_visitor(cx.waker());
        for _ in 0..VISITS {
            self.listen(cx).map_err(RunError::Selector)?;
            match self.event_loop.visit(STEPS, &mut *self.is_done)? {
                Visit::Done => return Poll::Ready(Ok(())),
                Visit::Resting { is_stuck: true, .. } if self.is_alone() => {
                    return Poll::Ready(Err(RunError::Stuck));
                }
                Visit::Resting { at_most, is_stuck }
                    if self.rests(cx, at_most.or(is_stuck.then_some(STUCK_REST))) =>
                {
                    return Poll::Pending;
                }
                Visit::Resting { .. } => {}
                _ if has_budget_remaining() => {}
                _ => break,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Asks tokio whether the selector has something, and to be woken when it has.
    fn listen(&self, cx: &mut Context<'_>) -> io::Result<()> {
        while let Poll::Ready(ready) = self.selector.poll_read_ready(cx) {
            // Before the loop looks, so that what comes after the look is a new edge.
            ready?.clear_ready();
            self.signs.set_events();
        }
        Ok(())
    }

    /// Whether tokio has no task that could hold the other end of what ours wait for.
    fn is_alone(&self) -> bool {
        self.tokio.metrics().num_alive_tasks() == 0
    }

    /// Sets the alarm; whether it is still to go off. One that goes off early does no harm, and
    /// timers that are set and cancelled again cost tokio nothing.
    fn rests(&mut self, cx: &mut Context<'_>, at_most: Option<Duration>) -> bool {
        let alarm = &mut self.alarm;
        let until = Instant::now() + at_most.unwrap_or(LONGEST_REST).min(LONGEST_REST);
        if alarm.is_elapsed() || until < alarm.deadline() {
            alarm.as_mut().reset(until);
        }
        alarm.as_mut().poll(cx).is_pending()
    }
}
