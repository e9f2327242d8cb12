//! The traits of a TLS stream: futures-io's, and tokio's.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use entracte_event_loop::Direction;
use futures_io::{AsyncRead, AsyncWrite};

use super::stream::TlsStream;

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Accepts what `write` takes, and sends what the stream below takes.
    fn poll_write_by(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&mut rustls::Writer<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_handshake(cx, Direction::Write))?;
        self.check()?;
        if self.is_closed {
            let text = "cannot write to a TLS stream that is closed";
            return Poll::Ready(Err(io::Error::new(ErrorKind::BrokenPipe, text)));
        }
        loop {
            let count = write(&mut self.session.writer())?;
            let sent = self.poll_send(cx);
            if count > 0 {
                // Accepted: whether it was sent, a flush finds out.
                return match sent {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Ready(Ok(count)),
                };
            }
            ready!(sent)?;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_handshake(cx, Direction::Read))?;
        loop {
            match this.session.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => this.check()?,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    this.check()?;
                    let text = "cannot read on: the TLS stream was cut off by the other side";
                    return Poll::Ready(Err(io::Error::new(error.kind(), text)));
                }
                answer => return Poll::Ready(answer),
            }
            ready!(this.poll_receive(cx))?;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.get_mut()
            .poll_write_by(cx, |writer| writer.write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if slices.iter().all(|slice| slice.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        self.get_mut()
            .poll_write_by(cx, |writer| writer.write_vectored(slices))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_handshake(cx, Direction::Write))?;
        this.check()?;
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.is_closed && this.failure.is_none() {
            ready!(this.poll_handshake(cx, Direction::Write))?;
            this.session.send_close_notify();
            this.is_closed = true;
        }
        if this.failure.is_none() {
            ready!(this.poll_send(cx))?;
            ready!(Pin::new(&mut this.io).poll_flush(cx))?;
        }
        Pin::new(&mut this.io).poll_close(cx)
    }
}

#[cfg(feature = "tokio-io")]
crate::io::tokio_io::tokio_traits!(read [S: AsyncRead + AsyncWrite + Unpin] TlsStream<S>);
#[cfg(feature = "tokio-io")]
crate::io::tokio_io::tokio_traits!(write [S: AsyncRead + AsyncWrite + Unpin] TlsStream<S>);
