//! `Listen`: how to listen, on a host and port or on a path.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net as std_unix;
use std::path::Path;

use rustix::net::{SocketFlags, SocketType, sockopt};

use super::address::{Address, cannot, first_of, resolve};
use super::connect::family;
use super::listener::{TcpListener, UnixListener};
use super::unix::not_empty;

/// As long a queue as systems give without being told otherwise.
const BACKLOG: u16 = 4096;

/// How to listen for connections.
///
/// # Examples
///
/// ```
/// use entracte::net::Listen;
///
/// entracte::run(async {
///     // One for each loop; the system shares the connections out.
///     let first = Listen::new().reuse_port().on("127.0.0.1:0").await?;
///     let second = Listen::new().reuse_port().on(first.local_address()?).await?;
///     assert_eq!(first.local_address()?, second.local_address()?);
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Listen {
    backlog: u16,
    reuse_port: bool,
    only_v6: bool,
}

impl Default for Listen {
    fn default() -> Self {
        Self::new()
    }
}

impl Listen {
    /// Nothing set: a backlog of 4096, which the system may cut.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            backlog: BACKLOG,
            reuse_port: false,
            only_v6: false,
        }
    }

    /// Sets how many connections wait to be accepted before the system refuses or drops more.
    #[must_use]
    pub const fn backlog(mut self, backlog: u16) -> Self {
        self.backlog = backlog;
        self
    }

    /// Lets several listeners have the same port: one for each loop, on a thread of its own. Each loop
    /// has to close its own server; Ctrl-C reaches the first of those of
    /// [`run_on`](crate::threads::run_on) only.
    #[must_use]
    pub const fn reuse_port(mut self) -> Self {
        self.reuse_port = true;
        self
    }

    /// Keeps a listener on `[::]` from taking connections over IPv4 as well.
    #[must_use]
    pub const fn only_v6(mut self) -> Self {
        self.only_v6 = true;
        self
    }

    /// Listens on the first address of a host that can be had; port 0 is any that is free.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: only the resolver is waited for.
    ///
    /// # Errors
    ///
    /// Returns the resolver's error, or the system's: the port is taken, say.
    pub async fn on(&self, address: impl Into<Address>) -> io::Result<TcpListener> {
        let addresses = resolve(address).await?;
        first_of(&addresses, "listen on", |it| self.on_one(it))
    }

    fn on_one(&self, address: SocketAddr) -> io::Result<TcpListener> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let family = family(address);
        let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
        // A server that starts again must not wait until the last connections are forgotten.
        sockopt::set_socket_reuseaddr(&socket, true)?;
        if self.reuse_port {
            sockopt::set_socket_reuseport(&socket, true)?;
        }
        if self.only_v6 && address.is_ipv6() {
            sockopt::set_ipv6_v6only(&socket, true)?;
        }
        rustix::net::bind(&socket, &address)?;
        rustix::net::listen(&socket, i32::from(self.backlog))?;
        TcpListener::from_std(socket.into())
    }

    /// Listens on a path. A socket that nobody listens on any more is replaced.
    ///
    /// # Errors
    ///
    /// Returns the system's error, with the path: somebody listens there, or something else is there.
    /// It is [`InvalidInput`](ErrorKind::InvalidInput) if the path is empty.
    pub fn on_path(&self, path: impl AsRef<Path>) -> io::Result<UnixListener> {
        bound("listen on", path.as_ref(), |path| {
            let listener = std_unix::UnixListener::bind(path)?;
            rustix::net::listen(&listener, i32::from(self.backlog))?;
            UnixListener::from_std(listener)
        })
    }
}

/// Binds to a path; a socket that is in the way and that nobody has any more is replaced.
pub(super) fn bound<T>(
    act: &str,
    path: &Path,
    bind: impl Fn(&Path) -> io::Result<T>,
) -> io::Result<T> {
    not_empty(act, path)?;
    let bound = match bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_dead(path) => {
            fs::remove_file(path).and_then(|()| bind(path))
        }
        other => other,
    };
    bound.map_err(|error| cannot(act, path.display(), &error))
}

/// Whether a path is a socket that nobody has open.
fn is_dead(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    // A socket of datagrams disturbs nobody: one that is open takes it, or says that it is of another
    // type; a listener would see a connection.
    let asked = || std_unix::UnixDatagram::unbound()?.connect(path);
    is_socket && asked().is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}
