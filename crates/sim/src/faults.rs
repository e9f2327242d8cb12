//! Faults: a scenario runs once per point at which it can be cancelled or dropped, and is at one.
//!
//! A future can be left behind wherever it waits. It is left in two ways at each of these places:
//! *waiting*, before anything woke it, and *woken*, when what it waits for is there and it has not
//! run yet. The second is where an item, a permit or a wake-up gets lost.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use entracte::task::{CurrentTask, Outcome, Task};
use entracte::{current_task, spawn};
use entracte_event_loop::Token;

use crate::failure::Failure;
use crate::replay;
use crate::seeds::succeeded;
use crate::sim::Sim;

/// Where the fault of a run is to be, and how far the run has come.
pub(crate) struct Aim {
    at: u64,
    reached: Cell<u64>,
    has_struck: Cell<bool>,
    targets: RefCell<Vec<CurrentTask>>,
}

impl Aim {
    fn new(at: u64) -> Rc<Self> {
        Rc::new(Self {
            at,
            reached: Cell::new(0),
            has_struck: Cell::new(false),
            targets: RefCell::default(),
        })
    }

    /// Counts a point; tells whether the fault is to be here.
    fn reach(&self) -> bool {
        let point = self.reached.get();
        self.reached.set(point + 1);
        let strikes = point == self.at;
        if strikes {
            self.has_struck.set(true);
        }
        strikes
    }

    /// A callback is about to be called: if it is one of the tasks, it was woken.
    pub(crate) fn before_step(&self, token: Token) {
        let targets = self.targets.borrow();
        let number = token.slot();
        let target = targets
            .iter()
            .find(|task| task.id().number() == number && !task.is_done());
        if let Some(task) = target
            && self.reach()
        {
            task.cancel();
        }
    }
}

/// What a scenario is given to say where the faults are to be.
#[derive(Clone)]
pub struct Faults {
    aim: Rc<Aim>,
}

impl Faults {
    /// Spawns a task that is cancelled at one of its points: before its first step, at a place
    /// where it waits, or when it was woken there.
    ///
    /// A task that swallows the cancellation goes on, and is not cancelled again.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: awaiting the task does nothing but wait; dropping it cancels it.
    #[track_caller]
    pub fn spawn<F: Future + 'static>(&self, future: F) -> Task<F::Output> {
        let is_at_the_start = self.aim.reach();
        let aim = Rc::clone(&self.aim);
        let task = spawn(cancelled_in_time(aim, future));
        if is_at_the_start {
            task.cancel();
        }
        task
    }

    /// Awaits a future, and drops it at one of its points: `None` if that was in this run.
    ///
    /// This is what a `select!` does to the branch that loses.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: as safe as the future is.
    pub async fn dropping<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = Some(Box::pin(future));
        let mut was_woken = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut was_woken, true) && self.aim.reach() {
                future = None;
                return Poll::Ready(None);
            }
            let polled = future.as_mut().map(|future| future.as_mut().poll(cx));
            match polled {
                Some(Poll::Ready(value)) => Poll::Ready(Some(value)),
                Some(Poll::Pending) if !self.aim.reach() => Poll::Pending,
                _ => {
                    future = None;
                    Poll::Ready(None)
                }
            }
        })
        .await
    }

    /// Tells whether the fault of this run has been.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.aim.has_struck.get()
    }
}

impl std::fmt::Debug for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Faults")
            .field("at", &self.aim.at)
            .field("has_struck", &self.has_struck())
            .finish()
    }
}

/// Cancels its own task where it waits, if the fault is to be there.
async fn cancelled_in_time<F: Future>(aim: Rc<Aim>, future: F) -> F::Output {
    let task = current_task().expect("a task polls it");
    aim.targets.borrow_mut().push(task.clone());
    let mut future = pin!(future);
    poll_fn(|cx| {
        let polled = Pin::as_mut(&mut future).poll(cx);
        if polled.is_pending() && aim.reach() {
            task.cancel();
        }
        polled
    })
    .await
}

/// Runs a scenario once per point, with the fault at that one, and once without; gives how many
/// points there are.
///
/// The scenario says where faults are to be with [`Faults::spawn`] and [`Faults::dropping`]. Then it
/// looks whether what is left is whole: an assertion that fails, an error that it returns, and a
/// deadlock are failures.
///
/// If the environment says `ENTRACTE_FAULT=12`, the fault is there alone.
///
/// # Panics
///
/// Panics at the first point that makes the scenario fail, with a text that ends with the command
/// that replays it.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use entracte::sync::Lock;
/// use entracte_sim::faults;
///
/// let points = faults::everywhere(async |faults| {
///     let lock = Lock::new(());
///     let holder = lock.acquire().await;
///     let waits = lock.clone();
///     let task = faults.spawn(async move { drop(waits.acquire().await) });
///     entracte::checkpoint().await;
///     drop(holder);
///     drop(task.await);
///     assert!(!lock.is_locked()); // wherever the task was cancelled
/// });
/// assert_eq!(points, 3); // before it began, waiting for the lock, with the lock on its way
/// ```
#[track_caller]
pub fn everywhere<T: Outcome>(scenario: impl AsyncFn(&Faults) -> T) -> u64 {
    everywhere_in(&Sim::new(0).fifo(), scenario)
}

/// As [`everywhere`], in simulations like this one: from another seed, say.
///
/// # Panics
///
/// As [`everywhere`].
#[track_caller]
pub fn everywhere_in<T: Outcome>(sim: &Sim, scenario: impl AsyncFn(&Faults) -> T) -> u64 {
    let only = replay::wanted(replay::FAULT);
    let mut at = only.unwrap_or(0);
    loop {
        match run_once(sim.clone(), at, &scenario) {
            Err(failure) => panic!("{}", failure.with_replay(|replay| replay.set_fault(at))),
            Ok(has_struck) if !has_struck || only.is_some() => return at,
            Ok(_) => at += 1,
        }
    }
}

#[track_caller]
fn run_once<T: Outcome>(
    sim: Sim,
    at: u64,
    scenario: &impl AsyncFn(&Faults) -> T,
) -> Result<bool, Failure> {
    let faults = Faults { aim: Aim::new(at) };
    let report = sim.aim(Rc::clone(&faults.aim)).run(scenario(&faults))?;
    succeeded(report.value)
        .map_err(|cause| Failure::new(cause, report.elapsed, report.steps, 0))?;
    Ok(faults.has_struck())
}
