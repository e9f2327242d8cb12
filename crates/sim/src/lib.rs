//! Deterministic simulation: a whole program runs from a seed, and runs the same way again.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod chance;
mod clock;
pub mod explore;
mod failure;
pub mod faults;
pub mod net;
mod order;
mod replay;
mod seeds;
mod sim;
mod trace;
mod waiting;
mod world;

/// # Examples
///
/// ```
/// #[entracte::sim_test(seeds = 1000)]
/// async fn six_times_seven_is_42() {
///     assert_eq!(entracte::spawn(async { 6 * 7 }).await.unwrap(), 42);
/// }
/// # fn main() {}
/// ```
#[doc(inline)]
pub use entracte::sim_test;
pub use failure::{Cause, Failure};
pub use seeds::{check, find, test_many};
pub use sim::{Report, Sim, run, run_fifo};
pub use trace::{Trace, note};
pub use waiting::{AllBlocked, advance, elapsed, wait_all_blocked};
