//! `Listener`: TLS for what comes in from another listener.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;

use super::stream::TlsStream;
use crate::net;

/// How long a client may take for the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Gives a TLS stream for each connection of another listener.
///
/// The handshake is made by whoever first uses the stream, in a [`Server`](net::Server) the task of
/// the client: accepting others does not wait for it, and one that fails is that client's error. It
/// may take 10 seconds unless [`handshake_timeout`](Self::handshake_timeout) says otherwise.
///
/// # Python
///
/// [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server)
/// with `ssl`, whose handshake may take 60 seconds.
///
/// # Examples
///
/// ```no_run
/// use std::fs;
/// use entracte::net::{Server, TcpListener};
/// use entracte::tls::{Listener, server_config};
///
/// entracte::run(async {
///     let config = server_config(&fs::read("cert.pem")?, &fs::read("key.pem")?)?;
///     let listener = Listener::new(TcpListener::bind("127.0.0.1:4433").await?, &config);
///     let echo = Server::new(listener).serve(async |mut stream| {
///         while let Some(line) = stream.reader.read_line().await? {
///             stream.writer.write_all(format!("{line}!\n").as_bytes()).await?;
///         }
///         stream.writer.close().await // says that this was all
///     });
///     echo.await;
///     Ok::<(), std::io::Error>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Listener<L> {
    listener: L,
    config: Arc<ServerConfig>,
    handshake_timeout: Duration,
}

impl<L: net::Listener> Listener<L> {
    /// Takes a listener, whose connections are to speak TLS.
    #[must_use]
    pub fn new(listener: L, config: &Arc<ServerConfig>) -> Self {
        Self {
            listener,
            config: Arc::clone(config),
            handshake_timeout: HANDSHAKE_TIMEOUT,
        }
    }

    /// Sets how long a client may take for the handshake, counted from the first use of its stream:
    /// 10 seconds unless this is called.
    #[must_use]
    pub const fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.handshake_timeout = limit;
        self
    }

    /// The listener below.
    #[must_use]
    pub const fn get_ref(&self) -> &L {
        &self.listener
    }

    fn over(&self, io: L::Stream) -> io::Result<TlsStream<L::Stream>> {
        let tls = TlsStream::server(io, &self.config)?;
        Ok(tls.handshake_timeout(self.handshake_timeout))
    }
}

impl<L: net::Listener> net::Listener for Listener<L> {
    type Stream = TlsStream<L::Stream>;

    async fn next(&self) -> io::Result<Self::Stream> {
        self.over(self.listener.next().await?)
    }

    async fn next_with_peer(&self) -> io::Result<(Self::Stream, Option<SocketAddr>)> {
        let (io, peer) = self.listener.next_with_peer().await?;
        Ok((self.over(io)?, peer))
    }
}
