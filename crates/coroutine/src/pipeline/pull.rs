//! Pull: sources that are asked for items. What iterators have is not repeated here.

use alloc::vec::Vec;
use core::mem;

use super::ending::{leave, source_ending};
use crate::co::Co;
use crate::coroutine::Generator;
use crate::error::{BoxError, Interrupt};
use crate::resume::{Act, Resume};

pub use super::fan_in::fan_in;

/// Makes a source of anything that can be iterated.
///
/// # Python
///
/// `iter`, and `yield from iterable`.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::pull::source;
/// let mut lines = source("one\ntwo".lines());
/// assert_eq!(lines.next()?, "one");
/// lines.close()?; // as any generator
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub fn source<'env, Items>(items: Items) -> Generator<'env, Items::Item>
where
    Items: IntoIterator + 'env,
    Items::Item: 'env,
{
    Generator::new(async move |mut co: Co<'_, Items::Item, ()>| co.yield_from_iter(items).await)
}

/// Calls a function with each item, throws its errors into the source, and gives what the source
/// returned, if anything.
///
/// The error arrives at the yield whose item was at fault. A source that catches it may go on: its
/// next item is the next one to be handled. To end early, use a `for` loop over `&mut source` and
/// [`close`](crate::Coroutine::close) the source after it.
///
/// # Errors
///
/// Returns the error that left the source: one that it did not catch, or its own.
///
/// # Python
///
/// A loop whose body is in `try`, with `except` calling `source.throw(error)`.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::pipeline::pull::each;
/// use entracte_coroutine::Generator;
///
/// let lines = Generator::new(async |mut co| {
///     let mut faulty = Vec::new();
///     for line in ["4", "four", "5"] {
///         if co.try_yield(line).await.is_err() {
///             faulty.push(line);
///         }
///     }
///     faulty
/// });
/// let mut sum = 0;
/// let faulty = each(lines, |line| Ok(sum += line.parse::<i32>()?))?;
/// assert_eq!((sum, faulty), (9, Some(vec!["four"])));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub fn each<S: Resume<()>>(
    mut source: S,
    mut act: impl FnMut(S::Yield) -> Result<(), BoxError>,
) -> Result<Option<S::Return>, BoxError> {
    let mut answer = source.resume(Act::Next);
    loop {
        match answer {
            Ok(item) => {
                answer = source.resume(match act(item) {
                    Ok(()) => Act::Next,
                    Err(error) => Act::Throw(error),
                });
            }
            Err(stop) => return source_ending(stop),
        }
    }
}

/// Gives `size` items of a source at a time, and what is left over when the source ends.
///
/// It returns what the source returns. What is left over is given also if the source raised an
/// error; the error comes with the next verb. `throw` and `close` go on to the source. A `size` of
/// zero is taken for one.
///
/// # Errors
///
/// Raises (does not return) the errors of the source.
///
/// # Python
///
/// `itertools.batched`. There, the items before an error are lost.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::pull::{batch, source};
/// let pairs: Vec<_> = batch(2, source(1..=5)).collect();
/// assert_eq!(pairs, [vec![1, 2], vec![3, 4], vec![5]]);
/// ```
#[doc(alias = "batched")]
pub fn batch<'env, S>(size: usize, mut source: S) -> Generator<'env, Vec<S::Yield>, S::Return>
where
    S: Resume<()> + 'env,
    S::Yield: 'env,
    S::Return: 'env,
{
    Generator::new(async move |mut co: Co<'_, Vec<S::Yield>, ()>| {
        let mut batch = Vec::new();
        let mut act = Act::Next;
        loop {
            // A source that answers a close by an item ignores it, and so does the batch.
            let closing = matches!(act, Act::Close);
            match source.resume(act) {
                Ok(item) => batch.push(item),
                Err(stop) if batch.is_empty() => return leave(&mut co, source_ending(stop)).await,
                Err(stop) => {
                    co.yield_(batch).await;
                    return leave(&mut co, source_ending(stop)).await;
                }
            }
            act = if batch.len() < size && !closing {
                Act::Next
            } else {
                act_of(co.try_yield(mem::take(&mut batch)).await)
            };
        }
    })
}

/// What arrived at a yield, to be passed on to the source.
pub(super) fn act_of(arrived: Result<(), Interrupt>) -> Act<()> {
    match arrived {
        Ok(()) => Act::Next,
        Err(Interrupt::Throw(error)) => Act::Throw(error),
        Err(Interrupt::Close) => Act::Close,
    }
}
