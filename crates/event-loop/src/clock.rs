//! Time as a loop sees it: `Instant`, the trait `Clock`, and the clock of the machine.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::{Duration, Instant as StdInstant};

/// Names a point in time of one loop's clock: nanoseconds since its origin.
///
/// Arithmetic never panics: what is too late is [`FAR_FUTURE`](Self::FAR_FUTURE), what is too early
/// is the origin. Instants of different clocks can be compared, but the answer means nothing.
///
/// # Python
///
/// The twin is the float that [`loop.time()`] gives. Here it is a type of its own and exact: sums
/// of durations do not drift.
///
/// [`loop.time()`]: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.time
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte_event_loop::Instant;
///
/// let start = Instant::from_nanos(500);
/// let later = start + Duration::from_secs(2);
/// assert_eq!(later - start, Duration::from_secs(2));
/// assert_eq!(start - later, Duration::ZERO);
/// assert_eq!(start + Duration::MAX, Instant::FAR_FUTURE);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(u64);

impl Instant {
    /// The last instant there is, 584 years after the origin: a deadline that never comes.
    pub const FAR_FUTURE: Self = Self(u64::MAX);

    /// Makes the instant that lies this many nanoseconds after the clock's origin.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the nanoseconds since the clock's origin.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the time from `earlier` to this instant, zero if `earlier` is the later one.
    #[must_use]
    pub const fn duration_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Returns the instant that lies `duration` later, if there is one.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let nanos = u64::try_from(duration.as_nanos()).ok()?;
        self.0.checked_add(nanos).map(Self)
    }

    /// Returns the instant that lies `duration` later, at most [`FAR_FUTURE`](Self::FAR_FUTURE).
    #[must_use]
    #[inline]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }
}

/// As many as there are, or as a number can say: without the 128 bits of `as_nanos`.
#[inline]
const fn nanos(duration: Duration) -> u64 {
    let seconds = duration.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(duration.subsec_nanos() as u64)
}

impl Add<Duration> for Instant {
    type Output = Self;

    #[inline]
    fn add(self, duration: Duration) -> Self {
        self.saturating_add(duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}

/// Seconds since the origin, to the nanosecond: `12.345678901s`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        write!(f, "{seconds}.{nanos:09}s")
    }
}

/// Tells a loop what time it is.
///
/// A loop asks nobody else, so that a virtual clock is enough to run a whole program in no time.
///
/// # Examples
///
/// A clock that stands still until it is told otherwise:
/// ```
/// use std::cell::Cell;
/// use entracte_event_loop::{Clock, Instant};
///
/// struct Stopped(Cell<Instant>);
///
/// impl Clock for Stopped {
///     fn now(&self) -> Instant {
///         self.0.get()
///     }
/// }
///
/// let clock = Stopped(Cell::new(Instant::from_nanos(7)));
/// assert_eq!(clock.now(), clock.now());
/// ```
pub trait Clock {
    /// Returns the time. It never goes back.
    ///
    /// # Python
    ///
    /// The twin is [`loop.time()`].
    ///
    /// [`loop.time()`]: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.time
    #[doc(alias = "asyncio.loop.time")]
    fn now(&self) -> Instant;
}

/// Tells the time of the machine: it starts at zero, and setting the time of day does not move it.
///
/// # Python
///
/// The twin is [`time.monotonic`], whose origin is unspecified; here it is the clock's creation.
///
/// [`time.monotonic`]: https://docs.python.org/3/library/time.html#time.monotonic
///
/// # Examples
///
/// ```
/// use entracte_event_loop::{Clock, MonotonicClock};
///
/// let clock = MonotonicClock::new();
/// let earlier = clock.now();
/// assert!(earlier <= clock.now());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    origin: StdInstant,
}

impl MonotonicClock {
    /// Makes a clock whose origin is now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where a loop's time comes from the machine"
    )]
    pub fn new() -> Self {
        Self {
            origin: StdInstant::now(),
        }
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Instant {
        Instant(nanos(self.origin.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Duration, Instant, MonotonicClock};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn adding_goes_no_further_than_the_far_future() {
        let almost = Instant::from_nanos(u64::MAX - 1);
        assert_eq!(almost + Duration::from_nanos(1), Instant::FAR_FUTURE);
        assert_eq!(almost + SECOND, Instant::FAR_FUTURE);
        assert_eq!(Instant::from_nanos(0) + Duration::MAX, Instant::FAR_FUTURE);
        let mut instant = Instant::FAR_FUTURE;
        instant += SECOND;
        assert_eq!(instant, Instant::FAR_FUTURE);
    }

    #[test]
    fn checked_adding_says_when_it_went_too_far() {
        let almost = Instant::from_nanos(u64::MAX - 1);
        assert_eq!(
            almost.checked_add(Duration::from_nanos(1)),
            Some(Instant::FAR_FUTURE)
        );
        assert_eq!(almost.checked_add(Duration::from_nanos(2)), None);
        assert_eq!(Instant::from_nanos(0).checked_add(Duration::MAX), None);
    }

    #[test]
    fn subtracting_stops_at_the_origin() {
        let second = Instant::from_nanos(1_000_000_000);
        assert_eq!(second - Duration::MAX, Instant::from_nanos(0));
        assert_eq!(second - SECOND, Instant::from_nanos(0));
        assert_eq!(
            second - Instant::from_nanos(1),
            SECOND - Duration::from_nanos(1)
        );
        assert_eq!(Instant::from_nanos(1) - second, Duration::ZERO);
    }

    #[test]
    fn an_instant_is_shown_in_seconds_with_nine_digits() {
        assert_eq!(
            Instant::from_nanos(12_345_678_901).to_string(),
            "12.345678901s"
        );
        assert_eq!(Instant::from_nanos(1).to_string(), "0.000000001s");
        assert_eq!(Instant::FAR_FUTURE.to_string(), "18446744073.709551615s");
    }

    #[test]
    fn the_monotonic_clock_moves_and_never_goes_back() {
        let clock = MonotonicClock::new();
        let first = clock.now();
        let mut last = first;
        while last == first {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
    }
}
