//! Ends that a test makes up: one that gives what it is told, one that takes what it likes.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use entracte::EventLoop;
use futures::io::{AsyncRead, AsyncWrite};

use crate::dice::Dice;

/// What an end gives when it is read.
#[derive(Clone, Debug)]
pub(crate) enum Give {
    Bytes(Vec<u8>),
    /// Nothing yet.
    Later,
    Failure,
}

/// Gives one after the other, then the end.
#[derive(Debug)]
pub(crate) struct Giver(VecDeque<Give>);

impl Giver {
    pub(crate) fn new(given: impl IntoIterator<Item = Give>) -> Self {
        Self(given.into_iter().collect())
    }

    /// Gives these parts, each after a wait.
    pub(crate) fn parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let parts = parts.into_iter();
        Self::new(parts.flat_map(|part| [Give::Later, Give::Bytes(part.to_vec())]))
    }
}

impl AsyncRead for Giver {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let given = &mut self.get_mut().0;
        match given.pop_front() {
            None => Poll::Ready(Ok(0)),
            Some(Give::Later) => Poll::Pending,
            Some(Give::Failure) => Poll::Ready(Err(ErrorKind::TimedOut.into())),
            Some(Give::Bytes(mut bytes)) => {
                let count = bytes.len().min(into.len());
                into[..count].copy_from_slice(&bytes[..count]);
                let rest = bytes.split_off(count);
                if !rest.is_empty() {
                    given.push_front(Give::Bytes(rest));
                }
                Poll::Ready(Ok(count))
            }
        }
    }
}

/// What a test sees of an end that takes.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) taken: RefCell<Vec<u8>>,
    pub(crate) is_closed: Cell<bool>,
    pub(crate) is_dropped: Cell<bool>,
}

/// When an end that takes misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// Fails once, after so many bytes.
    FailsAt(usize),
    /// Panics once, after so many bytes.
    PanicsAt(usize),
    /// Takes nothing, ever.
    Stalls,
    /// Says that it took no byte at all.
    TakesZero,
}

/// Takes any number of bytes, or makes whoever writes wait; wakes only who asked last.
pub(crate) struct Taker {
    dice: Dice,
    trouble: Trouble,
    seen: Rc<Seen>,
    waker: Rc<Cell<Option<Waker>>>,
}

impl Taker {
    pub(crate) fn new(seed: u64, trouble: Trouble) -> (Self, Rc<Seen>) {
        let seen = Rc::<Seen>::default();
        let taker = Self {
            dice: Dice::new(seed),
            trouble,
            seen: Rc::clone(&seen),
            waker: Rc::default(),
        };
        (taker, seen)
    }

    /// Makes whoever asks wait, for some milliseconds of virtual time.
    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        self.waker.set(Some(cx.waker().clone()));
        if self.trouble != Trouble::Stalls {
            let waker = Rc::clone(&self.waker);
            let delay = Duration::from_millis(self.dice.below(5) as u64);
            let event_loop = EventLoop::current().expect("a loop runs");
            event_loop.call_later(delay, move || {
                waker.take().into_iter().for_each(Waker::wake);
            });
        }
        Poll::Pending
    }

    fn hesitates(&mut self) -> bool {
        self.trouble == Trouble::Stalls || self.dice.one_in(3)
    }
}

impl AsyncWrite for Taker {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.hesitates() {
            return this.wait(cx);
        }
        let mut most = bytes.len();
        let seen = this.seen.taken.borrow().len();
        match this.trouble {
            Trouble::FailsAt(place) | Trouble::PanicsAt(place) if place <= seen => {
                let panics = this.trouble != Trouble::FailsAt(place);
                this.trouble = Trouble::None;
                assert!(!panics, "it panics as it was told");
                return Poll::Ready(Err(ErrorKind::TimedOut.into()));
            }
            Trouble::FailsAt(place) | Trouble::PanicsAt(place) => most = most.min(place - seen),
            Trouble::TakesZero => return Poll::Ready(Ok(0)),
            Trouble::None | Trouble::Stalls => {}
        }
        let count = if most > 1 {
            1 + this.dice.below(most)
        } else {
            most
        };
        this.seen.taken.borrow_mut().extend(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.hesitates() {
            return this.wait(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.hesitates() {
            return this.wait(cx);
        }
        this.seen.is_closed.set(true);
        Poll::Ready(Ok(()))
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        self.seen.is_dropped.set(true);
    }
}
