//! `stdin`, `stdout` and `stderr`: what the program was started with, as streams.

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use entracte_event_loop::Direction;
use futures_io::{AsyncRead, AsyncWrite};

use super::channel::Channel;
use crate::io::{Reader, Writer};

/// The standard input of the program.
///
/// A reader may have read ahead, so a program makes one and keeps it. Beside it, `std::io::stdin` reads
/// what this has not read yet.
///
/// # Python
///
/// [`loop.connect_read_pipe`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.connect_read_pipe)
/// with `sys.stdin`, which refuses plain files, and leaves the terminal changed for the shell.
///
/// # Examples
///
/// ```no_run
/// # entracte::run(async {
/// let mut stdin = entracte::stdio::stdin();
/// while let Some(line) = stdin.read_line().await? {
///     println!("{line}");
/// }
/// # Ok::<(), entracte::io::ReadError>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "sys.stdin")]
#[doc(alias = "asyncio.loop.connect_read_pipe")]
#[must_use]
pub fn stdin() -> Reader<Stdin> {
    Reader::new(Stdin { channel: None })
}

/// The standard output of the program.
///
/// Nothing is kept back until a line is full: what is written is on its way. What waits for a slow
/// reader is lost when the loop ends, so [`flush`](Writer::flush) before that. `print!` writes past it;
/// a program that uses both flushes this in between.
///
/// # Python
///
/// [`loop.connect_write_pipe`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.connect_write_pipe)
/// with `sys.stdout`, which refuses plain files, and leaves the terminal changed for the shell.
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let mut stdout = entracte::stdio::stdout();
/// stdout.write_all(b"hello\n").await?;
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "sys.stdout")]
#[doc(alias = "asyncio.loop.connect_write_pipe")]
#[must_use]
pub fn stdout() -> Writer<Stdout> {
    Writer::new(Stdout {
        which: rustix::stdio::stdout,
        channel: None,
    })
}

/// The standard error of the program, which is written as [`stdout`] is.
#[doc(alias = "sys.stderr")]
#[must_use]
pub fn stderr() -> Writer<Stdout> {
    Writer::new(Stdout {
        which: rustix::stdio::stderr,
        channel: None,
    })
}

/// The standard input, without a buffer: see [`stdin`].
pub struct Stdin {
    /// There from the first use on.
    channel: Option<Channel>,
}

impl AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let channel = opened(&mut self.channel, rustix::stdio::stdin, Direction::Read)?;
        channel.poll_read(cx, into)
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdin").finish_non_exhaustive()
    }
}

/// The standard output or the standard error, without a buffer: see [`stdout`].
///
/// To close it flushes it. Whoever reads sees the end when the program ends.
pub struct Stdout {
    which: fn() -> BorrowedFd<'static>,
    /// There from the first use on.
    channel: Option<Channel>,
}

impl AsyncWrite for Stdout {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let which = self.which;
        opened(&mut self.channel, which, Direction::Write)?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.channel {
            Some(channel) => channel.poll_flush(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl fmt::Debug for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdout").finish_non_exhaustive()
    }
}

fn opened(
    channel: &mut Option<Channel>,
    which: fn() -> BorrowedFd<'static>,
    direction: Direction,
) -> io::Result<&mut Channel> {
    Ok(match channel {
        Some(channel) => channel,
        empty => empty.insert(Channel::of(which(), direction)?),
    })
}
