//! Servers under fire: very many clients, slow ones, broken ones, short ones, and what they leave.

#[path = "../support/mod.rs"]
mod support;

mod clients;
mod limits;
mod many;
mod slow;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One test at a time, as they count what the process holds.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
