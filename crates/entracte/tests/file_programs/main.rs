//! The example programs over files and processes, with clients and servers that no one here wrote.
//!
//! `curl`, `wget`, `python3` and `nginx` are on the other side. One that is not installed is passed
//! over, except where `CI` is set. The two sides go by what the other says, never by time.
#![cfg(target_os = "linux")]

mod download;
mod download_resume;
mod file_server;
mod file_server_limits;
mod program;
#[path = "../support/reserved.rs"]
mod reserved;
#[path = "../support/scratch.rs"]
mod scratch;
mod source;
mod supervise;
mod support;
