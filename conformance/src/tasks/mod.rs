//! Random programs of tasks, run by entracte and by asyncio on virtual time, trace for trace.
//!
//! A program ([`program`]) is data, which both sides interpret: `run` here, `tasks_worker.py` there.
//! Where entracte has decided otherwise than asyncio, `tasks_twins.py` makes asyncio do the same,
//! each time as narrowly as it can; `docs/conformance.md` gives the reasons.

pub mod command;
pub mod corpus;
pub mod fuzz;
pub mod make;
pub mod program;
pub mod shrink;
pub mod text;

mod failure;
mod frame;
mod run;
mod sync;
mod together;
mod virtual_time;
mod world;

pub use run::run;
