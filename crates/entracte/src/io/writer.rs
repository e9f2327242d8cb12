//! `Writer`: the half of a stream that writes, at once or in the background, with water marks.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use futures_io::AsyncWrite;

use super::shared::Shared;
use crate::task::waiting::{Wait, waits_for};

/// How long a writer that was dropped goes on sending what it has accepted.
const LINGER_MILLIS: u32 = 10_000;

/// The half of a stream that writes.
///
/// What it has accepted, it sends, whether or not anybody waits for that: also when it is dropped,
/// for at most as long as [`set_linger`](Self::set_linger) says, 10 seconds unless that is called.
/// The loop must go on for it; [`close`](Self::close) waits. Once a part of what was written is lost,
/// because sending failed or was given up, it refuses everything. Dropping it does not tell the other
/// side that this was all while the reader is there: `close` does. So a task that takes the writer of a
/// [`Stream`](crate::io::Stream) and not its reader ends with `close`, or takes both: see there how.
///
/// # Python
///
/// [`asyncio.StreamWriter`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamWriter).
///
/// # Examples
///
/// ```
/// use entracte::io::{Stream, pair};
///
/// entracte::run(async {
///     let (near, far) = pair(16);
///     let (mut near, mut far) = (Stream::new(near), Stream::new(far));
///     near.writer.write(b"more than the sixteen bytes")?; // does not wait
///     near.writer.write(b" that fit")?;
///     let read = entracte::spawn(async move { far.reader.read_to_end().await });
///     near.writer.close().await?;
///     assert_eq!(read.await??, b"more than the sixteen bytes that fit");
///     Ok::<(), Box<dyn std::error::Error>>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[doc(alias = "asyncio.StreamWriter")]
pub struct Writer<S: AsyncWrite + Unpin + 'static> {
    pub(super) shared: Rc<Shared<S>>,
    linger_millis: u32,
    is_closed: bool,
    /// A `WriteAll` has begun, and not ended.
    is_in_frame: bool,
}

impl<S: AsyncWrite + Unpin + 'static> Writer<S> {
    pub(super) const fn with_shared(shared: Rc<Shared<S>>) -> Self {
        Self {
            shared,
            linger_millis: LINGER_MILLIS,
            is_closed: false,
            is_in_frame: false,
        }
    }

    /// Makes a writer of something that only writes.
    #[must_use]
    pub fn new(io: S) -> Self {
        Self::with_shared(Rc::new(Shared::new(io)))
    }

    /// Sets how long the writer goes on sending after it was dropped, in milliseconds; 49 days at
    /// most.
    pub fn set_linger(&mut self, linger: Duration) {
        self.linger_millis = u32::try_from(linger.as_millis()).unwrap_or(u32::MAX);
    }

    /// Sets the water marks, in bytes: above `high`, [`drain`](Self::drain) waits until no more than
    /// `low` wait to be sent. They are 16 KiB and 64 KiB unless this is called, and below 4 GiB; a `low`
    /// that is above `high` counts as `high`.
    #[doc(alias = "asyncio.WriteTransport.set_write_buffer_limits")]
    pub fn set_water_marks(&mut self, low: usize, high: usize) {
        self.shared.set_water_marks(low.min(high), high);
    }

    /// How many bytes were accepted and are not with the system yet.
    #[doc(alias = "asyncio.WriteTransport.get_write_buffer_size")]
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.shared.waiting_bytes()
    }

    /// Accepts bytes without waiting: what the system does not take at once is sent later.
    ///
    /// There is no bound to what it accepts; [`drain`](Self::drain) is what keeps it small.
    ///
    /// # Errors
    ///
    /// Returns the system's error, or that of bytes which were accepted before; none of these bytes
    /// is accepted then. A stream that is closed refuses.
    #[doc(alias = "asyncio.StreamWriter.write")]
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    /// Accepts the bytes of all slices, as [`write`](Self::write) does.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    #[doc(alias = "asyncio.StreamWriter.writelines")]
    pub fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<()> {
        self.check()?;
        let mut sent = 0;
        if self.shared.is_clear() {
            let mut cx = Context::from_waker(Waker::noop());
            if let Poll::Ready(answer) = self.shared.poll_write_vectored(&mut cx, slices) {
                sent = answer?;
            }
            let is_all = sent == slices.iter().map(|slice| slice.len()).sum();
            if is_all && let Poll::Ready(answer) = self.shared.poll_flush_io(&mut cx) {
                return answer;
            }
        }
        let rest = slices.iter().filter_map(|slice| {
            let passed = sent.min(slice.len());
            sent -= passed;
            Some(&slice[passed..]).filter(|rest| !rest.is_empty())
        });
        self.shared.accept(rest);
        Ok(())
    }

    /// Writes all of the bytes, and waits until the system has taken them.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a caller that is cancelled before the first byte went out has sent nothing, and
    /// after that, the rest is sent in the background. A frame is never torn.
    ///
    /// # Errors
    ///
    /// Returns the system's error, or that of bytes which were accepted before. A stream that is
    /// closed refuses.
    ///
    /// # Python
    ///
    /// `write` and `drain` in one.
    #[inline]
    pub const fn write_all<'a>(&'a mut self, bytes: &'a [u8]) -> WriteAll<'a, S> {
        WriteAll {
            writer: self,
            bytes,
            sent: 0,
            state: State::New,
        }
    }

    /// Waits, if more than the high mark waits to be sent, until no more than the low mark does.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the error of bytes that were accepted before.
    #[doc(alias = "asyncio.StreamWriter.drain")]
    pub async fn drain(&mut self) -> io::Result<()> {
        let (low, high) = self.shared.water_marks();
        let most = if self.waiting_bytes() > high {
            low
        } else {
            usize::MAX
        };
        self.wait_below(most).await
    }

    /// Waits until the system has taken all that was accepted.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the error of bytes that were accepted before.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.wait_below(0).await?;
        poll_fn(|cx| self.shared.poll_flush_io(cx)).await
    }

    /// Sends what was accepted, then tells the other side that this was all: a half-close.
    ///
    /// Reading goes on. Nothing can be written any more. A second call does nothing.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the other side may not have been told yet: call it again.
    ///
    /// # Errors
    ///
    /// Returns the error of bytes that were accepted before, or that of closing.
    #[doc(alias = "asyncio.StreamWriter.write_eof")]
    #[doc(alias = "asyncio.StreamWriter.close")]
    #[doc(alias = "asyncio.StreamWriter.wait_closed")]
    pub async fn close(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        self.flush().await?;
        poll_fn(|cx| self.shared.poll_close_io(cx)).await?;
        self.is_closed = true;
        Ok(())
    }

    /// Gives up what was accepted and not sent. If there was any, nothing can be written any more.
    pub fn discard(&mut self) {
        self.shared.give_up();
    }

    async fn wait_below(&self, most: usize) -> io::Result<()> {
        poll_fn(|cx| self.poll_below(cx, most)).await
    }

    #[inline]
    pub(super) fn poll_below(&self, cx: &mut Context<'_>, most: usize) -> Poll<io::Result<()>> {
        let answer = self.shared.poll_below(cx, most);
        if answer.is_pending() {
            self.shared.send_here();
            waits_for(Wait::Write);
        }
        answer
    }

    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_closed {
            ready!(self.poll_below(cx, 0))?;
            ready!(self.shared.poll_flush_io(cx))?;
            ready!(self.shared.poll_close_io(cx))?;
            self.is_closed = true;
        }
        Poll::Ready(Ok(()))
    }

    #[inline]
    pub(super) fn check(&self) -> io::Result<()> {
        if self.is_closed {
            let text = "cannot write to a stream that is closed";
            return Err(io::Error::new(ErrorKind::BrokenPipe, text));
        }
        self.shared.take_error()?;
        if self.is_in_frame {
            let text = "cannot write behind a `write_all` that was begun and forgotten";
            return Err(io::Error::new(ErrorKind::BrokenPipe, text));
        }
        Ok(())
    }
}

