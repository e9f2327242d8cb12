//! `Sim`: runs one program from one seed.

use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::rc::Rc;
use std::time::Duration;

use entracte::{RunError, Runner};
use entracte_event_loop::{SeededRandom, Settings, panic_text};

use crate::clock::VirtualClock;
use crate::failure::{Cause, Failure};
use crate::faults::Aim;
use crate::order::{Order, SimSchedule};
use crate::trace::{Recorder, Trace, Watch};
use crate::world::World;

/// Runs a program in a simulation, from a seed.
///
/// Time is virtual. Wherever several tasks are ready, the seed decides who goes on: each order that
/// a program may meet is one it must get along with.
///
/// # Panics
///
/// Panics if the program fails, with a text that ends with the command that replays it. [`Sim`]
/// gives it as an error instead.
///
/// # Python
///
/// [`asyncio.run`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run), with a
/// virtual clock.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let slept = entracte_sim::run(7, async {
///     entracte::sleep(Duration::from_secs(3600)).await;
///     entracte_sim::elapsed()
/// });
/// assert_eq!(slept, Duration::from_secs(3600)); // and it took no time
/// ```
#[track_caller]
pub fn run<F: Future>(seed: u64, program: F) -> F::Output {
    value_or_panic(Sim::new(seed).run(program))
}

/// Runs a program in a simulation whose tasks go on in asyncio's order: first in, first out.
///
/// # Panics
///
/// As [`run`].
///
/// # Examples
///
/// ```
/// let first = entracte_sim::run_fifo(async {
///     let log = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
///     let tasks = [1, 2, 3].map(|number| {
///         let log = std::rc::Rc::clone(&log);
///         entracte::spawn(async move { log.borrow_mut().push(number) })
///     });
///     entracte_sim::wait_all_blocked().await;
///     drop(tasks);
///     log.take()
/// });
/// assert_eq!(first, [1, 2, 3]);
/// ```
#[track_caller]
pub fn run_fifo<F: Future>(program: F) -> F::Output {
    value_or_panic(Sim::new(0).fifo().run(program))
}

#[track_caller]
fn value_or_panic<T>(ran: Result<Report<T>, Failure>) -> T {
    match ran {
        Ok(report) => report.value,
        Err(failure) => panic!("{failure}"),
    }
}

/// A simulation that is about to run: its seed, and how it differs from what [`run`] does.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte_sim::Sim;
///
/// let report = Sim::new(7).fifo().run(entracte::sleep(Duration::from_secs(60)))?;
/// assert_eq!(report.elapsed, Duration::from_secs(60));
/// # Ok::<(), entracte_sim::Failure>(())
/// ```
#[derive(Clone)]
pub struct Sim {
    seed: u64,
    order: Order,
    most_steps: u64,
    is_traced: bool,
    is_tolerant: bool,
    aim: Option<Rc<Aim>>,
}

/// What came of a run that did not fail.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report<T> {
    /// What the program returned.
    pub value: T,
    /// How much virtual time it took.
    pub elapsed: Duration,
    /// How many steps it took.
    pub steps: u64,
    /// What happened, if the run was traced.
    pub trace: Option<Trace>,
}

impl Sim {
    /// How many steps a run may take unless it is set otherwise.
    pub const MOST_STEPS: u64 = 100_000_000;

