//! Chance: what is drawn from the numbers of the loop that runs.

use std::ops::RangeInclusive;
use std::time::Duration;

use entracte_event_loop::{EventLoop, Random};

/// The numbers of the loop that runs on this thread.
pub(crate) struct Chance;

impl Chance {
    /// Whether something happens that happens in so many of 2³² cases.
    pub(crate) fn happens(&mut self, odds: Odds) -> bool {
        odds.0 > 0 && self.below(1 << 32) < odds.0
    }

    /// A number from one to `most`, and one if that is zero.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        1 + self.below(most.max(1) as u64) as usize
    }

    pub(crate) fn within(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let more = range.end().saturating_sub(*range.start());
        let more = u64::try_from(more.as_nanos()).unwrap_or(u64::MAX);
        match more {
            0 => *range.start(),
            more => *range.start() + Duration::from_nanos(self.below(more.saturating_add(1))),
        }
    }
}

impl Random for Chance {
    fn next_u64(&mut self) -> u64 {
        let event_loop = EventLoop::current();
        event_loop
            .expect("the network is used inside an event loop")
            .random()
    }
}

/// A probability, in parts of 2³²: a whole number, so that it is the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Odds(u64);

impl Odds {
    pub(crate) const NEVER: Self = Self(0);

    /// # Panics
    ///
    /// Panics if it is no probability.
    #[track_caller]
    pub(crate) fn new(probability: f64) -> Self {
        assert!(
            (0.0..=1.0).contains(&probability),
            "cannot take {probability} for a probability"
        );
        Self((probability * (1_u64 << 32) as f64) as u64)
    }
}
