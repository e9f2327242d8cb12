//! `fan_in`: one source made of several, whose items it gives in turns.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;

use super::ending::{Ending, leave, source_ending};
use super::pull::act_of;
use crate::co::Co;
use crate::coroutine::Generator;
use crate::error::BoxError;
use crate::resume::{Act, Resume};

/// Gives the items of several sources in turns, one of each, until all have ended.
///
/// It returns what the sources returned, in the order of the list. A source that ends leaves the
/// round. `throw` goes to the source whose item was given last; `close` goes to that one first and
/// then to the others, in turn. If a source raises an error, the others are closed before it goes
/// on.
///
/// # Errors
///
/// Raises (does not return) the first error of a source.
///
/// # Python
///
/// The recipe `roundrobin` in the documentation of `itertools`.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::pull::{fan_in, source};
/// let letters: String = fan_in(["ad", "be", "c"].map(|part| source(part.chars()))).collect();
/// assert_eq!(letters, "abcde");
/// ```
#[doc(alias = "roundrobin")]
#[doc(alias = "merge")]
pub fn fan_in<'env, S>(
    sources: impl IntoIterator<Item = S>,
) -> Generator<'env, S::Yield, Vec<Option<S::Return>>>
where
    S: Resume<()> + 'env,
    S::Yield: 'env,
    S::Return: 'env,
{
    let mut round = Round::new(sources);
    Generator::new(async move |mut co: Co<'_, S::Yield, ()>| {
        let mut act = Act::Next;
        loop {
            match round.resume(act) {
                Ok(item) => act = act_of(co.try_yield(item).await),
                Err(ending) => return leave(&mut co, ending).await,
            }
        }
    })
}

/// The sources of a `fan_in`, and what the ended ones returned.
struct Round<S: Resume<()>> {
    /// The first one is next; the last one gave the last item. Each with its place in the list.
    live: VecDeque<(usize, S)>,
    returned: Vec<Option<S::Return>>,
}

/// What one source gave: an item, or nothing as it ended.
type Given<S> = Result<Option<<S as Resume<()>>::Yield>, BoxError>;

/// What the whole round gives: an item, or how all of it ended.
type Answer<S> = Result<<S as Resume<()>>::Yield, Ending<Vec<Option<<S as Resume<()>>::Return>>>>;

impl<S: Resume<()>> Round<S> {
    fn new(sources: impl IntoIterator<Item = S>) -> Self {
        let live: VecDeque<_> = sources.into_iter().enumerate().collect();
        let returned = live.iter().map(|_| None).collect();
        Self { live, returned }
    }

    /// The next item, or how all of it ended.
    fn resume(&mut self, act: Act<()>) -> Answer<S> {
        if matches!(act, Act::Close) {
            return self.close();
        }
        if matches!(act, Act::Throw(_)) {
            self.live.rotate_right(1);
        }
        let mut act = Some(act);
        while !self.live.is_empty() {
            match self.first(act.take().unwrap_or(Act::Next)) {
                Ok(Some(item)) => return Ok(item),
                Ok(None) => {}
                Err(error) => {
                    self.close_for_good();
                    return Err(Err(error));
                }
            }
        }
        Err(Ok(Some(mem::take(&mut self.returned))))
    }

    /// Resumes the first source; one that gave an item goes to the end of the line.
    fn first(&mut self, act: Act<()>) -> Given<S> {
        let Some((place, mut source)) = self.live.pop_front() else {
            return Ok(None);
        };
        match source.resume(act) {
            Ok(item) => {
                self.live.push_back((place, source));
                Ok(Some(item))
            }
            Err(stop) => {
                self.returned[place] = source_ending(stop)?;
                Ok(None)
            }
        }
    }

    /// Closes every source, whatever it answers: an error goes on in its place.
    fn close_for_good(&mut self) {
        while let Some((_, mut source)) = self.live.pop_front() {
            drop(source.resume(Act::Close));
        }
    }

    /// Closes every source; an item in answer comes out, as the close was ignored.
    fn close(&mut self) -> Answer<S> {
        let mut failed = None;
        if !self.live.is_empty() {
            self.live.rotate_right(1);
        }
        while !self.live.is_empty() {
            match self.first(Act::Close) {
                Ok(Some(item)) => return Ok(item),
                Ok(None) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) => Err(Err(error)),
            None => Err(Ok(Some(mem::take(&mut self.returned)))),
        }
    }
}
