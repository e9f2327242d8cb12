//! An example as a process of its own, and the tools that talk to it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::scratch::Scratch;

/// Longer than any of this takes; who waits as long has hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a shell reports for a program that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

/// A program, with what it prints line by line. It is ended when this is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) input: Option<ChildStdin>,
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

impl Program {
    /// Starts an example.
    pub(crate) fn start<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Self {
        Self::of(Command::new(example(name)).args(args))
    }

    /// Starts any program, with pipes.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut reached = Command::new("env");
        // Also where a shell that runs this in the background has it ignored.
        reached
            .arg("--default-signal=INT")
            .arg(command.get_program());
        reached.args(command.get_args());
        reached.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        reached
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = reached.spawn().expect("a test may start a program");
        let output = lines(child.stdout.take().expect("it is piped"));
        let errors = lines(child.stderr.take().expect("it is piped"));
        let input = child.stdin.take();
        Self {
            child,
            input,
            output,
            errors,
        }
    }

    /// The address that an example says it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        let line = self.line();
        let address = line
            .strip_prefix("listening on ")
            .and_then(|text| text.trim().parse().ok());
        address.unwrap_or_else(|| panic!("it does not listen: {line:?}"))
    }

    /// The next line that it prints, with its ending.
    pub(crate) fn line(&self) -> String {
        match self.output.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(_) => panic!(
                "it says no more, but {:?}",
                self.errors.try_iter().collect::<Vec<_>>()
            ),
        }
    }

    /// Reads on until it prints a line that contains this.
    pub(crate) fn expect(&self, what: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(what) {
                return line;
            }
        }
    }

    /// The next line on its standard error.
    pub(crate) fn error(&self) -> String {
        self.errors.recv_timeout(PATIENCE).expect("it complains")
    }

    /// What it has said on its standard error by now and was not asked for yet, if anything.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.errors.try_recv().ok()
    }

    pub(crate) fn tell(&mut self, text: impl AsRef<[u8]>) {
        let input = self.input.as_mut().expect("it is piped");
        input.write_all(text.as_ref()).expect("it listens");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args(["-s", signal])
            .arg(self.child.id().to_string())
            .status();
        assert!(sent.expect("there is a kill").success());
    }

    /// Waits for its end; gives the rest of what it printed, and of its complaints.
    pub(crate) fn end(mut self) -> (ExitStatus, String, String) {
        drop(self.input.take());
        self.ended()
    }

    /// The same with its standard input left open, the end of which may end it as well.
    fn ended(mut self) -> (ExitStatus, String, String) {
        let output = rest(&self.output);
        let errors = rest(&self.errors);
        let status = self.child.wait().expect("it is ours");
        (status, output, errors)
    }

    /// Waits for its end, which has to be a success; gives the rest of what it printed.
    pub(crate) fn succeeds(self) -> String {
        let (status, output, errors) = self.end();
        assert!(status.success(), "{status}: {errors}");
        output
    }

    /// Presses Ctrl-C, on which it has to end as it should; gives the rest of what it printed.
    pub(crate) fn interrupted(self) -> String {
        self.signal("INT");
        let (status, output, errors) = self.ended();
        assert_eq!(status.code(), Some(INTERRUPTED), "{status}: {errors}");
        assert!(errors.ends_with("interrupted\n"), "{errors}");
        output
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Not by SIGKILL: `timeout`, around a tool, passes on what it is told itself.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("TERM");
        }
        drop(self.child.wait());
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (to, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
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

/// A tool that is not ours, for at most a minute; `None`, with a word, if it is not installed.
pub(crate) fn tool(name: &str, package: &str) -> Option<Command> {
    let found = Command::new("sh")
        .args(["-c", "command -v \"$0\"", name])
        .output();
    if found.is_ok_and(|found| found.status.success()) {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "60", name]);
        // Whatever stands between this machine and others.
        command.env("no_proxy", "127.0.0.1,localhost");
        return Some(command);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{name} is not there: install {package}"
    );
    eprintln!("passed over: {name} is not there, which is in the package {package}");
    None
}

pub(crate) fn nc() -> Option<Command> {
    tool("nc", "netcat-openbsd")
}

/// `nc`, connected; it passes the end of its input on.
pub(crate) fn nc_to(address: SocketAddr) -> Option<Command> {
    let mut nc = nc()?;
    nc.args(["-N", &address.ip().to_string(), &address.port().to_string()]);
    Some(nc)
}

pub(crate) fn python(program: &str) -> Option<Command> {
    let mut python = tool("python3", "python3")?;
    python.args(["-u", "-c", program]);
    Some(python)
}

/// Runs a tool with this input to its end; gives what it printed.
pub(crate) fn output_of(mut command: Command, input: &[u8]) -> Vec<u8> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the tool is there");
    let mut to = child.stdin.take().expect("it is piped");
    thread::scope(|scope| {
        scope.spawn(move || {
            // It may have heard enough; what it printed is what counts.
            drop(to.write_all(input));
        });
        let output = child.wait_with_output().expect("it is ours");
        assert!(output.status.success(), "{command:?}: {}", output.status);
        output.stdout
    })
}

/// A connection of the standard library's, which gives up after a minute.
pub(crate) fn client(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(address).expect("somebody listens");
    client
        .set_read_timeout(Some(PATIENCE))
        .expect("it is a socket");
    client
        .set_write_timeout(Some(PATIENCE))
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
    let mut random = fastrand::Rng::with_seed(count as u64);
    (0..count).map(|_| random.u8(..)).collect()
}

/// An empty folder for one test.
pub(crate) fn scratch(name: &str) -> Scratch {
    Scratch::new("net_programs", name)
}
