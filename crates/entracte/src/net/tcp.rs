//! `TcpStream`: one end of a TCP connection, without a buffer.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use entracte_event_loop::{Interest, Watched};
use rustix::net::sockopt;

use super::address::Address;
use super::connect::Connect;
use crate::io::Stream;
use crate::io::poll::endpoint_traits;

/// One end of a TCP connection, without a buffer: what other libraries want to have.
///
/// It has the traits `AsyncRead` and `AsyncWrite` of futures-io, and with the feature `tokio-io` of
/// tokio, as has a reference to it. [`Stream`] adds the buffer and the methods.
///
/// Urgent data is not for it: what stands behind the mark is read when more comes.
///
/// # Examples
///
/// ```
/// use entracte::net::{TcpListener, TcpStream};
/// use futures_lite::{AsyncReadExt, AsyncWriteExt};
///
/// entracte::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let mut near = TcpStream::connect(listener.local_address()?).await?;
///     let (mut far, from) = listener.accept().await?;
///     assert_eq!(from, near.local_address()?);
///     near.write_all(b"hello").await?;
///     near.close().await?;
///     let mut text = String::new();
///     far.read_to_string(&mut text).await?;
///     assert_eq!(text, "hello");
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[derive(Debug)]
pub struct TcpStream {
    io: Watched<std::net::TcpStream>,
}

impl TcpStream {
    /// Connects as [`net::connect`](super::connect()) does.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that was under way is closed.
    ///
    /// # Errors
    ///
    /// As [`net::connect`](super::connect()).
    pub async fn connect(address: impl Into<Address>) -> io::Result<Self> {
        Connect::new().to(address).await
    }

    /// Takes a connection of the standard library, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self::from_watched(Watched::new(stream, Interest::BOTH)))
    }

    pub(super) const fn from_watched(io: Watched<std::net::TcpStream>) -> Self {
        Self { io }
    }

    /// Gives the standard library's connection, non-blocking, which may go to another thread.
    #[must_use]
    pub fn into_std(self) -> std::net::TcpStream {
        self.io.into_inner()
    }

    /// The standard library's connection, for settings that are not here.
    #[must_use]
    pub const fn as_std(&self) -> &std::net::TcpStream {
        self.io.get_ref()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Returns the system's error, if the connection is gone for example.
    pub fn peer_address(&self) -> io::Result<SocketAddr> {
        self.as_std().peer_addr()
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.as_std().local_addr()
    }

    /// Says whether small writes are sent at once, which they are unless this is called.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.as_std().set_nodelay(nodelay)
    }

    /// Has the system ask the other end whether it is there, after so long without a word; if it does not
    /// answer for some minutes, reading and writing fail. `None` is the system's default: never.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn set_keepalive(&self, after: Option<Duration>) -> io::Result<()> {
        sockopt::set_socket_keepalive(self.as_std(), after.is_some())?;
        if let Some(after) = after {
            sockopt::set_tcp_keepidle(self.as_std(), after.max(Duration::from_secs(1)))?;
        }
        Ok(())
    }

    /// Has the connection reset when it is closed: the other end sees an error, and what was
    /// written and not received is lost.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn set_reset_on_close(&self) -> io::Result<()> {
        let linger = Some(Duration::ZERO);
        sockopt::set_socket_linger(self.as_std(), linger).map_err(Into::into)
    }
}

impl Stream<TcpStream> {
    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Returns the system's error, if the connection is gone for example.
    pub fn peer_address(&self) -> io::Result<SocketAddr> {
        self.with(TcpStream::peer_address)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.with(TcpStream::local_address)
    }
}

fn half_close(io: &Watched<std::net::TcpStream>) -> io::Result<()> {
    not_gone(io.get_ref().shutdown(Shutdown::Write))
}

/// A connection that the other end has ended need not be told that this was all.
pub(super) fn not_gone(closed: io::Result<()>) -> io::Result<()> {
    match closed {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        other => other,
    }
}

endpoint_traits!(read TcpStream, &TcpStream);
endpoint_traits!(write half_close, TcpStream, &TcpStream);

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}
