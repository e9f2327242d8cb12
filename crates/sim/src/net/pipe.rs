//! One way of a stream: what is on it, what has arrived, and who waits for either.

use std::collections::VecDeque;

use entracte_event_loop::Instant;

use super::link::Link;
use super::state::Sleepers;

/// What goes over a pipe.
#[derive(Debug)]
pub(super) enum Segment {
    Data(Vec<u8>),
    /// Nothing follows.
    End,
    /// The stream is no more.
    Reset,
}

impl Segment {
    fn len(&self) -> usize {
        match self {
            Self::Data(bytes) => bytes.len(),
            Self::End | Self::Reset => 0,
        }
    }
}

/// One way of a stream.
#[derive(Default)]
pub(super) struct Pipe {
    /// In the order in which they were sent, each with when it arrives; never before the one ahead.
    flying: VecDeque<(Instant, Segment)>,
    flying_bytes: usize,
    arrived: VecDeque<u8>,
    /// When all that was sent is on its way.
    free_at: Option<Instant>,
    /// The writer shut it down.
    pub(super) is_shut: bool,
    /// The reader has seen that it was shut down.
    pub(super) has_ended: bool,
    pub(super) readers: Sleepers,
    pub(super) writers: Sleepers,
}

impl Pipe {
    /// How many bytes may be written.
    pub(super) fn room(&self, link: &Link) -> usize {
        let taken = self.flying_bytes + self.arrived.len();
        link.capacity().saturating_sub(taken)
    }

    /// Sends; gives when it arrives.
    pub(super) fn send(&mut self, segment: Segment, now: Instant, link: &Link) -> Instant {
        let begins = self.free_at.map_or(now, |free_at| free_at.max(now));
        let leaves = begins + link.time_to_send(segment.len());
        self.free_at = Some(leaves);
        let arrives = leaves + link.draw_latency();
        let arrives = self
            .flying
            .back()
            .map_or(arrives, |(last, _)| arrives.max(*last));
        self.flying_bytes += segment.len();
        self.flying.push_back((arrives, segment));
        arrives
    }

    /// Sends all that is on its way once more; gives when each arrives.
    pub(super) fn resend(&mut self, now: Instant, link: &Link) -> Vec<Instant> {
        let mut last = now;
        let flying = self.flying.iter_mut();
        flying
            .map(|(arrives, _)| {
                last = last.max(*arrives).max(now + link.draw_latency());
                *arrives = last;
                last
            })
            .collect()
    }

    /// The next segment that is there by now.
    pub(super) fn land(&mut self, now: Instant) -> Option<Segment> {
        let (arrives, _) = self.flying.front()?;
        if *arrives > now {
            return None;
        }
        let (_, segment) = self.flying.pop_front()?;
        self.flying_bytes -= segment.len();
        Some(segment)
    }

    pub(super) fn arrive(&mut self, bytes: Vec<u8>) {
        self.arrived.extend(bytes);
    }

    pub(super) fn has_arrived(&self) -> usize {
        self.arrived.len()
    }

    /// Takes what has arrived; it is at least as much as there is room for.
    pub(super) fn take(&mut self, into: &mut [u8]) {
        let count = into.len();
        for (place, byte) in into.iter_mut().zip(self.arrived.drain(..count)) {
            *place = byte;
        }
    }

    /// Throws away what is on its way and what nobody read.
    pub(super) fn clear(&mut self) {
        self.flying.clear();
        self.flying_bytes = 0;
        self.arrived.clear();
    }

    /// Those who wait, at either end.
    pub(super) fn take_sleepers(&mut self) -> Sleepers {
        let mut all = std::mem::take(&mut self.readers);
        all.append(&mut self.writers);
        all
    }
}
