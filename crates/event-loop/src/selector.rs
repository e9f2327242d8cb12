//! The contract between a loop and what tells it which sources are ready: a system, or a simulation.
//!
//! What every selector keeps, and a loop may rely on:
//!
//! - **O1** Edge-triggered: a source is reported each time it becomes ready, and not again for as
//!   long as nothing changes. Who is told uses it until it would block.
//! - **O2** A source that is ready when it is added is reported by the next `wait`.
//! - **O3** `change` starts afresh: a source that is ready for its new interest is reported again.
//! - **O4** A source that was removed is not reported by a `wait` that begins later.
//! - **O5** The key comes back as it was given, and `change` may give another.
//! - **O6** The end of a source, by close, error or hang-up, counts as readable and as writable, and
//!   says that it is the end.
//! - **O7** The notifier ends the `wait` that runs, or else the next; many calls may count as one.
//! - **O8** `wait` appends: what was in `events` stays.
//! - **O9** No source is forgotten because too many are ready at once: the rest comes later.
//!
//! What a loop must allow for: `wait` may return early and with nothing, a report may be spurious,
//! and it may name a direction that nobody asked for. What a loop owes in return: it removes a
//! source before it closes it, and its keys are below [`usize::MAX`].

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

/// Says what a source is watched for: that it can be read, that it can be written, or both.
///
/// # Examples
///
/// ```
/// use entracte_event_loop::Interest;
///
/// assert!(Interest::READABLE.is_readable());
/// assert!(!Interest::READABLE.is_writable());
/// assert!(Interest::BOTH.is_readable() && Interest::BOTH.is_writable());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Interest {
    readable: bool,
    writable: bool,
}

impl Interest {
    /// Whether reading would give something: data, the end, or an error.
    #[doc(alias = "selectors.EVENT_READ")]
    pub const READABLE: Self = Self {
        readable: true,
        writable: false,
    };

    /// Whether writing would take something, or give an error.
    #[doc(alias = "selectors.EVENT_WRITE")]
    pub const WRITABLE: Self = Self {
        readable: false,
        writable: true,
    };

    /// Both directions.
    pub const BOTH: Self = Self {
        readable: true,
        writable: true,
    };

    /// Tells whether reading is of interest.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.readable
    }

    /// Tells whether writing is of interest.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.writable
    }
}

/// Reports that the source with this key is ready.
///
/// # Examples
///
/// ```
/// use entracte_event_loop::Event;
///
/// let event = Event { key: 7, readable: true, writable: false, ended: false };
/// assert!(event.readable && !event.writable);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Event {
    /// The key that the source was added with.
    pub key: usize,
    /// Reading is worth a try.
    pub readable: bool,
    /// Writing is worth a try.
    pub writable: bool,
    /// One side has closed or failed: what is there is the last, and no other report may follow.
    pub ended: bool,
}

/// Waits for sources to become ready.
///
/// This is all that a loop asks of the outside world, so a simulation can stand in for a system.
/// What an implementation keeps, `O1` to `O9`, and what a loop must allow for is written at the top
/// of the file.
///
/// # Python
///
/// The twin is [`selectors.BaseSelector`]; it is level-triggered, and gives its events in a list.
///
/// [`selectors.BaseSelector`]: https://docs.python.org/3/library/selectors.html#selectors.BaseSelector
///
/// # Examples
///
/// ```
/// use std::io::Write;
/// use std::os::fd::AsFd;
/// use std::os::unix::net::UnixStream;
/// use entracte_event_loop::{Interest, OsSelector, Selector};
///
/// let mut selector = OsSelector::new()?;
/// let (mut near, far) = UnixStream::pair()?;
/// selector.add(far.as_fd(), 7, Interest::READABLE)?;
/// near.write_all(b"hello")?;
///
/// let mut events = Vec::new();
/// selector.wait(None, &mut events)?;
/// assert_eq!(events[0].key, 7);
/// assert!(events[0].readable);
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "selectors.BaseSelector")]
pub trait Selector {
    /// Waits until a source is ready, the notifier was called, or `timeout` has passed.
    ///
    /// Appends what is ready to `events`. `None` waits for ever; zero only looks. It may return
    /// early with no events. A system call that a signal interrupted is no error.
    ///
    /// # Errors
    ///
    /// Returns what the system says. The selector can be asked again.
    #[doc(alias = "selectors.BaseSelector.select")]
    fn wait(&mut self, timeout: Option<Duration>, events: &mut Vec<Event>) -> io::Result<()>;

    /// Returns what ends the `wait` that runs, or else the next one, from any thread.
    ///
    /// It stays callable when the selector is gone, and does nothing then.
    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync>;

    /// Watches a source from now on.
    ///
    /// The key comes back with each report. It must be below [`usize::MAX`].
    ///
    /// # Errors
    ///
    /// Returns an error if the source is watched already, if the system cannot watch what it is (a
    /// plain file, say), or if the key is too high.
    #[doc(alias = "selectors.BaseSelector.register")]
    fn add(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()>;

    /// Replaces the key and the interest of a source.
    ///
    /// If it is ready for the new interest, the next `wait` reports it, whether or not it was
    /// reported before.
    ///
    /// # Errors
    ///
    /// Returns an error if the source is not watched, or if the key is too high.
    #[doc(alias = "selectors.BaseSelector.modify")]
    fn change(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()>;

    /// Stops watching a source; this comes before closing it.
    ///
    /// # Errors
    ///
    /// Returns an error if the source is not watched.
    #[doc(alias = "selectors.BaseSelector.unregister")]
    fn remove(&mut self, source: BorrowedFd<'_>) -> io::Result<()>;
}
