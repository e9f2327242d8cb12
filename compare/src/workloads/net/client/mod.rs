//! The client: keeps requests under way, counts the answers, and reads what the server took meanwhile.

mod accept;
mod closed;
mod idle;
mod socket;

use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use super::account::{self, Seat};
use super::work::Work;

/// In which way the client loads the server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A new request on a connection when the last is answered.
    Closed,
    /// Each request on a connection of its own.
    Accept,
    /// One request on each connection, then nothing.
    Idle,
}

const WAYS: [(&str, Way); 3] = [
    ("closed", Way::Closed),
    ("accept", Way::Accept),
    ("idle", Way::Idle),
];

/// What the client shall do.
#[derive(Clone, Copy)]
pub struct Load {
    pub way: Way,
    pub work: Work,
    /// The bytes of an echo.
    pub size: usize,
    pub connections: usize,
    pub requests: u64,
}

/// The server's address and its process.
#[derive(Clone, Copy)]
pub struct Target {
    pub port: u16,
    pub pid: u32,
}

/// What the client found.
#[derive(Clone, Copy)]
pub struct Found {
    pub requests: u64,
    /// Nanoseconds that the server ran.
    pub processor: u64,
    /// Nanoseconds that passed.
    pub passed: u64,
    /// By how many resident bytes the server grew, where that is asked for.
    pub grown: u64,
}

/// No measurement takes longer; what is answered until then counts.
const LONGEST: Duration = Duration::from_secs(5);
/// A server that answers nothing for as long as this is taken for stuck.
const STUCK: Duration = Duration::from_secs(5);

impl Load {
    /// As words of a command line.
    pub fn words(self) -> [String; 5] {
        let way = WAYS.iter().find(|(_, way)| *way == self.way);
        [
            way.map_or("?", |(name, _)| name).to_owned(),
            self.work.name().to_owned(),
            self.size.to_string(),
            self.connections.to_string(),
            self.requests.to_string(),
        ]
    }

    /// From the words of a command line.
    pub fn parse(words: &[String; 5]) -> Option<Self> {
        let [way, work, size, connections, requests] = words;
        let (_, way) = *WAYS.iter().find(|(name, _)| name == way)?;
        Some(Self {
            way,
            work: Work::find(work)?,
            size: size.parse().ok()?,
            connections: connections.parse().ok()?,
            requests: requests.parse().ok()?,
        })
    }
}

/// Loads the server and prints what was found, for the process that started this one.
pub fn run(load: Load, target: Target) -> Result<(), String> {
    let may_spin = account::settle(Seat::Client)?;
    let found = match load.way {
        Way::Closed => closed::run(load, target, may_spin),
        Way::Accept => accept::run(load, target),
        Way::Idle => idle::run(load, target),
    }?;
    println!("{found}");
    Ok(())
}

/// Runs `requests` and answers how many were answered; before and after it the server has nothing to
/// do, so that the kernel has written down all that it ran.
fn measured(target: Target, run: impl FnOnce() -> Result<u64, String>) -> Result<Found, String> {
    const SETTLED: Duration = Duration::from_millis(5);
    thread::sleep(SETTLED);
    let before = account::processor_time(target.pid)?;
    let start = Instant::now();
    let requests = run()?;
    let passed = start.elapsed().as_nanos() as u64;
    thread::sleep(SETTLED);
    let after = account::processor_time(target.pid)?;
    Ok(Found {
        requests,
        processor: after.saturating_sub(before),
        passed,
        grown: 0,
    })
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            requests,
            processor,
            passed,
            grown,
        } = self;
        write!(f, "{requests} {processor} {passed} {grown}")
    }
}

impl FromStr for Found {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[requests, processor, passed, grown]) => Ok(Self {
                requests,
                processor,
                passed,
                grown,
            }),
            _ => Err(format!("the client answered `{}`", text.trim())),
        }
    }
}
