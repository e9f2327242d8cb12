//! The group `net`: servers of one thread, each in a process of its own, loaded by another process.

mod account;
pub mod client;
mod process;
pub mod servers;
pub mod work;

use self::client::{Found, Load, Way};
use self::process::{Contender, measure};
use self::work::Work;
use super::Make;
use crate::goal::{Goal, OURS};
use crate::harness::{Reference, Sample, Settings, Workload};

/// Every workload of the group, in the order in which they are printed.
pub const ALL: [(&str, Make); 17] = [
    ("echo-64-10", |settings| {
        echo("echo-64-10", 64, 10, settings)
    }),
    ("echo-64-100", |settings| {
        echo("echo-64-100", 64, 100, settings)
    }),
    ("echo-64-1000", |settings| {
        echo("echo-64-1000", 64, 1000, settings)
    }),
    ("echo-1k-10", |settings| {
        echo("echo-1k-10", 1 << 10, 10, settings)
    }),
    ("echo-1k-100", |settings| {
        echo("echo-1k-100", 1 << 10, 100, settings)
    }),
    ("echo-1k-1000", |settings| {
        echo("echo-1k-1000", 1 << 10, 1000, settings)
    }),
    ("echo-64k-10", |settings| {
        echo("echo-64k-10", 64 << 10, 10, settings)
    }),
    ("echo-64k-100", |settings| {
        echo("echo-64k-100", 64 << 10, 100, settings)
    }),
    ("echo-64k-1000", |settings| {
        echo("echo-64k-1000", 64 << 10, 1000, settings)
    }),
    ("idle-10000", idle),
    ("accept", accept),
    ("udp-echo", udp_echo),
    ("stream-in", stream_in),
    ("stream-out", stream_out),
    ("hello-1", |settings| hello("hello-1", 1, settings)),
    ("hello-100", |settings| hello("hello-100", 100, settings)),
    ("hello-1000", |settings| hello("hello-1000", 1000, settings)),
];

/// In the order in which they take their turns.
const CONTENDERS: [Contender; 9] = [
    Contender::Here("raw"),
    Contender::Here(OURS),
    Contender::Here("tokio"),
    Contender::Here("smol"),
    Contender::Here("monoio"),
    Contender::Here("monoio io_uring"),
    Contender::Here("compio"),
    Contender::Python("asyncio"),
    Contender::Python("uvloop"),
];

/// For `idle-10000` alone: tokio as one writes it for many connections that say little.
const FRUGAL: Contender = Contender::Here("tokio readable");

/// The limit of every workload.
const RAW: Reference = Reference::FirstOf(&["raw"]);
const AHEAD: Goal = Goal::TimesBestPeer(1.0);
/// The bytes of a connection's buffer where less is asked for.
const BUFFER: usize = 4 << 10;

fn echo(name: &'static str, size: usize, connections: usize, settings: Settings) -> Workload {
    let all = if size > BUFFER { 20_000 } else { 50_000 };
    let load = Load {
        way: Way::Closed,
        work: Work::Echo,
        size,
        connections,
        requests: settings.items(all),
    };
    let about = format!("{connections} connections, {size} bytes there and back, per request");
    let mut workload = rates(name, about, load);
    workload.goal(Goal::TimesReference(1.05));
    workload.goal(AHEAD);
    workload
}

fn hello(name: &'static str, connections: usize, settings: Settings) -> Workload {
    let load = Load {
        way: Way::Closed,
        work: Work::Http,
        size: 0,
        connections,
        requests: settings.items(50_000),
    };
    let about = format!("HTTP/1 through hyper, {connections} connections kept, per request");
    let mut workload = rates(name, about, load);
    workload.goal(Goal::TimesTokio(1.0));
    workload
        .notes
        .push("raw, asyncio and uvloop parse nothing: no hyper there".to_owned());
    workload
}

fn accept(settings: Settings) -> Workload {
    let load = Load {
        way: Way::Accept,
        work: Work::Echo,
        size: 1,
        connections: 64,
        requests: settings.items(10_000),
    };
    let about = "connect, a byte there and back, close; 64 at a time, per connection";
    rates("accept", about.to_owned(), load)
}

