//! Why a program on a loop gave no value.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::task::tree::TaskTree;

/// Why a program on a loop gave no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// The main task was cancelled, with this message.
    Cancelled(Option<Arc<str>>),
    /// Every task waits, nothing is scheduled and nobody outside is expected: the tree shows who
    /// waits for what. While a foreign waker or a handle for other threads is about, which a
    /// `FuturesUnordered` or a channel of another crate keeps as well, somebody is expected, and the
    /// program waits.
    Deadlock(TaskTree),
    /// Ctrl-C was pressed, and the main task unwound.
    Interrupted,
    /// The loop was stopped before the main task was done, which was cancelled then.
    Stopped,
    /// The loop is closed.
    Closed,
    /// A loop runs on this thread already.
    Nested,
    /// The system gave no loop, or its selector failed.
    System(io::Error),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(None) => f.write_str("the main task was cancelled"),
            Self::Cancelled(Some(message)) => write!(f, "the main task was cancelled: {message}"),
            Self::Deadlock(tree) => {
                write!(
                    f,
                    "deadlock: every task waits and nothing can wake one\n{tree}"
                )
            }
            Self::Interrupted => f.write_str("interrupted"),
            Self::Nested => f.write_str("cannot run an event loop inside an event loop"),
            Self::Stopped => f.write_str("the loop was stopped before the main task was done"),
            Self::Closed => f.write_str("cannot run an event loop that is closed"),
            Self::System(error) => write!(f, "cannot run an event loop: {error}"),
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::System(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}