    /// A simulation from this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            order: Order::Seeded,
            most_steps: Self::MOST_STEPS,
            is_traced: false,
            is_tolerant: false,
            aim: None,
        }
    }

    /// Has ready tasks go on in asyncio's order; then only the network and the program draw from
    /// the seed.
    #[must_use]
    pub fn fifo(mut self) -> Self {
        self.order = Order::Fifo;
        self
    }

    /// Writes a [`Trace`].
    #[must_use]
    pub const fn trace(mut self) -> Self {
        self.is_traced = true;
        self
    }

    /// Sets how many steps the run may take before it fails.
    #[must_use]
    pub const fn most_steps(mut self, steps: u64) -> Self {
        self.most_steps = steps;
        self
    }

    /// Lets a run succeed although errors were reported that nobody waits for.
    #[must_use]
    pub const fn tolerant(mut self) -> Self {
        self.is_tolerant = true;
        self
    }

    pub(crate) fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    pub(crate) fn aim(mut self, aim: Rc<Aim>) -> Self {
        self.aim = Some(aim);
        self
    }

    /// Runs a program, then cancels every task that is left and awaits its clean-up.
    ///
    /// The future may borrow from its caller.
    ///
    /// # Errors
    ///
    /// Returns a [`Failure`] that says why there is no value.
    #[track_caller]
    pub fn run<F: Future>(self, program: F) -> Result<Report<F::Output>, Failure> {
        let trace = self.is_traced.then(Trace::default);
        let world = World::new(self.most_steps, trace, self.aim.clone());
        let _entered = world.enter();
        let runner = match self.runner(&world, Location::caller()) {
            Ok(runner) => runner,
            Err(error) => return Err(self.failure(&world, Cause::System(error.to_string()))),
        };
        let ran = panic::catch_unwind(AssertUnwindSafe(|| runner.run(program)));
        let (elapsed, steps) = (world.now().as_nanos(), world.steps());
        if let Order::Scripted(script) = &self.order {
            script.borrow_mut().end();
        }
        let closed = panic::catch_unwind(AssertUnwindSafe(|| runner.close()));
        let judged = match (ran, closed) {
            (Ok(ran), Ok(())) => self.judge(&world, ran),
            (Err(payload), _) | (_, Err(payload)) => {
                Err(Cause::Panicked(panic_text(&*payload).to_owned()))
            }
        };
        let elapsed = Duration::from_nanos(elapsed);
        let trace = world.take_trace();
        match judged {
            Ok(value) => Ok(Report {
                value,
                elapsed,
                steps,
                trace,
            }),
            Err(cause) => Err(Failure::new(cause, elapsed, steps, self.seed).with_trace(trace)),
        }
    }

    fn failure(&self, world: &World, cause: Cause) -> Failure {
        let elapsed = Duration::from_nanos(world.now().as_nanos());
        Failure::new(cause, elapsed, world.steps(), self.seed)
    }

    fn runner(
        &self,
        world: &Rc<World>,
        caller: &'static Location<'static>,
    ) -> Result<Runner, RunError> {
        let clock = VirtualClock(Rc::clone(world));
        let random = SeededRandom::from_seed(self.seed);
        let schedule = SimSchedule::new(Rc::clone(world), self.order.clone(), self.seed);
        let mut settings = Settings::from_parts(clock.clone(), clock, random).schedule(schedule);
        if self.is_traced || self.aim.is_some() {
            settings = settings.observer(Rc::new(Watch {
                world: Rc::clone(world),
                recorder: RefCell::new(Recorder::new(Rc::clone(world), caller)),
            }));
        }
        let runner = Runner::with_settings(settings)?;
        runner.set_ctrl_c(false);
        let hears = Rc::clone(world);
        let handler = Rc::new(move |report: &entracte_event_loop::Report<'_>| {
            hears.hear(report.to_string());
        });
        runner.event_loop().set_error_handler(Some(handler));
        Ok(runner)
    }

    fn judge<T>(&self, world: &World, ran: Result<T, RunError>) -> Result<T, Cause> {
        if let Some(tree) = world.take_overrun() {
            return Err(Cause::TooManySteps(tree));
        }
        if let Some(tree) = world.take_outside() {
            return Err(Cause::Deadlock(tree));
        }
        let value = ran.map_err(|error| match error {
            RunError::Deadlock(tree) => Cause::Deadlock(tree),
            RunError::Cancelled(message) => Cause::Cancelled(message),
            other => Cause::System(other.to_string()),
        })?;
        let reports = world.take_reports();
        if reports.is_empty() || self.is_tolerant {
            return Ok(value);
        }
        Err(Cause::Reported(reports))
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim")
            .field("seed", &self.seed)
            .field("most_steps", &self.most_steps)
            .field("is_traced", &self.is_traced)
            .finish_non_exhaustive()
    }
}
