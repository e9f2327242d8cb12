//! Servers under fire: very many clients, slow ones, broken ones, short ones, and what they leave.

#[path = "../support/mod.rs"]
mod support;

mod clients;
mod limits;
mod many;
mod slow;
