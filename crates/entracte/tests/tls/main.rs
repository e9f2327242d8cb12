//! TLS: with ourselves, with OpenSSL and curl, and with those who speak something else.

mod certificates;
mod cut_off;
#[cfg(feature = "hyper-server")]
mod https;
mod openssl;
#[cfg(feature = "macros")]
mod program;
mod start_tls;
#[path = "../support/mod.rs"]
mod support;
mod trust;
mod under_fire;
mod with;
mod writing;
