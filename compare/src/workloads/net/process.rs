//! Starts a server and a client, each in a process of its own, and ends them.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::client::{Found, Load};
use super::work::Work;

/// The Python servers; what they import says whether they can be had.
const SCRIPT: &str = include_str!("asyncio_servers.py");
/// Names a CPython other than the first of the path, one that has uvloop.
const PYTHON: &str = "COMPARE_PYTHON";

/// Who serves.
#[derive(Clone, Copy)]
pub enum Contender {
    /// This program, by the name of the server.
    Here(&'static str),
    /// CPython, by the name of its loop.
    Python(&'static str),
}

impl Contender {
    pub fn name(self) -> &'static str {
        match self {
            Self::Here(name) | Self::Python(name) => name,
        }
    }
}

/// A process that is ended when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // A process that has ended already is no loss.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A running server.
struct Server {
    process: Process,
    port: u16,
}

impl Server {
    fn start(contender: Contender, work: Work, buffer: usize) -> Result<Self, String> {
        let name = contender.name();
        let failed = |error| format!("{name} cannot be started ({error})");
        let mut command = match contender {
            Contender::Here(name) => {
                let mut command = Command::new(env::current_exe().map_err(failed)?);
                command.args(["serve", name]);
                command
            }
            Contender::Python(name) => {
                let mut command = Command::new(env::var(PYTHON).as_deref().unwrap_or("python3"));
                command.args(["-c", SCRIPT, name]);
                command
            }
        };
        command.args([work.name(), &buffer.to_string()]);
        let mut process = start(command).map_err(failed)?;
        match first_line(&mut process)?.trim().parse() {
            Ok(port) => Ok(Self { process, port }),
            Err(_) => Err(format!("{name} does not start to serve")),
        }
    }
}

fn start(mut command: Command) -> std::io::Result<Process> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    Ok(Process(child))
}

fn first_line(process: &mut Process) -> Result<String, String> {
    let output = process
        .0
        .stdout
        .take()
        .expect("the output was asked for as a pipe");
    let mut line = String::new();
    let read = BufReader::new(output).read_line(&mut line);
    read.map_err(|error| format!("a process does not answer ({error})"))?;
    Ok(line)
}

/// Starts a fresh server, loads it, and ends it.
pub fn measure(contender: Contender, load: Load, buffer: usize) -> Result<Found, String> {
    let server = Server::start(contender, load.work, buffer)?;
    let name = contender.name();
    let failed = |error| format!("the client of {name} cannot be started ({error})");
    let mut command = Command::new(env::current_exe().map_err(failed)?);
    let pid = server.process.0.id();
    command
        .arg("load")
        .args(load.words())
        .args([server.port.to_string(), pid.to_string()]);
    let mut client = start(command).map_err(failed)?;
    let found = first_line(&mut client)?.parse();
    found.map_err(|error| format!("{name}: {error}"))
}
