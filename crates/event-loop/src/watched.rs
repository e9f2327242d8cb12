//! `Watched`: a non-blocking descriptor whose use waits for the loop.

use std::fmt;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::core::Core;
use crate::current;
use crate::once_ready::OnceReady;
use crate::readiness::{Direction, Readiness};
use crate::selector::Interest;
use crate::waiters::Place;

/// A descriptor that does not block, with the futures that wait for it.
///
/// The system is asked first, and only when it would block does a future wait. The descriptor is
/// handed to the selector once, the first time that somebody waits, and stays there until this is
/// dropped. After 64 uses in a row that did not wait, it makes the caller wait a turn, so that a
/// source that is always ready starves nobody. Any number of callbacks may wait for one direction:
/// all are woken.
///
/// # Python
///
/// What [`loop.sock_recv`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.sock_recv)
/// and its siblings do, for any descriptor.
///
/// # Examples
///
/// ```
/// use std::{io::{Read, Write}, os::unix::net::UnixStream, rc::Rc, task::Waker};
/// use entracte_event_loop::{Direction, EventLoop, Interest, Watched};
///
/// let (near, mut far) = UnixStream::pair()?;
/// near.set_nonblocking(true)?;
/// let near = Rc::new(Watched::new(near, Interest::READABLE));
/// let mut bytes = [0; 5];
///
/// let event_loop = EventLoop::new()?;
/// let early = Rc::clone(&near);
/// event_loop.call_soon(move || {
///     let answer = early.poll(Direction::Read, Waker::noop(), |mut it| it.read(&mut bytes));
///     assert!(answer.is_pending());
/// });
/// event_loop.turn()?;
/// far.write_all(b"hello")?;
/// event_loop.turn()?; // waits for the selector's report
/// assert!(near.poll(Direction::Read, Waker::noop(), |mut it| it.read(&mut bytes)).is_ready());
/// assert_eq!(&bytes, b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Watched<T: AsFd> {
    /// There until it is taken out.
    io: Option<T>,
    interest: Interest,
    readiness: Rc<Readiness>,
}

impl<T: AsFd> Watched<T> {
    /// Takes a descriptor, which must not block. `interest` says what it can ever be used for.
    #[must_use]
    pub fn new(io: T, interest: Interest) -> Self {
        Self {
            io: Some(io),
            interest,
            readiness: Rc::new(Readiness::new()),
        }
    }

    /// What it was made of.
    #[inline]
    pub const fn get_ref(&self) -> &T {
        match &self.io {
            Some(io) => io,
            None => unreachable!(),
        }
    }

    /// Gives back what it was made of, which no loop watches any more.
    #[must_use]
    pub fn into_inner(mut self) -> T {
        self.leave_home();
        match self.io.take() {
            Some(io) => io,
            None => unreachable!(),
        }
    }

    /// Uses the descriptor, or waits until that is worth another try.
    ///
    /// `act` is called again if a signal interrupted it. If it would block, the waker is woken when
    /// the selector reports the direction. Of the wakers that no loop made, as a
    /// `FuturesUnordered` has them, 64 are kept for a direction, and the oldest of more is woken. Where
    /// many futures share a descriptor, use [`once_ready`](Self::once_ready).
    ///
    /// # Errors
    ///
    /// Returns the error of `act`; or that of the selector if it cannot watch the descriptor, as
    /// that of a plain file; or one that says that no loop runs here.
    #[inline]
    pub fn poll<R>(
        &self,
        direction: Direction,
        waker: &Waker,
        act: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_in(Place::Any, direction, waker, act)
    }

    /// Uses the descriptor as soon as that does not block; any number of these may wait.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the descriptor was used or not.
    ///
    /// # Errors
    ///
    /// As those of [`poll`](Self::poll).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{io::Read, os::unix::net::UnixStream, pin::pin, task::{Context, Waker}};
    /// use entracte_event_loop::{Direction, Interest, Watched};
    ///
    /// let (near, far) = UnixStream::pair()?;
    /// near.set_nonblocking(true)?;
    /// drop(far);
    /// let near = Watched::new(near, Interest::READABLE);
    /// let mut end = pin!(near.once_ready(Direction::Read, |mut it| it.read(&mut [0; 9])));
    /// let polled = end.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    /// assert!(matches!(polled, std::task::Poll::Ready(Ok(0))));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub const fn once_ready<R, F>(&self, direction: Direction, act: F) -> OnceReady<'_, T, F>
    where
        F: FnMut(&T) -> io::Result<R>,
    {
        OnceReady::new(self, direction, act)
    }

    #[inline]
    pub(crate) fn poll_in<R>(
        &self,
        place: Place,
        direction: Direction,
        waker: &Waker,
        mut act: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        if self.readiness.is_ready(direction) {
            if self.readiness.must_make_way() {
                waker.wake_by_ref();
                return Poll::Pending;
            }
            if let Some(done) = attempt(|| act(self.get_ref())) {
                return Poll::Ready(done);
            }
            self.readiness.clear(direction);
        }
        match self.wait(place, direction, waker) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    pub(crate) fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Says that a use took or gave less than it was offered, as sockets and pipes do only when the
    /// next use would block. That next one then waits without asking the system.
    #[inline]
    pub fn note_short(&self, direction: Direction) {
        self.readiness.clear_unless_ended(direction);
    }

    /// Has [`note_short`](Self::note_short) do nothing: for a descriptor that gives a line, a packet
    /// or a record at a time, as terminals do.
    #[must_use]
    pub fn ignoring_short(self) -> Self {
        self.readiness.ignore_short();
        self
    }

    fn wait(&self, place: Place, direction: Direction, waker: &Waker) -> io::Result<()> {
        current::with(|core| {
            let Some(core) = core else {
                let text = "cannot wait for a descriptor outside an event loop";
                return Err(io::Error::other(text));
            };
            if !self.readiness.is_watched_by(core) {
                self.move_to(core)?;
            }
            self.readiness.wait(core, direction, waker, place);
            Ok(())
        })
    }

    #[cold]
    fn move_to(&self, core: &Core) -> io::Result<()> {
        self.leave_home();
        let readiness = Rc::clone(&self.readiness);
        let fd = self.get_ref().as_fd();
        let moved = core
            .sources
            .add_readiness(core, fd, self.interest, readiness)
            .map(|key| self.readiness.set_watch(core.to_weak(), key));
        // Those who waited there are to wait here, or there again if this loop refuses.
        self.readiness.wake_all();
        moved
    }

    fn leave_home(&self) {
        let (home, key) = self.readiness.take_watch();
        let (Some(core), Some(io)) = (home.upgrade(), &self.io) else {
            return;
        };
        self.readiness.leave(&core);
        core.sources.remove_readiness(&core, key, io.as_fd());
        core.tell_host();
    }
}

/// What `act` answers, unless that it would block.
#[inline]
fn attempt<R>(mut act: impl FnMut() -> io::Result<R>) -> Option<io::Result<R>> {
    loop {
        match act() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return Some(done),
        }
    }
}

impl<T: AsFd> Drop for Watched<T> {
    fn drop(&mut self) {
        self.leave_home();
    }
}

impl<T: AsFd> AsFd for Watched<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.io).finish()
    }
}
