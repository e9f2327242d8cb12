//! The memory of the smallest deadlines, which spares most turns the search for them.

/// The smallest two of many deadlines, as far as they are known.
///
/// Two, and not one, because of the timer that is inserted before all others and cancelled at
/// once: the one after it is known again.
pub(super) struct Smallest {
    first: Option<u64>,
    /// Known only if the first one is.
    second: Option<u64>,
}

impl Smallest {
    pub(super) const UNKNOWN: Self = Self {
        first: None,
        second: None,
    };

    pub(super) fn of(first: u64) -> Self {
        Self {
            first: Some(first),
            second: None,
        }
    }

    pub(super) fn known(&self) -> Option<u64> {
        self.first
    }

    pub(super) fn insert(&mut self, deadline: u64) {
        let Some(first) = self.first else {
            return;
        };
        if deadline < first {
            self.second = self.first.replace(deadline);
        } else if self.second.is_some_and(|second| deadline < second) {
            self.second = Some(deadline);
        }
    }

    pub(super) fn remove(&mut self, deadline: u64) {
        if self.first == Some(deadline) {
            self.first = self.second.take();
        } else if self.second == Some(deadline) {
            self.second = None;
        }
    }

    pub(super) fn forget(&mut self, deadline: u64) {
        if self.first == Some(deadline) || self.second == Some(deadline) {
            *self = Self::UNKNOWN;
        }
    }
}
