//! `Listener`: takes the connections that come to a port.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::{Context, Poll};

use super::state::Sleepers;
use super::{Address, Stream};

/// What a port knows of its listener.
pub(crate) struct Listening {
    address: Address,
    /// How many connections may wait to be accepted.
    backlog: usize,
    waiting: RefCell<VecDeque<Stream>>,
    acceptors: RefCell<Sleepers>,
    is_closed: Cell<bool>,
}

impl Listening {
    pub(super) fn new(address: Address, backlog: usize) -> Self {
        Self {
            address,
            backlog,
            waiting: RefCell::default(),
            acceptors: RefCell::default(),
            is_closed: Cell::new(false),
        }
    }

    pub(super) const fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) const fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn takes_more(&self) -> bool {
        !self.is_closed.get() && self.waiting.borrow().len() < self.backlog
    }

    pub(super) fn offer(&self, stream: Stream) {
        self.waiting.borrow_mut().push_back(stream);
        self.acceptors.take().wake();
    }

    pub(super) fn close(&self) {
        self.is_closed.set(true);
        let waiting = self.waiting.take();
        drop(waiting);
        self.acceptors.take().wake();
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        if let Some(stream) = self.waiting.borrow_mut().pop_front() {
            return Poll::Ready(Ok(stream));
        }
        if self.is_closed.get() {
            let says = "cannot accept: the host crashed";
            return Poll::Ready(Err(io::Error::new(ErrorKind::NotConnected, says)));
        }
        self.acceptors.borrow_mut().add(cx.waker());
        Poll::Pending
    }
}

/// Takes the connections that come to a port of a host, until it is dropped.
///
/// Made by [`Host::bind`](super::Host::bind). Connections that nobody accepted are reset or shut
/// down when it is dropped.
///
/// # Python
///
/// [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server),
/// which calls a function for each; here a loop accepts.
#[doc(alias = "asyncio.Server")]
pub struct Listener {
    listening: Rc<Listening>,
}

impl Listener {
    pub(super) const fn new(listening: Rc<Listening>) -> Self {
        Self { listening }
    }

    /// The address it listens at.
    #[must_use]
    pub fn local_address(&self) -> &Address {
        self.listening.address()
    }

    /// Takes the connection that has waited longest, waiting for one; and says where it is from.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is cancelled, no connection was taken.
    ///
    /// # Errors
    ///
    /// Returns `NotConnected` if the host has crashed since it was bound.
    pub async fn accept(&self) -> io::Result<(Stream, Address)> {
        let stream = poll_fn(|cx| self.listening.poll_accept(cx)).await?;
        let from = stream.peer_address().clone();
        Ok((stream, from))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listening.close();
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("address", self.local_address())
            .field("waiting", &self.listening.waiting.borrow().len())
            .finish_non_exhaustive()
    }
}
