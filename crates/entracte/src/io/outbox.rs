//! The outbox: bytes that a writer has accepted and the system has not, and who sends them.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::{Callback, CallbackRef, EventLoop, Step, Token, Wakeup};
use futures_io::AsyncWrite;

use super::shared::Shared;

#[derive(Default)]
pub(crate) struct Outbox {
    bytes: VecDeque<u8>,
    /// The end itself has yet to be flushed.
    must_flush: bool,
    is_sending: bool,
    /// The callback that sends.
    sender: Option<Token>,
    /// Why sending failed; the next who asks is told.
    error: Option<io::Error>,
    /// Whoever waits for it to shrink.
    waiter: Option<Wakeup>,
}

impl Outbox {
    fn is_done(&self) -> bool {
        self.bytes.is_empty() && !self.must_flush
    }

    fn wake(&mut self) -> Option<Wakeup> {
        self.waiter.take()
    }
}

impl<S> Shared<S> {
    /// How many bytes were accepted and not sent.
    #[inline]
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.outbox
            .borrow()
            .as_ref()
            .map_or(0, |outbox| outbox.bytes.len())
    }

    /// Whether everything that was accepted was sent, and nothing failed.
    #[inline]
    pub(crate) fn is_clear(&self) -> bool {
        match &*self.outbox.borrow() {
            None => true,
            Some(outbox) => outbox.is_done() && outbox.error.is_none(),
        }
    }

    /// The error of what was sent in the background, once.
    #[inline]
    pub(crate) fn take_error(&self) -> io::Result<()> {
        let mut outbox = self.outbox.borrow_mut();
        match outbox.as_mut().and_then(|outbox| outbox.error.take()) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Ready when no more than so many bytes wait; 0 waits for the flush of the end as well.
    pub(crate) fn poll_below(&self, cx: &mut Context<'_>, most: usize) -> Poll<io::Result<()>> {
        self.take_error()?;
        let is_below =
            |outbox: &Outbox| outbox.bytes.len() <= most && (most > 0 || !outbox.must_flush);
        if self.outbox.borrow().as_deref().is_none_or(is_below) {
            return Poll::Ready(Ok(()));
        }
        // Made before the borrow and dropped after it: a foreign waker may come back here.
        let mut waiter = Some(Wakeup::of(cx.waker()));
        if let Some(outbox) = self.outbox.borrow_mut().as_mut() {
            std::mem::swap(&mut outbox.waiter, &mut waiter);
        }
        drop(waiter);
        Poll::Pending
    }

    /// Forgets what was not sent, and ends sending.
    pub(crate) fn give_up(&self) {
        let sender = self.outbox.borrow_mut().as_mut().and_then(|outbox| {
            outbox.bytes = VecDeque::new();
            outbox.must_flush = false;
            outbox.sender
        });
        sender
            .map(Wakeup::from_token)
            .into_iter()
            .for_each(Wakeup::wake);
    }
}

impl<S: AsyncWrite + Unpin + 'static> Shared<S> {
    /// Accepts bytes that the system does not take now, to be sent in the background.
    pub(crate) fn accept<'a>(self: &Rc<Self>, parts: impl Iterator<Item = &'a [u8]>) {
        let mut place = self.outbox.borrow_mut();
        let outbox = place.get_or_insert_default();
        for part in parts {
            outbox.bytes.extend(part);
        }
        outbox.must_flush = true;
        let must_start = !std::mem::replace(&mut outbox.is_sending, true);
        drop(place);
        if must_start {
            self.start();
        }
    }

    fn start(self: &Rc<Self>) {
        let sending = Sending(Rc::clone(self));
        // Without a loop nothing can be sent; `Sending` says so when it is dropped.
        if let Some(event_loop) = EventLoop::current().filter(|it| !it.is_closed()) {
            let token = event_loop.add(CallbackRef::new(sending));
            if let Some(outbox) = self.outbox.borrow_mut().as_mut() {
                outbox.sender = Some(token);
            }
        }
    }

    /// Sends until the outbox is empty and the end flushed, the end would block, or it fails.
    fn poll_send(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(bytes) = self.take_bytes() {
            if bytes.is_empty() {
                std::task::ready!(self.poll_flush_io(cx))?;
                self.set_flushed();
                continue;
            }
            // Away while the end is called, which may come back here.
            let sent = self.poll_write(cx, bytes.as_slices().0);
            self.put_back(bytes, if let Poll::Ready(Ok(n)) = sent { n } else { 0 });
            std::task::ready!(sent)?;
        }
        Poll::Ready(Ok(()))
    }

    /// What is to be sent; nothing is a flush, and `None` that all is done.
    fn take_bytes(&self) -> Option<VecDeque<u8>> {
        let mut place = self.outbox.borrow_mut();
        let outbox = place.as_mut().filter(|outbox| !outbox.is_done())?;
        Some(std::mem::take(&mut outbox.bytes))
    }

    fn set_flushed(&self) {
        if let Some(outbox) = self.outbox.borrow_mut().as_mut() {
            // Not if the end has come back here with more.
            outbox.must_flush = !outbox.bytes.is_empty();
        }
    }

    fn put_back(&self, mut bytes: VecDeque<u8>, sent: usize) {
        bytes.drain(..sent.min(bytes.len()));
        let mut place = self.outbox.borrow_mut();
        let Some(outbox) = place.as_mut() else {
            return;
        };
        if !outbox.must_flush {
            // Given up meanwhile.
            bytes.clear();
        }
        bytes.append(&mut outbox.bytes);
        outbox.bytes = bytes;
        let is_low = outbox.bytes.len() <= self.water_marks().0;
        let waiter = is_low.then(|| outbox.wake()).flatten();
        drop(place);
        waiter.into_iter().for_each(Wakeup::wake);
    }

    fn end_sending(&self, outcome: io::Result<()>) {
        let mut place = self.outbox.borrow_mut();
        let Some(outbox) = place.as_mut() else {
            return;
        };
        outbox.is_sending = false;
        outbox.must_flush = false;
        outbox.sender = None;
        // Nothing is left in it but room, unless it failed.
        outbox.bytes = VecDeque::new();
        if let Err(error) = outcome {
            outbox.error = Some(error);
        }
        let waiter = outbox.wake();
        drop(place);
        waiter.into_iter().for_each(Wakeup::wake);
    }
}

/// The callback that sends what waits; the loop keeps it until that is done.
struct Sending<S: AsyncWrite + Unpin + 'static>(Rc<Shared<S>>);

impl<S: AsyncWrite + Unpin + 'static> Callback for Sending<S> {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        let mut cx = Context::from_waker(step.waker());
        let shared = &self.get_ref().0;
        let outcome = std::task::ready!(shared.poll_send(&mut cx));
        shared.end_sending(outcome);
        Poll::Ready(())
    }
}

impl<S: AsyncWrite + Unpin + 'static> Drop for Sending<S> {
    fn drop(&mut self) {
        let outbox = self.0.outbox.borrow();
        let is_sending = outbox.as_ref().is_some_and(|outbox| outbox.is_sending);
        drop(outbox);
        if is_sending {
            let text = "cannot send what was written: the event loop has ended";
            self.0.end_sending(Err(io::Error::other(text)));
        }
    }
}
