//! `Runner`: a loop with a program on it, which can be entered again.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use entracte_event_loop::{EventLoop, Report, Settings};

use crate::run::RunError;
use crate::run::ctrl_c::CtrlC;
use crate::run::host::{Entered, Host};
use crate::run::main_future::Lent;
use crate::task::spawn::spawn_in;
use crate::task::task_ref::TaskRef;
use crate::task::tree::TaskTree;
use crate::task::{Task, TaskError};

/// Runs a future to its end on a new loop, then cancels every task that is left and awaits its
/// clean-up.
///
/// The future may borrow from its caller. Ctrl-C cancels the main task.
///
/// # Errors
///
/// Returns [`RunError::Cancelled`] if the main task was cancelled, [`RunError::Interrupted`] if
/// that was by Ctrl-C, [`RunError::Deadlock`] if everything waits and nothing can change that,
/// [`RunError::Nested`] inside a loop, and [`RunError::System`] if the system gives no loop.
///
/// # Panics
///
/// Goes on with the panic of the main task, once the others are gone.
///
/// # Python
///
/// [`asyncio.run`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run).
///
/// # Examples
///
/// ```
/// let words = vec!["one", "two"];
/// let length = entracte::run(async {
///     entracte::checkpoint().await;
///     words.len() // borrowed
/// });
/// assert_eq!(length?, 2);
/// # Ok::<(), entracte::RunError>(())
/// ```
#[doc(alias = "asyncio.run")]
#[track_caller]
pub fn run<F: Future>(future: F) -> Result<F::Output, RunError> {
    let runner = Runner::new()?;
    let value = runner.run(future);
    runner.close();
    value
}

/// A loop that runs one program after another; tasks that are left go on in the next.
///
/// # Python
///
/// [`asyncio.Runner`](https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner).
///
/// # Examples
///
/// ```
/// let runner = entracte::Runner::new()?;
/// let task = runner.run(async { entracte::spawn(async { 6 * 7 }) })?;
/// assert_eq!(runner.run(task)?.unwrap(), 42);
/// # Ok::<(), entracte::RunError>(())
/// ```
#[doc(alias = "asyncio.Runner")]
pub struct Runner {
    event_loop: EventLoop,
    /// Dropped after the loop, which may keep what belongs to it.
    host: Option<Box<dyn Host>>,
    grace: Cell<Duration>,
    watches_ctrl_c: Cell<bool>,
}

impl Runner {
    /// How long tasks may take to clean up when the runner closes, unless it is set otherwise.
    pub const GRACE: Duration = Duration::from_secs(10);

    /// A runner with a new loop.
    ///
    /// # Errors
    ///
    /// Returns [`RunError::System`] if the system gives no loop.
    pub fn new() -> Result<Self, RunError> {
        Ok(Self::with(EventLoop::new()?))
    }

    /// A runner with a new loop of these parts.
    ///
    /// # Errors
    ///
    /// Returns [`RunError::System`] if 4096 loops live.
    pub fn with_settings(settings: Settings) -> Result<Self, RunError> {
        Ok(Self::with(EventLoop::with(settings)?))
    }

    /// A runner for a loop that is there. The runner closes it.
    #[must_use]
    pub const fn with(event_loop: EventLoop) -> Self {
        Self {
            event_loop,
            host: None,
            grace: Cell::new(Self::GRACE),
            watches_ctrl_c: Cell::new(true),
        }
    }

    /// A runner for a loop that a host is to run.
    #[cfg(feature = "tokio-host")]
    pub(crate) fn hosted(event_loop: EventLoop, host: impl Host + 'static) -> Self {
        let mut runner = Self::with(event_loop);
        runner.host = Some(Box::new(host));
        runner
    }

    /// The loop.
    #[doc(alias = "asyncio.Runner.get_loop")]
    #[must_use]
    pub const fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    /// Sets how long tasks may take to clean up when the runner closes.
    ///
    /// Those that take longer are dropped where they wait, with a warning that shows the tree.
    pub fn set_grace(&self, grace: Duration) {
        self.grace.set(grace);
    }

    /// Sets whether Ctrl-C cancels the main task, which it does unless it is set otherwise.
    ///
    /// The first Ctrl-C cancels it, once; when it has unwound, [`run`](Self::run) gives
    /// [`RunError::Interrupted`]. A main task that swallows this goes on, and its value counts. The
    /// next Ctrl-C ends the process, and so does every one while nothing is run. Of several runs at
    /// once, on threads of their own, the one that began first is cancelled. A program in which
    /// Ctrl-C is ignored or handled already is left alone.
    ///
    /// # Python
    ///
    /// [`asyncio.Runner`](https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption)
    /// does it in the main thread only.
    pub fn set_ctrl_c(&self, watches: bool) {
        self.watches_ctrl_c.set(watches);
    }

