//! A listener that a test opens and closes, for servers in virtual time.

use std::io;
use std::rc::Rc;

use entracte::io::{MemoryStream, Stream, pair};
use entracte::net::Listener;
use entracte::sync::Queue;

/// Who comes in, one after the other; clones share it.
#[derive(Clone)]
pub(crate) struct Doors(Rc<Queue<io::Result<MemoryStream>>>);

impl Doors {
    pub(crate) fn new() -> Self {
        Self(Rc::new(Queue::unbounded()))
    }

    /// The end of a client that has come.
    pub(crate) fn come(&self) -> Stream<MemoryStream> {
        let (near, far) = pair(64);
        self.put(Ok(far));
        Stream::new(near)
    }

    pub(crate) fn fail(&self, error: impl Into<io::Error>) {
        self.put(Err(error.into()));
    }

    fn put(&self, accepted: io::Result<MemoryStream>) {
        assert!(self.0.try_put(accepted).is_ok(), "there is always room");
    }

    /// How many wait to be accepted.
    pub(crate) fn waiting(&self) -> usize {
        self.0.len()
    }
}

impl Listener for Doors {
    type Stream = MemoryStream;

    async fn next(&self) -> io::Result<MemoryStream> {
        let next = self.0.get().await;
        next.expect("nobody shuts it down")
    }
}
