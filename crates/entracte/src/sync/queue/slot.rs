//! `PutSlot`: room in a queue that is kept for one item.

use std::cell::RefCell;
use std::fmt;

use super::error::PutError;
use super::order::Order;
use super::state::{Answer, Putters, State, wake};
use crate::sync::wait_queue::Line;

/// Room in a queue that is kept for one item; dropping it gives the room to the next who waits.
#[must_use = "the room is given to others when the slot is dropped"]
pub struct PutSlot<'a, O: Order> {
    state: &'a RefCell<State<O>>,
    is_reserved: bool,
}

impl<'a, O: Order> PutSlot<'a, O> {
    pub(super) const fn new(state: &'a RefCell<State<O>>) -> Self {
        Self {
            state,
            is_reserved: true,
        }
    }

    /// Puts the item.
    ///
    /// # Errors
    ///
    /// Returns [`PutError`] with the item if the queue was shut down meanwhile.
    pub fn put(mut self, item: O::Item) -> Result<(), PutError<O::Item>> {
        let mut state = self.state.borrow_mut();
        if state.is_shut_down {
            return Err(PutError(item));
        }
        self.is_reserved = false;
        let next = state.push_reserved(item);
        drop(state);
        wake(next);
        Ok(())
    }
}

impl<O: Order> Drop for PutSlot<'_, O> {
    fn drop(&mut self) {
        if self.is_reserved {
            Putters(self.state).hand_back(Answer::Yours);
        }
    }
}

impl<O: Order> fmt::Debug for PutSlot<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutSlot").finish_non_exhaustive()
    }
}
