//! Pipelines: sources, stages and sinks made of coroutines, pushed with `send` or pulled with `next`.
//!
//! ```text
//!  push   source ──item──▶ filter ──item──▶ batch ──[items]──▶ sink      feed(source, filter(…, batch(…, sink)))
//!                 ◀─error──        ◀─error──       ◀──error───
//!                 ──close─▶        ──close─▶       ──close───▶           flushes to the end; the sink's value comes back
//!
//!  pull   source ◀──next── batch ◀──next── for item in … { }             batch(2, source)
//!         source ◀─error── batch ◀─error── each(…, |item| …)
//!         source ◀─close── batch ◀─close── .close()
//! ```
//!
//! A stage of a *push* pipeline is a coroutine that is sent items and owns the stage below it; the
//! last one is the sink. A stage of a *pull* pipeline is a generator that owns the source above it.
//! Items may be borrowed: nothing is copied on the way.
//!
//! | | [`push`] | [`pull`] |
//! |---|---|---|
//! | who is in charge | the source: it sends when it has something | the consumer: it asks when it wants something |
//! | an item moves by | `send` | `next` |
//! | take it when | one source, several sinks; stages that end with a value | several sources, one consumer; ordinary iterators |
//! | source | any [`Generator`](crate::Generator) by [`push::feed`], any iterator by [`push::feed_iter`] | any [`Generator`](crate::Generator), any iterator by [`pull::source`] |
//! | stages | [`push::filter`], [`push::map`], [`push::batch`], your own by [`push::stage`] | [`pull::batch`]; `filter`, `map`, `zip` and all others of [`Iterator`], since a generator is one |
//! | many from one | [`push::broadcast`] | – |
//! | one from many | – | [`pull::fan_in`] |
//! | end | [`push::for_each`], [`push::fold`], [`push::collect`], any coroutine that takes items | `for`, [`pull::each`], the ends of [`Iterator`] |
//! | a consumer fails | its error leaves stage after stage and is thrown into the source, which may clean up; the stages have ended | [`pull::each`] throws it into the source, which may catch it and go on |
//! | a source fails | the error is thrown into stage after stage, down to the sink | it comes out of `next` |
//! | the end | the stages are closed one after the other, and flush | `next` answers `Stop::Returned` |
//! | early end | a stage that returns ends those above it; the source is closed | [`close`](crate::Coroutine::close) the source, through every stage below it |
//!
//! The two meet: a pull pipeline is a source for [`push::feed`].
//!
//! ```
//! use entracte_coroutine::pipeline::{pull, push};
//!
//! let [act_one, act_two] = ["curtain\nlight", "dark\nrest\nlight"].map(|text| pull::source(text.lines()));
//! let lines = pull::fan_in([act_one, act_two]);
//! let with_t = push::filter(|line: &&str| line.contains('t'), push::collect::<Vec<_>, _>());
//! let found = push::feed(lines, with_t).unwrap();
//! assert_eq!(found, Some(vec!["curtain", "light", "rest", "light"]));
//! ```
//!
//! Invariants
//!
//! - **L1** A stage outlives the one below it: its value, its error or its close comes from there.
//! - **L2** An item is sent to a stage once and in order, or is given back in the error.
//! - **L3** A close runs from the top to the bottom; what a stage still holds goes down before.
//!
//! Not here: stages that await (drive an [`AsyncCoroutine`](crate::AsyncCoroutine) yourself), stages
//! on several threads.

mod broadcast;
mod ending;
mod error;
mod fan_in;
mod feed;
pub mod pull;
pub mod push;
mod receive;
mod sinks;

pub use error::FeedError;
pub use receive::Receive;
