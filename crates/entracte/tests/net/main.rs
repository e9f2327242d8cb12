//! What the documentation of `entracte::net` promises, over loopback and in virtual time.

mod alone;
mod backlog;
mod connecting;
mod connections;
mod crowds;
mod datagrams;
mod doors;
mod servers;
mod serving;
mod settings;
mod shared;
#[path = "../support/mod.rs"]
mod support;
