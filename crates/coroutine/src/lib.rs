//! Python's coroutines on stable Rust: functions that pause, give values out and take values in.
//!
//! A body is an async closure (or `async fn`) that takes a [`Co`]. It pauses at
//! [`yield_`](Co::yield_); its caller goes on with `next`, `send`, `throw` and `close`. An interrupt
//! that arrives at a yield unwinds the body by dropping its frames, up to the innermost
//! [`catch`](Co::catch). [`yield_from`](Co::yield_from) delegates to another coroutine, in constant
//! time at any depth.
//!
//! ```
//! use entracte_coroutine::{Coroutine, Interrupt};
//!
//! let mut grep = Coroutine::new(async |mut co| {
//!     let mut found = 0;
//!     let caught = co
//!         .catch(async |co| loop {
//!             let line: &str = co.yield_(()).await;
//!             found += usize::from(line.contains("Python"));
//!         })
//!         .await;
//!     assert!(matches!(caught, Err::<(), _>(Interrupt::Close)));
//!     found
//! });
//! grep.next()?; // prime: run to the first yield
//! grep.send("Java is cool")?;
//! grep.send("Python is cool")?;
//! assert_eq!(grep.close()?, Some(1));
//! # Ok::<(), entracte_coroutine::BoxError>(())
//! ```
//!
//! | where it lives | type | cost |
//! |---|---|---|
//! | on the stack, pinned | [`StackCoroutine`] | no allocation |
//! | boxed, nameable | [`Coroutine`], [`Generator`] | one allocation, one pointer |
//! | boxed, may change threads | [`SendCoroutine`] | the same |
//! | shared, may resume itself | [`SharedCoroutine`] | one more allocation |
//! | asynchronous: awaits too | [`AsyncCoroutine`], [`AsyncGenerator`] | the same as boxed |
//!
//! No macro, no `unsafe` for the user, no dependency, `no_std` with `alloc`.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod async_coroutine;
mod beside;
mod body;
mod co;
mod context_manager;
mod coroutine;
mod delegate;
mod drive;
mod error;
mod frame;
mod handle;
mod home;
mod hop;
pub mod pipeline;
mod resume;
mod round_robin;
mod shared;
mod shared_error;
mod slot;
mod stack;
mod state;
mod unit;
mod waker;
mod yielding;

pub use async_coroutine::{AsyncCoroutine, AsyncGenerator, SendAsyncCoroutine};
pub use body::Body;
pub use co::Co;
pub use context_manager::ContextError;
pub use coroutine::{Coroutine, Generator, SendCoroutine};
pub use error::{BoxError, CloseError, Interrupt, Misuse, Stop, StopKind};
pub use home::{Local, Threads};
#[doc(hidden)]
pub use resume::Link;
pub use resume::{Act, Answer, Resume};
pub use round_robin::{Failures, RoundRobin, Spawned, Turn};
pub use shared::{SharedCoroutine, SharedIter, WeakCoroutine};
pub use shared_error::SharedError;
pub use stack::{StackCoroutine, StackGenerator};
pub use state::State;
pub use yielding::{TryYield, YieldFuture};
