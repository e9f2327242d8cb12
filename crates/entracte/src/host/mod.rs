//! Host mode: the loop inside tokio, on its thread, so that what needs tokio works in our tasks.
//!
//! reqwest, sqlx, tonic and others ask for tokio itself, not for any loop. [`run`] gives them one:
//! it runs tokio on this thread, and the loop as a part of it. Everything of this crate works as it
//! does elsewhere, and in its tasks `tokio::spawn`, `tokio::net` and `tokio::time` work as well, as
//! their futures can be awaited there. A wake from tokio stays on the thread.
//!
//! - Neither side starves the other: after some 128 steps the loop lets tokio go first, and sooner
//!   if tokio says that its share of the turn is used up.
//! - A task that is cancelled drops the future of tokio's that it awaits, as it does with any foreign
//!   future. A clean-up may await both kinds.
//! - What `tokio::spawn` started is tokio's. It is no part of the task tree, and is dropped when the
//!   runner closes, after the tasks of the loop have cleaned up; closures of
//!   `tokio::task::spawn_blocking` are waited for.
//! - In a task of tokio's no loop is the current one: [`spawn`](crate::spawn) and
//!   [`sleep`](crate::sleep) are not to be had there. A
//!   [`LoopHandle`](crate::threads::LoopHandle) is.
//! - A program in which everything waits is found to be stuck only if no task of tokio's is left,
//!   as one might hold the other end of something.
//! - Time is the system's on both sides. Neither the virtual clock of a simulation nor tokio's
//!   paused clock applies to the other.

mod guest;
mod selector;

use std::os::fd::AsFd;

use entracte_event_loop::{EventLoop, MonotonicClock, SeededRandom, Settings};
use tokio::runtime::{Handle, LocalRuntime};

use crate::host::guest::Tokio;
use crate::host::selector::GuestSelector;
use crate::run::{RunError, Runner};

/// Runs a future to its end as [`run`](crate::run()) does, on a new loop inside a new tokio.
///
/// # Errors
///
/// As [`run`](crate::run()), and [`RunError::Nested`] where tokio is current already.
///
/// # Panics
///
/// Goes on with the panic of the main task, once the others are gone.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let sum = entracte::host::run(async {
///     let theirs = tokio::spawn(async { 40 });
///     let ours = entracte::spawn(async {
///         tokio::time::sleep(Duration::from_millis(1)).await;
///         entracte::sleep(Duration::from_millis(1)).await;
///         2
///     });
///     theirs.await.unwrap() + ours.await.unwrap()
/// })?;
/// assert_eq!(sum, 42);
/// # Ok::<(), entracte::RunError>(())
/// ```
#[track_caller]
pub fn run<F: Future>(future: F) -> Result<F::Output, RunError> {
    let runner = runner()?;
    let value = runner.run(future);
    runner.close();
    value
}

/// A runner whose loop runs inside a new tokio, with everything that tokio was built with.
///
/// # Errors
///
/// Returns [`RunError::Nested`] inside a loop or where tokio is current, and [`RunError::System`] if
/// the system gives no loop or no tokio.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let runner = entracte::host::runner()?;
/// runner.set_grace(Duration::from_secs(1));
/// let task = runner.run(async { tokio::spawn(async { 6 * 7 }) })?;
/// assert_eq!(runner.run(task)?.unwrap(), 42);
/// # Ok::<(), entracte::RunError>(())
/// ```
pub fn runner() -> Result<Runner, RunError> {
    if is_nested() {
        return Err(RunError::Nested);
    }
    runner_in(LocalRuntime::new()?)
}

/// A runner whose loop runs inside this tokio, which needs its I/O and its time.
///
/// # Errors
///
/// Returns [`RunError::System`] if the system gives no loop.
///
/// # Panics
///
/// The runner panics when it runs something, if tokio was built without its I/O or its time.
///
/// # Examples
///
/// ```
/// let mut tokio = tokio::runtime::Builder::new_current_thread();
/// tokio.enable_all().max_blocking_threads(4);
/// let runner = entracte::host::runner_in(tokio.build_local(Default::default())?)?;
/// assert_eq!(runner.run(async { 6 * 7 })?, 42);
/// # Ok::<(), entracte::RunError>(())
/// ```
pub fn runner_in(tokio: LocalRuntime) -> Result<Runner, RunError> {
    let selector = GuestSelector::new()?;
    let descriptor = selector.as_fd().try_clone_to_owned()?;
    let tokio = Tokio::new(tokio, descriptor, selector.signs());
    let settings = Settings::from_parts(MonotonicClock::new(), selector, SeededRandom::from_os());
    Ok(Runner::hosted(EventLoop::with(settings)?, tokio))
}

fn is_nested() -> bool {
    EventLoop::current().is_some() || Handle::try_current().is_ok()
}
