//! Tokio's traits on readers, writers and streams: they call futures-io's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;

use super::memory::MemoryStream;
use super::reader::Reader;
use super::stream::Stream;
use super::writer::Writer;

/// Reads into tokio's kind of buffer by futures-io's `poll_read`.
pub(crate) fn poll_read(
    io: Pin<&mut impl futures_io::AsyncRead>,
    cx: &mut Context<'_>,
    into: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let count = ready!(io.poll_read(cx, into.initialize_unfilled()))?;
    into.advance(count);
    Poll::Ready(Ok(()))
}

/// Tokio's traits of a type that has futures-io's; those named of `read`, `buffered` and `write`.
macro_rules! tokio_traits {
    (read [$($bounds:tt)*] $ty:ty) => {
        impl<$($bounds)*> tokio::io::AsyncRead for $ty {
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                into: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                $crate::io::tokio_io::poll_read(self, cx, into)
            }
        }
    };
    (buffered [$($bounds:tt)*] $ty:ty) => {
        impl<$($bounds)*> tokio::io::AsyncBufRead for $ty {
            fn poll_fill_buf(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<&[u8]>> {
                futures_io::AsyncBufRead::poll_fill_buf(self, cx)
            }

            fn consume(self: std::pin::Pin<&mut Self>, count: usize) {
                futures_io::AsyncBufRead::consume(self, count);
            }
        }
    };
    (write [$($bounds:tt)*] $ty:ty) => {
        impl<$($bounds)*> tokio::io::AsyncWrite for $ty {
            fn poll_write(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bytes: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                futures_io::AsyncWrite::poll_write(self, cx, bytes)
            }

            fn poll_write_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                slices: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                futures_io::AsyncWrite::poll_write_vectored(self, cx, slices)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
                futures_io::AsyncWrite::poll_flush(self, cx)
            }

            fn poll_shutdown(self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
                futures_io::AsyncWrite::poll_close(self, cx)
            }
        }
    };
}
pub(crate) use tokio_traits;

use futures_io::{AsyncRead as Reads, AsyncWrite as Writes};

tokio_traits!(read [S: Reads + Unpin] Reader<S>);
tokio_traits!(buffered [S: Reads + Unpin] Reader<S>);
tokio_traits!(write [S: Writes + Unpin + 'static] Writer<S>);
tokio_traits!(read [S: Reads + Writes + Unpin + 'static] Stream<S>);
tokio_traits!(buffered [S: Reads + Writes + Unpin + 'static] Stream<S>);
tokio_traits!(write [S: Reads + Writes + Unpin + 'static] Stream<S>);
tokio_traits!(read [] MemoryStream);
tokio_traits!(write [] MemoryStream);
