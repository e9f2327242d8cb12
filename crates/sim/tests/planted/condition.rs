//! A copy of `Condition` with bugs, and the programs that show them.

use std::cell::Cell;
use std::rc::Rc;

use entracte::{checkpoint, spawn};

use crate::line::Line;
use crate::lock::{Copy as Lock, Guard};
use crate::{breaks, holds};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// Who is cancelled when it was notified keeps the notification.
    CancelledKeepsTheNotification,
    /// It lets go of the lock first, and enters the line a turn later.
    EntersTheLineLate,
    /// It goes on after a notification without looking at the data again.
    NoSecondLook,
}

#[derive(Clone)]
struct Copy {
    bug: Bug,
    lock: Lock,
    line: Line,
    items: Rc<Cell<u8>>,
}

/// A number of items behind a lock, of a copy or of the real condition.
trait Store: Clone + 'static {
    async fn add(&self);
    async fn take(&self);
}

impl Copy {
    fn with(bug: Bug) -> Self {
        Self {
            bug,
            lock: Lock::right(),
            line: Line::default(),
            items: Rc::default(),
        }
    }

    async fn wait(&self, guard: Guard) -> Guard {
        if self.bug == Bug::EntersTheLineLate {
            drop(guard);
            checkpoint().await;
            self.line.wait(|| self.pass_on(), false).await;
            return self.lock.lock().await;
        }
        let mut guard = Some(guard);
        let mut waits = std::pin::pin!(self.line.wait(|| self.pass_on(), false));
        std::future::poll_fn(|cx| {
            let polled = waits.as_mut().poll(cx);
            drop(guard.take());
            polled
        })
        .await;
        let passing_on = PassOn(Some(self));
        let guard = self.lock.lock().await;
        passing_on.done();
        guard
    }

    fn pass_on(&self) {
        if self.bug != Bug::CancelledKeepsTheNotification {
            self.line.call_oldest();
        }
    }
}

/// Passes the notification on if it is dropped before it has the lock.
struct PassOn<'a>(Option<&'a Copy>);

impl PassOn<'_> {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for PassOn<'_> {
    fn drop(&mut self) {
        if let Some(condition) = self.0 {
            condition.pass_on();
        }
    }
}

impl Store for Copy {
    async fn add(&self) {
        let guard = self.lock.lock().await;
        self.items.set(self.items.get() + 1);
        self.line.call_oldest();
        drop(guard);
    }

    async fn take(&self) {
        let mut guard = self.lock.lock().await;
        while self.items.get() == 0 {
            guard = self.wait(guard).await;
            if self.bug == Bug::NoSecondLook {
                break;
            }
        }
        let left = self.items.get().checked_sub(1);
        self.items.set(left.expect("there is an item"));
        drop(guard);
    }
}

impl Store for entracte::sync::Condition<u8> {
    async fn add(&self) {
        let mut guard = self.acquire().await;
        *guard += 1;
        self.notify_one(&guard);
    }

    async fn take(&self) {
        let guard = self.acquire().await;
        let mut guard = self.wait_for(guard, |items| *items > 0).await;
        *guard -= 1;
    }
}

/// Of two that wait for an item, one is cancelled; the other gets it, or the first has.
async fn one_is_cancelled(store: impl Store) {
    let takes = [(); 2].map(|()| {
        let store = store.clone();
        spawn(async move { store.take().await })
    });
    checkpoint().await;
    checkpoint().await;
    let adds = spawn(async move { store.add().await });
    checkpoint().await;
    checkpoint().await;
    let [first, second] = takes;
    first.cancel();
    if first.await.is_err() {
        second.await.expect("nobody cancels it");
    }
    adds.await.expect("nobody cancels it");
}

/// Two take, two add, and everybody comes when they like.
async fn two_and_two(store: impl Store) {
    let adds = [(); 2].map(|()| {
        let store = store.clone();
        spawn(async move { store.add().await })
    });
    let takes = [(); 2].map(|()| {
        let store = store.clone();
        spawn(async move { store.take().await })
    });
    for task in adds.into_iter().chain(takes) {
        task.await.expect("nobody cancels it");
    }
}

/// Two take what is added one after the other; who comes late may be just in time.
async fn one_by_one(store: impl Store) {
    let adds = store.clone();
    let add = spawn(async move {
        adds.add().await;
        checkpoint().await;
        checkpoint().await;
        adds.add().await;
    });
    let takes = [(); 2].map(|()| {
        let store = store.clone();
        spawn(async move { store.take().await })
    });
    for take in takes {
        take.await.expect("nobody cancels it");
    }
    add.await.expect("nobody cancels it");
}

#[test]
fn the_copy_without_a_bug_holds() {
    holds(async || one_is_cancelled(Copy::with(Bug::None)).await);
    holds(async || two_and_two(Copy::with(Bug::None)).await);
    holds(async || one_by_one(Copy::with(Bug::None)).await);
}

#[test]
fn the_real_condition_holds() {
    holds(async || one_is_cancelled(entracte::sync::Condition::with_data(0)).await);
    holds(async || two_and_two(entracte::sync::Condition::with_data(0)).await);
    holds(async || one_by_one(entracte::sync::Condition::with_data(0)).await);
}

#[test]
fn a_notification_that_a_cancelled_task_keeps_is_found() {
    let bug = Bug::CancelledKeepsTheNotification;
    breaks("deadlock", async || one_is_cancelled(Copy::with(bug)).await);
}

#[test]
fn a_wait_that_enters_the_line_late_is_found() {
    let bug = Bug::EntersTheLineLate;
    breaks("deadlock", async || two_and_two(Copy::with(bug)).await);
}

#[test]
fn a_wait_that_does_not_look_again_is_found() {
    let bug = Bug::NoSecondLook;
    breaks("there is an item", async || {
        one_by_one(Copy::with(bug)).await;
    });
}
