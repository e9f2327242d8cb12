//! Python's coroutines and event loop on stable Rust.
//!
#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

pub mod fs;
#[cfg(feature = "tokio-host")]
pub mod host;
#[cfg(feature = "hyper")]
pub mod hyper;
pub mod io;
pub mod net;
pub mod process;
pub mod run;
pub mod signal;
pub mod stdio;
pub mod sync;
pub mod task;
pub mod threads;
pub mod time;
#[cfg(feature = "tls")]
pub mod tls;

#[doc(no_inline)]
pub use entracte_coroutine as coroutine;
pub use entracte_coroutine::*;
#[doc(no_inline)]
pub use entracte_event_loop as event_loop;
pub use entracte_event_loop::EventLoop;
/// # Examples
///
/// ```
/// #[entracte::main]
/// async fn main() -> Result<(), entracte::TaskError> {
///     let task = entracte::spawn(async { 6 * 7 });
///     assert_eq!(task.await?, 42);
///     Ok(())
/// }
/// ```
#[cfg(feature = "macros")]
#[doc(inline)]
pub use entracte_macros::main;
/// # Examples
///
/// Not run here, as `entracte-sim` stands on this crate; its own documentation runs it.
///
/// ```ignore
/// #[entracte::sim_test(seeds = 1000)]
/// async fn six_times_seven_is_42() -> Result<(), entracte::TaskError> {
///     let task = entracte::spawn(async { 6 * 7 });
///     assert_eq!(task.await?, 42);
///     Ok(())
/// }
/// ```
#[cfg(feature = "macros")]
#[doc(inline)]
pub use entracte_macros::sim_test;
/// # Examples
///
/// ```
/// #[entracte::test]
/// async fn six_times_seven_is_42() -> Result<(), entracte::TaskError> {
///     let task = entracte::spawn(async { 6 * 7 });
///     assert_eq!(task.await?, 42);
///     Ok(())
/// }
/// # fn main() {}
/// ```
#[cfg(feature = "macros")]
#[doc(inline)]
pub use entracte_macros::test;

#[doc(inline)]
pub use run::{RunError, Runner, run};
#[doc(inline)]
pub use sync::{Lock, Queue, promise};
#[doc(inline)]
pub use task::{
    Cancelled, ErrorGroup, Task, TaskError, TaskGroup, as_completed, catch_cancel, checkpoint,
    current_task, finally, gather, local_group, race, shield, spawn, task_group, task_tree, wait,
};
#[doc(inline)]
pub use task::{ContextVar, Outcome, wait_within};
#[doc(inline)]
pub use threads::{run_on, to_thread};
#[doc(inline)]
pub use time::{Elapsed, finally_within, interval, sleep, timeout, timeout_at, timeout_with};
