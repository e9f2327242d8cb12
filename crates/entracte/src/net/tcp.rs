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
/// A reference to it reads and writes as well, and any number of tasks may wait for one direction.
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

    /// Says whether small writes are sent at once. They are on a connection that was made or accepted
    /// here, unless this is called; one of [`from_std`](Self::from_std) stays as it is.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.as_std().set_nodelay(nodelay)
    }

    /// Has the system ask the other end whether it is there, after so long without a word, which also
    /// keeps what lies between from forgetting the connection. `None` is the system's default: never.
    ///
    /// If it does not answer, reading and writing fail after some more minutes: Linux asks nine times,
    /// 75 seconds apart, unless it is set otherwise. [`set_peer_timeout`](Self::set_peer_timeout) says
    /// when.
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

    /// Has reading and writing fail with [`TimedOut`](io::ErrorKind::TimedOut) when nothing was heard of
    /// the other end for so long: since its last word, or since the first of the bytes that were sent
    /// after it and not confirmed.
    ///
    /// An end that is there and has nothing to say is heard of, as the system asks it up to three times
    /// meanwhile. One that is there and reads nothing counts as gone when bytes have waited for it so
    /// long. It is in whole seconds, rounded up, and at least two.
    ///
    /// `None` is the system's default: reading waits for ever, bytes that are not confirmed for some
    /// fifteen minutes. Either overrides [`set_keepalive`](Self::set_keepalive); called afterwards, that
    /// moves the first question, or takes all away. Systems other than Linux limit reading only.
    ///
    /// # Errors
    ///
    /// Returns the system's error: Linux takes up to 18 hours.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use entracte::net::{TcpListener, connect};
    ///
    /// entracte::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let stream = connect(listener.local_address()?).await?;
    ///     stream.with(|tcp| tcp.set_peer_timeout(Some(Duration::from_secs(30))))
    /// })
    /// .unwrap()
    /// .unwrap();
    /// ```
    pub fn set_peer_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        let questions = limit.map(Questions::within);
        self.set_keepalive(questions.as_ref().map(|it| it.first))?;
        if let Some(it) = &questions {
            sockopt::set_tcp_keepintvl(self.as_std(), it.apart)?;
            sockopt::set_tcp_keepcnt(self.as_std(), it.count)?;
        }
        #[cfg(target_os = "linux")]
        {
            let limit = questions.map_or(Duration::ZERO, |it| it.first + it.apart * it.count);
            let millis = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
            sockopt::set_tcp_user_timeout(self.as_std(), millis)?;
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

/// When the system asks an end that is silent whether it is there; a while after the last question it
/// gives up.
#[derive(Debug, PartialEq)]
struct Questions {
    first: Duration,
    apart: Duration,
    count: u32,
}

impl Questions {
    /// Three in the second half of the limit, if it is long enough, as one may get lost.
    fn within(limit: Duration) -> Self {
        let has_part = u64::from(limit.subsec_nanos() > 0);
        let seconds = limit.as_secs().saturating_add(has_part).max(2);
        let apart = (seconds / 6).max(1);
        let count = if seconds > 3 { 3 } else { 1 };
        Self {
            first: Duration::from_secs(seconds - apart * u64::from(count)),
            apart: Duration::from_secs(apart),
            count,
        }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Questions;

    #[test]
    fn the_questions_end_with_the_limit_in_whole_seconds() {
        for (limit, first, apart, count) in [
            (0.0, 1, 1, 1),
            (2.0, 1, 1, 1),
            (2.1, 2, 1, 1),
            (4.0, 1, 1, 3),
            (60.0, 30, 10, 3),
            (65_534.0, 32_768, 10_922, 3),
        ] {
            let wanted = Questions {
                first: Duration::from_secs(first),
                apart: Duration::from_secs(apart),
                count,
            };
            let found = Questions::within(Duration::from_secs_f64(limit));
            assert_eq!(found, wanted, "{limit}");
        }
    }
}
