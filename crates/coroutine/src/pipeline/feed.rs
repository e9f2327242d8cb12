//! `feed`: drives a source into a stage; errors go back to the source, the end goes down.

use super::ending::{Ending, close, ending, source_ending, start, throw};
use super::error::FeedError;
use super::push::Stage;
use crate::error::BoxError;
use crate::resume::{Act, Resume};

type Fed<Item, Return> = Result<Option<Return>, FeedError<Item, Return>>;

/// Sends every item of a source to a stage, closes the stage, and gives what it returned.
///
/// The source is a [`Generator`](crate::Generator) or another coroutine without input, given or lent by `&mut`. The
/// stage is started if it has not started.
///
/// | what ends it | what happens | the answer |
/// |---|---|---|
/// | the source returns | the stage is closed, which flushes the pipeline to its end | what the stage returned |
/// | the source raises an error | it is thrown into the stage, through to the end | the error, or the value of a stage that caught it |
/// | a stage raises an error | it is thrown into the source at its yield, where it may be caught | the error as it left the source; `None` if the source caught it and returned |
/// | a stage returns early | the source is closed, and cleans up | what the stage returned |
///
/// It is `None`, too, if the stage has no value: it was unwound by the close.
///
/// # Errors
///
/// Returns [`FeedError::Raised`] for an error that nobody caught, and [`FeedError::Undelivered`]
/// with the item if the source gave one more when the stage had ended.
///
/// # Python
///
/// `for item in source: target.send(item)`, then `target.close()`. There, an error of the target
/// leaves the loop without the source hearing of it.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::pipeline::push::{feed, filter, for_each};
/// use entracte_coroutine::Generator;
///
/// let poem = String::from("Java is cool\nPython is cool");
/// let lines = Generator::new(async |mut co| co.yield_from_iter(poem.lines()).await);
/// let mut found = Vec::new();
/// let grep = filter(|line: &&str| line.contains("Python"), for_each(|line| found.push(line)));
/// feed(lines, grep).unwrap();
/// assert_eq!(found, ["Python is cool"]);
/// ```
pub fn feed<Source, Return>(
    source: Source,
    stage: Stage<'_, Source::Yield, Return>,
) -> Fed<Source::Yield, Return>
where
    Source: Resume<()>,
{
    drive(Fallible(source), stage)
}

/// As [`feed`], with the items of an iterator, which cannot be thrown an error.
///
/// Of a lent iterator the rest is there afterwards.
///
/// # Errors
///
/// As [`feed`]; there is no item that was not delivered.
///
/// # Python
///
/// `for item in items: target.send(item)`, then `target.close()`.
///
/// # Examples
///
/// ```
/// # use entracte_coroutine::pipeline::push::{Stage, feed_iter};
/// # use entracte_coroutine::Coroutine;
/// let mut numbers = 1..;
/// let first_two: Stage<'_, i32, i32> =
///     Coroutine::new(async |mut co| co.yield_(()).await + co.yield_(()).await);
/// assert_eq!(feed_iter(&mut numbers, first_two)?, Some(3));
/// assert_eq!(numbers.next(), Some(3));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub fn feed_iter<Items, Return>(
    items: Items,
    stage: Stage<'_, Items::Item, Return>,
) -> Fed<Items::Item, Return>
where
    Items: IntoIterator,
{
    drive(Infallible(items.into_iter()), stage)
}

/// What is at the top of a pipeline.
trait Source {
    type Item;
    /// The next item, or how the source ended.
    fn next(&mut self) -> Result<Self::Item, Result<(), BoxError>>;
    /// What the source makes of an error or a close.
    fn interrupt(&mut self, act: Act<()>) -> Result<Self::Item, Result<(), BoxError>>;
}

struct Fallible<S>(S);

impl<S: Resume<()>> Source for Fallible<S> {
    type Item = S::Yield;

    #[inline]
    fn next(&mut self) -> Result<S::Yield, Result<(), BoxError>> {
        self.0
            .resume(Act::Next)
            .map_err(|stop| source_ending(stop).map(drop))
    }

    fn interrupt(&mut self, act: Act<()>) -> Result<S::Yield, Result<(), BoxError>> {
        self.0
            .resume(act)
            .map_err(|stop| source_ending(stop).map(drop))
    }
}

struct Infallible<I>(I);

impl<I: Iterator> Source for Infallible<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Result<I::Item, Result<(), BoxError>> {
        self.0.next().ok_or(Ok(()))
    }

    fn interrupt(&mut self, act: Act<()>) -> Result<I::Item, Result<(), BoxError>> {
        match act {
            Act::Throw(error) => Err(Err(error)),
            _ => Err(Ok(())),
        }
    }
}

#[inline]
fn drive<S: Source, Return>(
    mut source: S,
    mut stage: Stage<'_, S::Item, Return>,
) -> Fed<S::Item, Return> {
    if let Err(stop) = start(&mut stage) {
        return stage_ended(source, ending(stop));
    }
    loop {
        match source.next() {
            Ok(item) => {
                if let Err(stop) = stage.send(item) {
                    return stage_ended(source, ending(stop));
                }
            }
            Err(ended) => return source_ended(stage, ended),
        }
    }
}

/// The source ended, and the stage is told how.
fn source_ended<Item, Return>(
    mut stage: Stage<'_, Item, Return>,
    ended: Result<(), BoxError>,
) -> Fed<Item, Return> {
    let ending = match ended {
        Ok(()) => close(&mut stage),
        Err(error) => throw(&mut stage, error),
    };
    ending.map_err(|error| FeedError::Raised {
        error,
        returned: None,
    })
}

/// The stage ended, and the source is told how.
fn stage_ended<S: Source, Return>(mut source: S, ending: Ending<Return>) -> Fed<S::Item, Return> {
    let (act, returned) = match ending {
        Ok(returned) => (Act::Close, returned),
        Err(error) => (Act::Throw(error), None),
    };
    match source.interrupt(act) {
        Ok(item) => Err(FeedError::Undelivered { item, returned }),
        Err(Ok(())) => Ok(returned),
        Err(Err(error)) => Err(FeedError::Raised { error, returned }),
    }
}
