//! Polls futures by hand, and knows which of them were woken.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Whether a future was woken since it was last polled.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A future that a test polls; dropping it cancels it.
pub(crate) struct Hand<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    flag: Arc<Flag>,
}

impl<'a, T> Hand<'a, T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self {
            future: Box::pin(future),
            flag: Arc::default(),
        }
    }

    /// A future that has been polled once and waits.
    pub(crate) fn waiting(future: impl Future<Output = T> + 'a) -> Self {
        let mut hand = Self::new(future);
        assert!(hand.poll().is_none(), "it does not wait");
        hand
    }

    pub(crate) fn poll(&mut self) -> Option<T> {
        self.flag.0.store(false, Ordering::Relaxed);
        self.poll_with(&Waker::from(Arc::clone(&self.flag)))
    }

    /// Polls with another waker than before.
    pub(crate) fn poll_anew(&mut self) -> Option<T> {
        self.flag = Arc::default();
        self.poll()
    }

    pub(crate) fn poll_with(&mut self, waker: &Waker) -> Option<T> {
        match self.future.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed)
    }

    /// The value of a future that was woken.
    #[track_caller]
    pub(crate) fn finish(&mut self) -> T {
        assert!(self.is_woken(), "nobody woke it");
        self.poll().expect("it was woken, but still waits")
    }
}

/// The value of a future that does not wait.
#[track_caller]
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    Hand::new(future).poll().expect("it waits")
}

/// Counts how many of its clones are alive.
#[derive(Default)]
pub(crate) struct Counted(Rc<Cell<()>>);

impl Counted {
    pub(crate) fn alive(&self) -> usize {
        Rc::strong_count(&self.0) - 1
    }

    pub(crate) fn one(&self) -> Rc<Cell<()>> {
        Rc::clone(&self.0)
    }
}
