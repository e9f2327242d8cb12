//! What `communicate` has yet to write, and what it has read.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

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
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    chunk: Vec<u8>,
}

impl Exchange {
    /// Adds to what is to be written.
    pub(super) fn offer(&mut self, input: Vec<u8>) {
        if self.written == self.input.len() {
            self.written = 0;
            self.input = input;
        } else {
            self.input.extend(input);
        }
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
        let chunk = &mut self.chunk;
        chunk.resize(CHUNK, 0);
        // Each of them on every poll, as any of them may be what the child waits for.
        let wrote = poll_write(cx, stdin, &self.input, &mut self.written)?;
        let read = poll_read(cx, stdout, chunk, &mut self.stdout)?;
        let read_errors = poll_read(cx, stderr, chunk, &mut self.stderr)?;
        if wrote.is_pending() || read.is_pending() || read_errors.is_pending() {
            return Poll::Pending;
        }
        self.chunk = Vec::new();
        Poll::Ready(Ok(()))
    }
}

/// Writes what is left, then closes the pipe. One that nobody reads is closed as well.
fn poll_write(
    cx: &mut Context<'_>,
    pipe: &mut Option<Writer<PipeWriter>>,
    input: &[u8],
    written: &mut usize,
) -> Poll<io::Result<()>> {
    let Some(open) = pipe else {
        return Poll::Ready(Ok(()));
    };
    let mut open = Pin::new(open);
    let outcome = loop {
        if *written == input.len() {
            break std::task::ready!(open.as_mut().poll_close(cx));
        }
        match std::task::ready!(open.as_mut().poll_write(cx, &input[*written..])) {
            Ok(count) => *written += count,
            Err(error) => break Err(error),
        }
    };
    *pipe = None;
    match outcome {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            *written = input.len();
            Poll::Ready(Ok(()))
        }
        outcome => Poll::Ready(outcome),
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
        match std::task::ready!(Pin::new(&mut *open).poll_read(cx, chunk))? {
            0 => break,
            count => into.extend_from_slice(&chunk[..count]),
        }
    }
    *pipe = None;
    Poll::Ready(Ok(()))
}
