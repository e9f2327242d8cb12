//! `Lines`: the lines of a reader as a `Stream`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_io::AsyncRead;

use super::read_error::ReadError;
use super::reader::Reader;

/// The lines of a reader, as a [`Stream`]; ends with the reader, or behind an error.
///
/// # Examples
///
/// ```
/// use futures::TryStreamExt;
/// use entracte::io::Reader;
///
/// entracte::run(async {
///     let mut reader = Reader::new(&b"one\ntwo"[..]);
///     let lines: Vec<String> = reader.lines().try_collect().await.unwrap();
///     assert_eq!(lines, ["one", "two"]);
/// })
/// .unwrap();
/// ```
pub struct Lines<'a, S> {
    reader: &'a mut Reader<S>,
    has_failed: bool,
}

impl<'a, S> Lines<'a, S> {
    pub(super) const fn new(reader: &'a mut Reader<S>) -> Self {
        Self {
            reader,
            has_failed: false,
        }
    }
}

impl<S: AsyncRead + Unpin> Stream for Lines<'_, S> {
    type Item = Result<String, ReadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.has_failed {
            return Poll::Ready(None);
        }
        let line = std::task::ready!(this.reader.poll_line(cx)).transpose();
        this.has_failed = matches!(line, Some(Err(_)));
        Poll::Ready(line)
    }
}

impl<S> fmt::Debug for Lines<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}
