//! hyper's traits for reading and writing, on streams and on sockets.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::hyper::rt::{Read, ReadBufCursor, Write};
use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};

use crate::io::Stream;
use crate::net::{TcpStream, UnixStream};

/// The size of the place that sockets are read into.
const SIZE: usize = 64 * 1024;

thread_local! {
    /// Empty before the first read, and while one is going on.
    static PLACE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Reads by way of the buffer that the reader has.
fn poll_read_buffered(
    mut io: Pin<&mut impl AsyncBufRead>,
    cx: &mut Context<'_>,
    mut into: ReadBufCursor<'_>,
) -> Poll<io::Result<()>> {
    let bytes = ready!(io.as_mut().poll_fill_buf(cx))?;
    let count = bytes.len().min(into.remaining());
    into.put_slice(&bytes[..count]);
    io.consume(count);
    Poll::Ready(Ok(()))
}

/// Reads by way of a place that the thread has: hyper's may be uninitialised, and only bytes that
/// exist already can be put there without `unsafe`.
fn poll_read_unbuffered(
    io: Pin<&mut impl AsyncRead>,
    cx: &mut Context<'_>,
    mut into: ReadBufCursor<'_>,
) -> Poll<io::Result<()>> {
    // Away while it is used, so that a reader that comes back here has one of its own.
    let mut place = PLACE.try_with(Cell::take).unwrap_or_default();
    place.resize(SIZE, 0);
    let most = into.remaining().min(SIZE);
    let answer = io.poll_read(cx, &mut place[..most]);
    if let Poll::Ready(Ok(count)) = answer {
        into.put_slice(&place[..count]);
    }
    // Fails only while the thread ends.
    PLACE.try_with(|it| it.set(place)).unwrap_or_default();
    answer.map_ok(drop)
}

macro_rules! hyper_traits {
    ($read:ident [$($bounds:tt)*] $ty:ty) => {
        impl<$($bounds)*> Read for $ty {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                into: ReadBufCursor<'_>,
            ) -> Poll<io::Result<()>> {
                $read(self, cx, into)
            }
        }

        impl<$($bounds)*> Write for $ty {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                AsyncWrite::poll_write(self, cx, bytes)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                slices: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                AsyncWrite::poll_write_vectored(self, cx, slices)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                AsyncWrite::poll_flush(self, cx)
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                AsyncWrite::poll_close(self, cx)
            }
        }
    };
}

hyper_traits!(poll_read_buffered [S: AsyncRead + AsyncWrite + Unpin + 'static] Stream<S>);
hyper_traits!(poll_read_unbuffered [] TcpStream);
hyper_traits!(poll_read_unbuffered [] UnixStream);
