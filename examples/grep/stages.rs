//! The pipeline: a source of borrowed lines, a matcher, and a sink that prints or counts.
//!
//! ```text
//! chunk ── lines or candidates ──line──▶ matcher ──line──▶ printer or counter
//! ```
//!
//! A line borrows from its chunk, so a pipeline lives as long as one chunk does. What goes on from
//! chunk to chunk (the number of lines, the count) is handed from one pipeline to the next.

use std::cell::Cell;

use entracte::Coroutine;
use entracte::Generator;
use entracte::pipeline::push::{Stage, filter};
use memchr::{memchr, memchr_iter, memrchr};

use crate::output::Printer;
use crate::pattern::{Landmark, Pattern};

/// Every line of a chunk, without its end. `count` is how many lines there were so far, so it is the
/// number of the line that is on its way.
pub(crate) fn lines<'a>(chunk: &'a [u8], count: &'a Cell<u64>) -> Generator<'a, &'a [u8]> {
    Generator::new(async move |mut co| {
        let mut ends = memchr_iter(b'\n', chunk);
        let mut start = 0;
        while start < chunk.len() {
            let end = ends.next().unwrap_or(chunk.len());
            count.update(|count| count + 1);
            co.yield_(&chunk[start..end]).await;
            start = end + 1;
        }
    })
}

/// Those lines of a chunk that have a landmark: the matcher would turn down all others. Counts the
/// lines in between only if they are `numbered`.
pub(crate) fn candidates<'a>(
    chunk: &'a [u8],
    landmark: Landmark<'a>,
    numbered: bool,
    count: &'a Cell<u64>,
) -> Generator<'a, &'a [u8]> {
    let pass = move |lines: &[u8]| {
        if numbered {
            count.update(|count| count + memchr_iter(b'\n', lines).count() as u64);
        }
    };
    Generator::new(async move |mut co| {
        let mut rest = chunk;
        while let Some(at) = landmark.find(rest) {
            let start = memrchr(b'\n', &rest[..at]).map_or(0, |end| end + 1);
            let end = memchr(b'\n', &rest[at..]).map_or(rest.len(), |end| at + end);
            pass(&rest[..start]);
            count.update(|count| count + 1);
            co.yield_(&rest[start..end]).await;
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        pass(rest);
    })
}

/// Sends on the lines that have the pattern, or with `invert` those that have not.
pub(crate) fn matcher<'a>(
    pattern: &'a Pattern,
    invert: bool,
    down: Stage<'a, &'a [u8], Tally>,
) -> Stage<'a, &'a [u8], Tally> {
    filter(move |line: &&[u8]| pattern.is_in(line) != invert, down)
}

/// What a sink returns.
#[derive(Default)]
pub(crate) struct Tally {
    /// How many lines arrived.
    pub(crate) selected: u64,
    /// One of them was not printed, as it is not text.
    pub(crate) hidden: bool,
}

/// Counts lines, and ends after `most`.
pub(crate) fn counter<'a>(most: u64) -> Stage<'a, &'a [u8], Tally> {
    Coroutine::new(async move |mut co| {
        let mut tally = Tally::default();
        while tally.selected < most && co.receive().await.is_some() {
            tally.selected += 1;
        }
        tally
    })
}

/// Prints lines, and ends after `most`. Raises an error if they cannot be written.
pub(crate) fn printer<'a>(mut printer: Printer<'a>, most: u64) -> Stage<'a, &'a [u8], Tally> {
    Coroutine::new(async move |mut co| {
        let mut tally = Tally::default();
        while tally.selected < most {
            let Some(line) = co.receive().await else {
                break;
            };
            tally.selected += 1;
            match printer.print(line) {
                Ok(printed) => tally.hidden |= !printed,
                Err(error) => co.raise(error).await,
            }
        }
        tally
    })
}
