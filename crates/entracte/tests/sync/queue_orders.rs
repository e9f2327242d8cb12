//! `LifoQueue` and `PriorityQueue`: what is the same, and which item comes first.

use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};

use entracte::sync::{AnyQueue, LifoQueue, Order, PriorityQueue, Queue};

use crate::hand::{Hand, now};

fn drain<O: Order>(queue: &AnyQueue<O>) -> Vec<O::Item> {
    std::iter::from_fn(|| queue.try_get().ok()).collect()
}

#[test]
fn the_last_item_comes_first_out_of_a_lifo_queue() {
    let queue = LifoQueue::unbounded();
    for item in 0..4 {
        queue.try_put(item).expect("it is open");
    }
    assert_eq!(drain(&queue), [3, 2, 1, 0]);
}

#[test]
fn the_smallest_item_comes_first_out_of_a_priority_queue() {
    let queue = PriorityQueue::unbounded();
    for item in [3, 1, 4, 1, 5, 9, 2, 6] {
        queue.try_put(item).expect("it is open");
    }
    assert_eq!(drain(&queue), [1, 1, 2, 3, 4, 5, 6, 9]);
}

/// Compared by its first part only.
#[derive(Debug, Eq)]
struct Ranked(u32, u32);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

#[test]
fn of_equal_items_the_oldest_comes_first_out_of_a_priority_queue() {
    let queue = PriorityQueue::unbounded();
    for number in 0..20 {
        queue
            .try_put(Ranked(number % 2, number))
            .expect("it is open");
    }
    let numbers: Vec<u32> = drain(&queue).into_iter().map(|item| item.1).collect();
    let expected: Vec<u32> = (0..20).step_by(2).chain((1..20).step_by(2)).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn who_was_woken_gets_what_comes_first_when_it_runs() {
    let queue = PriorityQueue::unbounded();
    let mut get = Hand::waiting(queue.get());
    queue.try_put(2).expect("it is open");
    queue.try_put(1).expect("it is open");
    assert_eq!(get.finish(), Ok(1));
    assert_eq!(queue.try_get(), Ok(2));
}

#[test]
fn bounds_hold_in_every_order() {
    fn check<O: Order<Item = u32>>(queue: &AnyQueue<O>) {
        now(queue.put(1)).expect("it is open");
        let mut put = Hand::waiting(queue.put(2));
        assert_eq!(now(queue.get()), Ok(1));
        assert_eq!(put.finish(), Ok(()));
        queue.shut_down();
        assert_eq!(now(queue.get()), Ok(2));
        assert!(now(queue.get()).is_err());
    }
    check(&Queue::bounded(1));
    check(&LifoQueue::bounded(1));
    check(&PriorityQueue::bounded(1));
}

/// Cannot be compared with another one.
#[derive(PartialEq, Eq)]
struct Touchy;

impl PartialOrd for Touchy {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Touchy {
    fn cmp(&self, _: &Self) -> Ordering {
        panic!("not to be compared")
    }
}

#[test]
fn an_item_whose_comparison_panics_is_in_the_queue_nevertheless() {
    let queue = PriorityQueue::bounded(2);
    queue.try_put(Touchy).expect("there is room");
    let slot = now(queue.reserve()).expect("it is open");
    let put = catch_unwind(AssertUnwindSafe(|| slot.put(Touchy)));
    assert!(put.is_err());
    assert_eq!((queue.len(), queue.is_full()), (2, true));
    for _ in 0..2 {
        assert!(now(queue.get()).is_ok());
        assert!(queue.task_done().is_ok());
    }
    assert!(queue.task_done().is_err());
    assert!(!queue.is_full());
}

#[test]
fn queues_of_every_order_say_what_they_are() {
    let described = format!(
        "{:?} {:?}",
        LifoQueue::<u8>::bounded(1),
        PriorityQueue::<u8>::bounded(1)
    );
    assert!(described.starts_with("LifoQueue { len: 0"));
    assert!(described.contains(" PriorityQueue { len: 0"));
}
