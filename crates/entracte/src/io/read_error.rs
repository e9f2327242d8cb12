//! `ReadError`: why a reader cannot give what was asked for, with what it has.

use std::fmt;
use std::io::{self, ErrorKind};

/// Says why a reader cannot give what was asked for. No byte is lost: what was read is in here, or
/// still in the reader.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The stream ended before everything was there.
    #[doc(alias = "asyncio.IncompleteReadError")]
    Incomplete {
        /// What came before the end.
        partial: Vec<u8>,
    },
    /// What was asked for is longer than the reader's limit. It is still in the reader.
    #[doc(alias = "asyncio.LimitOverrunError")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A line that is not UTF-8.
    NotUtf8 {
        /// The line.
        bytes: Vec<u8>,
    },
    /// The system's error.
    Io(io::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { partial } => {
                let count = partial.len();
                write!(
                    f,
                    "cannot read all of it: the stream ended after {count} bytes"
                )
            }
            Self::TooLong { limit } => {
                write!(
                    f,
                    "cannot find the end of it within the limit of {limit} bytes"
                )
            }
            Self::NotUtf8 { .. } => f.write_str("cannot read a line that is not UTF-8 as text"),
            Self::Io(error) => write!(f, "cannot read from the stream: {error}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        let kind = match error {
            ReadError::Io(error) => return error,
            ReadError::Incomplete { .. } => ErrorKind::UnexpectedEof,
            ReadError::TooLong { .. } | ReadError::NotUtf8 { .. } => ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
