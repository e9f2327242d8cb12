//! `UnixStream`: one end of a connection within the machine, without a buffer.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net as std_unix;
use std::path::Path;
use std::time::Duration;

use entracte_event_loop::{Interest, Watched};

use super::address::cannot;
#[cfg(target_os = "linux")]
use super::peer;
use super::tcp::not_gone;
use crate::io::Stream;
use crate::io::poll::endpoint_traits;
use crate::time::sleep;

/// While the listener's backlog is full, connecting is tried again after so long.
const BACKLOG_DELAY: Duration = Duration::from_millis(10);

/// One end of a connection over a Unix socket, without a buffer.
///
/// As with a [`TcpStream`](super::TcpStream), a reference to it reads and writes as well.
///
/// # Examples
///
/// ```
/// use entracte::{io::Stream, net::UnixStream};
///
/// entracte::run(async {
///     let (near, far) = UnixStream::pair()?;
///     let (mut near, mut far) = (Stream::new(near), Stream::new(far));
///     near.writer.write_all(b"hello\n").await?;
///     assert_eq!(far.reader.read_line().await?.as_deref(), Some("hello"));
///     assert_eq!(far.peer_credentials()?.pid, Some(std::process::id()));
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[derive(Debug)]
pub struct UnixStream {
    io: Watched<std_unix::UnixStream>,
}

/// Who is at the other end of a Unix socket, as the kernel saw it when the connection was made: what
/// `peer_credentials` gives, on Linux only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// The process, if it is in sight: it may be in another namespace.
    pub pid: Option<u32>,
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

impl UnixStream {
    /// Connects to a path.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that was under way is closed.
    ///
    /// # Errors
    ///
    /// Returns the system's error, with the path; [`InvalidInput`](io::ErrorKind::InvalidInput) if that
    /// is empty.
    pub async fn connect(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        not_empty("connect to", path)?;
        loop {
            match mio::net::UnixStream::connect(path) {
                Ok(stream) => {
                    return Ok(Self::from_watched(Watched::new(
                        stream.into(),
                        Interest::BOTH,
                    )));
                }
                // The backlog is full, and nothing tells when it is not.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(cannot("connect to", path.display(), &error)),
            }
            sleep(BACKLOG_DELAY).await;
        }
    }

    /// Makes two ends that are connected with each other.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    #[doc(alias = "socket.socketpair")]
    pub fn pair() -> io::Result<(Self, Self)> {
        let (near, far) = std_unix::UnixStream::pair()?;
        Ok((Self::from_std(near)?, Self::from_std(far)?))
    }

    /// Takes a connection of the standard library, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the system's error if that cannot be done.
    pub fn from_std(stream: std_unix::UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self::from_watched(Watched::new(stream, Interest::BOTH)))
    }

    pub(super) fn from_watched(io: Watched<std_unix::UnixStream>) -> Self {
        // A read ends behind a message that carries descriptors, whatever comes after it.
        let io = io.ignoring_short();
        Self { io }
    }

    /// Gives the standard library's connection, non-blocking, which may go to another thread.
    #[must_use]
    pub fn into_std(self) -> std_unix::UnixStream {
        self.io.into_inner()
    }

    /// The standard library's connection.
    #[must_use]
    pub const fn as_std(&self) -> &std_unix::UnixStream {
        self.io.get_ref()
    }

    /// Who is at the other end. Linux only.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    #[cfg(target_os = "linux")]
    pub fn peer_credentials(&self) -> io::Result<Credentials> {
        peer::credentials(self.as_std())
    }
}

impl Stream<UnixStream> {
    /// Who is at the other end. Linux only.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    #[cfg(target_os = "linux")]
    pub fn peer_credentials(&self) -> io::Result<Credentials> {
        self.with(UnixStream::peer_credentials)
    }
}

/// An empty path is an error everywhere: Linux would bind to a name of its own choice.
pub(super) fn not_empty(act: &str, path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() {
        let text = format!("cannot {act} \"\": the path is empty");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    Ok(())
}

fn half_close(io: &Watched<std_unix::UnixStream>) -> io::Result<()> {
    not_gone(io.get_ref().shutdown(Shutdown::Write))
}

endpoint_traits!(read UnixStream, &UnixStream);
endpoint_traits!(write half_close, UnixStream, &UnixStream);

impl AsFd for UnixStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}
