//! Datagrams: UDP, and Unix sockets of the same kind.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net as std_unix;
use std::path::Path;
use std::time::Duration;

use entracte_event_loop::{Direction, Interest, Watched};

use super::address::{Address, cannot, first_of, resolve};
use super::listen::bound;
use super::unix::not_empty;
use crate::io::poll::shared;
use crate::task::waiting::Wait;
use crate::time::sleep;

/// While the queue of the other end is full, sending to its path is tried again after so long.
const FULL_DELAY: Duration = Duration::from_millis(10);

/// A UDP socket: it sends datagrams to anyone, or to one end only once it is connected.
///
/// A datagram arrives whole or not at all; the order is not kept. One that is longer than the place
/// it is received into is cut, and the rest is lost; 64 KiB are enough for any.
///
/// # Python
///
/// [`loop.create_datagram_endpoint`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.create_datagram_endpoint),
/// with futures in place of a protocol.
///
/// # Examples
///
/// ```
/// use entracte::net::UdpSocket;
///
/// entracte::run(async {
///     let near = UdpSocket::bind("127.0.0.1:0").await?;
///     let far = UdpSocket::connect(near.local_address()?).await?;
///     far.send(b"ping").await?;
///     let mut datagram = [0; 1500];
///     let (length, from) = near.receive_from(&mut datagram).await?;
///     assert_eq!((&datagram[..length], from), (&b"ping"[..], far.local_address()?));
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[doc(alias = "asyncio.loop.create_datagram_endpoint")]
#[derive(Debug)]
pub struct UdpSocket {
    io: Watched<std::net::UdpSocket>,
}

impl UdpSocket {
    /// Makes a socket on the first address of a host that can be had; port 0 is any that is free.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: only the resolver is waited for.
    ///
    /// # Errors
    ///
    /// Returns the resolver's error, or the system's with the first address: it is taken, say.
    pub async fn bind(address: impl Into<Address>) -> io::Result<Self> {
        let addresses = resolve(address).await?;
        first_of(&addresses, "bind to", |address| {
            Self::from_std(std::net::UdpSocket::bind(address)?)
        })
    }

    /// Makes a socket that sends to this end and receives from nobody else: to the first address of a
    /// host that can be had.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: only the resolver is waited for.
    ///
    /// # Errors
    ///
    /// Returns the resolver's error, or the system's with the first address.
    pub async fn connect(address: impl Into<Address>) -> io::Result<Self> {
        let addresses = resolve(address).await?;
        first_of(&addresses, "connect to", |address| {
            let any: IpAddr = match address {
                SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            };
            let socket = std::net::UdpSocket::bind((any, 0))?;
            socket.connect(address)?;
            Self::from_std(socket)
        })
    }

    /// Takes a socket of the standard library, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let io = Watched::new(socket, Interest::BOTH);
        Ok(Self { io })
    }

    /// The standard library's socket: for broadcast, multicast and other settings.
    #[must_use]
    pub const fn as_std(&self) -> &std::net::UdpSocket {
        self.io.get_ref()
    }

    /// The address of the other end, if it is connected.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
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

    /// Sends a datagram to the end that the socket is connected to.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it is sent whole or not at all.
    ///
    /// # Errors
    ///
    /// Returns the system's error: an earlier datagram was refused, or this one is too long, say.
    pub async fn send(&self, datagram: &[u8]) -> io::Result<()> {
        // It is sent whole, so how long it was says nothing.
        write(&self.io, |it| it.send(datagram)).await.map(drop)
    }

    /// Sends a datagram to an address.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it is sent whole or not at all.
    ///
    /// # Errors
    ///
    /// Returns the system's error, with the address.
    pub async fn send_to(&self, datagram: &[u8], address: SocketAddr) -> io::Result<()> {
        match write(&self.io, |it| it.send_to(datagram, address)).await {
            // It is sent whole, so how long it was says nothing.
            Ok(_) => Ok(()),
            Err(error) => Err(cannot("send to", address, &error)),
        }
    }

    /// Receives a datagram, and gives its length. One that is longer than the place is cut, and the
    /// rest is lost.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that is not given stays in the system's queue.
    ///
    /// # Errors
    ///
    /// Returns the system's error: what was sent was refused, say.
    pub async fn receive(&self, into: &mut [u8]) -> io::Result<usize> {
        read(&self.io, |it| it.recv(into)).await
    }

    /// Receives a datagram; gives its length and where it came from. One that is longer than the place
    /// is cut, and the rest is lost.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that is not given stays in the system's queue.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn receive_from(&self, into: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        read(&self.io, |it| it.recv_from(into)).await
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

