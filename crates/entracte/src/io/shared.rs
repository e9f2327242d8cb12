//! What both halves of a stream share: the end itself, and what waits to be sent.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::outbox::Outbox;

pub(crate) struct Shared<S> {
    pub(crate) io: RefCell<S>,
    /// There once something had to wait.
    pub(crate) outbox: RefCell<Option<Box<Outbox>>>,
    /// Low and high, in bytes.
    water_marks: Cell<(u32, u32)>,
    /// A part of what was written is lost: what came after it would make no sense.
    pub(crate) is_broken: Cell<bool>,
    pub(crate) is_writer_gone: Cell<bool>,
}

/// As asyncio's: writing waits above 64 KiB, until a quarter is left.
const WATER_MARKS: (u32, u32) = (16 * 1024, 64 * 1024);

impl<S> Shared<S> {
    pub(crate) const fn new(io: S) -> Self {
        Self {
            io: RefCell::new(io),
            outbox: RefCell::new(None),
            water_marks: Cell::new(WATER_MARKS),
            is_broken: Cell::new(false),
            is_writer_gone: Cell::new(false),
        }
    }

    /// Low and high.
    pub(crate) fn water_marks(&self) -> (usize, usize) {
        let (low, high) = self.water_marks.get();
        (low as usize, high as usize)
    }

    pub(crate) fn set_water_marks(&self, low: usize, high: usize) {
        let fitting = |mark| u32::try_from(mark).unwrap_or(u32::MAX);
        self.water_marks.set((fitting(low), fitting(high)));
    }
}

impl<S: Unpin> Shared<S> {
    /// Polls the end. Whoever comes back here while it is polled, as a foreign waker may, is told to
    /// come again.
    #[inline]
    fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        act: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let Ok(mut io) = self.io.try_borrow_mut() else {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        };
        act(Pin::new(&mut *io), cx)
    }
}

impl<S: AsyncRead + Unpin> Shared<S> {
    #[inline]
    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_io(cx, |io, cx| io.poll_read(cx, into))
    }
}

impl<S: AsyncWrite + Unpin> Shared<S> {
    #[inline]
    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.poll_io(cx, |io, cx| io.poll_write(cx, bytes)) {
            Poll::Ready(Ok(0)) if !bytes.is_empty() => {
                let text = "cannot write: the stream takes no more bytes";
                Poll::Ready(Err(io::Error::new(io::ErrorKind::WriteZero, text)))
            }
            answer => answer,
        }
    }

    pub(crate) fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_io(cx, |io, cx| io.poll_write_vectored(cx, slices))
    }

    /// Flushes the end itself: a layer of TLS, say.
    #[inline]
    pub(crate) fn poll_flush_io(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_io(cx, AsyncWrite::poll_flush)
    }

    pub(crate) fn poll_close_io(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_io(cx, AsyncWrite::poll_close)
    }
}
