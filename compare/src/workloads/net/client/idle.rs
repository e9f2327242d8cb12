//! One request on each of many connections, then nothing: what they cost by being there.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::{Found, Load, Target, measured, socket};
use crate::workloads::net::account;

/// For as long nothing is sent.
const SILENCE: Duration = Duration::from_secs(2);

pub fn run(load: Load, target: Target) -> Result<Found, String> {
    // The first makes the server allocate what it has once.
    let first = open(load, target)?;
    let before = account::resident(target.pid)?;
    let connections: Vec<TcpStream> = (0..load.connections)
        .map(|_| open(load, target))
        .collect::<Result<_, _>>()?;
    let after = account::resident(target.pid)?;
    let found = measured(target, || {
        thread::sleep(SILENCE);
        Ok(load.connections as u64)
    })?;
    // They must still be served.
    for stream in [&first, &connections[0], &connections[connections.len() - 1]] {
        once(load, stream)?;
    }
    Ok(Found {
        grown: after.saturating_sub(before),
        ..found
    })
}

fn open(load: Load, target: Target) -> Result<TcpStream, String> {
    let stream = socket::connect_stream(target.port)
        .map_err(|error| format!("the client cannot connect ({error})"))?;
    once(load, &stream)?;
    Ok(stream)
}

fn once(load: Load, stream: &TcpStream) -> Result<(), String> {
    let exchanged = socket::exchange(load, stream);
    exchanged
        .map_err(|error| format!("the server does not answer ({error})"))?
        .map(drop)
}