impl<S: AsyncWrite + Unpin + 'static> Drop for Writer<S> {
    fn drop(&mut self) {
        self.shared
            .linger(Duration::from_millis(self.linger_millis.into()));
    }
}

impl<S: AsyncWrite + Unpin + 'static> fmt::Debug for Writer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("waiting_bytes", &self.waiting_bytes())
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}

/// Writes bytes: the future of [`Writer::write_all`].
#[must_use = "nothing is written before it is awaited"]
pub struct WriteAll<'a, S: AsyncWrite + Unpin + 'static> {
    writer: &'a mut Writer<S>,
    bytes: &'a [u8],
    sent: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Waits its turn behind what was accepted before.
    New,
    /// The stream is its own.
    Writing,
    Done,
}

impl<S: AsyncWrite + Unpin + 'static> Future for WriteAll<'_, S> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.state == State::New {
            this.writer.check()?;
            if !this.writer.shared.is_clear() {
                ready!(this.writer.poll_below(cx, 0))?;
            }
            this.state = State::Writing;
        }
        let Poll::Ready(answer) = this.poll_rest(cx) else {
            this.writer.is_in_frame = this.sent > 0;
            return Poll::Pending;
        };
        if answer.is_err() && this.sent > 0 {
            this.writer.shared.is_broken.set(true);
        }
        this.state = State::Done;
        Poll::Ready(answer)
    }
}

impl<S: AsyncWrite + Unpin + 'static> WriteAll<'_, S> {
    #[inline]
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shared = &self.writer.shared;
        while self.sent < self.bytes.len() {
            self.sent += ready!(shared.poll_write(cx, &self.bytes[self.sent..]))?;
        }
        shared.poll_flush_io(cx)
    }
}

impl<S: AsyncWrite + Unpin + 'static> Drop for WriteAll<'_, S> {
    #[inline]
    fn drop(&mut self) {
        self.writer.is_in_frame = false;
        if self.state == State::Writing && self.sent > 0 {
            let rest = &self.bytes[self.sent..];
            self.writer.shared.accept(std::iter::once(rest));
        }
    }
}

impl<S: AsyncWrite + Unpin + 'static> fmt::Debug for WriteAll<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteAll")
            .field("bytes", &self.bytes.len())
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}
