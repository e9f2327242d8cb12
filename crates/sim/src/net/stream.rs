//! `Stream`: one end of a connection.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::{Context, Poll};

use super::Address;
use super::connection::Connection;

/// One end of a connection between two hosts: bytes go both ways, in order.
///
/// Its methods take `&self`, so one task may read while another writes. Dropping it shuts it down;
/// if something was left unread, it resets the stream, as the system does with a socket.
///
/// With the feature `futures-io` it is an `AsyncRead` and `AsyncWrite` of the crate `futures-io`.
///
/// # Python
///
/// [`asyncio.StreamReader`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader)
/// and its writer in one.
pub struct Stream {
    connection: Rc<Connection>,
    end: usize,
}

impl Stream {
    pub(super) const fn new(connection: Rc<Connection>, end: usize) -> Self {
        Self { connection, end }
    }

    /// The address of this end.
    #[must_use]
    pub fn local_address(&self) -> &Address {
        self.connection.address(self.end)
    }

    /// The address of the other end.
    #[must_use]
    pub fn peer_address(&self) -> &Address {
        self.connection.address(1 - self.end)
    }

    /// Reads some of what has arrived, waiting for it; zero bytes are the end.
    ///
    /// It may read less than there is: how much is drawn.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is cancelled, nothing was read.
    ///
    /// # Errors
    ///
    /// Returns `ConnectionReset` if the stream was reset.
    #[doc(alias = "asyncio.StreamReader.read")]
    pub async fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_read(cx, into)).await
    }

    /// Reads as many bytes as there is room for.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read is lost. Use [`read`](Self::read) instead.
    ///
    /// # Errors
    ///
    /// Returns `UnexpectedEof` if the stream ends before, and what [`read`](Self::read) returns.
    #[doc(alias = "asyncio.StreamReader.readexactly")]
    pub async fn read_exact(&self, into: &mut [u8]) -> io::Result<()> {
        let mut at = 0;
        while at < into.len() {
            match self.read(&mut into[at..]).await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => at += count,
            }
        }
        Ok(())
    }

    /// Appends everything up to the end of the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read until then has been appended.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub async fn read_to_end(&self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let mut piece = [0; 1024];
        loop {
            match self.read(&mut piece).await? {
                0 => return Ok(()),
                count => bytes.extend_from_slice(&piece[..count]),
            }
        }
    }

    /// Writes some of the bytes, waiting while the buffer of the link is full; tells how many.
    ///
    /// They are on their way then, and may still be lost to a reset.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is cancelled, nothing was written.
    ///
    /// # Errors
    ///
    /// Returns `ConnectionReset` if the stream was reset, `BrokenPipe` if this end shut it down.
    #[doc(alias = "asyncio.StreamWriter.write")]
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_write(cx, bytes)).await
    }

    /// Writes all of the bytes.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: some of it may have been written, and nobody knows how much. Use
    /// [`write`](Self::write) instead.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    #[doc(alias = "asyncio.StreamWriter.drain")]
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = self.write(bytes).await?;
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// Says that nothing more will be written. The other way stays open: the stream is half-closed.
    #[doc(alias = "asyncio.StreamWriter.write_eof")]
    pub fn shut_down(&self) {
        self.connection.shut_down(self.end);
    }

    /// Breaks the stream. This end knows at once, the other when it hears of it; what was on its way
    /// is lost.
    pub fn reset(&self) {
        self.connection.reset(self.end);
    }

    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.connection.poll_read(self.end, into, cx)
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.connection.poll_write(self.end, bytes, cx)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.connection.leave(self.end);
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Stream({} -> {})",
            self.local_address(),
            self.peer_address()
        )
    }
}
