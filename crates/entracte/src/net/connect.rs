//! Connecting: to a host and port over TCP, or to a path over a Unix socket.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use entracte_event_loop::{Direction, Interest, Watched};
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use super::address::{Address, cannot, resolve};
use super::happy_eyeballs::race;
use super::tcp::TcpStream;
use super::unix::UnixStream;
use crate::io::Stream;
use crate::task::waiting::{Wait, waits_for};

/// The recommended delay of RFC 8305.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects over TCP: as [`Connect`] does with nothing set.
///
/// # Cancel safety
///
/// Cancel safe: a connection that was under way is closed.
///
/// # Errors
///
/// Returns the resolver's error, or that of the first address which failed if all did.
///
/// # Python
///
/// [`asyncio.open_connection`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_connection),
/// with happy eyeballs.
///
/// # Examples
///
/// ```no_run
/// entracte::run(async {
///     let mut web = entracte::net::connect("example.org:80").await?;
///     web.writer.write_all(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n").await?;
///     println!("{:?}", web.reader.read_line().await?);
///     Ok::<(), std::io::Error>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "asyncio.open_connection")]
pub async fn connect(address: impl Into<Address>) -> io::Result<Stream<TcpStream>> {
    Connect::new().to(address).await.map(Stream::new)
}

/// Connects to a Unix socket.
///
/// # Cancel safety
///
/// Cancel safe: a connection that was under way is closed.
///
/// # Errors
///
/// Returns the system's error, with the path; [`InvalidInput`](ErrorKind::InvalidInput) if that is empty.
#[doc(alias = "asyncio.open_unix_connection")]
pub async fn connect_unix(path: impl AsRef<Path>) -> io::Result<Stream<UnixStream>> {
    UnixStream::connect(path).await.map(Stream::new)
}

/// How to connect over TCP.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::net::{Connect, Listen};
///
/// entracte::run(async {
///     let listener = Listen::new().on("127.0.0.1:0").await?;
///     let to = listener.local_address()?;
///     let from = Connect::new().local_address("127.0.0.1:0".parse().unwrap());
///     let near = from.attempt_delay(Duration::from_millis(100)).to(to).await?;
///     assert_eq!(near.peer_address()?, to);
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Connect {
    local_address: Option<SocketAddr>,
    attempt_delay: Duration,
}

impl Default for Connect {
    fn default() -> Self {
        Self::new()
    }
}

impl Connect {
    /// Nothing set: any local address, 250 milliseconds from one attempt to the next.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            local_address: None,
            attempt_delay: ATTEMPT_DELAY,
        }
    }

    /// Connects from this address; port 0 is any.
    #[must_use]
    pub const fn local_address(mut self, address: SocketAddr) -> Self {
        self.local_address = Some(address);
        self
    }

    /// Sets after how long the next address is tried while the last has not answered.
    #[must_use]
    pub const fn attempt_delay(mut self, delay: Duration) -> Self {
        self.attempt_delay = delay;
        self
    }

    /// Connects, without a buffer around it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that was under way is closed.
    ///
    /// # Errors
    ///
    /// Returns the resolver's error, or that of the first address which failed if all did.
    pub async fn to(&self, address: impl Into<Address>) -> io::Result<TcpStream> {
        let address = address.into();
        if let Some(address) = address.as_socket_address() {
            return self.to_one(address).await;
        }
        let addresses = resolve(address).await?;
        race(addresses, self.attempt_delay, |it| self.to_one(it)).await
    }

    async fn to_one(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let connected = match self.begin(address) {
            Ok(begun) => finish(begun).await,
            Err(error) => Err(error),
        };
        connected.map_err(|error| cannot("connect to", address, &error))
    }

    fn begin(&self, address: SocketAddr) -> io::Result<std::net::TcpStream> {
        let Some(local) = self.local_address else {
            return mio::net::TcpStream::connect(address).map(Into::into);
        };
        let family = family(address);
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
        sockopt::set_socket_reuseaddr(&socket, true)?;
        rustix::net::bind(&socket, &local)?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => Ok(socket.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Waits until a connection that was begun is there.
async fn finish(socket: std::net::TcpStream) -> io::Result<TcpStream> {
    let socket = Watched::new(socket, Interest::BOTH);
    poll_fn(|cx| {
        let answer = socket.poll(Direction::Write, cx.waker(), is_connected);
        if answer.is_pending() {
            waits_for(Wait::Connect);
        }
        answer
    })
    .await?;
    // Small writes are sent at once, as in asyncio.
    socket.get_ref().set_nodelay(true)?;
    Ok(TcpStream::from_watched(socket))
}

/// Whether it is connected; says that it would block while that is under way.
fn is_connected(socket: &std::net::TcpStream) -> io::Result<()> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotConnected => Err(ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
    }
}

pub(super) const fn family(address: SocketAddr) -> AddressFamily {
    match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    }
}
