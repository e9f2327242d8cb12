//! `Report`: something went wrong that nobody waits for, told to the loop's error handler.

use std::any::Any;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

/// What went wrong, where it was asked for, and the payload if it was a panic.
///
/// # Python
///
/// The `context` of
/// [`loop.call_exception_handler`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_exception_handler).
#[non_exhaustive]
pub struct Report<'a> {
    /// One sentence: who did what.
    pub message: &'a str,
    /// Where the callback or the task was made.
    pub origin: Option<&'static Location<'static>>,
    /// The payload of a panic, or an error that nobody retrieved.
    pub detail: Option<&'a dyn fmt::Display>,
}

impl<'a> Report<'a> {
    /// A report of this message, with nothing else to say.
    #[must_use]
    pub const fn new(message: &'a str) -> Self {
        Self {
            message,
            origin: None,
            detail: None,
        }
    }

    /// Adds where the callback or the task was made.
    #[must_use]
    pub const fn at(mut self, origin: &'static Location<'static>) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Adds what is known beside the message.
    #[must_use]
    pub const fn with(mut self, detail: &'a dyn fmt::Display) -> Self {
        self.detail = Some(detail);
        self
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)?;
        if let Some(detail) = self.detail {
            write!(f, ": {detail}")?;
        }
        if let Some(origin) = self.origin {
            write!(f, " (made at {origin})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Report({self})")
    }
}

/// Who is told of errors that nobody waits for.
pub type ErrorHandler = Rc<dyn Fn(&Report<'_>)>;

/// The text of a panic's payload, if it is one.
#[must_use]
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic whose payload is no text")
}
