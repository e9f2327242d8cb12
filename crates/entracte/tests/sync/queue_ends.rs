//! `task_done` and `join`, and the two ways to shut a queue down, in every state.

use entracte::sync::{PutError, Queue, QueueShutDown, TaskDoneError, TryGetError};

use crate::hand::{Counted, Hand, now};

#[test]
fn joining_a_queue_into_which_nothing_was_put_does_not_wait() {
    now(Queue::<()>::unbounded().join());
}

#[test]
fn joining_waits_until_every_item_is_done() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    queue.try_put(2).expect("it is open");
    let mut joins = [Hand::waiting(queue.join()), Hand::waiting(queue.join())];
    for _ in 0..2 {
        assert!(!joins[0].is_woken());
        now(queue.get()).expect("there is an item");
        assert!(!joins[0].is_woken(), "got is not done");
        queue.task_done().expect("an item was put");
    }
    joins[0].finish();
    joins[1].finish();
}

#[test]
fn saying_done_too_often_is_an_error() {
    let queue = Queue::unbounded();
    assert_eq!(queue.task_done(), Err(TaskDoneError));
    queue.try_put(1).expect("it is open");
    assert_eq!(queue.task_done(), Ok(()));
    assert_eq!(queue.task_done(), Err(TaskDoneError));
}

#[test]
fn who_joined_goes_on_though_more_is_put_before_it_runs() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    let mut join = Hand::waiting(queue.join());
    queue.task_done().expect("an item was put");
    queue.try_put(2).expect("it is open");
    join.finish();
    Hand::waiting(queue.join());
}

#[test]
fn a_cancelled_join_leaves_the_others() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    let first = Hand::waiting(queue.join());
    let mut second = Hand::waiting(queue.join());
    drop(first);
    queue.task_done().expect("an item was put");
    second.finish();
}

#[test]
fn after_shutting_down_what_is_left_can_be_got() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    queue.shut_down();
    assert!(queue.is_shut_down());
    assert_eq!(now(queue.put(2)), Err(PutError(2)));
    assert_eq!(now(queue.get()), Ok(1));
    assert_eq!(now(queue.get()), Err(QueueShutDown));
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
}

#[test]
fn shutting_down_fails_the_gets_that_wait() {
    let queue = Queue::<u8>::unbounded();
    let mut gets = [Hand::waiting(queue.get()), Hand::waiting(queue.get())];
    queue.shut_down();
    assert_eq!(gets[0].finish(), Err(QueueShutDown));
    assert_eq!(gets[1].finish(), Err(QueueShutDown));
}

#[test]
fn shutting_down_gives_the_puts_that_wait_their_items_back() {
    let queue = Queue::bounded(1);
    queue.try_put(0).expect("there is room");
    let mut puts = [Hand::waiting(queue.put(1)), Hand::waiting(queue.put(2))];
    queue.shut_down();
    assert_eq!(puts[0].finish(), Err(PutError(1)));
    assert_eq!(puts[1].finish(), Err(PutError(2)));
    assert_eq!(now(queue.get()), Ok(0));
}

#[test]
fn a_get_that_was_woken_for_an_item_gets_it_though_the_queue_is_shut_down() {
    let queue = Queue::unbounded();
    let mut get = Hand::waiting(queue.get());
    queue.try_put(1).expect("it is open");
    queue.shut_down();
    assert_eq!(
        queue.try_get(),
        Err(TryGetError::ShutDown),
        "it is not for others"
    );
    assert_eq!(get.finish(), Ok(1));
}

#[test]
fn a_put_that_was_woken_for_room_fails_if_the_queue_is_shut_down() {
    let queue = Queue::bounded(1);
    queue.try_put(1).expect("there is room");
    let mut put = Hand::waiting(queue.put(2));
    assert_eq!(queue.try_get(), Ok(1));
    queue.shut_down();
    assert_eq!(put.finish(), Err(PutError(2)));
    assert!(queue.is_empty());
}

