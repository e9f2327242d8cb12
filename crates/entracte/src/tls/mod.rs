//! TLS over any stream, by rustls: clients, servers, and the change from plain text in mid-stream.
//!
//! A [`TlsStream`] is what a socket is: [`Stream`](crate::io::Stream) adds the buffer and the
//! methods, and [`Server`](crate::net::Server) takes a [`Listener`] of them. The configurations are
//! [`rustls`]'s own types; [`client_config`] and [`server_config`] make them of PEM files.
//!
//! Ending a stream is said within TLS, by [`Writer::close`](crate::io::Writer::close): a stream that
//! is dropped without it is one that was cut off, and the other side's reads fail.

mod config;
mod connect;
mod error;
mod flow;
mod handshake;
mod listener;
mod stream;
mod traits;
mod wire;

/// The library whose configurations these are.
pub use rustls;

pub use config::{client_config, server_config, system_client_config};
pub use connect::connect;
pub use error::TlsError;
pub use listener::Listener;
pub use stream::TlsStream;
