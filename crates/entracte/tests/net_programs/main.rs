//! The example programs over sockets, with clients and servers that no one here wrote.
//!
//! `nc`, `curl`, `python3` and `bash` are on the other side. One that is not installed is passed over,
//! except where `CI` is set. The two sides go by what the other says, never by time;
//! only a limit of the system's own, as in `vanished`, takes as long as it takes.
#![cfg(target_os = "linux")]

mod attempts;
mod chat;
mod echo;
mod forward;
mod log_tail;
mod names;
mod nc;
mod own_network;
mod program;
#[path = "../support/reserved.rs"]
mod reserved;
#[path = "../support/scratch.rs"]
mod scratch;
mod send_receive;
mod vanished;