#[test]
fn the_item_of_a_cancelled_get_can_be_got_after_shutting_down() {
    let queue = Queue::unbounded();
    let get = Hand::waiting(queue.get());
    queue.try_put(1).expect("it is open");
    queue.shut_down();
    drop(get);
    assert_eq!(now(queue.get()), Ok(1));
}

#[test]
fn waits_that_were_told_of_the_end_may_be_cancelled() {
    let queue = Queue::bounded(1);
    queue.try_put(0).expect("there is room");
    let put = Hand::waiting(queue.put(1));
    queue.shut_down();
    drop(put);
    assert_eq!(now(queue.get()), Ok(0));
    let other = Queue::<u8>::unbounded();
    let get = Hand::waiting(other.get());
    other.shut_down();
    drop(get);
    assert_eq!(now(other.get()), Err(QueueShutDown));
}

#[test]
fn shutting_down_does_not_let_join_through() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    let mut join = Hand::waiting(queue.join());
    queue.shut_down();
    assert!(!join.is_woken());
    now(queue.get()).expect("there is an item");
    queue.task_done().expect("an item was put");
    join.finish();
}

#[test]
fn shutting_down_at_once_drops_what_is_left() {
    let queue = Queue::unbounded();
    let items = Counted::default();
    for _ in 0..3 {
        queue.try_put(items.one()).expect("it is open");
    }
    queue.shut_down_now();
    assert_eq!(items.alive(), 0);
    assert_eq!(queue.len(), 0);
    assert_eq!(now(queue.get()), Err(QueueShutDown));
    assert!(queue.is_shut_down());
}

#[test]
fn shutting_down_at_once_counts_what_is_left_as_done() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    queue.try_put(2).expect("it is open");
    let mut join = Hand::waiting(queue.join());
    now(queue.get()).expect("there is an item");
    queue.shut_down_now();
    assert!(!join.is_woken(), "one item was got, and is not done");
    queue.task_done().expect("an item is not done");
    join.finish();
    assert_eq!(queue.task_done(), Err(TaskDoneError));
}

#[test]
fn shutting_down_at_once_counts_no_more_as_done_than_is_unfinished() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    queue.task_done().expect("an item was put");
    queue.shut_down_now();
    assert_eq!(queue.task_done(), Err(TaskDoneError));
    now(queue.join());
}

#[test]
fn shutting_down_at_once_fails_a_get_that_was_woken_for_an_item() {
    let queue = Queue::unbounded();
    let mut get = Hand::waiting(queue.get());
    let cancelled = Hand::waiting(queue.get());
    queue.try_put(1).expect("it is open");
    queue.try_put(2).expect("it is open");
    queue.shut_down_now();
    assert_eq!(get.finish(), Err(QueueShutDown));
    drop(cancelled);
    assert_eq!(now(queue.get()), Err(QueueShutDown));
}

#[test]
fn shutting_down_at_once_fails_everybody_who_waits() {
    let queue = Queue::bounded(1);
    queue.try_put(0).expect("there is room");
    let mut put = Hand::waiting(queue.put(1));
    queue.shut_down_now();
    assert_eq!(put.finish(), Err(PutError(1)));
    let other = Queue::<u8>::unbounded();
    let mut get = Hand::waiting(other.get());
    other.shut_down_now();
    assert_eq!(get.finish(), Err(QueueShutDown));
}

#[test]
fn shutting_down_twice_is_shutting_down() {
    let queue = Queue::unbounded();
    queue.try_put(1).expect("it is open");
    queue.shut_down();
    queue.shut_down();
    assert_eq!(queue.len(), 1);
    queue.shut_down_now();
    assert_eq!(queue.len(), 0);
}

/// An item that uses its queue when it is dropped.
struct Nosy(Queue<Self>);

impl Drop for Nosy {
    fn drop(&mut self) {
        assert!(self.0.is_shut_down());
        assert_eq!(self.0.len(), 0);
    }
}

#[test]
fn an_item_may_use_its_queue_when_it_is_dropped() {
    let queue = Queue::unbounded();
    queue.try_put(Nosy(queue.clone())).expect("it is open");
    queue.shut_down_now();
}
