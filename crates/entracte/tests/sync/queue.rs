//! `Queue`: put and get, who waits, who is served, and what a cancelled task leaves behind.

use entracte::sync::{PutError, Queue, TryGetError, TryPutError};

use crate::hand::{Hand, now};

#[test]
fn items_come_out_in_the_order_in_which_they_were_put() {
    let queue = Queue::unbounded();
    for item in 0..5 {
        now(queue.put(item)).expect("it is open");
    }
    let got: Vec<_> = (0..5).map(|_| now(queue.get())).collect();
    assert_eq!(got, [Ok(0), Ok(1), Ok(2), Ok(3), Ok(4)]);
}

#[test]
fn a_queue_says_how_full_it_is() {
    let queue = Queue::bounded(2);
    assert_eq!(
        (queue.len(), queue.is_empty(), queue.is_full()),
        (0, true, false)
    );
    queue.try_put('a').expect("there is room");
    assert_eq!(
        (queue.len(), queue.is_empty(), queue.is_full()),
        (1, false, false)
    );
    queue.try_put('b').expect("there is room");
    assert_eq!(
        (queue.len(), queue.is_empty(), queue.is_full()),
        (2, false, true)
    );
    assert_eq!(queue.capacity(), Some(2));
    assert_eq!(Queue::<u8>::unbounded().capacity(), None);
}

#[test]
fn what_cannot_be_put_at_once_is_given_back() {
    let queue = Queue::bounded(1);
    queue.try_put("a").expect("there is room");
    let full = queue.try_put("b").expect_err("it is full");
    assert_eq!(full, TryPutError::Full("b"));
    assert_eq!(full.into_inner(), "b");
    queue.shut_down();
    assert_eq!(queue.try_put("c"), Err(TryPutError::ShutDown("c")));
}

#[test]
fn what_is_not_there_cannot_be_got_at_once() {
    let queue = Queue::bounded(1);
    assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    queue.try_put(1).expect("there is room");
    assert_eq!(queue.try_get(), Ok(1));
}

#[test]
fn a_get_waits_for_a_put() {
    let queue = Queue::bounded(1);
    let mut get = Hand::waiting(queue.get());
    queue.try_put(1).expect("there is room");
    assert_eq!(get.finish(), Ok(1));
}

#[test]
fn a_put_waits_for_room() {
    let queue = Queue::bounded(1);
    now(queue.put(1)).expect("it is open");
    let mut put = Hand::waiting(queue.put(2));
    assert_eq!(queue.try_get(), Ok(1));
    assert_eq!(put.finish(), Ok(()));
    assert_eq!(queue.try_get(), Ok(2));
}

#[test]
fn gets_are_served_in_the_order_in_which_they_came() {
    let queue = Queue::unbounded();
    let mut gets: Vec<_> = (0..3).map(|_| Hand::waiting(queue.get())).collect();
    for item in 0..3 {
        queue.try_put(item).expect("it is open");
    }
    for (item, get) in gets.iter_mut().enumerate() {
        assert_eq!(get.finish(), Ok(item));
    }
}

#[test]
fn puts_are_let_in_in_the_order_in_which_they_came() {
    let queue = Queue::bounded(1);
    queue.try_put(0).expect("there is room");
    let mut puts: Vec<_> = (1..4).map(|item| Hand::waiting(queue.put(item))).collect();
    for (item, put) in puts.iter_mut().enumerate() {
        assert_eq!(queue.try_get(), Ok(item));
        assert_eq!(put.finish(), Ok(()));
    }
    assert_eq!(queue.try_get(), Ok(3));
}

#[test]
fn nobody_takes_the_item_of_who_was_woken() {
    let queue = Queue::unbounded();
    let mut get = Hand::waiting(queue.get());
    queue.try_put(1).expect("it is open");
    assert_eq!(queue.len(), 1);
    assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    let mut later = Hand::waiting(queue.get());
    assert_eq!(get.finish(), Ok(1));
    assert!(!later.is_woken());
    queue.try_put(2).expect("it is open");
    assert_eq!(later.finish(), Ok(2));
}

#[test]
fn nobody_takes_the_room_of_who_was_woken() {
    let queue = Queue::bounded(1);
    queue.try_put(1).expect("there is room");
    let mut put = Hand::waiting(queue.put(2));
    assert_eq!(queue.try_get(), Ok(1));
    assert!(queue.is_empty() && queue.is_full());
    assert_eq!(queue.try_put(3), Err(TryPutError::Full(3)));
    let mut later = Hand::waiting(queue.put(4));
    assert_eq!(put.finish(), Ok(()));
    assert_eq!(queue.try_get(), Ok(2));
    assert_eq!(later.finish(), Ok(()));
}

#[test]
fn an_item_on_its_way_to_a_waiting_task_still_takes_room() {
    let queue = Queue::bounded(1);
    let mut get = Hand::waiting(queue.get());
    queue.try_put(1).expect("there is room");
    let mut put = Hand::waiting(queue.put(2));
    assert_eq!(get.finish(), Ok(1));
    assert_eq!(put.finish(), Ok(()));
}

