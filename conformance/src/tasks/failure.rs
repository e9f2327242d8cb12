//! Errors of programs of tasks, named as the worker names those of Python.

use std::fmt;

use entracte::coroutine::{BoxError, SharedError};
use entracte::{ErrorGroup, TaskError};

/// Why a block gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// `raise`, with its number.
    Boom(u32),
    /// A timeout.
    Elapsed,
    /// A task that was awaited had been cancelled.
    ChildCancelled,
    /// A barrier that was broken or reset.
    Broken,
    /// What a group gave: the names, in order of the alphabet.
    Group(Vec<String>),
    /// What no program should see.
    Strange(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boom(number) => write!(f, "B{number}"),
            Self::Elapsed => f.write_str("T"),
            Self::ChildCancelled => f.write_str("K"),
            Self::Broken => f.write_str("X"),
            Self::Group(names) => write!(f, "G({})", names.join(",")),
            Self::Strange(text) => write!(f, "?{}", text.replace([' ', '\n'], "_")),
        }
    }
}

impl std::error::Error for Failure {}

impl From<TaskError> for Failure {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::Cancelled(_) => Self::ChildCancelled,
            TaskError::Failed(error) => Self::of(&error),
            other => Self::Strange(other.to_string()),
        }
    }
}

impl From<BoxError> for Failure {
    fn from(error: BoxError) -> Self {
        match error.downcast::<TaskError>() {
            Ok(error) => (*error).into(),
            Err(error) => match error.downcast::<Self>() {
                Ok(failure) => *failure,
                Err(error) => match error.downcast_ref::<SharedError>() {
                    Some(error) => Self::of(error),
                    None => Self::Strange(error.to_string()),
                },
            },
        }
    }
}

impl From<ErrorGroup> for Failure {
    fn from(group: ErrorGroup) -> Self {
        let names = group.into_iter().map(|error| Self::from(error).to_string());
        let mut names: Vec<_> = names.collect();
        names.sort();
        Self::Group(names)
    }
}

impl Failure {
    fn of(error: &SharedError) -> Self {
        let failure = error.get().downcast_ref::<Self>();
        failure.map_or_else(|| Self::Strange(error.to_string()), Self::clone)
    }
}
