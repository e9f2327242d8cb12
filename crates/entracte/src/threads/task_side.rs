//! The side of a remote task that runs on its loop: it hears cancellations, and hands over the end.

use std::future::poll_fn;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use entracte_event_loop::EventLoop;

use crate::task::{Cancelled, Panic, catch_cancel, current_task};
use crate::threads::lock;
use crate::threads::promise::SendResolver;
use crate::threads::remote_task::RemoteError;

/// What a cancellation says to whoever catches it.
type Message = Option<Arc<str>>;

/// What the handle asks of the task.
pub(super) enum Control {
    /// Nothing so far; this wakes the task once it has begun. The waker is the loop's own, so
    /// nothing that is done to it under the lock runs code of others.
    Quiet(Option<Waker>),
    /// To unwind.
    Cancel(Message),
    /// The task is done, or nobody can ask any more.
    Over,
}

impl Control {
    /// Asks the task to unwind; gives whom to wake.
    pub(super) fn cancel(&mut self, message: Message) -> Option<Waker> {
        match mem::replace(self, Self::Cancel(message)) {
            Self::Quiet(waker) => waker,
            Self::Cancel(_) => None,
            Self::Over => {
                *self = Self::Over;
                None
            }
        }
    }

    /// Nobody will ask any more. The waker goes, so that the loop does not wait for its use.
    pub(super) fn let_go(&mut self) {
        *self = Self::Over;
    }

    /// Takes what was asked; later askers wake this one.
    fn hear(&mut self, waker: &Waker) -> Option<Message> {
        match self {
            Self::Over => None,
            Self::Quiet(Some(own)) if own.will_wake(waker) => None,
            _ => match mem::replace(self, Self::Quiet(Some(waker.clone()))) {
                Self::Cancel(message) => Some(message),
                _ => None,
            },
        }
    }
}

/// The loop's end of a remote task. Dropped before the task is done, it says why there is no value.
pub(super) struct Link<T> {
    resolver: Option<SendResolver<Result<T, RemoteError>>>,
    control: Arc<Mutex<Control>>,
    has_arrived: bool,
}

impl<T> Link<T> {
    pub(super) const fn new(
        resolver: SendResolver<Result<T, RemoteError>>,
        control: Arc<Mutex<Control>>,
    ) -> Self {
        Self {
            resolver: Some(resolver),
            control,
            has_arrived: false,
        }
    }

    /// From now on the link is on its loop's thread.
    pub(super) fn arrived(mut self) -> Self {
        self.has_arrived = true;
        self
    }

    fn hear(&self, waker: &Waker) -> Option<Message> {
        lock(&self.control).hear(waker)
    }

    /// Hands the outcome over; gives it back if nobody wants it.
    fn finish(&mut self, outcome: Result<T, RemoteError>) -> Result<(), Result<T, RemoteError>> {
        lock(&self.control).let_go();
        match self.resolver.take() {
            Some(resolver) => resolver.set(outcome),
            None => Err(outcome),
        }
    }
}

impl<T> Drop for Link<T> {
    fn drop(&mut self) {
        // A task that never began is dropped by its loop, which runs, when it is cancelled. What
        // is dropped otherwise goes with the loop: the broken promise says so.
        let runs = EventLoop::current().is_some_and(|event_loop| !event_loop.is_closed());
        if self.has_arrived && runs {
            drop(self.finish(Err(RemoteError::Cancelled(None))));
        }
        lock(&self.control).let_go();
    }
}

/// The task: makes the future, drives it, and tells the other side how it ended.
pub(super) async fn drive<T, F: Future<Output = T>>(make: impl FnOnce() -> F, mut link: Link<T>) {
    let asked_before = poll_fn(|cx| Poll::Ready(link.hear(cx.waker()))).await;
    if let Some(message) = asked_before {
        drop(link.finish(Err(RemoteError::Cancelled(message))));
        return;
    }
    match attempt(async { make().await }, &link).await {
        Ok(Ok(value)) => drop(link.finish(Ok(value))),
        Ok(Err(cancelled)) => {
            drop(link.finish(Err(RemoteError::Cancelled(cancelled.message()))));
            cancelled.propagate().await;
        }
        Err(payload) => {
            let panicked = RemoteError::Panicked(Panic::new(payload));
            if let Err(Err(RemoteError::Panicked(panic))) = link.finish(Err(panicked)) {
                // Nobody takes it there, so it is this loop's to report.
                panic.resume();
            }
        }
    }
}

/// Awaits a future, which is gone when this has its outcome, and passes cancellations on to it.
async fn attempt<T, F: Future>(
    future: F,
    link: &Link<T>,
) -> thread::Result<Result<F::Output, Cancelled>> {
    let mut block = pin!(catch_cancel(future));
    poll_fn(|cx| {
        if let Some(message) = link.hear(cx.waker()) {
            cancel_running(message);
        }
        match panic::catch_unwind(AssertUnwindSafe(|| block.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    })
    .await
}

fn cancel_running(message: Message) {
    let task = current_task();
    match (task, message) {
        (Some(task), Some(message)) => task.cancel_with(message),
        (Some(task), None) => task.cancel(),
        (None, _) => false,
    };
}
