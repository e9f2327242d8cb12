//! What `communicate` has yet to write, and what it has read.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use crate::io::{PipeReader, PipeWriter, Reader, Writer};

/// How much is read at once: as much as a pipe of Linux holds.
const CHUNK: usize = 64 * 1024;

pub(super) type Pipes<'a> = (
    &'a mut Option<Writer<PipeWriter>>,
    &'a mut Option<Reader<PipeReader>>,
    &'a mut Option<Reader<PipeReader>>,
);

#[derive(Default)]
pub(super) struct Exchange {
    input: Vec<u8>,
    written: usize,
    /// The child reads no more of its input.
    is_unread: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    chunk: Vec<u8>,
}

impl Exchange {
    /// Adds to what is to be written, unless there is no pipe to write it to.
    pub(super) fn offer(&mut self, input: Vec<u8>, has_pipe: bool) -> io::Result<()> {
        if !input.is_empty() && !has_pipe && !self.is_unread {
            let text = "cannot write to the child: its input is no pipe, was taken, or is closed";
            return Err(io::Error::new(ErrorKind::InvalidInput, text));
        }
        if self.written == self.input.len() {
            self.written = 0;
            self.input = input;
        } else {
            self.input.extend(input);
        }
        Ok(())
    }

    pub(super) fn take_collected(&mut self) -> (Vec<u8>, Vec<u8>) {
        let (stdout, stderr) = (&mut self.stdout, &mut self.stderr);
        (std::mem::take(stdout), std::mem::take(stderr))
    }

    /// Ready when everything is written and read, and all pipes are closed.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        (stdin, stdout, stderr): Pipes<'_>,
    ) -> Poll<io::Result<()>> {
        // Each of them on every poll, as any of them may be what the child waits for.
        let wrote = self.poll_write(cx, stdin)?;
        let chunk = &mut self.chunk;
        chunk.resize(CHUNK, 0);
        let read = poll_read(cx, stdout, chunk, &mut self.stdout)?;
        let read_errors = poll_read(cx, stderr, chunk, &mut self.stderr)?;
        if wrote.is_pending() || read.is_pending() || read_errors.is_pending() {
            return Poll::Pending;
        }
        self.chunk = Vec::new();
        Poll::Ready(Ok(()))
    }

    /// Writes what is left, then closes the pipe. One that nobody reads is closed as well.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        pipe: &mut Option<Writer<PipeWriter>>,
    ) -> Poll<io::Result<()>> {
        let Some(open) = pipe else {
            return Poll::Ready(Ok(()));
        };
        let mut open = Pin::new(open);
        let outcome = loop {
            if self.written == self.input.len() {
                break ready!(open.as_mut().poll_close(cx));
            }
            match ready!(open.as_mut().poll_write(cx, &self.input[self.written..])) {
                Ok(count) => self.written += count,
                Err(error) => break Err(error),
            }
        };
        *pipe = None;
        match outcome {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_unread = true;
                self.written = self.input.len();
                Poll::Ready(Ok(()))
            }
            outcome => Poll::Ready(outcome),
        }
    }
}

/// Reads to the end, then closes the pipe.
fn poll_read(
    cx: &mut Context<'_>,
    pipe: &mut Option<Reader<PipeReader>>,
    chunk: &mut [u8],
    into: &mut Vec<u8>,
) -> Poll<io::Result<()>> {
    let Some(open) = pipe else {
        return Poll::Ready(Ok(()));
    };
    loop {
        match ready!(Pin::new(&mut *open).poll_read(cx, chunk))? {
            0 => break,
            count => into.extend_from_slice(&chunk[..count]),
        }
    }
    *pipe = None;
    Poll::Ready(Ok(()))
}
