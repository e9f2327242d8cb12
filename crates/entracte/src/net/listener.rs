//! Listeners: where connections come in, over TCP or a Unix socket.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net as std_unix;
use std::path::Path;

use entracte_event_loop::{Direction, Interest, Watched};
use futures_io::{AsyncRead, AsyncWrite};

use super::address::Address;
use super::listen::Listen;
use super::tcp::TcpStream;
use super::unix::UnixStream;
use crate::io::poll::shared;
use crate::task::waiting::Wait;

/// Something that connections come in from: what a [`Server`](super::Server) serves.
pub trait Listener {
    /// One end of a connection that came in.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;

    /// Waits for the next connection.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that is not given stays in the system's queue.
    fn next(&self) -> impl Future<Output = io::Result<Self::Stream>>;

    /// Waits for the next connection, and gives it with the address of its other end, if it has one:
    /// what a [`Server`](super::Server) calls, and names in the report of a client that failed.
    ///
    /// Unless a listener has its own, it is [`next`](Self::next) and no address.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that is not given stays in the system's queue.
    fn next_with_peer(
        &self,
    ) -> impl Future<Output = io::Result<(Self::Stream, Option<SocketAddr>)>> {
        async { Ok((self.next().await?, None)) }
    }
}

/// Listens for TCP connections.
///
/// Any number of tasks may wait for it. The port is free when it is dropped.
#[derive(Debug)]
pub struct TcpListener {
    io: Watched<mio::net::TcpListener>,
}

impl TcpListener {
    /// Listens as [`Listen`] does with nothing set; port 0 is any that is free.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: only the resolver is waited for.
    ///
    /// # Errors
    ///
    /// Returns the resolver's error, or the system's: the port is taken, say.
    pub async fn bind(address: impl Into<Address>) -> io::Result<Self> {
        Listen::new().on(address).await
    }

    /// Takes a listener of the standard library, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let listener = mio::net::TcpListener::from_std(listener);
        let io = Watched::new(listener, Interest::READABLE);
        Ok(Self { io })
    }

    /// Waits for a connection; gives it with the address of the other end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that is not given stays in the system's queue.
    ///
    /// # Errors
    ///
    /// Returns the system's error: too many descriptors are open, say, or the other end has given up
    /// meanwhile. The listener can be asked again.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, from) = accepted(&self.io, mio::net::TcpListener::accept).await?;
        let stream = std::net::TcpStream::from(stream);
        // Small writes are sent at once, as in asyncio. On some systems it fails if the other end is
        // gone, which the first use tells as well.
        drop(stream.set_nodelay(true));
        let io = Watched::new(stream, Interest::BOTH);
        Ok((TcpStream::from_watched(io), from))
    }

    /// The address that it listens on.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.io.get_ref().local_addr()
    }
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<TcpStream> {
        self.accept().await.map(|(stream, _)| stream)
    }

    async fn next_with_peer(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
        let (stream, from) = self.accept().await?;
        Ok((stream, Some(from)))
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

/// Listens for connections over a Unix socket.
///
/// Dropping it leaves the path where it is, as the standard library does; [`Listen::on_path`] takes
/// over one that nobody listens on.
#[derive(Debug)]
pub struct UnixListener {
    io: Watched<mio::net::UnixListener>,
}

impl UnixListener {
    /// Listens as [`Listen`] does with nothing set.
    ///
    /// # Errors
    ///
    /// Returns the system's error: somebody listens there, say.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        Listen::new().on_path(path)
    }

    /// Takes a listener of the standard library, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    pub fn from_std(listener: std_unix::UnixListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let listener = mio::net::UnixListener::from_std(listener);
        let io = Watched::new(listener, Interest::READABLE);
        Ok(Self { io })
    }

    /// Waits for a connection.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that is not given stays in the system's queue.
    ///
    /// # Errors
    ///
    /// Returns the system's error. The listener can be asked again.
    pub async fn accept(&self) -> io::Result<UnixStream> {
        let (stream, _) = accepted(&self.io, mio::net::UnixListener::accept).await?;
        let io = Watched::new(stream.into(), Interest::BOTH);
        Ok(UnixStream::from_watched(io))
    }
}

impl UnixListener {
    /// The address that it listens on: a path, if it has one.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn local_address(&self) -> io::Result<std_unix::SocketAddr> {
        self.io.get_ref().local_addr()
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<UnixStream> {
        self.accept().await
    }
}

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

async fn accepted<L: AsFd, R>(
    listener: &Watched<L>,
    accept: impl Fn(&L) -> io::Result<R>,
) -> io::Result<R> {
    shared(listener, Direction::Read, Wait::Accept, accept).await
}
