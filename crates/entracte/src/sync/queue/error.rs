//! Why a queue did not take an item, or gave none.

use std::error::Error;
use std::fmt;

/// The queue is shut down, and there is nothing left to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "asyncio.QueueShutDown")]
pub struct QueueShutDown;

impl fmt::Display for QueueShutDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot get from a queue that is shut down")
    }
}

impl Error for QueueShutDown {}

/// The queue is shut down; the item that it did not take.
#[derive(Clone, Copy, PartialEq, Eq)]
#[doc(alias = "asyncio.QueueShutDown")]
pub struct PutError<T>(pub T);

impl<T> PutError<T> {
    /// Gives the item back.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PutError(..)")
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot put into a queue that is shut down")
    }
}

impl<T> Error for PutError<T> {}

/// Why a queue did not take an item at once, and the item.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryPutError<T> {
    /// There is no room, or what there is belongs to a task that waits for it.
    Full(T),
    /// The queue is shut down.
    ShutDown(T),
}

impl<T> TryPutError<T> {
    /// Gives the item back.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::ShutDown(item) => item,
        }
    }
}

impl<T> fmt::Debug for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "cannot put into a queue that is full",
            Self::ShutDown(_) => "cannot put into a queue that is shut down",
        })
    }
}

impl<T> Error for TryPutError<T> {}

/// Why a queue gave no item at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryGetError {
    /// There is no item, or what there is belongs to a task that waits for it.
    Empty,
    /// The queue is shut down, and there is nothing left to get.
    ShutDown,
}

impl fmt::Display for TryGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "cannot get from a queue that is empty",
            Self::ShutDown => "cannot get from a queue that is shut down",
        })
    }
}

impl Error for TryGetError {}

/// More items were said to be done than were put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskDoneError;

impl fmt::Display for TaskDoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot call task_done more often than items were put")
    }
}

impl Error for TaskDoneError {}
