//! `run` and `Runner`: start a loop, run a program on it, leave nobody behind.

mod ctrl_c;
mod error;
pub(crate) mod host;
#[expect(
    unsafe_code,
    reason = "the main future may borrow from its caller, for as long as `run` is on the stack"
)]
mod main_future;
mod runner;
mod tree_signal;

pub use error::RunError;
pub use runner::{Runner, run};
