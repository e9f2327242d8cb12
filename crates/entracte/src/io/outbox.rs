//! The outbox: bytes that a writer has accepted and the system has not, and who sends them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use entracte_event_loop::{
    Callback, CallbackRef, EventLoop, Report, Step, TimerHandle, Token, Wakeup,
};
use futures_io::AsyncWrite;

use super::shared::Shared;

#[derive(Default)]
pub(crate) struct Outbox {
    bytes: VecDeque<u8>,
    /// The end itself has yet to be flushed.
    must_flush: bool,
    is_sending: bool,
    /// Which `Sending` it is, as one of another loop may be left.
    serial: u32,
    /// Its loop, and its callback there.
    sender: Option<(EventLoop, Token)>,
    /// What ends it, when the writer is gone.
    linger: Option<TimerHandle>,
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

    /// The error of what was sent in the background; afterwards, that it cannot go on.
    #[inline]
    pub(crate) fn take_error(&self) -> io::Result<()> {
        let mut outbox = self.outbox.borrow_mut();
        match outbox.as_mut().and_then(|outbox| outbox.error.take()) {
            Some(error) => Err(error),
            None if self.is_broken.get() => Err(broken()),
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
            mem::swap(&mut outbox.waiter, &mut waiter);
        }
        drop(waiter);
        Poll::Pending
    }

    /// Forgets what was not sent, and ends sending.
    pub(crate) fn give_up(&self) {
        let mut place = self.outbox.borrow_mut();
        let Some(outbox) = place.as_mut().filter(|outbox| !outbox.is_done()) else {
            return;
        };
        let lost = mem::take(&mut outbox.bytes).len();
        outbox.must_flush = false;
        let sender = outbox.sender.clone();
        drop(place);
        self.is_broken.set(true);
        let Some((event_loop, token)) = sender else {
            return;
        };
        event_loop.wake(token);
        if self.is_writer_gone.get() && lost > 0 {
            let detail = format!("{lost} bytes");
            let report = Report::new("a writer that is gone could not send all in time");
            event_loop.report(&report.with(&detail));
        }
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
        let must_start = !mem::replace(&mut outbox.is_sending, true);
        drop(place);
        if must_start {
            self.start();
        }
    }

    fn start(self: &Rc<Self>) {
        let mut place = self.outbox.borrow_mut();
        let Some(outbox) = place.as_mut() else {
            return;
        };
        outbox.serial = outbox.serial.wrapping_add(1);
        let sending = Sending {
            shared: Rc::clone(self),
            serial: outbox.serial,
        };
        drop(place);
        // Without a loop nothing can be sent; `Sending` says so when it is dropped.
        if let Some(event_loop) = EventLoop::current().filter(|it| !it.is_closed()) {
            let token = event_loop.add(CallbackRef::new(sending));
            if let Some(outbox) = self.outbox.borrow_mut().as_mut() {
                outbox.sender = Some((event_loop, token));
            }
        }
    }

    /// Sends by the loop that runs here, if another one was to.
    pub(crate) fn send_here(self: &Rc<Self>) {
        let is_elsewhere = |outbox: &Outbox| {
            let sender = outbox.sender.as_ref();
            outbox.is_sending && sender.is_some_and(|(event_loop, _)| !event_loop.is_current())
        };
        let is_elsewhere = self.outbox.borrow().as_deref().is_some_and(is_elsewhere);
        if is_elsewhere {
            self.start();
        }
    }

    /// Goes on sending for so long at most, now that the writer is gone.
    pub(crate) fn linger(self: &Rc<Self>, at_most: Duration) {
        self.is_writer_gone.set(true);
        let mut place = self.outbox.borrow_mut();
        let Some(outbox) = place.as_mut().filter(|outbox| !outbox.is_done()) else {
            return;
        };
        let shared = Rc::downgrade(self);
        let give_up = move || shared.upgrade().into_iter().for_each(|it| it.give_up());
        if let Some((event_loop, _)) = outbox.sender.as_ref().filter(|it| !it.0.is_closed()) {
            outbox.linger = Some(event_loop.call_later(at_most, give_up));
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
        Some(mem::take(&mut outbox.bytes))
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
        let sender = outbox.sender.take();
        let linger = outbox.linger.take();
        // Nothing is left in it but room, unless it failed.
        let left = mem::take(&mut outbox.bytes).len();
        let waiter = outbox.wake();
        let mut report = None;
        if let Err(error) = outcome {
            self.is_broken.set(true);
            let is_told = self.is_writer_gone.get() && left > 0 && !has_gone(&error);
            report = is_told.then(|| format!("{left} bytes are lost: {error}"));
            outbox.error = Some(error);
        }
        drop(place);
        if let Some(timer) = linger {
            timer.cancel();
        }
        if let (Some(detail), Some((event_loop, _))) = (report, sender) {
            let report = Report::new("a writer that is gone could not send all");
            event_loop.report(&report.with(&detail));
        }
        waiter.into_iter().for_each(Wakeup::wake);
    }
}

fn broken() -> io::Error {
    let text = "cannot write to a stream that has lost a part of what was written";
    io::Error::new(ErrorKind::BrokenPipe, text)
}

/// Whether an error says that the other end has gone, which is its right.
fn has_gone(error: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset
    )
}

/// The callback that sends what waits; the loop keeps it until that is done.
struct Sending<S: AsyncWrite + Unpin + 'static> {
    shared: Rc<Shared<S>>,
    serial: u32,
}

impl<S: AsyncWrite + Unpin + 'static> Sending<S> {
    /// Whether it is still the one that sends.
    fn is_in_charge(&self) -> bool {
        let is_it = |outbox: &Outbox| outbox.is_sending && outbox.serial == self.serial;
        self.shared.outbox.borrow().as_deref().is_some_and(is_it)
    }
}

impl<S: AsyncWrite + Unpin + 'static> Callback for Sending<S> {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        if !self.is_in_charge() {
            return Poll::Ready(());
        }
        let mut cx = Context::from_waker(step.waker());
        let outcome = std::task::ready!(self.shared.poll_send(&mut cx));
        self.shared.end_sending(outcome);
        Poll::Ready(())
    }
}

impl<S: AsyncWrite + Unpin + 'static> Drop for Sending<S> {
    fn drop(&mut self) {
        if self.is_in_charge() {
            let text = "cannot send what was written: the event loop has ended";
            self.shared.end_sending(Err(io::Error::other(text)));
        }
    }
}

/// What a writer has accepted, in the eyes of somebody who waits until it is sent.
pub(crate) struct Unsent<S>(Weak<Shared<S>>);

impl<S> Unsent<S> {
    pub(super) fn of(shared: &Rc<Shared<S>>) -> Self {
        Self(Rc::downgrade(shared))
    }

    /// Waits, once the writer is gone, until all that it had accepted is sent or given up.
    pub(crate) async fn end(self) {
        poll_fn(|cx| match self.0.upgrade() {
            Some(shared) if shared.is_writer_gone.get() => shared.poll_below(cx, 0).map(drop),
            _ => Poll::Ready(()),
        })
        .await;
    }
}
