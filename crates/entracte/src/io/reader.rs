//! `Reader`: the half of a stream that reads, with a buffer and a limit.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use super::buffer::Buffer;
use super::lines::Lines;
use super::read_error::ReadError;
use super::shared::Shared;

/// The most bytes of a line, or before a separator, unless another limit is set.
const LIMIT: usize = 64 * 1024;

/// Reads up to this many bytes go through the buffer, larger ones past it.
const SMALL_READ: usize = 4 * 1024;

/// The half of a stream that reads.
///
/// Its buffer is borrowed from a pool of the thread, and given back whenever it waits with little or
/// nothing in it: a connection that idles owns none. Dropping the reader stops reading; the stream
/// itself is closed when the writer is gone as well.
///
/// # Python
///
/// [`asyncio.StreamReader`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader).
/// It reads from the system when it is asked to, never ahead.
///
/// # Examples
///
/// ```
/// use entracte::io::{Stream, pair};
///
/// entracte::run(async {
///     let (near, far) = pair(1024);
///     let (mut near, mut far) = (Stream::new(near), Stream::new(far));
///     near.writer.write_all(b"one\ntwo\n").await?;
///     assert_eq!(far.reader.read_line().await?.as_deref(), Some("one"));
///     assert_eq!(far.reader.read_exactly(4).await?, b"two\n");
///     near.writer.close().await?;
///     assert_eq!(far.reader.read_line().await?, None);
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[doc(alias = "asyncio.StreamReader")]
pub struct Reader<S> {
    pub(super) shared: Rc<Shared<S>>,
    buffer: Buffer,
    limit: usize,
    has_ended: bool,
}

impl<S> Reader<S> {
    pub(super) fn with_shared(shared: Rc<Shared<S>>) -> Self {
        Self {
            shared,
            buffer: Buffer::default(),
            limit: LIMIT,
            has_ended: false,
        }
    }

    /// Sets the most bytes of a line, or before a separator: 64 KiB unless this is called.
    pub const fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The most bytes of a line, or before a separator.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// What was read and not asked for yet.
    #[must_use]
    pub fn buffered(&self) -> &[u8] {
        self.buffer.bytes()
    }

    /// Whether the stream has ended and everything was given out.
    #[doc(alias = "asyncio.StreamReader.at_eof")]
    #[must_use]
    pub fn at_end(&self) -> bool {
        self.has_ended && self.buffer.is_empty()
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.buffer.consume(count);
    }

    pub(super) fn take_buffered(&mut self) -> Vec<u8> {
        self.buffer.take(self.buffer.len())
    }
}

impl<S: AsyncRead + Unpin> Reader<S> {
    /// Makes a reader of something that only reads.
    #[must_use]
    pub fn new(io: S) -> Self {
        Self::with_shared(Rc::new(Shared::new(io)))
    }

