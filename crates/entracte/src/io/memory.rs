//! A stream in memory: two ends, joined by two pipes of a fixed capacity.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::Wakeup;
use futures_io::{AsyncRead, AsyncWrite};

use crate::task::waiting::{Wait, waits_for};

/// Makes both ends of a stream in memory. Each direction holds so many bytes, at least one.
///
/// # Examples
///
/// ```
/// use entracte::io::{Stream, pair};
///
/// entracte::run(async {
///     let (near, far) = pair(64);
///     let (mut near, mut far) = (Stream::new(near), Stream::new(far));
///     near.writer.write(b"ping").unwrap();
///     assert_eq!(far.reader.chunk().await.unwrap(), b"ping");
/// })
/// .unwrap();
/// ```
#[must_use]
pub fn pair(capacity: usize) -> (MemoryStream, MemoryStream) {
    let pipe = || Rc::new(RefCell::new(Pipe::new(capacity.max(1))));
    let (there, back) = (pipe(), pipe());
    let near = MemoryStream {
        incoming: Rc::clone(&back),
        outgoing: Rc::clone(&there),
    };
    let far = MemoryStream {
        incoming: there,
        outgoing: back,
    };
    (near, far)
}

/// One end of a stream in memory.
///
/// Dropping it ends what the other reads, and makes its writes fail.
pub struct MemoryStream {
    incoming: Rc<RefCell<Pipe>>,
    outgoing: Rc<RefCell<Pipe>>,
}

struct Pipe {
    bytes: VecDeque<u8>,
    capacity: usize,
    /// Nothing will be written any more.
    has_ended: bool,
    /// Nobody reads any more.
    is_broken: bool,
    reader: Option<Wakeup>,
    writer: Option<Wakeup>,
}

impl Pipe {
    const fn new(capacity: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            capacity,
            has_ended: false,
            is_broken: false,
            reader: None,
            writer: None,
        }
    }

    fn wake(pipe: &RefCell<Self>) {
        let mut state = pipe.borrow_mut();
        let woken = [state.reader.take(), state.writer.take()];
        drop(state);
        woken.into_iter().flatten().for_each(Wakeup::wake);
    }
}

/// Notes who waits in a place of the pipe.
fn wait<T>(
    pipe: &RefCell<Pipe>,
    place: impl FnOnce(&mut Pipe) -> &mut Option<Wakeup>,
    what: Wait,
    cx: &Context<'_>,
) -> Poll<T> {
    let wakeup = Wakeup::of(cx.waker());
    let old = place(&mut pipe.borrow_mut()).replace(wakeup);
    drop(old);
    waits_for(what);
    Poll::Pending
}

impl AsyncRead for MemoryStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut pipe = self.incoming.borrow_mut();
        if pipe.bytes.is_empty() && !pipe.has_ended && !into.is_empty() {
            drop(pipe);
            return wait(&self.incoming, |pipe| &mut pipe.reader, Wait::Read, cx);
        }
        let count = pipe.bytes.read(into)?;
        drop(pipe);
        Pipe::wake(&self.incoming);
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut pipe = self.outgoing.borrow_mut();
        if pipe.is_broken || pipe.has_ended {
            let text = "cannot write to a stream in memory that is closed";
            return Poll::Ready(Err(io::Error::new(ErrorKind::BrokenPipe, text)));
        }
        let count = bytes.len().min(pipe.capacity - pipe.bytes.len());
        if count == 0 && !bytes.is_empty() {
            drop(pipe);
            return wait(&self.outgoing, |pipe| &mut pipe.writer, Wait::Write, cx);
        }
        pipe.bytes.extend(&bytes[..count]);
        drop(pipe);
        Pipe::wake(&self.outgoing);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.borrow_mut().has_ended = true;
        Pipe::wake(&self.outgoing);
        Poll::Ready(Ok(()))
    }
}

impl Drop for MemoryStream {
    fn drop(&mut self) {
        self.outgoing.borrow_mut().has_ended = true;
        self.incoming.borrow_mut().is_broken = true;
        Pipe::wake(&self.outgoing);
        Pipe::wake(&self.incoming);
    }
}

impl fmt::Debug for MemoryStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStream")
            .field("readable", &self.incoming.borrow().bytes.len())
            .field("unread", &self.outgoing.borrow().bytes.len())
            .finish_non_exhaustive()
    }
}
