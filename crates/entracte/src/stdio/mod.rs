//! Standard input, output and error as streams, whatever they are: a terminal, a pipe, a file.
//!
//! Terminals, pipes and sockets are watched by the loop, plain files are read and written on threads.
//! Whether a descriptor blocks is a matter of all processes that share it, so that is never changed:
//! the shell finds its terminal as it was, also if the program is killed.

mod channel;
mod ends;

pub use ends::{Stdin, Stdout, stderr, stdin, stdout};
