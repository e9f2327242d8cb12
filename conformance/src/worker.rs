//! The CPython process: started once, fed in batches, asked for traces.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const OLDEST: Version = Version {
    major: 3,
    minor: 11,
    micro: 0,
};

/// A version of Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 3.
    pub major: u32,
    /// The language's version.
    pub minor: u32,
    /// The bug fix release.
    pub micro: u32,
}

impl Version {
    /// Whether `close` hands back what the body returned (rule E04): from 3.13 on.
    pub fn close_gives_value(self) -> bool {
        (self.major, self.minor) >= (3, 13)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

/// Why there is no worker.
#[derive(Debug)]
pub enum Unusable {
    /// It could not be started.
    Missing(String, io::Error),
    /// It is not CPython, or did not say what it is.
    Foreign(String),
    /// It is too old.
    Old(Version),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::Missing(python, error) => write!(f, "cannot start {python}: {error}"),
            Unusable::Foreign(said) => write!(f, "CPython is required, the worker said {said:?}"),
            Unusable::Old(version) => write!(f, "CPython {version} is older than {OLDEST}"),
        }
    }
}

impl std::error::Error for Unusable {}

/// A running worker.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    version: Version,
}

impl Worker {
    /// Starts `python` on the worker's script.
    ///
    /// # Errors
    ///
    /// Returns [`Unusable`] if it is missing, too old or not CPython.
    pub fn start(python: &str) -> Result<Self, Unusable> {
        Self::start_script(python, "worker.py")
    }

    /// Starts `python` on another script of this folder.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_script(python: &str, script: &str) -> Result<Self, Unusable> {
        let missing = |error| Unusable::Missing(python.to_owned(), error);
        let mut child = Command::new(python)
            .arg("-S")
            .arg("-E")
            .arg("-B")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(missing)?;
        let input = child.stdin.take();
        let output = child
            .stdout
            .take()
            .ok_or_else(|| missing(io::ErrorKind::BrokenPipe.into()))?;
        let mut output = BufReader::new(output);
        let mut hello = String::new();
        output.read_line(&mut hello).map_err(missing)?;
        let version = version(hello.trim()).ok_or(Unusable::Foreign(hello.trim().to_owned()));
        let worker = version.map(|version| Self {
            child,
            input,
            output,
            version,
        })?;
        if worker.version < OLDEST {
            Err(Unusable::Old(worker.version))
        } else {
            Ok(worker)
        }
    }

    /// The version it said it is.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Sends a batch of programs, as [`message`](crate::python::message) writes them. It works on them while the caller goes on.
    ///
    /// # Errors
    ///
    /// Returns the pipe's error if the worker has gone.
    pub fn send(&mut self, programs: &[String]) -> io::Result<()> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        // The worker reads a whole batch before it answers, so one write cannot block for ever.
        let mut batch = format!("{}\n", programs.len());
        for program in programs {
            batch.push_str(program);
            batch.push('\n');
        }
        input.write_all(batch.as_bytes())?;
        input.flush()
    }

    /// Receives the next trace of the batch that was sent.
    ///
    /// # Errors
    ///
    /// Returns the pipe's error if the worker has gone.
    pub fn receive(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end_matches('\n').len());
        Ok(line)
    }

    /// Runs one program.
    ///
    /// # Errors
    ///
    /// Returns the pipe's error if the worker has gone.
    pub fn run(&mut self, program: String) -> io::Result<String> {
        self.send(&[program])?;
        self.receive()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The end of its input ends it, unless it is stuck in a program.
        drop(self.input.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn version(hello: &str) -> Option<Version> {
    let mut words = hello
        .strip_prefix("cpython ")?
        .split(' ')
        .map(|word| word.parse().ok());
    let mut next = || words.next().flatten();
    Some(Version {
        major: next()?,
        minor: next()?,
        micro: next()?,
    })
}
