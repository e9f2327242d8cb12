//! `Link`: what the way between two hosts is like.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::chance::{Chance, Odds};

/// What the way between two hosts is like.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte_sim::net::Link;
///
/// let mobile = Link::new()
///     .latency(Duration::from_millis(50)..=Duration::from_millis(900))
///     .loss(0.05)
///     .doubling(0.01);
/// # drop(mobile);
/// ```
#[derive(Clone, Debug)]
pub struct Link {
    latency: RangeInclusive<Duration>,
    loss: Odds,
    doubling: Odds,
    piece: usize,
    buffer: usize,
    bytes_per_second: Option<u64>,
    is_short: bool,
}

impl Link {
    /// A latency of 1 to 10 ms, no loss, short reads and writes, a buffer of 64 KiB.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            latency: Duration::from_millis(1)..=Duration::from_millis(10),
            loss: Odds::NEVER,
            doubling: Odds::NEVER,
            piece: usize::MAX,
            buffer: 64 << 10,
            bytes_per_second: None,
            is_short: true,
        }
    }

    /// No latency, and reads and writes that are as long as they can be.
    #[must_use]
    pub const fn perfect() -> Self {
        Self {
            latency: Duration::ZERO..=Duration::ZERO,
            is_short: false,
            ..Self::new()
        }
    }

    /// Sets how long everything takes one way. Each piece and each datagram has its own latency
    /// from this range: datagrams overtake each other if it is wide.
    #[must_use]
    pub const fn latency(mut self, range: RangeInclusive<Duration>) -> Self {
        self.latency = range;
        self
    }

    /// Sets how likely it is that a datagram is lost.
    ///
    /// # Panics
    ///
    /// Panics if it is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn loss(mut self, probability: f64) -> Self {
        self.loss = Odds::new(probability);
        self
    }

    /// Sets how likely it is that a datagram comes twice.
    ///
    /// # Panics
    ///
    /// Panics if it is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn doubling(mut self, probability: f64) -> Self {
        self.doubling = Odds::new(probability);
        self
    }

    /// Sets how many bytes one read or write of a stream carries at most; how many it does is drawn
    /// from one to that.
    #[must_use]
    pub const fn piece(mut self, most: usize) -> Self {
        self.piece = most;
        self.is_short = true;
        self
    }

    /// Sets how many bytes of a stream, one way, may be written and not yet read.
    #[must_use]
    pub const fn buffer(mut self, bytes: usize) -> Self {
        self.buffer = if bytes == 0 { 1 } else { bytes };
        self
    }

    /// Sets how many bytes of a stream go on their way in a second, each way.
    #[must_use]
    pub const fn bytes_per_second(mut self, bytes: u64) -> Self {
        self.bytes_per_second = Some(if bytes == 0 { 1 } else { bytes });
        self
    }

    pub(super) const fn capacity(&self) -> usize {
        self.buffer
    }

    pub(super) fn draw_latency(&self) -> Duration {
        Chance.within(&self.latency)
    }

    /// How many of so many bytes go at once.
    pub(super) fn draw_piece(&self, most: usize) -> usize {
        if self.is_short {
            Chance.up_to(most.min(self.piece))
        } else {
            most
        }
    }

    /// How many copies of a datagram arrive.
    pub(super) fn draw_copies(&self) -> usize {
        if Chance.happens(self.loss) {
            return 0;
        }
        1 + usize::from(Chance.happens(self.doubling))
    }

    /// How long it takes until so many bytes are on their way.
    pub(super) fn time_to_send(&self, bytes: usize) -> Duration {
        let nanos = self
            .bytes_per_second
            .map_or(0, |speed| bytes as u128 * 1_000_000_000 / u128::from(speed));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}
