//! Reads a file in big chunks that end with a line, so that its lines can be borrowed.

use std::io::{self, ErrorKind, Read};

/// How much is asked for in one read. GNU grep asks for as much, and what is printed of a binary
/// file depends on it: a NUL byte hides the lines of its own chunk and of those after it. (Where a
/// line is longer than a chunk, GNU grep's reads have other sizes, and so may what comes before.)
const READ: usize = 96 << 10;

/// Lines that are complete.
pub(crate) struct Chunk<'a> {
    pub(crate) lines: &'a [u8],
    /// A NUL byte turned up, in them or before, or right after them.
    pub(crate) binary: bool,
}

/// A reader, and what was read and not handed out yet.
pub(crate) struct Chunks<R> {
    reader: R,
    /// What was read is in `start..end`; the rest is room.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// NUL bytes are bytes as any other.
    text: bool,
    /// There was a NUL byte. From there on they end lines.
    binary: bool,
}

impl<R: Read> Chunks<R> {
    pub(crate) fn new(reader: R, text: bool) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            text,
            binary: false,
        }
    }

    pub(crate) fn reader(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Reads on, and gives the lines that are complete by now; `None` at the end of the file.
    pub(crate) fn next(&mut self) -> io::Result<Option<Chunk<'_>>> {
        loop {
            let new = self.read()?;
            if new == 0 {
                return Ok(None);
            }
            let read = &mut self.buffer[self.end - new..self.end];
            if !self.text {
                self.binary = self.binary || memchr::memchr(0, read).is_some();
            }
            if self.binary {
                end_lines_at_nuls(read);
            }
            if let Some(last) = memchr::memrchr(b'\n', read) {
                let start = self.start;
                self.start = self.end - new + last + 1;
                return Ok(Some(Chunk {
                    lines: &self.buffer[start..self.start],
                    binary: self.binary,
                }));
            }
        }
    }

    /// The last line, if nothing ends it; empty otherwise.
    pub(crate) fn rest(&mut self) -> Chunk<'_> {
        let start = self.start;
        self.start = self.end;
        Chunk {
            lines: &self.buffer[start..self.end],
            binary: self.binary,
        }
    }

    /// Reads once, behind what is there.
    fn read(&mut self) -> io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < self.end + READ {
            // Twice as long, so that a line of any length is moved a few times only.
            self.buffer.resize((self.end + READ).max(2 * self.end), 0);
        }
        loop {
            match self
                .reader
                .read(&mut self.buffer[self.end..self.end + READ])
            {
                Ok(new) => {
                    self.end += new;
                    return Ok(new);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn end_lines_at_nuls(mut bytes: &mut [u8]) {
    while let Some(at) = memchr::memchr(0, bytes) {
        bytes[at] = b'\n';
        bytes = &mut bytes[at + 1..];
    }
}
