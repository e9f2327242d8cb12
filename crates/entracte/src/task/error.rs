//! Why a task gave no value.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};

use entracte_coroutine::SharedError;
use entracte_event_loop::panic_text;

/// Why a task gave no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum TaskError {
    /// It was cancelled, with this message, and unwound.
    Cancelled(Option<Arc<str>>),
    /// It panicked.
    Panicked(Panic),
    /// It failed, and its group has the error as well.
    Failed(SharedError),
    /// Its outcome was taken before.
    Taken,
    /// Its loop was closed before it was done.
    Closed,
    /// It was awaited outside the loop that drives it, which nobody would wake the awaiter of.
    OtherLoop,
}

impl TaskError {
    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        Self::Panicked(Panic::new(payload))
    }

    /// Whether the task was cancelled.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }

    /// Whether the task panicked.
    #[must_use]
    pub const fn is_panic(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(None) => f.write_str("the task was cancelled"),
            Self::Cancelled(Some(message)) => write!(f, "the task was cancelled: {message}"),
            Self::Panicked(panic) => write!(f, "the task {panic}"),
            Self::Failed(error) => write!(f, "the task failed: {error}"),
            Self::Taken => f.write_str("cannot take the outcome of a task twice"),
            Self::Closed => f.write_str("cannot await a task whose loop was closed"),
            Self::OtherLoop => f.write_str("cannot await a task outside the loop that drives it"),
        }
    }
}

impl Error for TaskError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// A panic that was caught: its text, and its payload.
///
/// Clones share the payload: whoever takes it first has it.
#[derive(Clone)]
pub struct Panic {
    text: Arc<str>,
    payload: Arc<Mutex<Option<Box<dyn Any + Send>>>>,
}

impl Panic {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        Self {
            text: panic_text(&*payload).into(),
            payload: Arc::new(Mutex::new(Some(payload))),
        }
    }

    /// What the panic said.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The payload, as [`std::panic::catch_unwind`] gives it; the text if a clone of this was asked
    /// before.
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        let payload = self
            .payload
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        payload.unwrap_or_else(|| Box::new(self.text().to_owned()))
    }

    /// Panics with the same payload.
    ///
    /// # Panics
    ///
    /// Always.
    pub fn resume(self) -> ! {
        panic::resume_unwind(self.into_payload())
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.text)
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panic").field(&self.text).finish()
    }
}

impl Error for Panic {}