fn udp_echo(settings: Settings) -> Workload {
    let load = Load {
        way: Way::Closed,
        work: Work::Udp,
        size: 64,
        connections: 16,
        requests: settings.items(100_000),
    };
    let about = "one socket, datagrams of 64 bytes from 16 others, per datagram";
    rates("udp-echo", about.to_owned(), load)
}

fn stream_in(settings: Settings) -> Workload {
    let about = "one connection, the server receives, per MiB";
    stream("stream-in", about, Work::In, settings)
}

fn stream_out(settings: Settings) -> Workload {
    let about = "one connection, the server sends, per MiB";
    stream("stream-out", about, Work::Out, settings)
}

fn stream(name: &'static str, about: &str, work: Work, settings: Settings) -> Workload {
    let requests = settings.items(1500);
    let load = Load {
        way: Way::Closed,
        work,
        size: work::PIECE,
        connections: 1,
        requests,
    };
    rates(name, about.to_owned(), load)
}

fn idle(_: Settings) -> Workload {
    let load = Load {
        way: Way::Idle,
        work: Work::Echo,
        size: 64,
        connections: 10_000,
        requests: 1,
    };
    let about = "10 000 connections that were used once: resident bytes of the server for each, \
        without the kernel's; beside it the CPU of all in a second";
    let mut workload = Workload::new("idle-10000", about, 10_000, RAW);
    workload.unit("bytes");
    workload.beside("cpu_ns_per_second");
    workload.goal(AHEAD);
    let sample = |found: Found| Sample {
        checksum: found.requests,
        took: found.grown as f64,
        beside: Some(found.processor as f64 * 1e9 / found.passed as f64),
    };
    add_contenders(&mut workload, load, false, sample);
    add_contender(&mut workload, FRUGAL, load, false, sample);
    workload.note("waits without a buffer, and has one for all");
    workload
}

/// A workload whose figure is the server's processor time, with what is done in a second beside it.
fn rates(name: &'static str, about: String, load: Load) -> Workload {
    let mut workload = Workload::new(name, about, load.requests, RAW);
    workload.unit("cpu_ns");
    workload.beside("per_second");
    add_contenders(&mut workload, load, true, |found| Sample {
        checksum: 0,
        took: found.processor as f64 / found.requests as f64,
        beside: Some(found.requests as f64 * 1e9 / found.passed as f64),
    });
    workload
}

/// Adds every contender that can serve here, and says who cannot and why.
fn add_contenders(
    workload: &mut Workload,
    load: Load,
    may_share: bool,
    sample: fn(Found) -> Sample,
) {
    // The client has compared an answer byte for byte: there is nothing more to agree on.
    workload.keep_state();
    for contender in CONTENDERS {
        add_contender(workload, contender, load, may_share, sample);
    }
}

fn add_contender(
    workload: &mut Workload,
    contender: Contender,
    load: Load,
    may_share: bool,
    sample: fn(Found) -> Sample,
) {
    let buffer = load.size.max(BUFFER);
    let trial = Load {
        requests: 1,
        connections: 1,
        way: Way::Closed,
        ..load
    };
    if let Err(reason) = measure(contender, trial, buffer) {
        let note = format!("{} takes no part: {reason}", contender.name());
        workload.notes.push(note);
        return;
    }
    let share = match contender {
        Contender::Python(_) if may_share => 5,
        Contender::Here(_) | Contender::Python(_) => 1,
    };
    workload.add_sampled(contender.name(), share, move |items| {
        let requests = if may_share { items } else { load.requests };
        let sample = sample(try_twice(contender, Load { requests, ..load }, buffer)?);
        // A measurement that ran out of time has done less: what one item takes counts.
        let took = if may_share {
            sample.took * items as f64
        } else {
            sample.took
        };
        Ok(Sample { took, ..sample })
    });
}

/// Measures; once more if that fails, so that an hour's run does not end for it.
fn try_twice(contender: Contender, load: Load, buffer: usize) -> Result<Found, String> {
    measure(contender, load, buffer).or_else(|reason| {
        eprintln!("{}: {reason}; once more", contender.name());
        measure(contender, load, buffer)
    })
}
