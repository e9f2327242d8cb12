//! `AsyncFd`: any descriptor of one's own, with futures that wait until it can be used.

use std::fmt;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};

use entracte_event_loop::{Direction, Interest, Watched};
use rustix::event::{PollFd, PollFlags, Timespec};

use crate::io::poll::shared;
use crate::task::waiting::Wait;

/// A descriptor that does not block: a device, a timer, a socket of another library.
///
/// # Python
///
/// What `add_reader`, `add_writer` and the `sock_` methods of a loop are used for. Callbacks in
/// place of futures: [`EventLoop::add_reader`](crate::EventLoop::add_reader).
///
/// # Examples
///
/// ```
/// use std::io::{Read, Write};
/// use std::os::unix::net::UnixStream;
/// use entracte::io::AsyncFd;
///
/// let (near, mut far) = UnixStream::pair()?;
/// let near = AsyncFd::new(near)?;
/// entracte::run(async move {
///     far.write_all(b"hello")?;
///     near.readable().await?;
///     let mut bytes = [0; 5];
///     near.read_with(|mut it| it.read(&mut bytes)).await?;
///     assert_eq!(&bytes, b"hello");
///     Ok::<(), std::io::Error>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsyncFd<T: AsFd> {
    io: Watched<T>,
}

impl<T: AsFd> AsyncFd<T> {
    /// Takes a descriptor, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    pub fn new(io: T) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&io, true)?;
        Ok(Self {
            io: Watched::new(io, Interest::BOTH),
        })
    }

    /// What it was made of.
    pub const fn get_ref(&self) -> &T {
        self.io.get_ref()
    }

    /// Gives back what it was made of, which stays non-blocking.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.io.into_inner()
    }

    /// Waits until reading would give something: data, the end, or an error.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the system's error, as that of a plain file, which cannot be waited for.
    pub async fn readable(&self) -> io::Result<()> {
        self.read_with(|io| is_ready(io, PollFlags::IN)).await
    }

    /// Waits until writing would take something, or give an error.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the system's error, as that of a plain file, which cannot be waited for.
    pub async fn writable(&self) -> io::Result<()> {
        self.write_with(|io| is_ready(io, PollFlags::OUT)).await
    }

    /// Calls `act`, again whenever the descriptor can be read, until it does not answer that it
    /// would block.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: `act` has either been done or done nothing.
    ///
    /// # Errors
    ///
    /// Returns the error of `act`, and the system's if the descriptor cannot be waited for.
    pub async fn read_with<R>(&self, act: impl FnMut(&T) -> io::Result<R>) -> io::Result<R> {
        shared(&self.io, Direction::Read, Wait::Descriptor, act).await
    }

    /// As [`read_with`](Self::read_with), whenever the descriptor can be written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: `act` has either been done or done nothing.
    ///
    /// # Errors
    ///
    /// As [`read_with`](Self::read_with).
    pub async fn write_with<R>(&self, act: impl FnMut(&T) -> io::Result<R>) -> io::Result<R> {
        shared(&self.io, Direction::Write, Wait::Descriptor, act).await
    }
}

/// Whether a descriptor is ready now; says that it would block if not.
fn is_ready(io: &impl AsFd, flags: PollFlags) -> io::Result<()> {
    let mut fds = [PollFd::new(io, flags)];
    match rustix::event::poll(&mut fds, Some(&Timespec::default()))? {
        0 => Err(ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}

impl<T: AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncFd").field(self.get_ref()).finish()
    }
}
