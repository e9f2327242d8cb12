//! What the documentation of `entracte::io` promises: nothing is lost, torn, told twice or kept.

mod dice;
mod ends;
mod fake;
mod hand;
mod memory;
mod model;
mod pipes;
mod reader;
mod reentrancy;
#[path = "../support/mod.rs"]
mod support;
mod writer;
mod writing;
