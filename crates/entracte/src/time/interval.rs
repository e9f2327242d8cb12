//! `interval`: a moment that comes again and again.

use std::time::Duration;

use entracte_event_loop::Instant;

use crate::time::{now, sleep_until};

/// Moments that follow each other by a period, the first of them now.
///
/// # Panics
///
/// Panics if the period is zero, or outside an event loop.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// # entracte::run(async {
/// let mut interval = entracte::time::interval(Duration::from_millis(1));
/// let first = interval.tick().await;
/// assert_eq!(interval.tick().await - first, Duration::from_millis(1));
/// # }).unwrap();
/// ```
#[must_use]
pub fn interval(period: Duration) -> Interval {
    assert!(!period.is_zero(), "cannot tick with a period of zero");
    Interval {
        next: now(),
        period,
    }
}

/// Made by [`interval`].
#[derive(Clone, Debug)]
pub struct Interval {
    next: Instant,
    period: Duration,
}

impl Interval {
    /// Waits for the next moment, and gives it.
    ///
    /// Moments that passed while nobody waited are left out, so that a late program does not
    /// catch up in a burst; those to come stay multiples of the period apart.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is cancelled, the moment is still to come.
    pub async fn tick(&mut self) -> Instant {
        sleep_until(self.next).await;
        let tick = self.next;
        let late = now().duration_since(tick).as_nanos();
        let missed = late / self.period.as_nanos();
        let periods = u32::try_from(missed + 1).unwrap_or(u32::MAX);
        self.next = tick + self.period.saturating_mul(periods);
        tick
    }

    /// The period.
    #[must_use]
    pub const fn period(&self) -> Duration {
        self.period
    }
}
