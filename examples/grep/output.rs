//! Standard output: names, numbers and lines, with colour as GNU grep has it.

use std::cell::Cell;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use crate::pattern::Pattern;

/// Escape sequences that start a colour; `END` ends each.
const NAME: &[u8] = b"\x1b[35m\x1b[K";
const NUMBER: &[u8] = b"\x1b[32m\x1b[K";
const SEPARATOR: &[u8] = b"\x1b[36m\x1b[K";
const MATCH: &[u8] = b"\x1b[01;31m\x1b[K";
const END: &[u8] = b"\x1b[m\x1b[K";

const BUFFER: usize = 64 << 10;

/// Standard output, buffered.
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    color: bool,
    /// Somebody is looking: nothing is held back while more is read.
    terminal: bool,
}

impl Output {
    pub(crate) fn new(color: bool) -> Self {
        Self {
            out: BufWriter::with_capacity(BUFFER, io::stdout().lock()),
            color,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Shows what was printed, if that is a matter of time.
    pub(crate) fn show(&mut self) -> io::Result<()> {
        match self.terminal {
            true => self.out.flush(),
            false => Ok(()),
        }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn write_in(&mut self, color: &[u8], text: &[u8]) -> io::Result<()> {
        if self.color {
            self.out.write_all(color)?;
        }
        self.out.write_all(text)?;
        if self.color {
            self.out.write_all(END)?;
        }
        Ok(())
    }

    /// A name on a line of its own.
    pub(crate) fn name(&mut self, name: &[u8]) -> io::Result<()> {
        self.write_in(NAME, name)?;
        self.out.write_all(b"\n")
    }

    /// A count, with the name of its file if there are several.
    pub(crate) fn count(&mut self, name: Option<&[u8]>, count: u64) -> io::Result<()> {
        self.prefix(name)?;
        writeln!(self.out, "{count}")
    }

    fn prefix(&mut self, name: Option<&[u8]>) -> io::Result<()> {
        match name {
            Some(name) => {
                self.write_in(NAME, name)?;
                self.write_in(SEPARATOR, b":")
            }
            None => Ok(()),
        }
    }

    /// The text of a line with its matches in colour.
    fn marked(&mut self, mut text: &[u8], pattern: &Pattern) -> io::Result<()> {
        while let Some(found) = pattern.find(text) {
            self.out.write_all(&text[..found.start])?;
            let (matched, rest) = text[found.start..].split_at(found.len());
            self.write_in(MATCH, matched)?;
            text = rest;
        }
        self.out.write_all(text)
    }
}

/// Prints the lines of one file.
pub(crate) struct Printer<'a> {
    pub(crate) out: &'a mut Output,
    /// The name to print before each line, if any.
    pub(crate) name: Option<&'a [u8]>,
    /// Where the number of the line is found, if it is to be printed.
    pub(crate) number: Option<&'a Cell<u64>>,
    /// What to mark, unless the lines are those without it.
    pub(crate) marks: Option<&'a Pattern>,
    /// Lines that are not UTF-8 are not printed.
    pub(crate) utf8_only: bool,
}

impl Printer<'_> {
    /// Prints a line, or answers `false` if it is not text.
    pub(crate) fn print(&mut self, line: &[u8]) -> io::Result<bool> {
        if self.utf8_only && str::from_utf8(line).is_err() {
            return Ok(false);
        }
        self.out.prefix(self.name)?;
        if let Some(number) = self.number {
            self.out
                .write_in(NUMBER, number.get().to_string().as_bytes())?;
            self.out.write_in(SEPARATOR, b":")?;
        }
        match self.marks {
            Some(pattern) if self.out.color => self.out.marked(line, pattern)?,
            _ => self.out.out.write_all(line)?,
        }
        self.out.out.write_all(b"\n")?;
        Ok(true)
    }
}