    /// Reads what is there, at most as much as fits; waits if there is nothing. 0 is the end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is taken before it is given.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    ///
    /// # Python
    ///
    /// [`StreamReader.read`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader.read)
    /// with a number; without one it is [`read_to_end`](Self::read_to_end).
    #[doc(alias = "asyncio.StreamReader.read")]
    pub async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_read(cx, into)).await
    }

    /// Gives what is there, without a copy; waits if there is nothing. Empty is the end.
    ///
    /// What it gives counts as read. This is the fastest way to read a stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is taken before it is given.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    #[inline]
    pub fn chunk(&mut self) -> impl Future<Output = io::Result<&[u8]>> {
        // One future, and not one in another: this is on the way of every request.
        let mut reader = Some(self);
        poll_fn(move |cx| {
            let Some(it) = &mut reader else {
                return Poll::Pending;
            };
            if it.buffer.is_empty() {
                ready!(it.poll_fill(cx))?;
            }
            let taken = reader.take().map(|it| it.buffer.take_all());
            Poll::Ready(Ok(taken.unwrap_or_default()))
        })
    }

    /// Reads so many bytes, whatever the limit.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read so far stays in the reader.
    ///
    /// # Errors
    ///
    /// Returns [`ReadError::Incomplete`] with what is left if the stream ends before, and the
    /// system's error.
    #[doc(alias = "asyncio.StreamReader.readexactly")]
    pub async fn read_exactly(&mut self, count: usize) -> Result<Vec<u8>, ReadError> {
        while self.buffer.len() < count {
            if poll_fn(|cx| self.poll_fill(cx)).await? == 0 {
                let partial = self.take_buffered();
                return Err(ReadError::Incomplete { partial });
            }
        }
        Ok(self.buffer.take(count))
    }

    /// Reads up to a separator, which is included.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read so far stays in the reader.
    ///
    /// # Errors
    ///
    /// Returns [`ReadError::Incomplete`] with what is left if the stream ends before,
    /// [`ReadError::TooLong`] if the limit does not reach to the end of the separator (everything
    /// stays in the reader, and [`chunk`](Self::chunk) gives it), and the system's error.
    ///
    /// # Panics
    ///
    /// Panics if the separator is empty.
    #[doc(alias = "asyncio.StreamReader.readuntil")]
    pub async fn read_until(&mut self, separator: &[u8]) -> Result<Vec<u8>, ReadError> {
        assert!(
            !separator.is_empty(),
            "cannot read until a separator of no bytes"
        );
        match self.find(separator).await? {
            Some(length) => Ok(self.buffer.take(length)),
            None => Err(ReadError::Incomplete {
                partial: self.take_buffered(),
            }),
        }
    }

    /// Reads a line, and gives it without its ending, `\n` or `\r\n`; `None` at the end.
    ///
    /// The last line need not have an ending.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read so far stays in the reader.
    ///
    /// # Errors
    ///
    /// Returns [`ReadError::TooLong`] if the line is longer than the limit (it stays in the reader,
    /// and [`skip_line`](Self::skip_line) passes over it), [`ReadError::NotUtf8`] with the line, and
    /// the system's error.
    ///
    /// # Python
    ///
    /// [`StreamReader.readline`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader.readline)
    /// gives bytes with the ending, none at the end, and throws away what is too long.
    #[doc(alias = "asyncio.StreamReader.readline")]
    pub async fn read_line(&mut self) -> Result<Option<String>, ReadError> {
        poll_fn(|cx| self.poll_line(cx)).await
    }

    /// Reads up to the end of this line and throws it away, however long it is; how long it was.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but a part of the line may be gone.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn skip_line(&mut self) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            if let Some(place) = memchr::memchr(b'\n', self.buffer.bytes()) {
                self.buffer.consume(place + 1);
                return Ok(skipped + place as u64 + 1);
            }
            skipped += self.buffer.len() as u64;
            self.buffer.consume(self.buffer.len());
            if poll_fn(|cx| self.poll_fill(cx)).await? == 0 {
                return Ok(skipped);
            }
        }
    }

    /// Reads everything up to the end, whatever the limit.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read so far stays in the reader.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        while poll_fn(|cx| self.poll_fill(cx)).await? > 0 {}
        Ok(self.take_buffered())
    }

    /// The lines of the stream, each as [`read_line`](Self::read_line) gives it.
    ///
    /// # Python
    ///
    /// `async for line in reader`.
    pub const fn lines(&mut self) -> Lines<'_, S> {
        Lines::new(self)
    }

    /// How long the data is up to the end of a separator; `None` if the stream ends without one.
    async fn find(&mut self, separator: &[u8]) -> Result<Option<usize>, ReadError> {
        let finder = memchr::memmem::Finder::new(separator);
        let mut searched = 0;
        loop {
            let place = finder.find(&self.buffer.bytes()[searched..]);
            let length = place.map(|place| searched + place + separator.len());
            if length.unwrap_or(self.buffer.len()) > self.limit {
                return Err(ReadError::TooLong { limit: self.limit });
            }
            if length.is_some() {
                return Ok(length);
            }
            searched = (self.buffer.len() + 1).saturating_sub(separator.len());
            if poll_fn(|cx| self.poll_fill(cx)).await? == 0 {
                return Ok(None);
            }
        }
    }

    pub(super) fn poll_line(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<String>, ReadError>> {
        loop {
            let end = self.buffer.end_of_line();
            if end.unwrap_or(self.buffer.len()) > self.limit {
                return Poll::Ready(Err(ReadError::TooLong { limit: self.limit }));
            }
            if let Some(end) = end {
                let line = self.buffer.take(end + 1);
                return Poll::Ready(text(without_ending(line)));
            }
            if ready!(self.poll_fill(cx))? == 0 {
                let rest = Some(self.take_buffered()).filter(|rest| !rest.is_empty());
                return Poll::Ready(rest.map_or(Ok(None), text));
            }
        }
    }

    /// Reads more into the buffer; 0 is the end.
    #[inline]
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match self.shared.poll_read(cx, self.buffer.room()) {
            Poll::Ready(Ok(count)) => {
                self.buffer.fill(count);
                self.has_ended = count == 0;
                Poll::Ready(Ok(count))
            }
            other => {
                self.buffer.rest();
                other
            }
        }
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.buffer.is_empty() && into.len() >= SMALL_READ {
            return self.poll_past_buffer(cx, into);
        }
        if self.buffer.is_empty() && !into.is_empty() {
            ready!(self.poll_fill(cx))?;
        }
        let count = self.buffer.len().min(into.len());
        into[..count].copy_from_slice(&self.buffer.bytes()[..count]);
        self.buffer.consume(count);
        Poll::Ready(Ok(count))
    }

    /// Reads into a place that is as good as the buffer, which is empty.
    fn poll_past_buffer(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let answer = self.shared.poll_read(cx, into);
        self.has_ended = matches!(answer, Poll::Ready(Ok(0)));
        if answer.is_pending() {
            self.buffer.rest();
        }
        answer
    }
}

fn without_ending(mut line: Vec<u8>) -> Vec<u8> {
    line.pop();
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    line
}

fn text(line: Vec<u8>) -> Result<Option<String>, ReadError> {
    match String::from_utf8(line) {
        Ok(line) => Ok(Some(line)),
        Err(error) => Err(ReadError::NotUtf8 {
            bytes: error.into_bytes(),
        }),
    }
}

impl<S> fmt::Debug for Reader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("buffered", &self.buffer.len())
            .field("limit", &self.limit)
            .field("has_ended", &self.has_ended)
            .finish_non_exhaustive()
    }
}
