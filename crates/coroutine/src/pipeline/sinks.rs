//! Sinks: the ends of a pipeline. Each returns its value when it is closed.

use super::push::Stage;
use crate::co::Co;
use crate::coroutine::Coroutine;

/// Calls a function with each item.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{feed_iter, for_each};
/// let mut seen = String::new();
/// feed_iter(["cur", "tain"], for_each(|part| seen.push_str(part))).unwrap();
/// assert_eq!(seen, "curtain");
/// ```
pub fn for_each<'env, Item: 'env>(mut act: impl FnMut(Item) + 'env) -> Stage<'env, Item> {
    Coroutine::new(async move |mut co: Co<'_, (), Item>| {
        while let Some(item) = co.receive().await {
            act(item);
        }
    })
}

/// Joins every item to a value, and returns it.
///
/// # Python
///
/// `functools.reduce`, pushed.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{feed_iter, fold};
/// assert_eq!(feed_iter(1..=4, fold(0, |sum, number| sum + number))?, Some(10));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
#[doc(alias = "reduce")]
pub fn fold<'env, Item: 'env, Value: 'env>(
    first: Value,
    mut join: impl FnMut(Value, Item) -> Value + 'env,
) -> Stage<'env, Item, Value> {
    Coroutine::new(async move |mut co: Co<'_, (), Item>| {
        let mut value = first;
        while let Some(item) = co.receive().await {
            value = join(value, item);
        }
        value
    })
}

/// Keeps every item, and returns them in a collection.
///
/// # Python
///
/// `list`, pushed.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{collect, feed_iter};
/// let word: Option<String> = feed_iter("curtain".chars(), collect()).unwrap();
/// assert_eq!(word.as_deref(), Some("curtain"));
/// ```
pub fn collect<'env, Items, Item>() -> Stage<'env, Item, Items>
where
    Items: Default + Extend<Item> + 'env,
    Item: 'env,
{
    fold(Items::default(), |mut items: Items, item| {
        items.extend(Some(item));
        items
    })
}
