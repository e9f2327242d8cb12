//! `Wire`: what is under the TLS, as the blocking reader and writer that rustls asks for.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

/// One call's access to what is under the TLS. It would block when that is pending.
pub(super) struct Wire<'a, 'b, S> {
    pub(super) io: &'a mut S,
    pub(super) cx: &'a mut Context<'b>,
}

fn blocking<T>(answer: Poll<io::Result<T>>) -> io::Result<T> {
    match answer {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

impl<S: AsyncRead + Unpin> Read for Wire<'_, '_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        blocking(Pin::new(&mut *self.io).poll_read(self.cx, into))
    }
}

impl<S: AsyncWrite + Unpin> Write for Wire<'_, '_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        blocking(Pin::new(&mut *self.io).poll_write(self.cx, bytes))
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        blocking(Pin::new(&mut *self.io).poll_write_vectored(self.cx, slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        blocking(Pin::new(&mut *self.io).poll_flush(self.cx))
    }
}
