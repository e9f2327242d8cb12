//! Host mode: tokio and the loop on one thread, in both directions.

#![expect(
    clippy::excessive_nesting,
    reason = "a test of blocks within tasks within a program is nested as it reads"
)]
#![expect(
    clippy::async_yields_async,
    reason = "a task that outlives the run in which it was started"
)]

mod ctrl_c;
mod ending;
mod fairness;
mod idle;
mod own;
mod sockets;
mod stuck;
mod together;
