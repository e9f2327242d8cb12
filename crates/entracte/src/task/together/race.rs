//! `race`: the first of several futures to end wins, the others are cancelled, and nothing is lost.

use std::panic::Location;

use crate::task::TaskError;
use crate::task::together::NoTasks;
use crate::task::together::as_completed;

/// What came of a [`race`]. Each is the index of a future and what became of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Raced<T> {
    /// The first that ended.
    pub winner: (usize, Result<T, TaskError>),
    /// Those that ended otherwise than by being cancelled, before the cancellation reached them or
    /// in spite of it, in the order in which they ended.
    pub also: Vec<(usize, Result<T, TaskError>)>,
}

/// Awaits several futures, each as a task, until the first ends; the others are cancelled.
///
/// It returns when all have cleaned up, so nothing of them goes on behind it. One that ended all
/// the same, in the same turn or because it swallowed the cancellation, hands its value back.
///
/// The first to end wins, whether it gave a value, panicked or cancelled its own task.
///
/// Futures of different types, which two `async` blocks always are, are boxed to be raced, and give
/// values of one type. As tasks, they cannot borrow from the caller.
///
/// # Cancel safety
///
/// Cancel safe, but what the futures gave is lost. Each that is not done is cancelled as well, and
/// the unwinding waits until all have cleaned up.
///
/// # Errors
///
/// Returns [`NoTasks`] if there is no future, so that none could win.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
///
/// # Python
///
/// There is none. The nearest is
/// [`asyncio.wait`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait) for the first
/// completed, then cancelling and awaiting the rest.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{race, sleep};
///
/// async fn mirror(name: &'static str, ms: u64) -> &'static str {
///     sleep(Duration::from_millis(ms)).await;
///     name
/// }
///
/// # entracte::run(async {
/// let raced = race([mirror("far", 3_600_000), mirror("near", 1)]).await?;
/// let (index, name) = raced.winner;
/// assert_eq!((index, name?), (1, "near"));
/// assert!(raced.also.is_empty());
/// # Ok::<(), entracte::BoxError>(())
/// # }).unwrap().unwrap();
/// ```
///
/// Futures of different types:
///
/// ```
/// use std::pin::Pin;
/// use std::time::Duration;
/// use entracte::{race, sleep};
///
/// # entracte::run(async {
/// let word = async { Some("word") };
/// let silence = async {
///     sleep(Duration::from_secs(3_600)).await;
///     None
/// };
/// let futures: [Pin<Box<dyn Future<Output = Option<&str>>>>; 2] =
///     [Box::pin(word), Box::pin(silence)];
/// let (index, said) = race(futures).await?.winner;
/// assert_eq!((index, said?), (0, Some("word")));
/// # Ok::<(), entracte::BoxError>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "select")]
#[doc(alias = "asyncio.FIRST_COMPLETED")]
#[track_caller]
pub fn race<I>(
    futures: I,
) -> impl Future<Output = Result<Raced<<I::Item as Future>::Output>, NoTasks>>
where
    I: IntoIterator<Item: Future + 'static>,
{
    let origin = Location::caller();
    async move {
        let mut racing = as_completed::start(origin, futures);
        let winner = racing.next().await.ok_or(NoTasks)?;
        racing.cancel_rest();
        let mut also = Vec::new();
        while let Some((index, outcome)) = racing.next().await {
            if !matches!(outcome, Err(TaskError::Cancelled(_))) {
                also.push((index, outcome));
            }
        }
        Ok(Raced { winner, also })
    }
}
