//! A copy of `Queue` with bugs, and the programs that show them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use entracte::{checkpoint, spawn};

use crate::line::Line;
use crate::{breaks, holds};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// Who is cancelled when it has its turn keeps it.
    CancelledKeepsItsTurn,
    /// A put wakes somebody only if the queue was empty: the second of two puts wakes nobody.
    WakesOnlyFromEmpty,
    /// A get wakes somebody only if the queue was full: the second of two gets wakes nobody.
    WakesOnlyFromFull,
    /// Who was woken takes it for granted that there is an item.
    NoSecondLook,
}

/// Asyncio's own algorithm: who is woken looks again.
#[derive(Clone)]
struct Copy {
    bug: Bug,
    capacity: usize,
    items: Rc<RefCell<VecDeque<u8>>>,
    getters: Line,
    putters: Line,
}

impl Copy {
    fn with(bug: Bug, capacity: usize) -> Self {
        Self {
            bug,
            capacity,
            items: Rc::default(),
            getters: Line::default(),
            putters: Line::default(),
        }
    }

    fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Who was woken and is dropped has another look in its place.
    fn pass_on(&self) {
        if self.bug == Bug::CancelledKeepsItsTurn {
            return;
        }
        if self.len() > 0 {
            self.getters.call_oldest();
        }
        if self.len() < self.capacity {
            self.putters.call_oldest();
        }
    }
}

/// What the programs use, of a copy or of the real queue.
trait Items: Clone + 'static {
    async fn put(&self, item: u8);
    async fn get(&self) -> u8;
}

impl Items for Copy {
    async fn put(&self, item: u8) {
        while self.len() >= self.capacity {
            self.putters.wait(|| self.pass_on(), false).await;
        }
        self.items.borrow_mut().push_back(item);
        if self.bug != Bug::WakesOnlyFromEmpty || self.len() == 1 {
            self.getters.call_oldest();
        }
    }

    async fn get(&self) -> u8 {
        while self.len() == 0 {
            self.getters.wait(|| self.pass_on(), false).await;
            if self.bug == Bug::NoSecondLook {
                break;
            }
        }
        let item = self.items.borrow_mut().pop_front();
        if self.bug != Bug::WakesOnlyFromFull || self.len() + 1 == self.capacity {
            self.putters.call_oldest();
        }
        item.expect("there is an item")
    }
}

impl Items for Rc<entracte::sync::Queue<u8>> {
    async fn put(&self, item: u8) {
        (**self).put(item).await.expect("it is open");
    }

    async fn get(&self) -> u8 {
        (**self).get().await.expect("it is open")
    }
}

fn real(capacity: usize) -> Rc<entracte::sync::Queue<u8>> {
    Rc::new(entracte::sync::Queue::bounded(capacity))
}

/// Of two that wait for an item, one is cancelled; the other gets it, or the first has.
async fn one_get_is_cancelled(queue: impl Items) {
    let gets = [(); 2].map(|()| {
        let queue = queue.clone();
        spawn(async move { queue.get().await })
    });
    checkpoint().await;
    let puts = spawn(async move { queue.put(7).await });
    checkpoint().await;
    checkpoint().await;
    let [first, second] = gets;
    first.cancel();
    if first.await.is_err() {
        assert_eq!(second.await.expect("nobody cancels it"), 7);
    }
    puts.await.expect("nobody cancels it");
}

/// Two put, two get.
async fn two_and_two(queue: impl Items) {
    let puts = [1, 2].map(|item| {
        let queue = queue.clone();
        spawn(async move { queue.put(item).await })
    });
    let gets = [(); 2].map(|()| {
        let queue = queue.clone();
        spawn(async move { queue.get().await })
    });
    let mut sum = 0;
    for get in gets {
        sum += get.await.expect("nobody cancels it");
    }
    assert_eq!(sum, 3);
    for put in puts {
        put.await.expect("nobody cancels it");
    }
}

/// Two fill the queue. In the turn after, two get, and two more put, who may have to wait.
async fn four_into_two(queue: impl Items) {
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let gets = queue.clone();
        let get = async move {
            checkpoint().await;
            gets.get().await;
            checkpoint().await;
            gets.get().await;
        };
        tasks.push(spawn(get));
        let puts = queue.clone();
        tasks.push(spawn(async move { puts.put(1).await }));
    }
    for _ in 0..2 {
        let puts = queue.clone();
        let put = async move {
            checkpoint().await;
            puts.put(1).await;
        };
        tasks.push(spawn(put));
    }
    for task in tasks {
        task.await.expect("nobody cancels it");
    }
}

/// Two get what two put, one after the other; who comes late may be just in time.
async fn one_by_one(queue: impl Items) {
    let puts = queue.clone();
    let put = spawn(async move {
        puts.put(1).await;
        checkpoint().await;
        checkpoint().await;
        puts.put(2).await;
    });
    let gets = [(); 2].map(|()| {
        let queue = queue.clone();
        spawn(async move { queue.get().await })
    });
    for get in gets {
        get.await.expect("nobody cancels it");
    }
    put.await.expect("nobody cancels it");
}

#[test]
fn the_copy_without_a_bug_holds() {
    holds(async || one_get_is_cancelled(Copy::with(Bug::None, 1)).await);
    holds(async || two_and_two(Copy::with(Bug::None, 2)).await);
    holds(async || four_into_two(Copy::with(Bug::None, 2)).await);
    holds(async || one_by_one(Copy::with(Bug::None, 2)).await);
}

#[test]
fn the_real_queue_holds() {
    holds(async || one_get_is_cancelled(real(1)).await);
    holds(async || two_and_two(real(2)).await);
    holds(async || four_into_two(real(2)).await);
    holds(async || one_by_one(real(2)).await);
}

#[test]
fn a_turn_that_a_cancelled_get_keeps_is_found() {
    let bug = Bug::CancelledKeepsItsTurn;
    breaks("deadlock", async || {
        one_get_is_cancelled(Copy::with(bug, 1)).await;
    });
}

#[test]
fn a_second_put_that_wakes_nobody_is_found() {
    let bug = Bug::WakesOnlyFromEmpty;
    let found = breaks("deadlock", async || two_and_two(Copy::with(bug, 2)).await);
    assert_eq!(found.schedule.len(), 2, "one reordering does not show it");
}

#[test]
fn a_second_get_that_wakes_nobody_is_found() {
    let bug = Bug::WakesOnlyFromFull;
    breaks("deadlock", async || four_into_two(Copy::with(bug, 2)).await);
}

#[test]
fn a_get_that_does_not_look_again_is_found() {
    let bug = Bug::NoSecondLook;
    breaks("there is an item", async || {
        one_by_one(Copy::with(bug, 2)).await;
    });
}
