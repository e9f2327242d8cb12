//! What `as_completed` promises.

use entracte::{TaskError, as_completed, current_task, sleep, spawn, timeout};

use crate::hand::{Log, after, ms, others, turns_pass};
use crate::support::run_virtual;

#[test]
fn outcomes_come_in_the_order_in_which_they_end() {
    run_virtual(async {
        let mut children = as_completed([5, 1, 3].map(|millis| after(ms(millis), millis)));
        let mut order = vec![];
        while let Some((index, outcome)) = children.next().await {
            order.push((index, outcome.unwrap()));
            assert_eq!(children.left(), 3 - order.len());
        }
        assert_eq!(order, [(1, 1), (2, 3), (0, 5)]);
        assert!(children.next().await.is_none());
    })
    .unwrap();
}

#[test]
fn no_futures_give_none_at_once() {
    run_virtual(async {
        let mut none = as_completed(Vec::<std::future::Ready<u8>>::new());
        assert!(none.next().await.is_none());
    })
    .unwrap();
}

#[test]
fn panics_and_cancellations_come_in_their_place() {
    run_virtual(async {
        let children = (0..3).map(|child| async move {
            sleep(ms(3 - child)).await;
            match child {
                0 => {
                    current_task().unwrap().cancel();
                    sleep(ms(1)).await;
                }
                1 => panic!("a child panics"),
                _ => {}
            }
        });
        let mut children = as_completed(children);
        let mut next = async || children.next().await.unwrap();
        assert!(matches!(next().await, (2, Ok(()))));
        assert!(matches!(next().await, (1, Err(error)) if error.is_panic()));
        assert!(matches!(next().await, (0, Err(error)) if error.is_cancelled()));
    })
    .unwrap();
}

#[test]
fn a_cancelled_next_takes_nothing() {
    run_virtual(async {
        let mut children = as_completed([after(ms(5), "a"), after(ms(6), "b")]);
        for _ in 0..4 {
            assert!(timeout(ms(1), children.next()).await.is_err());
        }
        let mut words = vec![];
        while let Some((_, word)) = children.next().await {
            words.push(word.unwrap());
        }
        assert_eq!(words, ["a", "b"]);
    })
    .unwrap();
}

#[test]
fn dropping_it_cancels_those_that_are_left() {
    let log = Log::default();
    run_virtual(async {
        let mut children = as_completed([log.sleeper("a", ms(1)), log.sleeper("b", ms(2))]);
        assert!(timeout(ms(1), children.next()).await.is_err());
        drop(children);
        sleep(ms(5)).await;
        assert_eq!(log.take(), ["a cleaned up", "b cleaned up"]);
    })
    .unwrap();
}

#[test]
fn a_cancelled_loop_over_it_waits_for_the_clean_up_of_its_children() {
    let log = Log::default();
    run_virtual(async {
        let looped = timeout(ms(1), async {
            let mut children = as_completed([log.sleeper("a", ms(1)), log.sleeper("b", ms(2))]);
            while children.next().await.is_some() {}
        });
        assert!(looped.await.is_err());
        assert_eq!(log.take(), ["a cleaned up", "b cleaned up"]);
        assert_eq!(others(), 0);
    })
    .unwrap();
}

#[test]
fn detached_children_run_on() {
    let log = Log::default();
    run_virtual(async {
        let mut children = as_completed([log.child("a", 1), log.child("b", 5)]);
        assert_eq!(children.next().await.map(|(index, _)| index), Some(0));
        children.detach();
        turns_pass(5).await;
        assert_eq!(log.take(), ["a", "b"]);
    })
    .unwrap();
}

#[test]
fn those_that_ended_while_nobody_asked_come_at_once_and_in_order() {
    run_virtual(async {
        let mut children = as_completed([3, 1, 2].map(|millis| after(ms(millis), millis)));
        sleep(ms(10)).await;
        let mut order = vec![];
        while let Some((_, value)) = children.next().await {
            order.push(value.unwrap());
        }
        assert_eq!(order, [1, 2, 3]);
        assert_eq!(entracte::time::now().as_nanos(), 10_000_000);
    })
    .unwrap();
}

#[test]
fn a_hundred_thousand_children_come_one_by_one() {
    run_virtual(async {
        let mut children = as_completed((0..100_000).map(|child| turns_pass(child % 7)));
        let mut count = 0;
        while let Some((_, outcome)) = children.next().await {
            outcome.unwrap();
            count += 1;
        }
        assert_eq!(count, 100_000);
    })
    .unwrap();
}

#[test]
fn j2_a_cancelled_child_counts_when_its_clean_up_is_over() {
    let log = Log::default();
    run_virtual(async {
        let slow = log.sleeper("slow", ms(4));
        let mut children = as_completed([async move {
            let task = current_task().unwrap();
            spawn(async move { task.cancel() }).detach();
            slow.await;
        }]);
        let (_, outcome) = children.next().await.unwrap();
        assert!(outcome.unwrap_err().is_cancelled());
        assert_eq!(log.take(), ["slow cleaned up"]);
        assert_eq!(entracte::time::now().as_nanos(), 4_000_000);
    })
    .unwrap();
}

#[test]
fn children_of_a_loop_that_is_closed_say_so() {
    let runner = crate::support::virtual_runner();
    let children = runner.run(async { as_completed([sleep(ms(1)), sleep(ms(2))]) });
    let mut children = children.unwrap();
    runner.event_loop().close();
    run_virtual(async {
        for expected in 0..2 {
            let (index, outcome) = children.next().await.unwrap();
            assert_eq!(index, expected);
            assert!(matches!(outcome, Err(TaskError::Closed)));
        }
        assert!(children.next().await.is_none());
    })
    .unwrap();
}
