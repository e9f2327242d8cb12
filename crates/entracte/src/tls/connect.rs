//! Beginning TLS: connecting with it, and changing to it in mid-stream.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use futures_io::{AsyncRead, AsyncWrite};
use rustls::{ClientConfig, ServerConfig};

use super::stream::TlsStream;
use crate::io::Stream;
use crate::net::{Address, TcpStream};

/// Connects as [`net::connect`](crate::net::connect) does, and makes the handshake: the server's
/// certificate must be of the host that is connected to.
///
/// # Cancel safety
///
/// Cancel safe: a connection that was under way is closed.
///
/// # Errors
///
/// Returns the error of connecting, and that of the handshake: a [`TlsError`](super::TlsError) is
/// in it.
///
/// # Python
///
/// [`asyncio.open_connection`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_connection)
/// with `ssl`. There is no limit to how long the handshake takes; [`timeout`](crate::timeout) sets
/// one to all of it.
///
/// # Examples
///
/// ```no_run
/// entracte::run(async {
///     let config = entracte::tls::system_client_config()?;
///     let mut web = entracte::tls::connect("example.org:443", &config).await?;
///     web.writer.write_all(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n").await?;
///     println!("{:?}", web.reader.read_line().await?);
///     Ok::<(), std::io::Error>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn connect(
    address: impl Into<Address>,
    config: &Arc<ClientConfig>,
) -> io::Result<Stream<TlsStream<TcpStream>>> {
    let address = address.into();
    let host = match address.as_socket_address() {
        Some(address) => address.ip().to_string(),
        None => without_port(address.to_string()),
    };
    let tcp = TcpStream::connect(address).await?;
    shake_hands(TlsStream::client(tcp, &host, config)?).await
}

fn without_port(mut text: String) -> String {
    text.truncate(text.rfind(':').unwrap_or(text.len()));
    text
}

async fn shake_hands<S>(tls: TlsStream<S>) -> io::Result<Stream<TlsStream<S>>>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let mut stream = Stream::new(tls);
    stream.handshake().await?;
    Ok(stream)
}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Stream<S> {
    /// Changes to TLS as the client, and makes the handshake. What was accepted is sent before, as
    /// plain text; settings of reader and writer are those of a new stream.
    ///
    /// Nothing may have been read ahead: a server that speaks TLS next says nothing before it is
    /// asked, so somebody in between has put the bytes there, to be taken for the server's.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the stream is gone, and the connection is closed.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidData`] if something was read ahead, the error of what was
    /// accepted before, and that of the handshake: a [`TlsError`](crate::tls::TlsError) is in it.
    ///
    /// # Python
    ///
    /// [`StreamWriter.start_tls`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamWriter.start_tls).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example() -> std::io::Result<()> {
    /// let mut mail = entracte::net::connect("mail.example.org:143").await?;
    /// mail.writer.write_all(b"a STARTTLS\r\n").await?;
    /// while !mail.reader.read_line().await?.is_none_or(|line| line.starts_with("a ")) {}
    /// let config = entracte::tls::system_client_config()?;
    /// let mail = mail.start_tls("mail.example.org", &config).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "asyncio.StreamWriter.start_tls")]
    #[doc(alias = "asyncio.loop.start_tls")]
    pub async fn start_tls(
        self,
        server_name: &str,
        config: &Arc<ClientConfig>,
    ) -> io::Result<Stream<TlsStream<S>>> {
        let (io, unread) = self.into_plain().await?;
        if !unread.is_empty() {
            let count = unread.len();
            let text =
                format!("cannot start TLS: the other side has already sent {count} bytes without");
            return Err(io::Error::new(ErrorKind::InvalidData, text));
        }
        shake_hands(TlsStream::client(io, server_name, config)?).await
    }

    /// Changes to TLS as the server, and makes the handshake. What was accepted is sent before, as
    /// plain text; settings of reader and writer are those of a new stream.
    ///
    /// What was read ahead is taken for the beginning of the handshake, and for nothing else. So a
    /// server may look at the first bytes ([`Reader::buffered`](crate::io::Reader::buffered)) to
    /// tell a client that speaks TLS, and commands that somebody has slipped in are refused.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the stream is gone, and the connection is closed.
    ///
    /// # Errors
    ///
    /// Returns the error of what was accepted before, and that of the handshake: a
    /// [`TlsError`](crate::tls::TlsError) is in it.
    ///
    /// # Python
    ///
    /// [`StreamWriter.start_tls`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamWriter.start_tls)
    /// of a server's stream.
    pub async fn start_tls_as_server(
        self,
        config: &Arc<ServerConfig>,
    ) -> io::Result<Stream<TlsStream<S>>> {
        let (io, unread) = self.into_plain().await?;
        let mut tls = TlsStream::server(io, config)?;
        tls.feed(&unread);
        shake_hands(tls).await
    }

    async fn into_plain(mut self) -> io::Result<(S, Vec<u8>)> {
        self.writer.flush().await?;
        self.into_inner().map_err(|_| {
            let text = "cannot start TLS: reader and writer are not of one stream";
            io::Error::new(ErrorKind::InvalidInput, text)
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Stream<TlsStream<S>> {
    /// Waits until the handshake is over, which reading or writing does as well.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: whoever uses the stream next goes on with it.
    ///
    /// # Errors
    ///
    /// Returns the error of the handshake: a [`TlsError`](crate::tls::TlsError) is in it.
    pub async fn handshake(&mut self) -> io::Result<()> {
        self.writer.flush().await
    }
}
