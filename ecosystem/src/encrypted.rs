//! `Tls`: TLS for tokio-postgres, by our own TLS streams.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use entracte::net::TcpStream;
use entracte::tls;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// How tokio-postgres encrypts a connection of ours.
#[derive(Clone, Debug)]
pub struct Tls {
    config: Arc<ClientConfig>,
    server_name: String,
}

impl Tls {
    /// Trusts these certificates, PEM, of a server with this name.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no certificate in it.
    pub fn trusting(root_pem: &[u8], server_name: &str) -> io::Result<Self> {
        Ok(Self {
            config: tls::client_config(root_pem)?,
            server_name: server_name.to_owned(),
        })
    }
}

impl TlsConnect<TcpStream> for Tls {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>>>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        Box::pin(async move {
            let stream = tls::TlsStream::client(stream, &self.server_name, &self.config)?;
            let mut encrypted = Encrypted(stream);
            // Makes the handshake, so that its error is that of connecting.
            poll_fn(|cx| Pin::new(&mut encrypted).poll_flush(cx)).await?;
            Ok(encrypted)
        })
    }
}

/// A connection under TLS.
pub struct Encrypted(tls::TlsStream<TcpStream>);

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        AsyncRead::poll_read(Pin::new(&mut self.0), cx, into)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut self.0), cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut self.0), cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_shutdown(Pin::new(&mut self.0), cx)
    }
}
