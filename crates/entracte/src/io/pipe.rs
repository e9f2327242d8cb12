//! Pipes: one direction, from one descriptor to another.

use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};

use entracte_event_loop::{Interest, Watched};
use futures_io::AsyncWrite;
use rustix::fs::FileType;

use super::poll::{self, endpoint_traits};
use super::reader::Reader;
use super::writer::Writer;

/// Makes a pipe of the system: what is written into the one can be read from the other.
///
/// To connect two child processes, the blocking [`std::io::pipe`] is what to make.
///
/// # Errors
///
/// Returns the system's error, if there are too many descriptors for example.
///
/// # Examples
///
/// ```
/// entracte::run(async {
///     let (mut reader, mut writer) = entracte::io::pipe()?;
///     writer.write_all(b"hello").await?;
///     drop(writer);
///     assert_eq!(reader.read_to_end().await?, b"hello");
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
pub fn pipe() -> io::Result<(Reader<PipeReader>, Writer<PipeWriter>)> {
    let (reader, writer) = io::pipe()?;
    let reader = PipeReader::from_fd(reader.into())?;
    let writer = PipeWriter::from_fd(writer.into())?;
    Ok((Reader::new(reader), Writer::new(writer)))
}

/// The end of a pipe that is read; also a FIFO, or anything else that can be waited for.
#[derive(Debug)]
pub struct PipeReader {
    io: Watched<File>,
}

impl PipeReader {
    /// Takes a descriptor, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    #[doc(alias = "asyncio.loop.connect_read_pipe")]
    pub fn from_fd(fd: OwnedFd) -> io::Result<Self> {
        watched(fd, Interest::READABLE).map(|io| Self { io })
    }

    /// Gives the descriptor back, which stays non-blocking.
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.io.into_inner().into()
    }
}

/// The end of a pipe that is written; also a FIFO, or anything else that can be waited for.
///
/// It has no half to close: closing it closes the descriptor, and the reader sees the end.
#[derive(Debug)]
pub struct PipeWriter {
    /// There until it is closed.
    io: Option<Watched<File>>,
}

impl PipeWriter {
    /// Takes a descriptor, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    #[doc(alias = "asyncio.loop.connect_write_pipe")]
    pub fn from_fd(fd: OwnedFd) -> io::Result<Self> {
        let io = watched(fd, Interest::WRITABLE)?;
        Ok(Self { io: Some(io) })
    }

    /// Gives the descriptor back, which stays non-blocking; `None` if it was closed.
    #[must_use]
    pub fn into_fd(self) -> Option<OwnedFd> {
        Some(self.io?.into_inner().into())
    }

    fn open(&self) -> io::Result<&Watched<File>> {
        self.io.as_ref().ok_or_else(|| {
            let text = "cannot write to a pipe that was closed";
            io::Error::new(io::ErrorKind::BrokenPipe, text)
        })
    }
}

fn watched(fd: OwnedFd, interest: Interest) -> io::Result<Watched<File>> {
    rustix::io::ioctl_fionbio(&fd, true)?;
    let is_pipe = is_pipe(&fd)?;
    let io = Watched::new(File::from(fd), interest);
    Ok(if is_pipe { io } else { io.ignoring_short() })
}

/// Whether it gives all that it has: a terminal gives a line, others a packet at a time.
///
/// Of a pipe whose writer asked for packets (`pipe2(2)`), its reader cannot know.
fn is_pipe(fd: &OwnedFd) -> io::Result<bool> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(fd)?.st_mode);
    Ok(kind == FileType::Fifo)
}

endpoint_traits!(read PipeReader, &PipeReader);

impl AsyncWrite for PipeWriter {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        poll::write(self.open()?, cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll::write_vectored(self.open()?, cx, slices)
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        drop(self.io.take());
        Poll::Ready(Ok(()))
    }
}

#[cfg(feature = "tokio-io")]
super::tokio_io::tokio_traits!(write [] PipeWriter);

impl AsFd for PipeReader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

/// A pipe as the input of a child process. One that cannot be made to block is given as it is.
impl From<PipeReader> for Stdio {
    fn from(pipe: PipeReader) -> Self {
        blocking(pipe.into_fd())
    }
}

/// A pipe as the output of a child process. One that was closed takes nothing.
impl From<PipeWriter> for Stdio {
    fn from(pipe: PipeWriter) -> Self {
        pipe.into_fd().map_or_else(Self::null, blocking)
    }
}

fn blocking(fd: OwnedFd) -> Stdio {
    // A pipe can be; what else was taken for one is the child's to cope with.
    let _ = rustix::io::ioctl_fionbio(&fd, false);
    fd.into()
}
