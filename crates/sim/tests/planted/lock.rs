//! A copy of `Lock` with bugs, and the programs that show them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use entracte::{checkpoint, spawn};

use crate::line::Line;
use crate::{breaks, holds};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// Who is cancelled when it was handed the lock keeps it.
    CancelledKeepsTheLock,
    /// Who is cancelled while it waits stays in the line, and is handed the lock.
    GhostInTheLine,
    /// The lock is handed to who came last.
    LastComesFirst,
    /// The lock is open until who is woken takes it, which does not look again.
    OpenForAMoment,
}

#[derive(Clone)]
pub(crate) struct Copy {
    bug: Bug,
    is_locked: Rc<Cell<bool>>,
    line: Line,
}

impl Copy {
    fn with(bug: Bug) -> Self {
        Self {
            bug,
            is_locked: Rc::default(),
            line: Line::default(),
        }
    }

    pub(crate) fn right() -> Self {
        Self::with(Bug::None)
    }

    fn release(&self) {
        let is_handed_over = match self.bug {
            Bug::LastComesFirst => self.line.call_newest(),
            _ => self.line.call_oldest(),
        };
        if !is_handed_over || self.bug == Bug::OpenForAMoment {
            self.is_locked.set(false);
        }
    }
}

/// Releases when it is dropped.
pub(crate) struct Guard(Copy);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// What the programs use, of a copy or of the real lock.
trait Locks: Clone + 'static {
    type Guard;
    async fn acquire(&self) -> Self::Guard;
}

impl Copy {
    fn pass_on(&self) {
        if self.bug != Bug::CancelledKeepsTheLock {
            self.release();
        }
    }

    pub(crate) async fn lock(&self) -> Guard {
        if self.is_locked.get() {
            let stays = self.bug == Bug::GhostInTheLine;
            self.line.wait(|| self.pass_on(), stays).await;
        }
        self.is_locked.set(true);
        Guard(self.clone())
    }
}

impl Locks for Copy {
    type Guard = Guard;

    async fn acquire(&self) -> Guard {
        self.lock().await
    }
}

impl Locks for entracte::sync::Lock<()> {
    type Guard = entracte::sync::LockGuard<()>;

    async fn acquire(&self) -> Self::Guard {
        self.acquire().await
    }
}

fn real() -> entracte::sync::Lock<()> {
    entracte::sync::Lock::new(())
}

/// Three use the lock, the first of them is cancelled after so many turns; the others get it.
async fn one_of_three_is_cancelled(lock: impl Locks, turns: u8) {
    let inside = Rc::new(Cell::new(false));
    let tasks = [(); 3].map(|()| {
        let (lock, inside) = (lock.clone(), Rc::clone(&inside));
        spawn(async move {
            let guard = lock.acquire().await;
            assert!(!inside.replace(true), "two are inside");
            inside.set(false);
            checkpoint().await;
            checkpoint().await;
            drop(guard);
        })
    });
    for _ in 0..turns {
        checkpoint().await;
    }
    let [first, second, third] = tasks;
    first.cancel();
    drop(first.await);
    second.await.expect("nobody cancels it");
    third.await.expect("nobody cancels it");
}

/// Each is inside for so many turns; nobody with another, and in the order in which they came.
async fn one_at_a_time(lock: impl Locks, turns: u8) {
    let (came, entered) = (
        Rc::new(RefCell::new(Vec::new())),
        Rc::new(RefCell::new(Vec::new())),
    );
    let tasks = [0, 1, 2].map(|number| {
        let (lock, came, entered) = (lock.clone(), Rc::clone(&came), Rc::clone(&entered));
        spawn(async move {
            for _ in 0..number {
                checkpoint().await; // each comes a turn later
            }
            came.borrow_mut().push(number);
            let guard = lock.acquire().await;
            entered.borrow_mut().push(number);
            for _ in 0..turns {
                checkpoint().await;
            }
            assert_eq!(entered.borrow().last(), Some(&number), "two are inside");
            drop(guard);
        })
    });
    for task in tasks {
        task.await.expect("nobody cancels it");
    }
    assert_eq!(came.take(), entered.take(), "somebody was overtaken");
}

#[test]
fn the_copy_without_a_bug_holds() {
    holds(async || one_of_three_is_cancelled(Copy::right(), 2).await);
    holds(async || one_of_three_is_cancelled(Copy::right(), 3).await);
    holds(async || one_at_a_time(Copy::right(), 2).await);
}

#[test]
fn the_real_lock_holds() {
    holds(async || one_of_three_is_cancelled(real(), 2).await);
    holds(async || one_of_three_is_cancelled(real(), 3).await);
    holds(async || one_at_a_time(real(), 2).await);
}

#[test]
fn a_lock_that_a_cancelled_task_keeps_is_found() {
    let bug = Bug::CancelledKeepsTheLock;
    breaks("deadlock", async || {
        one_of_three_is_cancelled(Copy::with(bug), 3).await;
    });
}

#[test]
fn a_ghost_in_the_line_is_found() {
    let bug = Bug::GhostInTheLine;
    breaks("deadlock", async || {
        one_of_three_is_cancelled(Copy::with(bug), 2).await;
    });
}

#[test]
fn a_line_in_which_the_last_comes_first_is_found() {
    let bug = Bug::LastComesFirst;
    breaks("somebody was overtaken", async || {
        one_at_a_time(Copy::with(bug), 2).await;
    });
}

#[test]
fn a_lock_that_is_open_for_a_moment_is_found() {
    let bug = Bug::OpenForAMoment;
    breaks("two are inside", async || {
        one_at_a_time(Copy::with(bug), 1).await;
    });
}
