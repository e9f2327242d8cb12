//! The differential run: programs in batches through both sides until one diverges.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::compare::{events, first_difference, linked, side_by_side};
use crate::encode::encode;
use crate::generate::{Grammar, generate};
use crate::program::Program;
use crate::python::{message, source};
use crate::shrink::shrink;
use crate::supervise::note;
use crate::worker::{Unusable, Worker};

/// Programs sent to the worker at once.
pub(crate) const BATCH: u64 = 128;

/// The worker's answer to a program that this CPython cannot be trusted with.
const SKIPPED: &str = "SKIPPED";

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What kind of programs.
    pub grammar: Grammar,
    /// Where the programs come from.
    pub seed: u64,
    /// The number of the first program.
    pub first: u64,
    /// How many.
    pub programs: u64,
    /// How many CPython processes.
    pub workers: usize,
    /// The interpreter to start.
    pub python: String,
    /// Where to note what is under way, for the process that supervises this one.
    pub progress: Option<PathBuf>,
}

/// What a run without divergence has compared.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Programs compared.
    pub programs: u64,
    /// Events compared.
    pub events: u64,
    /// Times that a coroutine was seen to delegate in constant time.
    pub linked: u64,
    /// Programs on which CPython itself died: not compared.
    pub lost: Vec<u64>,
    /// Programs that would hit a known error of this CPython (see `worker.py`): not compared.
    pub skipped: u64,
}

impl Tally {
    /// Counts a trace of ours that is CPython's.
    pub(crate) fn add(&mut self, ours: &str) {
        let count = |number: usize| u64::try_from(number).expect("a trace is short");
        self.programs += 1;
        self.events += count(events(ours));
        self.linked += count(linked(ours));
    }
}

/// A program on which the two sides differ.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// Its number in the run.
    pub index: u64,
    /// The program.
    pub program: Program,
    /// The trace over entracte.
    pub ours: String,
    /// The trace of CPython.
    pub theirs: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "program: {}", encode(&self.program))?;
        writeln!(f, "\n{}", source(&self.program))?;
        f.write_str(&side_by_side(&self.ours, &self.theirs))
    }
}

/// Why a run ended early.
#[derive(Debug)]
pub enum Stopped {
    /// The two sides differ.
    Diverged(Box<Divergence>),
    /// There is no CPython to compare with.
    Unusable(Unusable),
}

impl From<Unusable> for Stopped {
    fn from(unusable: Unusable) -> Self {
        Stopped::Unusable(unusable)
    }
}

/// Runs the plan.
///
/// # Errors
///
/// Returns [`Stopped`] at the first divergence, or if CPython cannot be used.
///
/// # Panics
///
/// Panics if a thread of the run panicked.
pub fn fuzz(plan: &Plan) -> Result<Tally, Stopped> {
    let claimed = AtomicU64::new(0);
    let over = AtomicBool::new(false);
    let mut tally = Tally::default();
    let mut stopped = None;
    thread::scope(|scope| {
        let lane = || {
            let result = lane(plan, &claimed, &over);
            if result.is_err() {
                over.store(true, Ordering::Relaxed);
            }
            result
        };
        let lanes: Vec<_> = (0..plan.workers).map(|_| scope.spawn(lane)).collect();
        for lane in lanes {
            match lane
                .join()
                .expect("a lane does not panic: bodies' panics are caught")
            {
                Ok(part) => {
                    tally.programs += part.programs;
                    tally.events += part.events;
                    tally.linked += part.linked;
                    tally.lost.extend(part.lost);
                    tally.skipped += part.skipped;
                }
                Err(why) => stopped = Some(why),
            }
        }
    });
    stopped.map_or(Ok(tally), Err)
}

/// One worker's share: claims batch after batch.
fn lane(plan: &Plan, claimed: &AtomicU64, over: &AtomicBool) -> Result<Tally, Stopped> {
    let mut worker = Worker::start(&plan.python)?;
    let mut tally = Tally::default();
    while !over.load(Ordering::Relaxed) {
        let start = claimed.fetch_add(BATCH, Ordering::Relaxed);
        if start >= plan.programs {
            break;
        }
        let end = (start + BATCH).min(plan.programs);
        let indices: Vec<u64> = (plan.first + start..plan.first + end).collect();
        if let Some(progress) = &plan.progress {
            // Without the note a program that kills this process is not named: no more is lost.
            drop(note(progress, plan.first + start));
        }
        batch(plan, &mut worker, &indices, &mut tally)?;
    }
    Ok(tally)
}

fn batch(
    plan: &Plan,
    worker: &mut Worker,
    indices: &[u64],
    tally: &mut Tally,
) -> Result<(), Stopped> {
    let programs: Vec<_> = indices
        .iter()
        .map(|index| generate(plan.grammar, plan.seed, *index))
        .collect();
    let messages: Vec<_> = programs.iter().map(message).collect();
    let gives_value = worker.version().close_gives_value();
    // An error here shows at the first `receive`.
    drop(worker.send(&messages));
    let ours: Vec<_> = programs
        .iter()
        .map(|program| plan.grammar.run(program, gives_value))
        .collect();
    for (at, (ours, program)) in ours.into_iter().zip(programs).enumerate() {
        let index = indices[at];
        let Ok(theirs) = worker.receive() else {
            // CPython died on this program. A new worker gets the rest.
            tally.lost.push(index);
            *worker = Worker::start(&plan.python)?;
            drop(worker.send(&messages[at + 1..]));
            continue;
        };
        if theirs == SKIPPED {
            tally.skipped += 1;
            continue;
        }
        if first_difference(&ours, &theirs).is_some() {
            let found = Divergence {
                index,
                program,
                ours,
                theirs,
            };
            return Err(Stopped::Diverged(Box::new(found)));
        }
        tally.add(&ours);
    }
    Ok(())
}

/// Makes a divergence smaller. `theirs` runs a program on CPython.
///
/// # Errors
///
/// Returns the pipe's error if the worker has gone.
pub fn smaller(
    grammar: Grammar,
    found: &Divergence,
    gives_value: bool,
    mut theirs: impl FnMut(&Program) -> io::Result<String>,
) -> io::Result<Divergence> {
    let diverges = |program: &Program| {
        let ours = grammar.run(program, gives_value);
        theirs(program)
            .is_ok_and(|theirs| theirs != SKIPPED && first_difference(&ours, &theirs).is_some())
    };
    let program = shrink(&found.program, diverges);
    let ours = grammar.run(&program, gives_value);
    let theirs = theirs(&program)?;
    Ok(Divergence {
        index: found.index,
        program,
        ours,
        theirs,
    })
}
