//! `TlsStream`: one end of a TLS connection, client or server, without a buffer.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};

use super::error::TlsError;
use super::handshake::Handshake;

/// One end of a TLS connection, over any stream of bytes.
///
/// Whoever first reads, writes or flushes makes the handshake; any later use of a stream whose
/// handshake failed gives the same error. Flushing is what makes sure that everything written is
/// with the stream below. Closing tells the other side that this was all, within TLS, and then
/// closes the stream below for writing; reading goes on. A stream that ends without the other side
/// having said so was cut off: reading gives [`ErrorKind::UnexpectedEof`], each time.
///
/// It has the traits `AsyncRead` and `AsyncWrite` of futures-io, and with the feature `tokio-io` of
/// tokio. [`Stream`](crate::io::Stream) adds the buffer and the methods.
///
/// # Python
///
/// What [`ssl.SSLObject`](https://docs.python.org/3/library/ssl.html#ssl.SSLObject) is to asyncio's
/// transports. It does not let an end without a goodbye pass as a clean one.
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// let roots = std::fs::read("roots.pem")?;
/// let stream = entracte::tls::connect("example.org:443", &entracte::tls::client_config(&roots)?).await?;
/// let protocol = stream.with(|tls| tls.alpn().map(<[u8]>::to_vec));
/// let from = stream.with(|tls| tls.get_ref().local_address())?;
/// println!("from {from}, protocol {protocol:?}");
/// # Ok(())
/// # }
/// ```
pub struct TlsStream<S> {
    pub(super) io: S,
    pub(super) session: Box<Connection>,
    /// There until it is over.
    pub(super) handshake: Option<Box<Handshake>>,
    pub(super) failure: Option<TlsError>,
    pub(super) is_closed: bool,
}

impl<S> TlsStream<S> {
    /// Makes the client's end. Nothing is sent before it is used.
    ///
    /// The certificate must be of this name, which may be an IP address.
    ///
    /// # Errors
    ///
    /// Returns an error if the name or the configuration cannot be used.
    pub fn client(io: S, server_name: &str, config: &Arc<ClientConfig>) -> io::Result<Self> {
        let name = ServerName::try_from(server_name).map_err(|error| {
            let text = format!("cannot look for a server named {server_name:?}: {error}");
            io::Error::new(ErrorKind::InvalidInput, text)
        })?;
        let session = ClientConnection::new(Arc::clone(config), name.to_owned());
        Ok(Self::new(io, session.map_err(unusable)?.into()))
    }

    /// Makes the server's end. Nothing is read before it is used.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration cannot be used.
    pub fn server(io: S, config: &Arc<ServerConfig>) -> io::Result<Self> {
        let session = ServerConnection::new(Arc::clone(config));
        Ok(Self::new(io, session.map_err(unusable)?.into()))
    }

    fn new(io: S, session: Connection) -> Self {
        Self {
            io,
            session: Box::new(session),
            handshake: Some(Box::new(Handshake::new())),
            failure: None,
            is_closed: false,
        }
    }

    /// Sets how long the handshake may take, counted from the first use; there is no limit unless
    /// this is called.
    #[must_use]
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        if let Some(handshake) = &mut self.handshake {
            handshake.set_limit(limit);
        }
        self
    }

    /// The stream below.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.io
    }

    /// The state of the connection, as rustls has it.
    #[must_use]
    pub fn session(&self) -> &Connection {
        &self.session
    }

    /// The protocol that both sides agreed upon, if they spoke of any.
    #[doc(alias = "ssl.SSLObject.selected_alpn_protocol")]
    #[must_use]
    pub fn alpn(&self) -> Option<&[u8]> {
        self.session.alpn_protocol()
    }

    /// The certificates that the other side has shown, its own first; none before the handshake.
    #[doc(alias = "ssl.SSLObject.getpeercert")]
    #[must_use]
    pub fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        self.session.peer_certificates().unwrap_or_default()
    }

    /// The name that the client has asked for, on the server's side.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        match &*self.session {
            Connection::Server(session) => session.server_name(),
            Connection::Client(_) => None,
        }
    }

    /// Whether the handshake is still to be made, or failed.
    #[must_use]
    pub fn is_handshaking(&self) -> bool {
        self.session.is_handshaking()
    }
}

#[cold]
fn unusable(error: rustls::Error) -> io::Error {
    io::Error::other(error)
}

impl<S> fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("is_handshaking", &self.is_handshaking())
            .field("failure", &self.failure)
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}