#[test]
fn a_cancelled_get_has_taken_nothing() {
    let queue = Queue::unbounded();
    drop(Hand::waiting(queue.get()));
    queue.try_put(1).expect("it is open");
    assert_eq!(queue.try_get(), Ok(1));
}

#[test]
fn the_item_of_a_get_that_is_cancelled_goes_to_the_next() {
    let queue = Queue::unbounded();
    let first = Hand::waiting(queue.get());
    let mut second = Hand::waiting(queue.get());
    queue.try_put(1).expect("it is open");
    assert!(!second.is_woken());
    drop(first);
    assert_eq!(second.finish(), Ok(1));
}

#[test]
fn the_item_of_the_only_get_stays_where_it_was_when_that_is_cancelled() {
    let queue = Queue::unbounded();
    let get = Hand::waiting(queue.get());
    queue.try_put(1).expect("it is open");
    queue.try_put(2).expect("it is open");
    drop(get);
    assert_eq!(queue.try_get(), Ok(1));
    assert_eq!(queue.try_get(), Ok(2));
}

#[test]
fn a_cancelled_put_has_put_nothing() {
    let queue = Queue::bounded(1);
    queue.try_put(1).expect("there is room");
    drop(Hand::waiting(queue.put(2)));
    assert_eq!(queue.try_get(), Ok(1));
    assert_eq!(queue.try_get(), Err(TryGetError::Empty));
}

#[test]
fn the_room_of_a_put_that_is_cancelled_goes_to_the_next() {
    let queue = Queue::bounded(1);
    queue.try_put(1).expect("there is room");
    let first = Hand::waiting(queue.put(2));
    let mut second = Hand::waiting(queue.put(3));
    assert_eq!(queue.try_get(), Ok(1));
    assert!(!second.is_woken());
    drop(first);
    assert_eq!(second.finish(), Ok(()));
    assert_eq!(queue.try_get(), Ok(3));
}

#[test]
fn a_reserved_place_is_kept_until_it_is_used_or_dropped() {
    let queue = Queue::bounded(1);
    let slot = now(queue.reserve()).expect("it is open");
    assert!(queue.is_full());
    let mut put = Hand::waiting(queue.put(2));
    drop(slot);
    assert_eq!(put.finish(), Ok(()));
    let mut reserve = Hand::waiting(queue.reserve());
    assert_eq!(queue.try_get(), Ok(2));
    let slot = reserve.finish().expect("it is open");
    slot.put(3).expect("it is open");
    assert_eq!(queue.try_get(), Ok(3));
}

#[test]
fn a_reserved_place_is_no_use_in_a_queue_that_is_shut_down() {
    let queue = Queue::bounded(1);
    let slot = now(queue.reserve()).expect("it is open");
    queue.shut_down();
    assert_eq!(slot.put(3), Err(PutError(3)));
    assert!(!queue.is_full());
    assert!(now(queue.reserve()).is_err());
}

#[test]
fn without_places_a_put_waits_for_a_get() {
    let queue = Queue::bounded(0);
    assert!(queue.is_full());
    assert_eq!(queue.try_put(0), Err(TryPutError::Full(0)));
    let mut put = Hand::waiting(queue.put(1));
    let mut get = Hand::waiting(queue.get());
    assert_eq!(put.finish(), Ok(()));
    assert_eq!(get.finish(), Ok(1));
    assert!(queue.is_full());
}

#[test]
fn without_places_a_put_is_for_the_get_that_waits() {
    let queue = Queue::bounded(0);
    let mut gets: Vec<_> = (0..2).map(|_| Hand::waiting(queue.get())).collect();
    assert_eq!(now(queue.put(1)), Ok(()));
    assert_eq!(now(queue.put(2)), Ok(()));
    assert_eq!(queue.try_put(3), Err(TryPutError::Full(3)));
    assert_eq!(gets[0].finish(), Ok(1));
    assert_eq!(gets[1].finish(), Ok(2));
}

#[test]
fn without_places_an_item_waits_if_its_get_is_cancelled() {
    let queue = Queue::bounded(0);
    let get = Hand::waiting(queue.get());
    assert_eq!(now(queue.put(1)), Ok(()));
    drop(get);
    let mut put = Hand::waiting(queue.put(2));
    assert_eq!(now(queue.get()), Ok(1));
    let mut get = Hand::waiting(queue.get());
    assert_eq!(put.finish(), Ok(()));
    assert_eq!(get.finish(), Ok(2));
}

#[test]
fn handles_are_of_the_same_queue() {
    let queue = Queue::unbounded();
    queue.clone().try_put(1).expect("it is open");
    assert_eq!(queue.try_get(), Ok(1));
}

#[test]
fn a_queue_says_what_it_is() {
    let queue = Queue::bounded(1);
    queue.try_put(1).expect("there is room");
    assert_eq!(
        format!("{queue:?}"),
        "Queue { len: 1, unfinished: 1, getters: 0, putters: 0, is_shut_down: false, .. }"
    );
    assert_eq!(format!("{:?}", TryPutError::Full(1)), "Full(..)");
    assert_eq!(
        PutError(1).to_string(),
        "cannot put into a queue that is shut down"
    );
    assert_eq!(
        TryGetError::Empty.to_string(),
        "cannot get from a queue that is empty"
    );
}
