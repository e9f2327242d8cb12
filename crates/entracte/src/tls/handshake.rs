//! The handshake of a stream: who waits for it, and for how long.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use entracte_event_loop::Direction;

use crate::time::{Sleep, sleep};

/// A handshake under way. Reader and writer may both wait for it, and either one alone must be able
/// to finish it, whoever of them is cancelled.
pub(super) struct Handshake {
    waiters: Arc<Waiters>,
    /// Wakes both.
    waker: Waker,
    limit: Option<Duration>,
    /// There once the limit counts.
    sleep: Option<Sleep>,
}

impl Handshake {
    pub(super) fn new() -> Self {
        let waiters = Arc::<Waiters>::default();
        Self {
            waker: Waker::from(Arc::clone(&waiters)),
            waiters,
            limit: None,
            sleep: None,
        }
    }

    pub(super) fn set_limit(&mut self, limit: Duration) {
        self.limit = Some(limit);
    }

    /// Notes who waits; gives the waker of all who do.
    pub(super) fn join(&self, direction: Direction, waker: &Waker) -> Waker {
        let waker = waker.clone();
        let old = self.waiters.set(direction, Some(waker));
        drop(old);
        self.waker.clone()
    }

    /// It is over: wakes the one who does not know.
    pub(super) fn end(self, known_to: Direction) {
        drop(self.waiters.set(known_to, None));
        self.waker.wake();
    }

    /// Ready with the limit when the time is up, counted from the first call.
    pub(super) fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some(limit) = self.limit else {
            return Poll::Pending;
        };
        let sleep = self.sleep.get_or_insert_with(|| sleep(limit));
        Pin::new(sleep).poll(cx).map(|()| limit)
    }
}

/// The reader and the writer.
#[derive(Default)]
struct Waiters(Mutex<[Option<Waker>; 2]>);

impl Waiters {
    fn set(&self, direction: Direction, waker: Option<Waker>) -> Option<Waker> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = match direction {
            Direction::Read => &mut places[0],
            Direction::Write => &mut places[1],
        };
        std::mem::replace(place, waker)
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Self>) {
        let woken = [Direction::Read, Direction::Write].map(|it| self.set(it, None));
        woken.into_iter().flatten().for_each(Waker::wake);
    }
}
