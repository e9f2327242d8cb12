//! Why a loop could not run, or ran no further.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a loop could not run, or ran no further.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// Nothing is ready, no timer is set, no descriptor is watched, and no other thread holds
    /// anything of the loop: nothing can ever happen again.
    Stuck,
    /// A loop runs on this thread already.
    Nested,
    /// The loop is closed.
    Closed,
    /// The system's selector failed.
    Selector(io::Error),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stuck => "cannot go on: everything waits and nothing can wake it",
            Self::Nested => "cannot run an event loop inside an event loop",
            Self::Closed => "cannot run an event loop that is closed",
            Self::Selector(_) => "cannot wait for the outside: the selector failed",
        })
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Selector(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::Selector(error)
    }
}

impl From<RunError> for io::Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Selector(error) => error,
            other => Self::other(other),
        }
    }
}
