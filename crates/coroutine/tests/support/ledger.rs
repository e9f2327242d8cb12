//! A ledger of values: says at the end that every one was dropped, and none twice.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts the drops of every value that it made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    drops: Arc<Mutex<Vec<u32>>>,
}

impl Ledger {
    fn with<T>(&self, look: impl FnOnce(&mut Vec<u32>) -> T) -> T {
        look(&mut self.drops.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a value with a payload on the heap.
    pub(crate) fn value(&self, text: &str) -> Counted {
        self.entry(text, false)
    }

    /// Makes a value whose destructor panics, unless the thread panics already.
    pub(crate) fn bomb(&self, text: &str) -> Counted {
        self.entry(text, true)
    }

    fn entry(&self, text: &str, bomb: bool) -> Counted {
        let id = self.with(|drops| {
            drops.push(0);
            drops.len() - 1
        });
        Counted {
            ledger: self.clone(),
            id,
            text: text.to_owned(),
            bomb,
        }
    }

    /// # Panics
    ///
    /// Panics if a value is still alive or was dropped twice.
    #[track_caller]
    pub(crate) fn check(&self, program: &str) {
        let drops = self.with(|drops| drops.clone());
        assert!(
            drops.iter().all(|&count| count == 1),
            "{program}: drops per value: {drops:?}"
        );
    }
}

/// A value that a [`Ledger`] made.
pub(crate) struct Counted {
    ledger: Ledger,
    id: usize,
    pub(crate) text: String,
    bomb: bool,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ledger.with(|drops| drops[self.id] += 1);
        if self.bomb && !std::thread::panicking() {
            // As a panic, without the report on standard error.
            std::panic::resume_unwind(Box::new(self.text.clone()));
        }
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Counted {}
