//! Exploration: what is tried, in which order, how it is replayed, and what is promised.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use entracte::{checkpoint, spawn};
use entracte_sim::Cause;
use entracte_sim::explore::{Bound, Schedule, depth_first, random, replay};

/// The order in which so many tasks go on that are ready together.
async fn order(tasks: u8) -> Vec<u8> {
    let log = Rc::new(RefCell::new(Vec::new()));
    let tasks: Vec<_> = (0..tasks)
        .map(|number| {
            let log = Rc::clone(&log);
            spawn(async move { log.borrow_mut().push(number) })
        })
        .collect();
    for task in tasks {
        task.await.expect("nobody cancels it");
    }
    log.take()
}

#[test]
fn every_order_is_tried_once_if_the_bound_allows_it() {
    let seen = RefCell::new(Vec::new());
    let explored = depth_first(3, async || {
        let order = order(4).await;
        seen.borrow_mut().push(order);
    });
    let explored = explored.expect("nothing fails");
    assert!(explored.is_complete);
    let different: BTreeSet<_> = seen.take().into_iter().collect();
    assert_eq!((explored.schedules, different.len()), (24, 24));
}

#[test]
fn a_bound_on_reorderings_bounds_the_orders() {
    for (bound, orders) in [
        (0, 1),
        (1, 1 + 3 + 2 + 1),
        (2, 1 + 6 + 11),
        (3, 24),
        (9, 24),
    ] {
        let explored = depth_first(bound, async || drop(order(4).await)).expect("nothing fails");
        assert_eq!((bound, explored.schedules), (bound, orders));
    }
}

#[test]
fn a_bound_on_schedules_is_kept_and_said() {
    let bound = Bound::reorderings(3).schedules(10);
    let explored = depth_first(bound, async || drop(order(4).await)).expect("nothing fails");
    assert_eq!((explored.schedules, explored.is_complete), (10, false));
}

#[test]
fn what_is_found_has_the_fewest_reorderings_and_can_be_replayed() {
    let program = async || {
        let order = order(4).await;
        assert!(!order.starts_with(&[3, 2]), "three, two");
    };
    let found = depth_first(3, program).expect_err("some order shows it");
    assert_eq!(found.schedule.to_string(), "0:3,1:2");
    assert!(
        found
            .to_string()
            .contains("ENTRACTE_SCHEDULE=0:3,1:2 cargo test"),
        "{found}"
    );
    let again = replay(&found.schedule, program).expect_err("it fails again");
    assert!(matches!(again.cause(), Cause::Panicked(text) if text == "three, two"));
    replay(&Schedule::default(), program).expect("the usual order does not show it");
}

#[test]
fn a_program_that_differs_from_run_to_run_is_found_out() {
    let runs = Cell::new(0);
    let program = async || {
        runs.set(runs.get() + 1);
        drop(order(if runs.get() % 3 == 0 { 1 } else { 4 }).await);
    };
    let found = depth_first(1, program).expect_err("the third run is another");
    assert!(
        matches!(found.failure.cause(), Cause::NotRepeatable),
        "{found}"
    );
}

#[test]
fn a_schedule_that_does_not_fit_is_refused() {
    let schedule: Schedule = "9:1".parse().expect("it is a schedule");
    let failure = replay(&schedule, async || drop(order(3).await)).expect_err("it has no choice 9");
    assert!(matches!(failure.cause(), Cause::NotRepeatable));
}

#[test]
fn schedules_are_read_as_they_are_written() {
    for text in ["fifo", "0:1", "3:1,7:2,8:5"] {
        let schedule: Schedule = text.parse().expect("it is a schedule");
        assert_eq!(schedule.to_string(), text);
    }
    for text in ["", "1", "1:0", "3:1,3:2", "7:1,3:1", "a:b", "1:1,"] {
        assert!(text.parse::<Schedule>().is_err(), "{text}");
    }
}

#[test]
fn a_schedule_is_found_at_random_as_often_as_is_promised() {
    // One choice among six and one among five after it; one other choice: k = 5, d = 2, n = 6.
    let program = async || {
        let order = order(6).await;
        assert!(!order.starts_with(&[5, 4]), "five, four");
    };
    // C(5, 2) · 5² = 250: of 5000 seeds 20 find it on average, whatever else they do.
    let mut seeds = 0_u64..5000;
    let mut times = 0;
    while let Err(found) = random(seeds.by_ref(), 2, program) {
        assert_eq!(found.schedule.to_string(), "0:5,1:4");
        times += 1;
    }
    assert!((10..60).contains(&times), "{times} times");
}

#[test]
fn what_is_found_at_random_can_be_replayed() {
    let program = async || {
        let order = order(4).await;
        checkpoint().await;
        assert_ne!(order[0], 3, "the last came first");
    };
    let found = random(0..100, 1, program).expect_err("one in nine finds it");
    assert_eq!(found.schedule.len(), 1);
    replay(&found.schedule, program).expect_err("it fails again");
}
