//! `OnceReady`: the future that uses a descriptor as soon as that does not block.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::readiness::Direction;
use crate::waiters::Place;
use crate::waker;
use crate::watched::Watched;

/// Uses a descriptor as soon as that does not block: what
/// [`Watched::once_ready`](Watched::once_ready) gives.
///
/// Any number of them may wait for one descriptor: all are woken, and try in the order in which
/// their tasks run.
///
/// # Cancel safety
///
/// Cancel safe: the descriptor was used or not. One that is dropped leaves no waker of somebody
/// else's making behind; a callback of the loop that polled it may be woken once in vain.
///
/// # Errors
///
/// As those of [`Watched::poll`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct OnceReady<'a, T: AsFd, F> {
    watched: &'a Watched<T>,
    direction: Direction,
    act: F,
    /// Where a waker of somebody else's making is kept, once there was one.
    place: Option<Place>,
}

impl<'a, T: AsFd, F> OnceReady<'a, T, F> {
    pub(crate) const fn new(watched: &'a Watched<T>, direction: Direction, act: F) -> Self {
        Self {
            watched,
            direction,
            act,
            place: None,
        }
    }

    /// The place for this waker: callbacks of the loop have no use for one.
    #[inline]
    fn place_for(&mut self, waker: &Waker) -> Place {
        if waker::token_of(waker).is_some() {
            return Place::Any;
        }
        let readiness = self.watched.readiness();
        *self.place.get_or_insert_with(|| readiness.new_place())
    }
}

// Nothing in it is ever pinned: what it does is called as a function.
impl<T: AsFd, F> Unpin for OnceReady<'_, T, F> {}

impl<T: AsFd, R, F: FnMut(&T) -> io::Result<R>> Future for OnceReady<'_, T, F> {
    type Output = io::Result<R>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let place = this.place_for(cx.waker());
        let act = &mut this.act;
        this.watched.poll_in(place, this.direction, cx.waker(), act)
    }
}

impl<T: AsFd, F> Drop for OnceReady<'_, T, F> {
    #[inline]
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.watched.readiness().forget(self.direction, place);
        }
    }
}

impl<T: AsFd + fmt::Debug, F> fmt::Debug for OnceReady<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceReady")
            .field("watched", self.watched)
            .field("direction", &self.direction)
            .finish_non_exhaustive()
    }
}