/// A Unix socket of datagrams: none is lost, and the order is kept; a full receiver makes the sender
/// wait.
///
/// # Examples
///
/// ```
/// use entracte::net::UnixDatagram;
///
/// entracte::run(async {
///     let (near, far) = UnixDatagram::pair()?;
///     near.send(b"hello").await?;
///     let mut datagram = [0; 100];
///     assert_eq!(far.receive(&mut datagram).await?, 5);
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[derive(Debug)]
pub struct UnixDatagram {
    io: Watched<std_unix::UnixDatagram>,
}

impl UnixDatagram {
    /// Makes a socket on a path. A socket that nobody has open any more is replaced.
    ///
    /// # Errors
    ///
    /// Returns the system's error, with the path: somebody has a socket there, or something else is
    /// there. It is [`InvalidInput`](io::ErrorKind::InvalidInput) if the path is empty.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        bound("bind to", path.as_ref(), |path| {
            Self::from_std(std_unix::UnixDatagram::bind(path)?)
        })
    }

    /// Makes a socket without a path, that sends to this one.
    ///
    /// # Errors
    ///
    /// Returns the system's error, with the path: nobody is there, say.
    pub fn connect(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        not_empty("connect to", path)?;
        let connect = || {
            let socket = std_unix::UnixDatagram::unbound()?;
            socket.connect(path)?;
            Self::from_std(socket)
        };
        connect().map_err(|error| cannot("connect to", path.display(), &error))
    }

    /// Makes two sockets that are connected with each other.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (near, far) = std_unix::UnixDatagram::pair()?;
        Ok((Self::from_std(near)?, Self::from_std(far)?))
    }

    /// Takes a socket of the standard library, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    pub fn from_std(socket: std_unix::UnixDatagram) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let io = Watched::new(socket, Interest::BOTH);
        Ok(Self { io })
    }

    /// The standard library's socket.
    #[must_use]
    pub const fn as_std(&self) -> &std_unix::UnixDatagram {
        self.io.get_ref()
    }

    /// Sends a datagram to the end that the socket is connected to.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it is sent whole or not at all.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn send(&self, datagram: &[u8]) -> io::Result<()> {
        // It is sent whole, so how long it was says nothing.
        write(&self.io, |it| it.send(datagram)).await.map(drop)
    }

    /// Sends a datagram to a path.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it is sent whole or not at all.
    ///
    /// # Errors
    ///
    /// Returns the system's error, with the path: nobody is there, say.
    pub async fn send_to(&self, datagram: &[u8], path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        not_empty("send to", path)?;
        // While the queue is full of what others sent, the system tells of room again and again.
        let attempt = |it: &std_unix::UnixDatagram| match it.send_to(datagram, path) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            answer => answer.map(|_| true),
        };
        loop {
            match write(&self.io, attempt).await {
                Ok(true) => return Ok(()),
                Ok(false) => sleep(FULL_DELAY).await,
                Err(error) => return Err(cannot("send to", path.display(), &error)),
            }
        }
    }

    /// Receives a datagram, and gives its length. One that is longer than the place is cut, and the
    /// rest is lost.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that is not given stays in the system's queue.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn receive(&self, into: &mut [u8]) -> io::Result<usize> {
        read(&self.io, |it| it.recv(into)).await
    }

    /// Receives a datagram; gives its length and where it came from. One that is longer than the place
    /// is cut, and the rest is lost.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that is not given stays in the system's queue.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn receive_from(&self, into: &mut [u8]) -> io::Result<(usize, std_unix::SocketAddr)> {
        read(&self.io, |it| it.recv_from(into)).await
    }
}

impl AsFd for UnixDatagram {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

fn read<T: AsFd, R>(
    io: &Watched<T>,
    act: impl FnMut(&T) -> io::Result<R>,
) -> impl Future<Output = io::Result<R>> {
    shared(io, Direction::Read, Wait::Datagram, act)
}

fn write<T: AsFd, R>(
    io: &Watched<T>,
    act: impl FnMut(&T) -> io::Result<R>,
) -> impl Future<Output = io::Result<R>> {
    shared(io, Direction::Write, Wait::Datagram, act)
}
