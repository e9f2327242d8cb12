//! The differential run of programs of tasks: batches through both sides until one diverges.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::make::make;
use super::program::Program;
use super::run::run;
use super::shrink::shrink;
use crate::compare::side_by_side;
use crate::worker::{Unusable, Worker};

/// The script of the worker.
pub const SCRIPT: &str = "tasks_worker.py";

/// The end of a trace that is not compared further: `tasks_twins.py` says why.
pub(crate) const CUT: &str = " CUT";

fn is_alike(ours: &str, theirs: &str) -> bool {
    match theirs.strip_suffix(CUT) {
        Some(beginning) => ours.starts_with(beginning),
        None => ours == theirs,
    }
}

/// Programs sent to the worker at once.
const BATCH: u64 = 128;

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
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
}

/// What a run without divergence has compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Programs compared.
    pub programs: u64,
    /// Events compared.
    pub events: usize,
    /// Programs that were not compared to their end.
    pub cut: u64,
    /// Cancellations that were seen to pass through a statement or to be caught.
    pub cancellations: usize,
}

impl Tally {
    /// Counts a trace that is the same on both sides.
    pub(crate) fn add(&mut self, trace: &str) {
        self.programs += 1;
        for event in trace.split_whitespace() {
            self.events += 1;
            self.cancellations += usize::from(event.ends_with(['~', 'c']));
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} programs, {} events, {} cancellations, {} cut short, 0 divergences",
            self.programs, self.events, self.cancellations, self.cut
        )
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
    /// The trace of asyncio.
    pub theirs: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "program: {}\n", self.program)?;
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
    /// The worker went away.
    Gone(io::Error),
}

impl From<Unusable> for Stopped {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
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
/// Panics if a program panics.
pub fn fuzz(plan: &Plan) -> Result<Tally, Stopped> {
    let claimed = AtomicU64::new(0);
    let over = AtomicBool::new(false);
    let lane = || {
        let result = lane(plan, &claimed, &over);
        over.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    };
    let parts: Vec<_> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..plan.workers).map(|_| scope.spawn(lane)).collect();
        let join = |lane: thread::ScopedJoinHandle<'_, _>| lane.join().expect("no program panics");
        lanes.into_iter().map(join).collect()
    });
    parts.into_iter().try_fold(Tally::default(), |sum, part| {
        part.map(|part: Tally| Tally {
            programs: sum.programs + part.programs,
            events: sum.events + part.events,
            cut: sum.cut + part.cut,
            cancellations: sum.cancellations + part.cancellations,
        })
    })
}

/// One worker's share: claims batch after batch.
fn lane(plan: &Plan, claimed: &AtomicU64, over: &AtomicBool) -> Result<Tally, Stopped> {
    let mut worker = Worker::start_script(&plan.python, SCRIPT)?;
    let mut tally = Tally::default();
    while !over.load(Ordering::Relaxed) {
        let start = claimed.fetch_add(BATCH, Ordering::Relaxed);
        if start >= plan.programs {
            break;
        }
        let indices = start..(start + BATCH).min(plan.programs);
        let indices: Vec<_> = indices.map(|index| plan.first + index).collect();
        let programs: Vec<_> = indices.iter().map(|it| make(plan.seed, *it)).collect();
        let lines: Vec<_> = programs.iter().map(ToString::to_string).collect();
        worker.send(&lines)?;
        for (index, program) in indices.into_iter().zip(programs) {
            let ours = run(&program);
            let theirs = worker.receive()?;
            if !is_alike(&ours, &theirs) {
                let found = Divergence {
                    index,
                    program,
                    ours,
                    theirs,
                };
                return Err(Stopped::Diverged(Box::new(found)));
            }
            let compared = theirs.strip_suffix(CUT);
            tally.cut += u64::from(compared.is_some());
            tally.add(compared.unwrap_or(&theirs));
        }
    }
    Ok(tally)
}

/// Makes a divergence smaller. `theirs` runs a program on CPython.
///
/// # Errors
///
/// Returns the pipe's error if the worker has gone.
pub fn smaller(
    found: &Divergence,
    mut theirs: impl FnMut(&Program) -> io::Result<String>,
) -> io::Result<Divergence> {
    let diverges =
        |program: &Program| theirs(program).is_ok_and(|theirs| !is_alike(&run(program), &theirs));
    let program = shrink(&found.program, diverges);
    Ok(Divergence {
        index: found.index,
        ours: run(&program),
        theirs: theirs(&program)?,
        program,
    })
}
