//! The selector of a loop inside tokio: the system's, which tokio watches, and which never waits.

use std::cell::Cell;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use entracte_event_loop::{Event, Interest, OsSelector, Selector};

/// With fewer reports than this there are no more: the system's selector gives many more at once.
const MANY: usize = 64;

/// Looks at the system's selector only when tokio has said that there is something.
pub(super) struct GuestSelector {
    system: OsSelector,
    signs: Signs,
}

/// What a selector and the future that visits its loop tell each other.
#[derive(Clone)]
pub(super) struct Signs {
    has_events: Rc<Cell<bool>>,
    visitor: Arc<Mutex<Option<Waker>>>,
}

impl GuestSelector {
    pub(super) fn new() -> io::Result<Self> {
        let signs = Signs {
            has_events: Rc::new(Cell::new(true)),
            visitor: Arc::default(),
        };
        Ok(Self {
            system: OsSelector::new()?,
            signs,
        })
    }

    pub(super) fn signs(&self) -> Signs {
        self.signs.clone()
    }
}

impl Signs {
    /// The selector's descriptor became readable.
    pub(super) fn set_events(&self) {
        self.has_events.set(true);
    }

    /// The notifier wakes this one from now on.
    pub(super) fn set_visitor(&self, waker: &Waker) {
        let mut visitor = self.visitor.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *visitor {
            Some(visitor) => visitor.clone_from(waker),
            None => *visitor = Some(waker.clone()),
        }
    }
}

impl Selector for GuestSelector {
    fn wait(&mut self, _timeout: Option<Duration>, events: &mut Vec<Event>) -> io::Result<()> {
        if self.signs.has_events.get() {
            let before = events.len();
            self.system.wait(Some(Duration::ZERO), events)?;
            self.signs.has_events.set(events.len() - before >= MANY);
        }
        Ok(())
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        let visitor = Arc::clone(&self.signs.visitor);
        Arc::new(move || {
            let visitor = visitor.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(visitor) = &*visitor {
                visitor.wake_by_ref();
            }
        })
    }

    fn add(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        self.system.add(source, key, interest)
    }

    fn change(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        self.system.change(source, key, interest)
    }

    fn remove(&mut self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.system.remove(source)
    }
}

impl AsFd for GuestSelector {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.system.as_fd()
    }
}
