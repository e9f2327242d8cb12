//! The committed corpus: programs with CPython's traces, so that no Python is needed to compare.
//!
//! A text file: `#` lines say what it is and which CPython wrote it, then two lines a program, the
//! program and `= ` with its trace.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use crate::compare::first_difference;
use crate::decode::decode;
use crate::encode::encode;
use crate::fuzz::{Divergence, Tally};
use crate::generate::{DRIVERS, Grammar, generate};
use crate::python::message;
use crate::run::reaches_shared;
use crate::worker::Worker;

const FILE: &str = "coroutine.txt";

/// Longer traces are left out, to keep the file small.
const LONGEST: usize = 450;

/// Shorter traces say little.
const FEWEST: usize = 10;

/// Why the corpus did not pass.
#[derive(Debug)]
pub enum Failed {
    /// The file cannot be read, or is not a corpus.
    Unreadable(String),
    /// A program diverges from its trace.
    Diverged(Grammar, Box<Divergence>),
}

fn unreadable(error: impl std::fmt::Display) -> Failed {
    Failed::Unreadable(error.to_string())
}

/// Runs the programs of a corpus over entracte and compares with the traces beside them; those
/// that reach no shared coroutine once more over asynchronous ones.
///
/// # Errors
///
/// Returns [`Failed`] at the first divergence, or if there is nothing to compare.
pub fn compare(directory: &Path) -> Result<Tally, Failed> {
    let path = directory.join(FILE);
    let text = fs::read_to_string(&path)
        .map_err(|error| Failed::Unreadable(format!("{}: {error}", path.display())))?;
    let mut tally = Tally::default();
    let mut index = 0;
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    while let (Some(line), Some(trace)) = (lines.next(), lines.next()) {
        let program = decode(line).map_err(unreadable)?;
        let theirs = trace
            .strip_prefix("= ")
            .ok_or_else(|| unreadable("a trace is missing"))?;
        let mut grammars = vec![Grammar::Coroutine];
        if !reaches_shared(&program) {
            grammars.push(Grammar::Async);
        }
        for grammar in grammars {
            // The corpus is written by a CPython whose `close` gives a value.
            let ours = grammar.run(&program, true);
            if first_difference(&ours, theirs).is_some() {
                let theirs = theirs.to_owned();
                let found = Divergence {
                    index,
                    program,
                    ours,
                    theirs,
                };
                return Err(Failed::Diverged(grammar, Box::new(found)));
            }
            tally.add(&ours);
        }
        index += 1;
    }
    if tally.programs == 0 {
        return Err(unreadable("it has no programs"));
    }
    Ok(tally)
}

/// Writes a corpus of `count` programs made from `seed`, with the traces of `worker`.
///
/// # Errors
///
/// Returns an error if the worker has gone, is a CPython whose `close` gives no value (before
/// 3.13), or the file cannot be written.
pub fn write(directory: &Path, count: u64, seed: u64, worker: &mut Worker) -> io::Result<()> {
    let version = worker.version();
    if !version.close_gives_value() {
        let message = format!("the corpus is written by CPython 3.13 or later, this is {version}");
        return Err(io::Error::other(message));
    }
    let mut text = format!(
        "# Random coroutine programs and what CPython {version} made of them. Written by\n\
         # cargo run --release -p conformance -- coroutine --write-corpus {count} --seed {seed}\n"
    );
    let mut written = 0;
    for bodies in 0.. {
        if written == count {
            break;
        }
        // Of the programs that share their bodies, the one in which most happens.
        let mut best = None;
        for index in bodies * DRIVERS..(bodies + 1) * DRIVERS {
            let program = generate(Grammar::Coroutine, seed, index);
            let trace = worker.run(message(&program))?;
            let lively = trace
                .split(' ')
                .filter(|event| !event.ends_with([':', 'f', 'Z']))
                .count();
            if trace.len() <= LONGEST && lively >= FEWEST {
                best = best.max(Some((lively, encode(&program), trace)));
            }
        }
        if let Some((_, program, trace)) = best {
            writeln!(text, "{program}\n= {trace}").expect("a string can be written to");
            written += 1;
        }
    }
    fs::create_dir_all(directory)?;
    fs::write(directory.join(FILE), text)
}
