//! The committed corpus: programs of tasks with the traces of asyncio, so that no Python is needed.
//!
//! A text file: `#` lines say what it is and which CPython wrote it, then two lines a program, the
//! program and `= ` with its trace.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use super::fuzz::{CUT, Divergence, Tally};
use super::make::make;
use super::run::run;
use super::text::read;
use crate::worker::Worker;

const FILE: &str = "asyncio.txt";

/// Longer traces are left out, to keep the file small; shorter ones say little.
const LENGTHS: std::ops::RangeInclusive<usize> = 60..=400;

/// Why the corpus did not pass.
#[derive(Debug)]
pub enum Failed {
    /// The file cannot be read, or is not a corpus.
    Unreadable(String),
    /// A program diverges from its trace.
    Diverged(Box<Divergence>),
}

/// Runs the programs of a corpus over entracte and compares with the traces beside them.
///
/// # Errors
///
/// Returns [`Failed`] at the first divergence, or if there is nothing to compare.
pub fn compare(directory: &Path) -> Result<Tally, Failed> {
    let path = directory.join(FILE);
    let unreadable = |why: String| Failed::Unreadable(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    let mut tally = Tally::default();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    while let Some(line) = lines.next() {
        let program = read(line).map_err(|error| unreadable(error.to_string()))?;
        let theirs = lines.next().and_then(|trace| trace.strip_prefix("= "));
        let theirs = theirs.ok_or_else(|| unreadable("a trace is missing".to_owned()))?;
        let ours = run(&program);
        if ours != theirs {
            return Err(Failed::Diverged(Box::new(Divergence {
                index: tally.programs,
                program,
                ours,
                theirs: theirs.to_owned(),
            })));
        }
        tally.add(&ours);
    }
    if tally.programs == 0 {
        return Err(unreadable("it has no programs".to_owned()));
    }
    Ok(tally)
}

/// Writes a corpus of `count` programs made from `seed`, with the traces of `worker`.
///
/// # Errors
///
/// Returns an error if the worker has gone, is older than CPython 3.13, or the file cannot be
/// written.
pub fn write(directory: &Path, count: u64, seed: u64, worker: &mut Worker) -> io::Result<()> {
    let version = worker.version();
    if (version.major, version.minor) < (3, 13) {
        let message = format!("the corpus is written by CPython 3.13 or later, this is {version}");
        return Err(io::Error::other(message));
    }
    let mut text = format!(
        "# Random programs of tasks and what asyncio of CPython {version} made of them. Written by\n\
         # cargo run --release -p conformance -- asyncio --write-corpus {count} --seed {seed}\n"
    );
    let mut written = 0;
    for index in 0.. {
        if written == count {
            break;
        }
        let program = make(seed, index).to_string();
        let trace = worker.run(program.clone())?;
        if !trace.ends_with(CUT) && LENGTHS.contains(&trace.len()) {
            writeln!(text, "{program}\n= {trace}").expect("a string can be written to");
            written += 1;
        }
    }
    fs::create_dir_all(directory)?;
    fs::write(directory.join(FILE), text)
}
