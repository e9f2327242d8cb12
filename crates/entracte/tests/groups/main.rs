//! Task groups: their invariants G1 to G3, and what their docs promise.

#![expect(
    clippy::excessive_nesting,
    reason = "a test of blocks within tasks within a program is nested as it reads"
)]

#[path = "../cancel/log.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod log;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod support;

mod invariants;
mod local;
mod promises;

use entracte::{ErrorGroup, sleep};

use crate::log::ms;

/// The texts of the errors of a group, sorted.
pub(crate) fn texts<T>(outcome: Result<T, ErrorGroup>) -> Vec<String> {
    let errors = outcome.err().into_iter().flatten();
    let mut texts: Vec<_> = errors.map(|error| error.to_string()).collect();
    texts.sort();
    texts
}

pub(crate) async fn fails_after(millis: u64, text: &'static str) -> Result<(), &'static str> {
    sleep(ms(millis)).await;
    Err(text)
}
