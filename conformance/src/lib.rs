//! Random coroutine programs, run by entracte and by CPython and compared event by event.
//!
//! A program ([`program`]) is made from a seed ([`generate`]), written as Python source
//! ([`python`]) and run by a CPython process ([`worker`]); [`run`](run::run) runs the same program
//! over entracte. Each side writes one line, its trace; the two must be equal. Where the languages
//! differ by design, the file that makes them alike says so at its head, and this is the whole
//! list: `handle.rs` (verbs), `delegate.rs` (delegation), `compare.rs` (names of delegates),
//! `asynchronous.rs` (the twin of an asynchronous body) and `worker.py` (dropped generators, and an
//! error of CPython 3.11). One thing is left out of the programs: a `StopIteration` that is raised
//! or thrown (PEP 479) means nothing in Rust.

pub mod compare;
pub mod corpus;
pub mod decode;
pub mod encode;
pub mod fuzz;
pub mod generate;
pub mod program;
pub mod python;
pub mod random;
pub mod run;
pub mod shrink;
pub mod supervise;
pub mod tasks;
pub mod valid;
pub mod worker;

mod asynchronous;
mod delegate;
mod driver;
mod handle;
mod input;
mod interpret;
mod make;
mod own;
mod world;
