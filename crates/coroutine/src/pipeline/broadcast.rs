//! `broadcast`: sends each item to several stages.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::ending::{Ending, close, ending, leave, start, throw};
use super::push::Stage;
use crate::co::Co;
use crate::coroutine::Coroutine;
use crate::error::{BoxError, Interrupt, Stop};
use crate::shared_error::SharedError;

/// Sends each item to every stage, in the order in which they are listed.
///
/// It returns what they returned, in the same order. A stage that returns early is left out from
/// there on; when the last one has returned, so does the broadcast. If a stage raises an error, those
/// after it do not get the item, and the error is thrown into all that are left, as a
/// [`SharedError`], before it goes up.
///
/// # Errors
///
/// Raises (does not return) the first error of a stage.
///
/// # Python
///
/// `for target in targets: target.send(item)`.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{broadcast, feed_iter, fold};
/// let sum = fold(0, |sum, number| sum + number);
/// let product = fold(1, |product, number| product * number);
/// let both = feed_iter(1..=4, broadcast([sum, product]))?;
/// assert_eq!(both, Some(vec![Some(10), Some(24)]));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub fn broadcast<'env, Item, Return>(
    stages: impl IntoIterator<Item = Stage<'env, Item, Return>>,
) -> Stage<'env, Item, Vec<Option<Return>>>
where
    Item: Clone + 'env,
    Return: 'env,
{
    let mut all = All::new(stages);
    Coroutine::new(async move |mut co: Co<'_, (), Item>| {
        let mut told = all.each(start);
        while told.is_ok() && !all.live.is_empty() {
            match co.try_yield(()).await {
                Ok(item) => told = all.send(item),
                Err(Interrupt::Close) => told = all.end(|stage| close(stage)),
                Err(Interrupt::Throw(error)) => told = Err(error),
            }
        }
        let ending = match told {
            Ok(()) => Ok(Some(all.returned)),
            Err(error) => all.throw(error),
        };
        leave(&mut co, ending).await
    })
}

/// The stages of a broadcast, and what the ended ones returned.
struct All<'env, Item, Return> {
    /// In the order of the list, each with its place in it.
    live: Vec<(usize, Stage<'env, Item, Return>)>,
    returned: Vec<Option<Return>>,
}

impl<'env, Item: Clone, Return> All<'env, Item, Return> {
    fn new(stages: impl IntoIterator<Item = Stage<'env, Item, Return>>) -> Self {
        let live: Vec<_> = stages.into_iter().enumerate().collect();
        let returned = live.iter().map(|_| None).collect();
        Self { live, returned }
    }

    fn send(&mut self, item: Item) -> Result<(), BoxError> {
        let mut left = self.live.len();
        let mut item = Some(item);
        self.each(|stage| {
            left -= 1;
            // The last one gets the item itself.
            let sent = if left == 0 { item.take() } else { item.clone() };
            match sent {
                Some(sent) => stage.send(sent),
                None => Ok(()),
            }
        })
    }

    /// Runs each stage on; the ended ones leave the list. Stops at the first error.
    fn each<Given>(
        &mut self,
        mut act: impl FnMut(&mut Stage<'env, Item, Return>) -> Result<(), Stop<Return, Given>>,
    ) -> Result<(), BoxError> {
        let mut at = 0;
        while let Some((place, stage)) = self.live.get_mut(at) {
            match act(stage) {
                Ok(()) => at += 1,
                Err(stop) => {
                    let place = *place;
                    drop(self.live.remove(at));
                    self.returned[place] = ending(stop)?;
                }
            }
        }
        Ok(())
    }

    /// Ends each stage. Stops at the first error.
    fn end(
        &mut self,
        act: impl Fn(&mut Stage<'env, Item, Return>) -> Ending<Return>,
    ) -> Result<(), BoxError> {
        while !self.live.is_empty() {
            let (place, mut stage) = self.live.remove(0);
            self.returned[place] = act(&mut stage)?;
        }
        Ok(())
    }

    /// Throws an error into every stage that is left; they have no other way out, and the error
    /// goes up whatever they make of it.
    fn throw<Value>(mut self, error: BoxError) -> Ending<Value> {
        let shared = SharedError::new(error);
        for (_, stage) in &mut self.live {
            drop(throw(stage, Box::new(shared.clone())));
        }
        drop(self);
        Err(shared.unshare())
    }
}
