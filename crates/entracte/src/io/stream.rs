//! `Stream`: a reader and a writer of the same end.

use std::fmt;
use std::rc::Rc;

use futures_io::{AsyncRead, AsyncWrite};

use super::outbox::Unsent;
use super::reader::Reader;
use super::shared::Shared;
use super::writer::Writer;

/// A stream of bytes in both directions: a reader and a writer.
///
/// Both are fields, so that each can be borrowed while the other is, or taken by a task of its own.
/// The end itself, a socket say, is closed when both are gone. When only the reader is dropped, the
/// writer goes on, and what the other side sends is read by nobody. When only the writer is dropped,
/// what it has accepted is sent and the reader goes on; the other side is not told that this was all.
///
/// An `async move` block or a closure takes the fields that it names, not the stream: from one that
/// names only `far.writer`, the reader stays behind with whoever made the block, and the connection is
/// open when the block has ended. `let mut far = far;` as its first line takes both, and
/// [`split`](Self::split) is for those who want one:
///
/// ```
/// use entracte::io::{Stream, pair};
///
/// entracte::run(async {
///     let (near, far) = pair(1024);
///     let (mut near, far) = (Stream::new(near), Stream::new(far));
///     let greeting = entracte::spawn(async move {
///         let mut far = far; // the reader as well, so that the connection is closed at the end
///         far.writer.write_all(b"hello").await
///     });
///     assert_eq!(near.reader.read_to_end().await?, b"hello");
///     greeting.await??;
///     Ok::<(), entracte::BoxError>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
///
/// # Python
///
/// The pair that [`asyncio.open_connection`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_connection)
/// returns.
///
/// # Examples
///
/// ```
/// use entracte::io::{Stream, pair};
///
/// entracte::run(async {
///     let (near, far) = pair(1024);
///     let (mut reader, mut writer) = Stream::new(far).split();
///     let echo = entracte::spawn(async move {
///         while let Some(line) = reader.read_line().await? {
///             writer.write_all(format!("{line}!\n").as_bytes()).await?;
///         }
///         Ok::<(), entracte::io::ReadError>(())
///     });
///     let mut near = Stream::new(near);
///     near.writer.write_all(b"hello\n").await.unwrap();
///     near.writer.close().await.unwrap();
///     assert_eq!(near.reader.read_line().await.unwrap().as_deref(), Some("hello!"));
///     echo.await.unwrap().unwrap();
/// })
/// .unwrap();
/// ```
pub struct Stream<S: AsyncWrite + Unpin + 'static> {
    /// The half that reads.
    pub reader: Reader<S>,
    /// The half that writes.
    pub writer: Writer<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Stream<S> {
    /// Makes a stream of anything that reads and writes.
    #[must_use]
    pub fn new(io: S) -> Self {
        Self::later(io)().0
    }

    /// What makes the stream, and is smaller to keep until that is wanted; with it, who waits until
    /// all of it is sent.
    pub(crate) fn later(io: S) -> impl FnOnce() -> (Self, Unsent<S>) {
        let shared = Rc::new(Shared::new(io));
        || {
            let unsent = Unsent::of(&shared);
            let reader = Reader::with_shared(Rc::clone(&shared));
            let writer = Writer::with_shared(shared);
            (Self { reader, writer }, unsent)
        }
    }

    /// Takes the stream apart, for tasks that have one half each.
    ///
    /// The end itself is closed when both halves are gone. `Stream { reader, writer }` puts them
    /// together again.
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::io::{Stream, pair};
    ///
    /// entracte::run(async {
    ///     let (near, far) = pair(1024);
    ///     let (reader, mut writer) = Stream::new(far).split();
    ///     let greeting = entracte::spawn(async move { writer.write_all(b"hello").await });
    ///     greeting.await??;
    ///     drop(reader); // the writer went with the task: this closes the connection
    ///     assert_eq!(Stream::new(near).reader.read_to_end().await?, b"hello");
    ///     Ok::<(), entracte::BoxError>(())
    /// })
    /// .unwrap()
    /// .unwrap();
    /// ```
    #[must_use]
    pub fn split(self) -> (Reader<S>, Writer<S>) {
        (self.reader, self.writer)
    }

    /// Calls `act` with what the stream was made of.
    ///
    /// # Panics
    ///
    /// Panics if the stream is being used, which only `act` itself or the end's own code can do.
    pub fn with<R>(&self, act: impl FnOnce(&S) -> R) -> R {
        act(&self.reader.shared.io.borrow())
    }

    /// Gives back what the stream was made of, and what was read and not asked for.
    ///
    /// # Errors
    ///
    /// Gives the stream back if its halves are not of one stream, or if bytes that were accepted
    /// wait to be sent: [`flush`](Writer::flush) comes first.
    pub fn into_inner(mut self) -> Result<(S, Vec<u8>), Self> {
        let is_whole = Rc::ptr_eq(&self.reader.shared, &self.writer.shared);
        // Two halves, and nobody who sends.
        if !is_whole || Rc::strong_count(&self.reader.shared) != 2 || !self.reader.shared.is_clear()
        {
            return Err(self);
        }
        let unread = self.reader.take_buffered();
        let shared = Rc::clone(&self.reader.shared);
        drop(self);
        match Rc::into_inner(shared) {
            Some(shared) => Ok((shared.io.into_inner(), unread)),
            None => unreachable!(),
        }
    }
}

impl<S: AsyncWrite + Unpin + 'static> fmt::Debug for Stream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("reader", &self.reader)
            .field("writer", &self.writer)
            .finish()
    }
}
