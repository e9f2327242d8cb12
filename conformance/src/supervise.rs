//! Runs a comparison in a child process: a program that kills it is found, shrunk and shown too.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio, exit};
use std::thread;

use crate::encode::encode;
use crate::fuzz::{BATCH, Plan};
use crate::generate::{Grammar, generate};
use crate::program::Program;
use crate::python::source;
use crate::shrink::shrink;

/// How a supervised run ended.
#[derive(Debug)]
pub enum Ended {
    /// By itself, with this exit code.
    Code(u8),
    /// It was killed, by running this program if one could be found.
    Killed(Option<Death>),
}

/// A program that kills the process that runs it.
#[derive(Debug)]
pub struct Death {
    /// Its number in the run.
    pub index: u64,
    /// The program, shrunk.
    pub program: Program,
}

impl std::fmt::Display for Death {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "program: {}\n\n{}",
            encode(&self.program),
            source(&self.program)
        )
    }
}

/// Runs this command again as a child, with `arguments` and `--progress FILE`.
///
/// # Errors
///
/// Returns an error if the child cannot be started.
pub fn supervise(plan: &Plan, arguments: &[String]) -> io::Result<Ended> {
    let progress = Progress::new()?;
    let seed = plan.seed.to_string();
    let mut child = Command::new(env::current_exe()?)
        .args(arguments)
        .args(["--seed", &seed, "--progress"])
        .arg(&progress.0)
        .stdin(Stdio::piped())
        .spawn()?;
    // Held to the end: it tells the child that somebody is still there.
    let lifeline = child.stdin.take();
    let status = child.wait()?;
    drop(lifeline);
    if let Some(code) = status.code() {
        return Ok(Ended::Code(u8::try_from(code).unwrap_or(1)));
    }
    for start in progress.last(plan.workers)? {
        for index in start..start + BATCH {
            let program = generate(plan.grammar, plan.seed, index);
            if kills(plan.grammar, &program) {
                let program = shrink(&program, |program| kills(plan.grammar, program));
                return Ok(Ended::Killed(Some(Death { index, program })));
            }
        }
    }
    Ok(Ended::Killed(None))
}

/// Whether a process that runs it over entracte does not live to its end.
fn kills(grammar: Grammar, program: &Program) -> bool {
    let status = env::current_exe().and_then(|exe| {
        Command::new(exe)
            .args([grammar.name(), "--trace", &encode(program)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    });
    status.is_ok_and(|status| status.code().is_none())
}

/// The file in which a child notes the batches that it begins.
struct Progress(PathBuf);

impl Progress {
    fn new() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("conformance-{}", process::id()));
        fs::write(&path, "")?;
        Ok(Self(path))
    }

    /// The batches that may have been under way.
    fn last(&self, workers: usize) -> io::Result<Vec<u64>> {
        let text = fs::read_to_string(&self.0)?;
        Ok(text
            .lines()
            .rev()
            .take(workers)
            .filter_map(|line| line.parse().ok())
            .collect())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // If that fails, a file of a few bytes stays behind.
        drop(fs::remove_file(&self.0));
    }
}

/// Ends this process, a child, when the one that supervises it is gone.
pub fn end_with_parent(progress: &Path) {
    let progress = Progress(progress.to_owned());
    thread::spawn(move || {
        // Nobody writes to it: this returns when the other end is closed.
        drop(io::stdin().read_line(&mut String::new()));
        drop(progress);
        exit(130);
    });
}

/// Notes the number of the first program of a batch.
///
/// # Errors
///
/// Returns the file's error: it is gone when this process is about to end.
pub fn note(progress: &Path, start: u64) -> io::Result<()> {
    use io::Write;
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(progress)?;
    writeln!(file, "{start}")
}
