//! `Failure`: why a run failed, from which seed, and the command that replays it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entracte::task::TaskTree;

use crate::replay::Replay;
use crate::trace::Trace;

/// Why a simulation gave no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The main task panicked: an assertion failed, say.
    Panicked(String),
    /// The main task returned this error.
    Failed(String),
    /// The main task was cancelled, with this message.
    Cancelled(Option<Arc<str>>),
    /// Every task waits, and nothing in the simulation can wake one.
    Deadlock(TaskTree),
    /// There were too many steps: who takes them may never stop.
    TooManySteps(TaskTree),
    /// The loop was told of errors that nobody waits for, such as the panic of a detached task.
    Reported(Vec<String>),
    /// A schedule does not fit the program: it does not run the same way each time.
    NotRepeatable,
    /// The loop could not run.
    System(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(text) => write!(f, "the main task panicked: {text}"),
            Self::Failed(text) => write!(f, "the main task failed: {text}"),
            Self::Cancelled(None) => f.write_str("the main task was cancelled"),
            Self::Cancelled(Some(message)) => write!(f, "the main task was cancelled: {message}"),
            Self::Deadlock(tree) => write!(f, "deadlock: every task waits\n{tree}"),
            Self::TooManySteps(tree) => write!(f, "too many steps, and no end\n{tree}"),
            Self::Reported(reports) => f.write_str(&reports.join("\n")),
            Self::NotRepeatable => f.write_str("the program does not run the same way each time"),
            Self::System(text) => f.write_str(text),
        }
    }
}

/// A run that failed: why, when, and how to run it again.
///
/// Its text ends with the command that replays it.
///
/// # Examples
///
/// ```
/// use entracte_sim::{Cause, Sim};
///
/// let failure = Sim::new(7).run(std::future::pending::<()>()).unwrap_err();
/// assert!(matches!(failure.cause(), Cause::Deadlock(_)));
/// assert!(failure.to_string().contains("ENTRACTE_SEED=7"));
/// ```
pub struct Failure {
    inner: Box<Inner>,
}

struct Inner {
    cause: Cause,
    time: Duration,
    step: u64,
    trace: Option<Trace>,
    replay: Replay,
}

impl Failure {
    pub(crate) fn new(cause: Cause, time: Duration, step: u64, seed: u64) -> Self {
        Self {
            inner: Box::new(Inner {
                cause,
                time,
                step,
                trace: None,
                replay: Replay::of_seed(seed),
            }),
        }
    }

    pub(crate) fn with_trace(mut self, trace: Option<Trace>) -> Self {
        self.inner.trace = trace;
        self
    }

    pub(crate) fn with_replay(mut self, change: impl FnOnce(&mut Replay)) -> Self {
        change(&mut self.inner.replay);
        self
    }

    /// Why it failed.
    #[must_use]
    pub const fn cause(&self) -> &Cause {
        &self.inner.cause
    }

    /// The seed it ran from.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.inner.replay.seed()
    }

    /// How much virtual time had passed.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.inner.time
    }

    /// How many steps had been taken.
    #[must_use]
    pub const fn step(&self) -> u64 {
        self.inner.step
    }

    /// What had happened, if the run was [traced](crate::Sim::trace).
    #[must_use]
    pub const fn trace(&self) -> Option<&Trace> {
        self.inner.trace.as_ref()
    }

    /// The command that replays it, as far as it can be told which test runs.
    #[must_use]
    pub fn command(&self) -> String {
        self.inner.replay.command()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            cause,
            time,
            step,
            trace,
            replay,
        } = &*self.inner;
        writeln!(f, "the simulation failed ({replay}): {cause}")?;
        writeln!(f, "after {time:?} of virtual time, in step {step}")?;
        if let Some(trace) = trace {
            writeln!(f, "trace:\n{trace}")?;
        }
        write!(f, "replay with: {}", replay.command())
    }
}

/// As it is displayed, for `unwrap` and `main` show errors by this.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {}
