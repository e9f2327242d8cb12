//! `wait`: waits for some or all of several tasks, and leaves those that are not done to their owner.

use std::fmt;
use std::future::poll_fn;
use std::time::Duration;

use crate::task::together::watch::Watch;
use crate::task::{Outcome, Task};

/// When a [`wait`] is over.
///
/// # Python
///
/// The [constants](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait) for
/// `return_when`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// When one task is done, whatever became of it.
    #[doc(alias = "asyncio.FIRST_COMPLETED")]
    FirstCompleted,
    /// When one task failed: it panicked, or its value is an `Err`. When all are done if none does.
    ///
    /// A task that was cancelled has not failed.
    #[doc(alias = "asyncio.FIRST_EXCEPTION")]
    FirstError,
    /// When all tasks are done.
    #[doc(alias = "asyncio.ALL_COMPLETED")]
    All,
}

/// There was no future and no task, so that none could be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTasks;

impl fmt::Display for NoTasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot wait for tasks where there are none")
    }
}

impl std::error::Error for NoTasks {}

/// Waits for tasks, and moves those that are done out of `tasks`, in their order.
///
/// The others stay in `tasks` and run on. Nothing is cancelled, and no outcome is taken: to await
/// one of the tasks that are given back is to get its outcome at once.
///
/// # Cancel safety
///
/// Cancel safe: if `wait` is cancelled, `tasks` is as it was. It cancels none of them; whoever owns
/// `tasks` does when dropping it.
///
/// # Errors
///
/// Returns [`NoTasks`] if `tasks` is empty.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
///
/// # Python
///
/// [`asyncio.wait`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait). There it
/// gives two sets; here those that are pending stay where they are, and the order is kept.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{sleep, spawn, task::When, wait};
///
/// # entracte::run(async {
/// let mut tasks = vec![];
/// for ms in [3_600_000, 1] {
///     tasks.push(spawn(async move {
///         sleep(Duration::from_millis(ms)).await;
///         ms
///     }));
/// }
/// for task in wait(&mut tasks, When::FirstCompleted).await? {
///     assert_eq!(task.await?, 1);
/// }
/// assert_eq!(tasks.len(), 1); // the sleeper is left
/// # Ok::<(), entracte::BoxError>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.wait")]
pub async fn wait<T: Outcome + 'static>(
    tasks: &mut Vec<Task<T>>,
    when: When,
) -> Result<Vec<Task<T>>, NoTasks> {
    wait_for(None, tasks, when).await
}

/// As [`wait`], but for no longer than `limit`; then it gives those that are done by then.
///
/// # Cancel safety
///
/// Cancel safe: if it is cancelled, `tasks` is as it was.
///
/// # Errors
///
/// Returns [`NoTasks`] if `tasks` is empty.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
///
/// # Python
///
/// [`asyncio.wait`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait) with a
/// `timeout`. As there, it is no error if the time is up.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::task::{When, wait_within};
///
/// # entracte::run(async {
/// let mut tasks = vec![entracte::spawn(std::future::pending::<()>())];
/// let done = wait_within(Duration::from_millis(1), &mut tasks, When::All).await?;
/// assert!(done.is_empty());
/// assert!(!tasks[0].is_done());
/// # Ok::<(), entracte::task::NoTasks>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.wait")]
pub async fn wait_within<T: Outcome + 'static>(
    limit: Duration,
    tasks: &mut Vec<Task<T>>,
    when: When,
) -> Result<Vec<Task<T>>, NoTasks> {
    wait_for(Some(limit), tasks, when).await
}

async fn wait_for<T: Outcome + 'static>(
    limit: Option<Duration>,
    tasks: &mut Vec<Task<T>>,
    when: When,
) -> Result<Vec<Task<T>>, NoTasks> {
    if tasks.is_empty() {
        return Err(NoTasks);
    }
    let watch = Watch::begin(tasks, when, limit);
    poll_fn(|cx| watch.poll(cx)).await;
    drop(watch);
    Ok(tasks.extract_if(.., |task| task.is_done()).collect())
}
