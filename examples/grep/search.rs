//! Searches one file: chunk after chunk through a pipeline, and what goes on between chunks.

use std::cell::Cell;
use std::io::{self, Read};

use entracte::pipeline::push::{Stage, feed};
use entracte::{BoxError, Generator};

use crate::chunks::{Chunk, Chunks};
use crate::options::{Options, Report};
use crate::output::{Output, Printer};
use crate::stages::{Tally, candidates, counter, lines, matcher, printer};

/// Why a search ended early.
pub(crate) enum Failure {
    /// The file cannot be read: the next one may be.
    Read(io::Error),
    /// The output cannot be written: that is the end.
    Write(BoxError),
}

/// The search of one file.
pub(crate) struct Search<'a> {
    options: &'a Options,
    name: &'a [u8],
    named: bool,
    /// How many lines were seen, where they are numbered or all looked at.
    count: Cell<u64>,
    selected: u64,
    /// How many lines were selected before the first NUL byte.
    before_nul: Option<u64>,
    hidden: bool,
}

impl<'a> Search<'a> {
    /// A search of the file of that name, which is printed before each line if it is `named`.
    pub(crate) fn new(options: &'a Options, name: &'a [u8], named: bool) -> Self {
        Self {
            options,
            name,
            named,
            count: Cell::new(0),
            selected: 0,
            before_nul: None,
            hidden: false,
        }
    }

    pub(crate) fn selected(&self) -> u64 {
        self.selected
    }

    /// The lines are those of a new file from now on.
    pub(crate) fn restart(&mut self) {
        self.count.set(0);
        self.before_nul = None;
    }

    /// Whether a match was kept back because the file is not text.
    pub(crate) fn matched_binary(&self) -> bool {
        let binary = self.before_nul.is_some_and(|before| before < self.selected);
        self.options.report == Report::Lines && (self.hidden || binary)
    }

    /// Searches all of it.
    pub(crate) fn run(&mut self, file: impl Read, out: &mut Output) -> Result<(), Failure> {
        let mut chunks = Chunks::new(file, self.options.text);
        if self.read_on(&mut chunks, out)? {
            self.chunk(&chunks.rest(), out)?;
        }
        Ok(())
    }

    /// Searches the lines that are complete; answers whether more are wanted.
    pub(crate) fn read_on(
        &mut self,
        chunks: &mut Chunks<impl Read>,
        out: &mut Output,
    ) -> Result<bool, Failure> {
        loop {
            match chunks.next() {
                Ok(Some(chunk)) if self.chunk(&chunk, out)? => {}
                Ok(Some(_)) => return Ok(false),
                Ok(None) => return Ok(true),
                Err(error) => return Err(Failure::Read(error)),
            }
        }
    }

    /// Sends the lines of a chunk through a pipeline; answers whether more are wanted.
    pub(crate) fn chunk(&mut self, chunk: &Chunk<'_>, out: &mut Output) -> Result<bool, Failure> {
        if chunk.binary {
            self.before_nul.get_or_insert(self.selected);
        }
        let most = self.most();
        let sink = self.sink(out, most);
        let matcher = matcher(&self.options.pattern, self.options.invert, sink);
        let tally = feed(self.source(chunk.lines), matcher)
            .map_err(|failed| Failure::Write(failed.into_error()))?
            .unwrap_or_default();
        out.show().map_err(|error| Failure::Write(error.into()))?;
        self.selected += tally.selected;
        self.hidden |= tally.hidden;
        Ok(tally.selected < most)
    }

    /// The lines of a chunk that the matcher has to see.
    fn source<'c>(&'c self, chunk: &'c [u8]) -> Generator<'c, &'c [u8]> {
        let options = self.options;
        match options.pattern.landmark() {
            Some(landmark) if !options.invert => {
                candidates(chunk, landmark, options.numbered, &self.count)
            }
            _ => lines(chunk, &self.count),
        }
    }

    /// What becomes of the selected lines.
    fn sink<'c>(&'c self, out: &'c mut Output, most: u64) -> Stage<'c, &'c [u8], Tally> {
        let options = self.options;
        if options.report != Report::Lines || self.before_nul.is_some() {
            return counter(most);
        }
        let print = Printer {
            out,
            name: self.named.then_some(self.name),
            number: options.numbered.then_some(&self.count),
            marks: (!options.invert).then_some(&options.pattern),
            utf8_only: options.utf8_only(),
        };
        printer(print, most)
    }

    /// How many more lines are wanted.
    fn most(&self) -> u64 {
        match (self.options.report, self.before_nul) {
            (Report::Lines, None) | (Report::Count, _) => self.options.most - self.selected,
            _ => 1,
        }
    }
}
