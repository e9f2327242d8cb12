//! Cancellation: what its model, its invariants and the docs of its blocks promise.

#![expect(
    clippy::excessive_nesting,
    reason = "a test of blocks within tasks within a program is nested as it reads"
)]

mod blocks;
mod combinators;
mod everywhere;
mod invariants;
mod log;
mod model;
mod random;
mod scenarios;
#[path = "../support/mod.rs"]
mod support;
mod timeouts;
mod twins;
