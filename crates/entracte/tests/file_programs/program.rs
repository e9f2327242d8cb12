//! An example as a process of its own, and the tools that talk to it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::scratch::Scratch;

/// Longer than any of this takes; who waits as long has hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A program, with what it prints line by line. It is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    output: Receiver<String>,
    errors: Receiver<String>,
}

/// Where cargo has put an example.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test.parent().and_then(Path::parent);
    let profile = profile.expect("tests are built in a folder");
    let path = profile.join("examples").join(name);
    assert!(
        path.is_file(),
        "{path:?} is not there: run `cargo build -p entracte --examples`, or all tests"
    );
    path
}

/// An example that Ctrl-C reaches, also where a shell that runs this in the background has it ignored.
pub(crate) fn reached<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal=INT").arg(example(name));
    command.args(args).stdin(Stdio::null());
    command
}

impl Program {
    /// Starts an example.
    pub(crate) fn start<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Self {
        Self::of(&mut reached(name, args))
    }

    /// Starts any program, with pipes.
    pub(crate) fn of(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a test may start a program");
        let output = lines(child.stdout.take().expect("it is piped"));
        let errors = lines(child.stderr.take().expect("it is piped"));
        Self {
            child,
            output,
            errors,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads on until it prints a line that contains this.
    pub(crate) fn expect(&self, what: &str) -> String {
        let mut said = Vec::new();
        while let Ok(line) = self.output.recv_timeout(PATIENCE) {
            if line.contains(what) {
                return line;
            }
            said.push(line);
        }
        let errors: Vec<String> = self.errors.try_iter().collect();
        panic!("it never says {what:?}, but {said:#?} and {errors:#?}");
    }

    pub(crate) fn signal(&self, signal: &str) {
        signal_to(self.id(), signal);
    }

    /// Waits for its end; gives the rest of what it printed, and of its complaints.
    pub(crate) fn end(mut self) -> (ExitStatus, String, String) {
        let output = rest(&self.output);
        let errors = rest(&self.errors);
        let status = self.child.wait().expect("it is ours");
        (status, output, errors)
    }

    /// Waits for its end, which has to be a success without complaints; gives the rest of what it
    /// printed.
    pub(crate) fn succeeds(self) -> String {
        let (status, output, errors) = self.end();
        assert!(status.success() && errors.is_empty(), "{status}: {errors}");
        output
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn signal_to(id: u32, signal: &str) {
    let mut kill = Command::new("kill");
    let sent = kill.args(["-s", signal]).arg(id.to_string()).status();
    assert!(sent.expect("there is a kill").success());
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (to, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while matches!(from.read_until(b'\n', &mut line), Ok(length) if length > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            if to.send(text).is_err() {
                break;
            }
        }
    });
    lines
}

fn rest(lines: &Receiver<String>) -> String {
    let mut rest = String::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => rest.push_str(&line),
            Err(RecvTimeoutError::Disconnected) => return rest,
            Err(RecvTimeoutError::Timeout) => panic!("it does not end, and has said {rest:?}"),
        }
    }
}

/// A client that is not ours, for at most a minute; `None`, with a word, if it is not installed.
pub(crate) fn tool(name: &str, package: &str) -> Option<Command> {
    let path = installed(name, package)?;
    let mut command = Command::new("timeout");
    command.arg("60").arg(path);
    // Whatever stands between this machine and others.
    command.env("no_proxy", "127.0.0.1,localhost");
    Some(command)
}

/// A server that is not ours: with nothing around it that could be killed in its place.
pub(crate) fn server(name: &str, package: &str) -> Option<Command> {
    installed(name, package).map(Command::new)
}

fn installed(name: &str, package: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&paths).collect();
    // Where servers are, which not every user's path has.
    folders.push("/usr/sbin".into());
    let mut files = folders.iter().map(|folder| folder.join(name));
    let found = files.find(|file| file.is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{name} is not there: install {package}"
        );
        eprintln!("passed over: {name} is not there, which is in the package {package}");
    }
    found
}

pub(crate) fn python(program: &str) -> Option<Command> {
    let mut python = tool("python3", "python3")?;
    python.args(["-u", "-c", program]);
    Some(python)
}

/// A connection of the standard library's, which gives up after a minute.
pub(crate) fn client(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(address).expect("somebody listens");
    let read = client.set_read_timeout(Some(PATIENCE));
    read.and_then(|()| client.set_write_timeout(Some(PATIENCE)))
        .expect("it is a socket");
    client
}

/// What is still to be read, with the error if it ends in one.
pub(crate) fn read_all(mut from: impl Read) -> (Vec<u8>, io::Result<usize>) {
    let mut all = Vec::new();
    let ended = from.read_to_end(&mut all);
    (all, ended)
}

/// Many different bytes, always the same.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    fastrand::Rng::with_seed(count as u64).fill(&mut bytes);
    bytes
}

/// An empty folder for one test.
pub(crate) fn scratch(name: &str) -> Scratch {
    Scratch::new("file_programs", name)
}
