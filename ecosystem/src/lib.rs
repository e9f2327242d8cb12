//! Clients as published, over entracte: what the programs and the tests of this workspace share.

mod dial;
mod encrypted;

use std::env;

pub use dial::dial;
pub use encrypted::Tls;

/// The address of a real server, as the script that starts it gave it.
///
/// # Panics
///
/// Panics if nobody started one.
#[must_use]
pub fn server(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} does not say where a server is: `.ci/ecosystem` starts them all")
    })
}

/// The `nth` argument of a program, or the address of a server.
#[must_use]
pub fn argument(nth: usize, variable: &str) -> String {
    env::args().nth(nth).unwrap_or_else(|| server(variable))
}

/// Where nginx is: a URL without a path.
pub const NGINX: &str = "ENTRACTE_NGINX";
/// Where PostgreSQL is: a URL with a user and a database.
pub const POSTGRES: &str = "ENTRACTE_POSTGRES";
/// Where the certificate of PostgreSQL is: the path of a PEM file.
pub const POSTGRES_CERTIFICATE: &str = "ENTRACTE_POSTGRES_CERTIFICATE";
/// Where Redis is: a host and a port.
pub const REDIS: &str = "ENTRACTE_REDIS";