    /// Runs a future to its end; other tasks go on meanwhile, and are left alone after.
    ///
    /// # Errors
    ///
    /// As [`run`].
    ///
    /// # Panics
    ///
    /// Goes on with the panic of the main task.
    #[doc(alias = "asyncio.Runner.run")]
    #[doc(alias = "asyncio.loop.run_until_complete")]
    #[track_caller]
    pub fn run<F: Future>(&self, future: F) -> Result<F::Output, RunError> {
        if self.is_nested() {
            return Err(RunError::Nested);
        }
        let _entered = self.enter();
        if self.event_loop.is_closed() {
            return Err(RunError::Closed);
        }
        let origin = Location::caller();
        let ctrl_c = CtrlC::watch(self.watches_ctrl_c.get());
        let value = Cell::new(None);
        let outcome = Lent::with(future, &value, |lent| {
            let main = spawn_in(
                self.event_loop.clone(),
                origin,
                ctrl_c.over(lent.borrowed()),
            );
            main.set_name("main");
            self.drive(main)
        });
        match outcome? {
            Ok(()) => Ok(value.take().expect("a future that ended gave its value")),
            Err(TaskError::Panicked(panic)) => panic.resume(),
            Err(TaskError::Cancelled(_)) if ctrl_c.was_pressed() => Err(RunError::Interrupted),
            Err(TaskError::Cancelled(message)) => Err(RunError::Cancelled(message)),
            Err(_) => Err(RunError::Cancelled(None)),
        }
    }

    /// Whether a loop runs on this thread that this one cannot be run in.
    fn is_nested(&self) -> bool {
        EventLoop::current().is_some() || self.host.as_ref().is_some_and(|host| host.is_nested())
    }

    fn enter(&self) -> Option<Box<dyn Entered + '_>> {
        self.host.as_ref().map(|host| host.enter())
    }

    fn run_until(
        &self,
        mut is_done: impl FnMut() -> bool,
    ) -> Result<(), entracte_event_loop::RunError> {
        match &self.host {
            Some(host) => host.run_until(&self.event_loop, &mut is_done),
            None => self.event_loop.run_until(is_done),
        }
    }

    /// Runs the loop until the main task is done.
    fn drive(&self, main: Task<()>) -> Result<Result<(), TaskError>, RunError> {
        let ran = self.run_until(|| main.is_done());
        if let Err(error) = ran {
            let error = self.failed(error);
            main.cancel();
            // Stuck, it can be unwound; it must be, as what it borrows ends with `run`.
            self.drain(|| main.is_done());
            return Err(error);
        }
        match main.try_outcome() {
            Ok(outcome) => Ok(outcome),
            // `stop` was called from within.
            Err(main) => {
                main.cancel();
                self.drain(|| main.is_done());
                Err(RunError::Stopped)
            }
        }
    }

    fn failed(&self, error: entracte_event_loop::RunError) -> RunError {
        match error {
            entracte_event_loop::RunError::Stuck => {
                RunError::Deadlock(TaskTree::of(&self.event_loop))
            }
            entracte_event_loop::RunError::Nested => RunError::Nested,
            other => RunError::System(other.into()),
        }
    }

    /// Runs the loop until `is_done`, for as long as the grace period.
    fn drain(&self, mut is_done: impl FnMut() -> bool) -> bool {
        let deadline = self.event_loop.time() + self.grace.get();
        // A timer, so that the loop wakes up by then, whatever the others wait for.
        let alarm = self.event_loop.call_at(deadline, || {});
        let mut done = false;
        let ran = self.run_until(|| {
            done = is_done();
            done || self.event_loop.time() >= deadline
        });
        alarm.cancel();
        done && ran.is_ok()
    }

    /// Cancels every task, awaits their clean-up, and closes the loop.
    ///
    /// Dropping the runner does the same.
    #[doc(alias = "asyncio.Runner.close")]
    pub fn close(self) {}

    fn cancel_and_close(&self) {
        if self.event_loop.is_closed() {
            return;
        }
        let is_nested = self.is_nested();
        let _entered = self.enter();
        if is_nested {
            // Nothing can be awaited inside another loop: what is left is dropped where it waits.
            if TaskRef::is_any_left(&self.event_loop) {
                let tree = TaskTree::of(&self.event_loop);
                let message = "a runner was dropped inside another loop, and its tasks with it";
                self.event_loop.report(&Report::new(message).with(&tree));
            }
            self.event_loop.close();
            return;
        }
        let mut added = None;
        let are_gone = || {
            // Those too that clean-ups and other threads spawn meanwhile.
            if added.replace(self.event_loop.added()) != Some(self.event_loop.added()) {
                let tasks = TaskRef::all(&self.event_loop).into_iter();
                tasks
                    .filter(|task| !task.is_cleaning_up())
                    .for_each(|task| task.cancel());
            }
            !TaskRef::is_any_left(&self.event_loop)
        };
        if !self.drain(are_gone) {
            let tree = TaskTree::of(&self.event_loop);
            let message = "tasks that did not end in time after they were cancelled are dropped";
            self.event_loop.report(&Report::new(message).with(&tree));
        }
        // What the last of them scheduled as they ended, done callbacks among it.
        self.drain(|| self.event_loop.ready() == 0);
        self.event_loop.close();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.cancel_and_close();
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("event_loop", &self.event_loop)
            .field("grace", &self.grace.get())
            .finish()
    }
}
