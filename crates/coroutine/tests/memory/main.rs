//! Memory: what is made is dropped once, in every form and state; meant to be run under valgrind.

#[path = "../support/ledger.rs"]
mod ledger;

mod bodies;
mod chains;
mod dice;
mod layout;
mod programs;
mod random_bodies;
