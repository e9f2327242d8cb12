//! Exploration: small programs under every schedule within a bound, or under random ones.
//!
//! Wherever several tasks are ready, the next one is a **choice**. The usual one is the first, as
//! it became ready first; any other is a **reordering**. A [`Schedule`] is a list of reorderings,
//! and with it a run can be replayed. Most bugs need one or two: a task that is a little late just
//! when another is cancelled.
//!
//! [`depth_first`] tries every schedule with so many reorderings. [`random`] draws so many per run,
//! for programs with too many choices to try all.
//!
//! A program is run again and again, so it must do the same each time the same choices are made. It
//! may not ask for the time of day, or iterate over a `HashMap` and let that decide. Whatever it draws
//! from its loop, the network included, it draws from seed 0 in each run.

mod depth_first;
mod random;
mod schedule;

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use entracte::task::Outcome;

pub use self::depth_first::{Bound, depth_first};
pub use self::random::random;
pub(crate) use self::schedule::Script;
pub use self::schedule::{NoSchedule, Schedule};

use crate::failure::{Cause, Failure};
use crate::order::Order;
use crate::replay;
use crate::seeds::succeeded;
use crate::sim::Sim;

/// How many steps one run may take.
const MOST_STEPS: u64 = 100_000;

/// What an exploration did that found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// How many schedules were tried, each of them once.
    pub schedules: u64,
    /// Whether those were all within the bound.
    pub is_complete: bool,
}

/// A schedule under which a program fails.
///
/// Its text ends with the command that replays it; [`replay`] does the same from a program.
#[non_exhaustive]
pub struct Found {
    /// The schedule.
    pub schedule: Schedule,
    /// How it fails.
    pub failure: Failure,
    /// How many schedules had been tried before.
    pub before: u64,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} schedules: {}", self.before, self.failure)
    }
}

/// As it is displayed, for `unwrap` shows errors by this.
impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Found {}

/// Runs a program under one schedule, and writes a trace.
///
/// # Errors
///
/// Returns how the program fails, or [`Cause::NotRepeatable`] if the schedule does not fit it.
///
/// # Examples
///
/// ```
/// use entracte_sim::explore;
///
/// let schedule: explore::Schedule = "0:1".parse()?; // at the first choice, the second task
/// explore::replay(&schedule, async || {
///     let others = [(); 2].map(|()| entracte::spawn(async {}));
///     entracte::checkpoint().await;
///     drop(others);
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn replay<T: Outcome>(
    schedule: &Schedule,
    program: impl AsyncFn() -> T,
) -> Result<(), Failure> {
    let ran = execute(Sim::new(0).trace(), Script::fixed(schedule), &program);
    ran.result
}

/// What one run came to.
struct Ran {
    result: Result<(), Failure>,
    /// How many were ready at each choice.
    choices: Vec<u32>,
    /// Where it departed from the usual order.
    schedule: Schedule,
}

#[track_caller]
fn execute<T: Outcome>(sim: Sim, script: Script, program: &impl AsyncFn() -> T) -> Ran {
    let script = Rc::new(RefCell::new(script));
    let order = Order::Scripted(Rc::clone(&script));
    let ran = sim.most_steps(MOST_STEPS).order(order).run(program());
    let script = script.borrow();
    let schedule = script.taken();
    let result = match ran {
        _ if !script.fits() => {
            let time = std::time::Duration::ZERO;
            Err(Failure::new(Cause::NotRepeatable, time, 0, 0))
        }
        Ok(report) => succeeded(report.value).map_err(|cause| {
            Failure::new(cause, report.elapsed, report.steps, 0).with_trace(report.trace)
        }),
        Err(failure) => Err(failure),
    };
    Ran {
        result: result.map_err(|failure| {
            failure.with_replay(|replay| replay.set_schedule(schedule.to_string()))
        }),
        choices: script.choices().to_vec(),
        schedule,
    }
}

/// The schedule that the environment wants, in place of an exploration.
#[track_caller]
fn wanted<T: Outcome>(program: &impl AsyncFn() -> T) -> Option<Result<Explored, Found>> {
    let schedule: Schedule = replay::wanted(replay::SCHEDULE)?;
    Some(match replay(&schedule, program) {
        Ok(()) => Ok(Explored {
            schedules: 1,
            is_complete: false,
        }),
        Err(failure) => Err(Found {
            schedule,
            failure,
            before: 0,
        }),
    })
}
