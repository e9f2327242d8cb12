//! Push: stages that are sent items, and the stages most pipelines are made of.

use alloc::vec::Vec;

use super::ending::{close, ending, leave, pass_on, start};
use crate::co::Co;
use crate::coroutine::Coroutine;
use crate::error::Stop;

pub use super::broadcast::broadcast;
pub use super::feed::{feed, feed_iter};
pub use super::sinks::{collect, fold, for_each};

/// A coroutine that is sent items and gives nothing but its end.
///
/// The last one of a pipeline is its *sink*. A stage before it owns the rest of the pipeline.
///
/// # Python
///
/// A coroutine with `item = yield` in a loop.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::Coroutine;
/// # use entracte_coroutine::pipeline::push::{Stage, feed_iter};
/// let longest: Stage<'_, &str, usize> = Coroutine::new(async |mut co| {
///     let mut longest = 0;
///     while let Some(line) = co.receive().await {
///         longest = longest.max(str::len(line));
///     }
///     longest
/// });
/// assert_eq!(feed_iter(["curtain", "light"], longest).unwrap(), Some(7));
/// ```
pub type Stage<'env, Item, Return = ()> = Coroutine<'env, (), Item, Return>;

/// Makes a stage from a body that receives items and sends others down to the next stage.
///
/// The stage starts the one below it before its body, and ends with it:
///
/// | the body | what happens below | the stage |
/// |---|---|---|
/// | is asked to close, or returns `Ok` | is closed | returns its value |
/// | is thrown an error, or raises one | the error is thrown in | raises it, or returns the value of a stage that caught it |
/// | returns the `Err` of a `send` | has ended | ends in the same way |
///
/// # Errors
///
/// Raises (does not return) the errors above, and `Stop::Finished` if the stage below had ended
/// before.
///
/// # Python
///
/// A coroutine with a parameter `target`, as tutorials call it. There, closing it does not close the
/// target unless its body says so.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::pipeline::push::{collect, feed_iter, stage};
///
/// let numbered = stage(
///     async |co, down| {
///         let mut number = 0;
///         while let Some(line) = co.receive().await {
///             number += 1;
///             down.send((number, line))?;
///         }
///         Ok(())
///     },
///     collect::<Vec<_>, _>(),
/// );
/// let lines = feed_iter(["a", "b"], numbered)?;
/// assert_eq!(lines, Some(vec![(1, "a"), (2, "b")]));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub fn stage<'env, Item, Down, Return, F>(
    body: F,
    mut down: Stage<'env, Down, Return>,
) -> Stage<'env, Item, Return>
where
    Item: 'env,
    Down: 'env,
    Return: 'env,
    F: for<'x, 'y, 'z> AsyncFnOnce(
            &'x mut Co<'y, (), Item>,
            &'z mut Stage<'env, Down, Return>,
        ) -> Result<(), Stop<Return, Down>>
        + 'env,
{
    Coroutine::new(async move |mut co: Co<'_, (), Item>| {
        if let Err(stop) = start(&mut down) {
            return leave(&mut co, ending(stop)).await;
        }
        let ended = co.catch(async |co| body(co, &mut down).await).await;
        let ending = match ended {
            Ok(Ok(())) => close(&mut down),
            Ok(Err(stop)) => ending(stop),
            Err(interrupt) => pass_on(&mut down, interrupt),
        };
        leave(&mut co, ending).await
    })
}

/// Sends on what the test says yes to.
///
/// # Python
///
/// `filter`, pushed.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{collect, feed_iter, filter};
/// let odd = filter(|number| number % 2 == 1, collect::<Vec<_>, _>());
/// assert_eq!(feed_iter(1..=5, odd)?, Some(vec![1, 3, 5]));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub fn filter<'env, Item, Return>(
    mut test: impl FnMut(&Item) -> bool + 'env,
    down: Stage<'env, Item, Return>,
) -> Stage<'env, Item, Return>
where
    Item: 'env,
    Return: 'env,
{
    let pass = move |item, down: &mut Stage<'env, Item, Return>| match test(&item) {
        true => down.send(item),
        false => Ok(()),
    };
    relay(pass, down)
}

/// Sends on what the function makes of each item.
///
/// # Python
///
/// `map`, pushed.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{collect, feed_iter, map};
/// let lengths = map(|word: &str| word.len(), collect::<Vec<_>, _>());
/// assert_eq!(feed_iter(["a", "lamp"], lengths).unwrap(), Some(vec![1, 4]));
/// ```
pub fn map<'env, Item, Down, Return>(
    mut change: impl FnMut(Item) -> Down + 'env,
    down: Stage<'env, Down, Return>,
) -> Stage<'env, Item, Return>
where
    Item: 'env,
    Down: 'env,
    Return: 'env,
{
    relay(
        move |item, down: &mut Stage<'env, Down, Return>| down.send(change(item)),
        down,
    )
}

/// A stage that does the same with each item and holds nothing in between: as [`stage`] with a loop
/// around a `receive`, without a block that catches, which is most of what an item costs there.
fn relay<'env, Item, Down, Return>(
    mut pass: impl FnMut(Item, &mut Stage<'env, Down, Return>) -> Result<(), Stop<Return, Down>> + 'env,
    mut down: Stage<'env, Down, Return>,
) -> Stage<'env, Item, Return>
where
    Item: 'env,
    Down: 'env,
    Return: 'env,
{
    Coroutine::new(async move |mut co: Co<'_, (), Item>| {
        let mut passed = start(&mut down).map_err(ending);
        let ending = loop {
            if let Err(ending) = passed {
                break ending;
            }
            match co.try_yield(()).await {
                Ok(item) => passed = pass(item, &mut down).map_err(ending),
                Err(interrupt) => break pass_on(&mut down, interrupt),
            }
        };
        leave(&mut co, ending).await
    })
}

/// Sends on `size` items at a time, and what is left over when it is closed.
///
/// An error from above is thrown on after what is left over was sent. A `size` of zero is taken
/// for one.
///
/// # Python
///
/// `itertools.batched`, pushed.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{batch, collect, feed_iter};
/// let pairs = batch(2, collect::<Vec<_>, _>());
/// assert_eq!(feed_iter(1..=5, pairs)?, Some(vec![vec![1, 2], vec![3, 4], vec![5]]));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
#[doc(alias = "batched")]
pub fn batch<'env, Item, Return>(
    size: usize,
    down: Stage<'env, Vec<Item>, Return>,
) -> Stage<'env, Item, Return>
where
    Item: 'env,
    Return: 'env,
{
    let size = size.max(1);
    let body = async move |co: &mut Co<'_, (), Item>, down: &mut Stage<'env, Vec<Item>, Return>| {
        let mut batch = Vec::new();
        let interrupt = loop {
            match co.try_yield(()).await {
                Ok(item) => batch.push(item),
                Err(interrupt) => break interrupt,
            }
            if batch.len() == size {
                down.send(core::mem::take(&mut batch))?;
            }
        };
        if !batch.is_empty() {
            down.send(batch)?;
        }
        co.raise(interrupt).await
    };
    stage(body, down)
}
