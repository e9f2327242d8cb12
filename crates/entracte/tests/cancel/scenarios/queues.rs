//! Queues cut off everywhere: every item that was put was got once or is there.

use std::cell::RefCell;
use std::rc::Rc;

use entracte::sync::{LifoQueue, PriorityQueue, Queue};
use entracte::{sleep, task_group, timeout};

use crate::everywhere::{Scenario, everywhere};
use crate::log::ms;

/// What was put and what was got.
#[derive(Clone, Default)]
struct Books {
    put: Rc<RefCell<Vec<u32>>>,
    got: Rc<RefCell<Vec<u32>>>,
}

impl Books {
    fn put(&self, item: u32) {
        self.put.borrow_mut().push(item);
    }

    fn got(&self, item: u32) {
        self.got.borrow_mut().push(item);
    }

    /// Items put are items got and items left, each once.
    fn check(&self, left: Vec<u32>) {
        let mut put = self.put.take();
        let mut found = self.got.take();
        found.extend(left);
        put.sort_unstable();
        found.sort_unstable();
        assert_eq!(put, found, "put, and got or left");
    }
}

macro_rules! cut_off_everywhere {
    ($(#[$attribute:meta])* $test:ident, $queue:ident, $capacity:expr) => {
        #[test]
        fn $test() {
            let runs = everywhere(stringify!($test), |stage| {
                let queue = $queue::bounded($capacity);
                let (books, stage, kept) = (Books::default(), stage.clone(), queue.clone());
                let checked = books.clone();
                let program = async move {
                    let producers = [10, 20].map(|first| {
                        let (queue, books) = (queue.clone(), books.clone());
                        stage.spawn(async move {
                            for item in first..first + 3 {
                                if queue.put(item).await.is_ok() {
                                    books.put(item);
                                }
                            }
                        })
                    });
                    let consumers = [1, 2].map(|pause| {
                        let (queue, books) = (queue.clone(), books.clone());
                        stage.spawn(async move {
                            while let Ok(item) = queue.get().await {
                                books.got(item);
                                sleep(ms(pause)).await;
                                queue.task_done().expect("it was put");
                            }
                        })
                    });
                    for producer in producers {
                        drop(producer.await);
                    }
                    queue.join().await;
                    queue.shut_down();
                    for consumer in consumers {
                        drop(consumer.await);
                    }
                };
                Scenario::new(program, move || {
                    let left = std::iter::from_fn(|| kept.try_get().ok()).collect();
                    checked.check(left);
                })
            });
            assert!(runs > 200, "{runs}");
        }
    };
}

cut_off_everywhere!(a_queue_of_one_loses_nothing, Queue, 1);
cut_off_everywhere!(a_queue_of_two_loses_nothing, Queue, 2);
cut_off_everywhere!(a_queue_without_room_loses_nothing, Queue, 0);
cut_off_everywhere!(a_lifo_queue_loses_nothing, LifoQueue, 2);
cut_off_everywhere!(a_priority_queue_loses_nothing, PriorityQueue, 2);
cut_off_everywhere!(a_queue_with_room_for_all_loses_nothing, Queue, usize::MAX);

#[test]
fn a_get_with_a_timeout_loses_nothing() {
    let runs = everywhere("timed get", |stage| {
        let queue = Queue::bounded(1);
        let (books, stage, kept) = (Books::default(), stage.clone(), queue.clone());
        let checked = books.clone();
        let program = async move {
            let group = task_group(async |group| {
                let (source, put) = (queue.clone(), books.clone());
                group.spawn(stage.actor(async move {
                    for item in 0..4 {
                        sleep(ms(2)).await;
                        if source.put(item).await.is_ok() {
                            put.put(item);
                        }
                    }
                    source.shut_down();
                }));
                group.spawn(stage.actor(async move {
                    // Half of the timeouts go off in the very turn in which an item comes.
                    for _ in 0..20 {
                        match timeout(ms(1), queue.get()).await {
                            Ok(Ok(item)) => books.got(item),
                            Ok(Err(_)) => break,
                            Err(_) => {}
                        }
                    }
                }));
            });
            group.await.expect("no child fails");
        };
        Scenario::new(program, move || {
            let left = std::iter::from_fn(|| kept.try_get().ok()).collect();
            checked.check(left);
        })
    });
    assert!(runs > 100, "{runs}");
}

#[test]
fn a_reserved_place_is_given_back() {
    let runs = everywhere("reserve", |stage| {
        let queue = Queue::bounded(1);
        let (books, stage, kept) = (Books::default(), stage.clone(), queue.clone());
        let checked = books.clone();
        let program = async move {
            let putters = [1, 2, 3].map(|item| {
                let (queue, books) = (queue.clone(), books.clone());
                stage.spawn(async move {
                    let slot = queue.reserve().await.expect("it is open");
                    sleep(ms(1)).await;
                    slot.put(item).expect("it is open");
                    books.put(item);
                })
            });
            sleep(ms(2)).await;
            while let Ok(Ok(item)) = timeout(ms(5), queue.get()).await {
                books.got(item);
            }
            drop(putters);
        };
        Scenario::new(program, move || {
            let left = std::iter::from_fn(|| kept.try_get().ok()).collect();
            checked.check(left);
            kept.try_put(0).expect("all places are free again");
        })
    });
    assert!(runs > 50, "{runs}");
}
