//! CPython as a contender: a child process that times itself and answers nanoseconds and a checksum.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What CPython runs, and the oldest version of it that may.
#[derive(Clone, Copy)]
pub struct Script {
    text: &'static str,
    since: (u32, u32),
}

/// The workloads of the group `coroutine`.
pub const COROUTINE: Script = Script {
    text: include_str!("../python/coroutine.py"),
    since: (3, 0),
};

/// The workloads of the group `loop`.
pub const ASYNCIO: Script = Script {
    text: include_str!("workloads/event_loop/asyncio.py"),
    since: (3, 11),
};

/// A running CPython that waits for orders about one workload.
pub struct Python {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The version of the CPython that takes part.
pub fn version() -> Result<String, String> {
    let python = "import platform as p; print(p.python_implementation(), p.python_version())";
    let output = Command::new("python3")
        .args(["-c", python])
        .output()
        .map_err(|error| format!("python3 cannot be started ({error})"))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match text.strip_prefix("CPython ") {
        Some(version) => Ok(version.to_owned()),
        None => Err(format!("python3 is not CPython but `{text}`")),
    }
}

fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

impl Python {
    /// Starts CPython for `workload` of `script`.
    pub fn start(script: Script, workload: &str) -> Result<Self, String> {
        let version = version()?;
        if major_and_minor(&version).is_none_or(|found| found < script.since) {
            let (major, minor) = script.since;
            return Err(format!("{version} is older than {major}.{minor}"));
        }
        let mut child = Command::new("python3")
            .args(["-c", script.text, workload])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("python3 cannot be started ({error})"))?;
        let orders = child
            .stdin
            .take()
            .expect("the child's input was asked for as a pipe");
        let answers = child
            .stdout
            .take()
            .expect("the child's output was asked for as a pipe");
        Ok(Self {
            child,
            orders,
            answers: BufReader::new(answers),
        })
    }

    /// Runs `items` items: the checksum and the nanoseconds they took.
    pub fn run(&mut self, items: u64) -> Result<(u64, f64), String> {
        let answer = self.ask(&format!("run {items}"))?;
        let parsed = answer
            .split_once(' ')
            .and_then(|(took, checksum)| Some((checksum.parse().ok()?, took.parse().ok()?)));
        parsed.ok_or_else(|| format!("CPython answered `{answer}`"))
    }

    /// Lets CPython read the text that `grep-line` searches.
    pub fn read_text(&mut self, path: &Path) -> Result<(), String> {
        self.ask(&format!("text {}", path.display())).map(drop)
    }

    /// Resident bytes of one live coroutine.
    pub fn bytes(&mut self) -> Result<f64, String> {
        let answer = self.ask("bytes")?;
        answer
            .parse()
            .map_err(|_| format!("CPython answered `{answer}`"))
    }

    fn ask(&mut self, order: &str) -> Result<String, String> {
        let failed = |error| format!("CPython does not answer ({error})");
        writeln!(self.orders, "{order}").map_err(failed)?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer).map_err(failed)?;
        match answer.trim() {
            "" => Err("CPython ended without an answer".to_owned()),
            answer => Ok(answer.to_owned()),
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // The orders are written by the line and the child sleeps between them: it can be ended.
        // Neither call can fail in a way that matters here: a child that has ended is no loss.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
