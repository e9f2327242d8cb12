//! `Channel`: one of the standard descriptors, used in the way that suits what it is.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::task::{Context, Poll, ready};

use entracte_event_loop::{Direction, Interest, Watched};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::net::{RecvFlags, SendFlags};

use crate::fs::threaded::Threaded;
use crate::task::waiting::{Wait, waits_for};

/// What a pipe or a terminal that can be written is sure to take without blocking.
const SURE_TO_FIT: usize = 256;

/// Whether a descriptor blocks is shared by all processes that have it: a shell would find its
/// terminal changed. So none of these is ever set not to block.
pub(super) enum Channel {
    /// A pipe or a terminal, opened once more: what is set for that is ours alone.
    Opened(Watched<OwnedFd>),
    /// A socket: each call says that it must not block.
    Socket(Watched<OwnedFd>),
    /// A pipe or a terminal that cannot be opened once more: used only when it is known not to block.
    Asked(Watched<OwnedFd>),
    /// What is always ready by the system's account, as a plain file: used on a thread.
    Thread(Threaded<File>),
}

impl Channel {
    /// Finds out what a descriptor is, and duplicates it.
    pub(super) fn of(fd: BorrowedFd<'_>, direction: Direction) -> io::Result<Self> {
        let kind = FileType::from_raw_mode(rustix::fs::fstat(fd)?.st_mode);
        let is_terminal = kind == FileType::CharacterDevice && rustix::termios::isatty(fd);
        let interest = match direction {
            Direction::Read => Interest::READABLE,
            Direction::Write => Interest::WRITABLE,
        };
        if kind == FileType::Socket {
            let own = fd.try_clone_to_owned()?;
            return Ok(Self::Socket(Watched::new(own, interest)));
        }
        if kind != FileType::Fifo && !is_terminal {
            let own = fd.try_clone_to_owned()?;
            return Ok(Self::Thread(Threaded::new(own.into())));
        }
        Ok(match open_again(fd, direction) {
            Ok(opened) => Self::Opened(Watched::new(opened, interest)),
            // A terminal of another user's, say, or a system without such names.
            Err(_) => Self::Asked(Watched::new(fd.try_clone_to_owned()?, interest)),
        })
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let answer = match self {
                Self::Opened(fd) => fd.poll(Direction::Read, cx.waker(), |fd| {
                    Ok(rustix::io::read(fd, &mut *into)?)
                }),
                Self::Socket(fd) => fd.poll(Direction::Read, cx.waker(), |fd| {
                    let (count, _) = rustix::net::recv(fd, &mut *into, RecvFlags::DONTWAIT)?;
                    Ok(count)
                }),
                Self::Asked(fd) => fd.poll(Direction::Read, cx.waker(), |fd| {
                    check_ready(fd, PollFlags::IN)?;
                    Ok(rustix::io::read(fd, &mut *into)?)
                }),
                Self::Thread(file) => return file.poll_read(cx, into),
            };
            match self.judge(answer, Wait::Read) {
                Some(answer) => return answer,
                None => self.go_to_thread()?,
            }
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let answer = match self {
                Self::Opened(fd) => fd.poll(Direction::Write, cx.waker(), |fd| {
                    Ok(rustix::io::write(fd, bytes)?)
                }),
                Self::Socket(fd) => fd.poll(Direction::Write, cx.waker(), |fd| {
                    Ok(rustix::net::send(fd, bytes, SendFlags::DONTWAIT)?)
                }),
                Self::Asked(fd) => fd.poll(Direction::Write, cx.waker(), |fd| {
                    check_ready(fd, PollFlags::OUT)?;
                    let fits = bytes.len().min(SURE_TO_FIT);
                    Ok(rustix::io::write(fd, &bytes[..fits])?)
                }),
                Self::Thread(file) => return file.poll_write(cx, bytes),
            };
            match self.judge(answer, Wait::Write) {
                Some(answer) => return answer,
                None => self.go_to_thread()?,
            }
        }
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Self::Thread(file) = self {
            ready!(file.poll_rest(cx))?;
        }
        Poll::Ready(Ok(()))
    }

    /// The answer, unless it is that the loop cannot watch what this is.
    fn judge<T>(&self, answer: Poll<io::Result<T>>, wait: Wait) -> Option<Poll<io::Result<T>>> {
        match &answer {
            Poll::Pending => waits_for(wait),
            Poll::Ready(Err(error)) if self.is_refused(error.kind()) => return None,
            Poll::Ready(_) => {}
        }
        Some(answer)
    }

    /// Whether a selector says by this error that it does not watch such a thing.
    const fn is_refused(&self, error: ErrorKind) -> bool {
        let may_be_refused = matches!(self, Self::Opened(_) | Self::Asked(_));
        may_be_refused && matches!(error, ErrorKind::PermissionDenied | ErrorKind::InvalidInput)
    }

    fn go_to_thread(&mut self) -> io::Result<()> {
        if let Self::Opened(fd) | Self::Asked(fd) = self {
            let own = fd.as_fd().try_clone_to_owned()?;
            *self = Self::Thread(Threaded::new(own.into()));
        }
        Ok(())
    }
}

/// Opens what a descriptor stands for once more, so that it does not block.
fn open_again(fd: BorrowedFd<'_>, direction: Direction) -> io::Result<OwnedFd> {
    let access = match direction {
        Direction::Read => OFlags::RDONLY,
        Direction::Write => OFlags::WRONLY,
    };
    let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Whether a use would not block: there is data, room, an end or an error.
fn check_ready(fd: impl AsFd, wanted: PollFlags) -> io::Result<()> {
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut fds = [PollFd::new(&fd, wanted)];
    match poll(&mut fds, Some(&at_once))? {
        0 => Err(ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}
