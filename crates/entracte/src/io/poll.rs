//! Reading and writing a watched descriptor: what every endpoint's traits call.

use std::future::poll_fn;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use entracte_event_loop::{Direction, Watched};

use crate::task::waiting::{Wait, waits_for};

/// Uses a descriptor that several futures may share, as soon as that does not block.
#[inline]
pub(crate) fn shared<T: AsFd, R>(
    io: &Watched<T>,
    direction: Direction,
    waits_to: Wait,
    act: impl FnMut(&T) -> io::Result<R>,
) -> impl Future<Output = io::Result<R>> {
    let mut once_ready = io.once_ready(direction, act);
    poll_fn(move |cx| {
        let answer = Pin::new(&mut once_ready).poll(cx);
        if answer.is_pending() {
            waits_for(waits_to);
        }
        answer
    })
}

/// Reads from a socket or a pipe.
#[inline]
pub(crate) fn read<T: AsFd>(
    io: &Watched<T>,
    cx: &mut Context<'_>,
    into: &mut [u8],
) -> Poll<io::Result<usize>>
where
    for<'a> &'a T: Read,
{
    let answer = io.poll(Direction::Read, cx.waker(), |mut it| it.read(into));
    match answer {
        Poll::Pending => waits_for(Wait::Read),
        Poll::Ready(Ok(count)) if count < into.len() && count > 0 => {
            io.note_short(Direction::Read);
        }
        Poll::Ready(_) => {}
    }
    answer
}

/// Writes to a socket or a pipe.
#[inline]
pub(crate) fn write<T: AsFd>(
    io: &Watched<T>,
    cx: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>>
where
    for<'a> &'a T: Write,
{
    let answer = io.poll(Direction::Write, cx.waker(), |mut it| it.write(bytes));
    noted(io, answer, bytes.len())
}

/// Writes to a socket or a pipe what lies in several places.
pub(crate) fn write_vectored<T: AsFd>(
    io: &Watched<T>,
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>>
where
    for<'a> &'a T: Write,
{
    let answer = io.poll(Direction::Write, cx.waker(), |mut it| {
        it.write_vectored(slices)
    });
    noted(io, answer, slices.iter().map(|slice| slice.len()).sum())
}

fn noted<T: AsFd>(
    io: &Watched<T>,
    answer: Poll<io::Result<usize>>,
    offered: usize,
) -> Poll<io::Result<usize>> {
    match answer {
        Poll::Pending => waits_for(Wait::Write),
        Poll::Ready(Ok(count)) if count < offered => io.note_short(Direction::Write),
        Poll::Ready(_) => {}
    }
    answer
}

/// futures-io's traits of an endpoint over a watched descriptor, its field `io`, and tokio's. What
/// closes it is a function of the descriptor.
macro_rules! endpoint_traits {
    (read $($ty:ty),+) => {$(
        impl futures_io::AsyncRead for $ty {
            #[inline]
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                into: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                $crate::io::poll::read(&self.io, cx, into)
            }
        }

        #[cfg(feature = "tokio-io")]
        $crate::io::tokio_io::tokio_traits!(read [] $ty);
    )+};
    (write $close:path, $($ty:ty),+) => {$(
        impl futures_io::AsyncWrite for $ty {
            #[inline]
            fn poll_write(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bytes: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                $crate::io::poll::write(&self.io, cx, bytes)
            }

            fn poll_write_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                slices: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                $crate::io::poll::write_vectored(&self.io, cx, slices)
            }

            #[inline]
            fn poll_flush(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(Ok(()))
            }

            fn poll_close(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready($close(&self.io))
            }
        }

        #[cfg(feature = "tokio-io")]
        $crate::io::tokio_io::tokio_traits!(write [] $ty);
    )+};
}
pub(crate) use endpoint_traits;
