//! `Settings`: what a loop is made of, each part replaceable.

use std::fmt;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use crate::clock::{Clock, MonotonicClock};
use crate::observer::{Observer, Schedule};
use crate::os_selector::OsSelector;
use crate::random::{Random, SeededRandom};
use crate::selector::Selector;

/// The parts of a loop: clock, selector, source of randomness, and what may stand beside it.
///
/// # Examples
///
/// ```
/// use entracte_event_loop::{EventLoop, SeededRandom, Settings};
///
/// let settings = Settings::new()?.random(SeededRandom::from_seed(7)).debug(true);
/// let event_loop = EventLoop::with(settings)?;
/// assert!(event_loop.is_debug());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Settings {
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) selector: Box<dyn Selector>,
    pub(crate) random: Box<dyn Random>,
    pub(crate) schedule: Option<Box<dyn Schedule>>,
    pub(crate) observer: Option<Rc<dyn Observer>>,
    pub(crate) debug: bool,
    pub(crate) slow_callback: Duration,
}

impl Settings {
    /// The system's selector, the monotonic clock, randomness from the system.
    ///
    /// # Errors
    ///
    /// Returns the system's error if it gives no selector, for example for want of descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self::from_parts(
            MonotonicClock::new(),
            OsSelector::new()?,
            SeededRandom::from_os(),
        ))
    }

    /// A loop of these parts; nothing is asked of the system.
    pub fn from_parts(
        clock: impl Clock + 'static,
        selector: impl Selector + 'static,
        random: impl Random + 'static,
    ) -> Self {
        Self {
            clock: Box::new(clock),
            selector: Box::new(selector),
            random: Box::new(random),
            schedule: None,
            observer: None,
            debug: false,
            slow_callback: Duration::from_millis(100),
        }
    }

    /// Sets the source of randomness.
    #[must_use]
    pub fn random(mut self, random: impl Random + 'static) -> Self {
        self.random = Box::new(random);
        self
    }

    /// Sets the order in which the callbacks of one turn are called.
    #[must_use]
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedule = Some(Box::new(schedule));
        self
    }

    /// Puts an observer beside the loop.
    #[must_use]
    pub fn observer(mut self, observer: Rc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Turns debug mode on or off: it reports slow callbacks. Front ends report what was made and
    /// never awaited, and values that nobody took.
    #[must_use]
    pub const fn debug(mut self, debug: bool) -> Self {
        self.debug = debug;
        self
    }

    /// Sets from when on debug mode reports a callback as slow; a tenth of a second by default.
    #[must_use]
    pub const fn slow_callback(mut self, from: Duration) -> Self {
        self.slow_callback = from;
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("debug", &self.debug)
            .field("slow_callback", &self.slow_callback)
            .finish_non_exhaustive()
    }
}
