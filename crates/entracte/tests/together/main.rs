//! What the documentation of `gather`, `wait`, `as_completed` and `race` promises, one test each.

#[path = "../support/mod.rs"]
mod support;

mod as_completed;
mod cancelled_anywhere;
mod gather;
mod gather_cancelled;
mod hand;
mod race;
mod traces;
mod wait;
