//! A reader as it ought to be: all of the input at once, a place in it and a limit.

use std::io;

use entracte::io::{ReadError, Reader};

use crate::fake::Giver;

/// What a test asks of a reader.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    Read(usize),
    Chunk,
    Exactly(usize),
    Until(&'static str),
    Line,
    SkipLine,
    ToEnd,
}

/// What the answer was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    /// Some of what there is, or nothing at the end.
    Some(Vec<u8>),
    Bytes(Vec<u8>),
    Line(Option<String>),
    Skipped,
    Incomplete(Vec<u8>),
    TooLong,
    NotUtf8(Vec<u8>),
    Failed,
}

impl From<ReadError> for Got {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Incomplete { partial } => Self::Incomplete(partial),
            ReadError::TooLong { .. } => Self::TooLong,
            ReadError::NotUtf8 { bytes } => Self::NotUtf8(bytes),
            _ => Self::Failed,
        }
    }
}

fn got<T, E: Into<Got>>(answer: Result<T, E>, of: impl FnOnce(T) -> Got) -> Got {
    answer.map_or_else(Into::into, of)
}

fn some(answer: io::Result<Vec<u8>>) -> Got {
    answer.map_or(Got::Failed, Got::Some)
}

/// Asks a reader.
pub(crate) async fn ask(reader: &mut Reader<Giver>, what: Ask) -> Got {
    match what {
        Ask::Read(size) => {
            let mut bytes = vec![0; size];
            let count = reader.read(&mut bytes).await;
            some(count.map(|count| bytes[..count].to_vec()))
        }
        Ask::Chunk => some(reader.chunk().await.map(<[u8]>::to_vec)),
        Ask::Exactly(count) => got(reader.read_exactly(count).await, Got::Bytes),
        Ask::Until(text) => got(reader.read_until(text.as_bytes()).await, Got::Bytes),
        Ask::Line => got(reader.read_line().await, Got::Line),
        Ask::SkipLine => reader
            .skip_line()
            .await
            .map_or(Got::Failed, |_| Got::Skipped),
        Ask::ToEnd => reader.read_to_end().await.map_or(Got::Failed, Got::Bytes),
    }
}

#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) limit: usize,
}

impl<'a> Model<'a> {
    fn take(&mut self, count: usize) -> Vec<u8> {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        taken.to_vec()
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        let mut places = self.rest.windows(text.len());
        places.position(|place| place == text)
    }

    /// Holds an answer against what it had to be.
    pub(crate) fn check(&mut self, what: Ask, got: &Got) {
        if let Got::Some(bytes) = got {
            let size = if let Ask::Read(size) = what { size } else { 1 };
            assert!(self.rest.starts_with(bytes), "{what:?} gave {got:?}");
            assert_eq!(bytes.is_empty(), self.rest.is_empty() || size == 0);
            assert!(bytes.len() <= size || matches!(what, Ask::Chunk));
            self.rest = &self.rest[bytes.len()..];
            return;
        }
        let before = self.rest;
        let expected = self.answer(what);
        assert_eq!(*got, expected, "{what:?} with {before:?} left");
    }

    fn answer(&mut self, what: Ask) -> Got {
        let left = self.rest.len();
        match what {
            Ask::Exactly(count) if count > left => Got::Incomplete(self.take(left)),
            Ask::Exactly(count) => Got::Bytes(self.take(count)),
            Ask::Until(text) => {
                let length = self.find(text.as_bytes()).map(|place| place + text.len());
                match length {
                    _ if length.unwrap_or(left) > self.limit => Got::TooLong,
                    Some(length) => Got::Bytes(self.take(length)),
                    None => Got::Incomplete(self.take(left)),
                }
            }
            Ask::Line => self.line(),
            Ask::SkipLine => {
                let length = self.find(b"\n").map_or(left, |place| place + 1);
                self.take(length);
                Got::Skipped
            }
            Ask::ToEnd => Got::Bytes(self.take(left)),
            Ask::Read(_) | Ask::Chunk => panic!("any part will do"),
        }
    }

    fn line(&mut self) -> Got {
        let end = self.find(b"\n");
        if end.unwrap_or(self.rest.len()) > self.limit {
            return Got::TooLong;
        }
        let mut line = self.take(end.unwrap_or(self.rest.len()));
        if end.is_some() {
            self.take(1);
            line.truncate(line.len() - usize::from(line.ends_with(b"\r")));
        } else if line.is_empty() {
            return Got::Line(None);
        }
        match String::from_utf8(line) {
            Ok(line) => Got::Line(Some(line)),
            Err(error) => Got::NotUtf8(error.into_bytes()),
        }
    }
}
