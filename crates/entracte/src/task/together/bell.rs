//! `Bell`: wakes the one that awaits several, when something was decided.

use std::cell::RefCell;
use std::task::Waker;

use entracte_event_loop::Wakeup;

#[derive(Debug, Default)]
pub(super) struct Bell {
    listener: RefCell<Option<Wakeup>>,
}

impl Bell {
    /// Notes whom to wake: the last one polled counts.
    pub(super) fn listen(&self, waker: &Waker) {
        let before = self.listener.replace(Some(Wakeup::of(waker)));
        drop(before);
    }

    /// Forgets whom to wake.
    pub(super) fn silence(&self) {
        let listener = self.listener.take();
        drop(listener);
    }

    pub(super) fn ring(&self) {
        let listener = self.listener.take();
        if let Some(listener) = listener {
            listener.wake();
        }
    }
}
