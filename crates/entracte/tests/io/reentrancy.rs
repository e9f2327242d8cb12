//! Foreign wakers that use the stream whose other end wakes them.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use entracte::io::{Stream, pair};
use entracte::{RunError, checkpoint};
use futures::AsyncWriteExt;

use crate::support::run_virtual;

thread_local! {
    static ON_WAKE: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Calls what the thread keeps for it.
struct Calls;

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        let act = ON_WAKE.with_borrow(Clone::clone);
        act.iter().for_each(|act| act());
    }
}

#[test]
fn a_waker_may_write_to_the_stream_that_is_being_read() -> Result<(), RunError> {
    run_virtual(async {
        let (near, mut far) = pair(4);
        let Stream { mut reader, writer } = Stream::new(near);
        let writer = Rc::new(RefCell::new(writer));
        let (own, calls) = (Rc::clone(&writer), Rc::new(Cell::new(0)));
        let counted = Rc::clone(&calls);
        ON_WAKE.set(Some(Rc::new(move || {
            counted.set(counted.get() + 1);
            own.borrow_mut()
                .write(b"meanwhile")
                .expect("it is accepted");
        })));
        {
            let waker = Waker::from(Arc::new(Calls));
            let mut cx = Context::from_waker(&waker);
            let mut writing = pin!(far.write_all(b"more than fits"));
            assert!(writing.as_mut().poll(&mut cx).is_pending());
            // Reading makes room, so the far end's waker is called while the near end is in use.
            assert_eq!(reader.read_exactly(4).await.expect("it comes"), b"more");
            assert_eq!(calls.get(), 1);
        }
        ON_WAKE.set(None);
        let mut far = Stream::new(far);
        let read = far.reader.read_exactly(9).await.expect("it comes");
        assert_eq!(read, b"meanwhile", "it was not lost");
        checkpoint().await;
        assert_eq!(writer.borrow().waiting_bytes(), 0);
    })
}

#[test]
fn a_waker_may_write_more_while_the_rest_is_sent() -> Result<(), RunError> {
    run_virtual(async {
        let (near, far) = pair(4);
        let Stream { writer, .. } = Stream::new(near);
        let mut far = Stream::new(far);
        let writer = Rc::new(RefCell::new(writer));
        let (own, left) = (Rc::clone(&writer), Rc::new(Cell::new(3)));
        ON_WAKE.set(Some(Rc::new(move || {
            if left.get() > 0 {
                left.set(left.get() - 1);
                own.borrow_mut().write(b"again").expect("it is accepted");
            }
        })));
        writer
            .borrow_mut()
            .write(b"some bytes")
            .expect("it is accepted");
        let mut read = Vec::new();
        let waker = Waker::from(Arc::new(Calls));
        while read.len() < 25 {
            let mut cx = Context::from_waker(&waker);
            let mut chunk = pin!(far.reader.chunk());
            if let std::task::Poll::Ready(chunk) = chunk.as_mut().poll(&mut cx) {
                read.extend_from_slice(chunk.expect("it is open"));
            } else {
                checkpoint().await;
            }
        }
        ON_WAKE.set(None);
        assert_eq!(read, b"some bytesagainagainagain");
    })
}
