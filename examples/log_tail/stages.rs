//! The pipeline: coroutines that are sent bytes, make lines of them, and send those on.
//!
//! ```text
//! bytes ──▶ lines ──line──▶ keep, drop, squeeze, number … ──line──▶ publish
//! ```

use entracte::Co;
use entracte::pipeline::push::{Stage, filter, for_each, map, stage};
use memchr::memmem::Finder;

/// A line, with its ending.
pub(crate) type Line = Vec<u8>;

/// A stage between the lines and those who get them.
pub(crate) enum Filter {
    Keep(Vec<u8>),
    Drop(Vec<u8>),
    Squeeze,
    Number,
}

/// A pipeline that is sent bytes as they come, and calls `publish` with the lines that are left.
pub(crate) fn pipeline<'a>(
    filters: &'a [Filter],
    publish: impl FnMut(Line) + 'a,
) -> Stage<'a, Vec<u8>> {
    let mut down = for_each(publish);
    for wanted in filters.iter().rev() {
        down = match wanted {
            Filter::Keep(text) => {
                let finder = Finder::new(text);
                filter(move |line: &Line| finder.find(line).is_some(), down)
            }
            Filter::Drop(text) => {
                let finder = Finder::new(text);
                filter(move |line: &Line| finder.find(line).is_none(), down)
            }
            Filter::Squeeze => squeeze(down),
            Filter::Number => number(down),
        };
    }
    lines(down)
}

/// Cuts what comes into lines. What is left at the end is one as well.
fn lines(down: Stage<'_, Line>) -> Stage<'_, Vec<u8>> {
    stage(
        async |co: &mut Co<'_, (), Vec<u8>>, down: &mut Stage<'_, Line>| {
            let mut rest = Vec::new();
            while let Some(bytes) = co.receive().await {
                let mut bytes = &bytes[..];
                while let Some(end) = memchr::memchr(b'\n', bytes) {
                    let (line, behind) = bytes.split_at(end + 1);
                    rest.extend_from_slice(line);
                    down.send(std::mem::take(&mut rest))?;
                    bytes = behind;
                }
                rest.extend_from_slice(bytes);
            }
            if !rest.is_empty() {
                rest.push(b'\n');
                down.send(rest)?;
            }
            Ok(())
        },
        down,
    )
}

/// Sends the first of equal lines on, and how many more there were before the next one.
fn squeeze(down: Stage<'_, Line>) -> Stage<'_, Line> {
    stage(
        async |co: &mut Co<'_, (), Line>, down: &mut Stage<'_, Line>| {
            let (mut last, mut more) = (Line::new(), 0);
            loop {
                let line = co.receive().await;
                if line.as_ref() == Some(&last) {
                    more += 1;
                    continue;
                }
                if more > 0 {
                    down.send(format!("({more} more of these)\n").into_bytes())?;
                }
                let Some(line) = line else {
                    return Ok(());
                };
                (last, more) = (line.clone(), 0);
                down.send(line)?;
            }
        },
        down,
    )
}

fn number(down: Stage<'_, Line>) -> Stage<'_, Line> {
    let mut number = 0;
    let numbered = move |line: Line| {
        number += 1;
        [format!("{number}: ").as_bytes(), &line].concat()
    };
    map(numbered, down)
}
