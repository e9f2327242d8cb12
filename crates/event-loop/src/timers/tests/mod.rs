//! The timers against a model, and the cases that are easy to get wrong.

mod model;

use super::Timers;
use model::{HOURS, Random, for_each_seed};

fn fired(timers: &mut Timers<u64>, now: u64) -> Vec<u64> {
    timers.collect_due(now);
    std::iter::from_fn(|| timers.pop_due()).collect()
}

#[test]
fn timers_with_equal_deadlines_fire_in_the_order_of_their_creation() {
    let mut timers = Timers::new(0);
    let deadline = 123_456_789_012;
    for number in 0..1_000 {
        timers.insert(deadline, number);
        // The list moves down through the wheel while it grows.
        if number % 100 == 50 {
            timers.next_deadline();
        }
        timers.collect_due(deadline - (deadline >> (number / 25)).max(1));
    }
    assert_eq!(fired(&mut timers, deadline - 1), []);
    assert_eq!(fired(&mut timers, deadline), Vec::from_iter(0..1_000));
}

#[test]
fn a_long_list_that_passed_at_once_is_sorted_with_its_ties_in_order() {
    for_each_seed(1, |random| {
        let mut timers = Timers::new(0);
        let mut expected = Vec::new();
        for number in 0..20_000 {
            let deadline = 1 + random.below(5_000);
            timers.insert(deadline << 20, number);
            expected.push((deadline, number));
        }
        expected.sort_unstable();
        let expected = Vec::from_iter(expected.into_iter().map(|(_, number)| number));
        assert_eq!(fired(&mut timers, u64::MAX), expected);
    });
}

#[test]
fn a_stale_key_touches_nothing() {
    let mut timers = Timers::new(0);
    let cancelled = timers.insert(10, 1);
    assert_eq!(timers.cancel(cancelled), Some(1));
    let same_place = timers.insert(10, 2);
    assert_eq!(cancelled.index, same_place.index);
    assert_eq!(timers.cancel(cancelled), None);
    assert_eq!(timers.payload_mut(cancelled), None);
    assert!(!timers.is_waiting(cancelled));
    assert_eq!(fired(&mut timers, 10), [2]);
    assert!(!timers.is_waiting(same_place));
    assert_eq!(timers.cancel(same_place), None);
}

#[test]
fn a_timer_that_is_due_can_still_be_cancelled() {
    let mut timers = Timers::new(0);
    let keys = [30, 10, 20].map(|deadline| timers.insert(deadline, deadline));
    timers.collect_due(30);
    assert_eq!((timers.len(), timers.next_deadline()), (3, Some(10)));
    assert_eq!(timers.cancel(keys[1]), Some(10));
    assert_eq!((timers.len(), timers.next_deadline()), (2, Some(20)));
    assert_eq!(timers.pop_due(), Some(20));
    assert_eq!(timers.cancel(keys[0]), Some(30));
    assert_eq!((timers.pop_due(), timers.next_deadline()), (None, None));
}

#[test]
fn a_late_timer_is_not_due_before_the_next_collection() {
    let mut timers = Timers::new(0);
    timers.insert(50, 50);
    timers.collect_due(100);
    timers.insert(100, 100);
    timers.insert(20, 20);
    let cancelled = timers.insert(10, 10);
    assert_eq!(timers.next_deadline(), Some(10));
    assert_eq!(timers.cancel(cancelled), Some(10));
    assert_eq!(timers.next_deadline(), Some(20));
    assert_eq!(timers.pop_due(), Some(50));
    assert_eq!(timers.pop_due(), None);
    assert_eq!(fired(&mut timers, 100), [20, 100]);
}

#[test]
fn a_late_timer_comes_before_later_ones_that_an_earlier_collection_left() {
    let mut timers = Timers::new(0);
    for deadline in [10, 20, 30] {
        timers.insert(deadline, deadline);
    }
    timers.collect_due(40);
    assert_eq!(timers.pop_due(), Some(10));
    timers.insert(25, 25);
    timers.insert(30, 31);
    assert_eq!(fired(&mut timers, 40), [20, 25, 30, 31]);
}

#[test]
fn cancelling_a_due_timer_does_not_hide_a_late_one_with_its_deadline() {
    let mut timers = Timers::new(0);
    let due = timers.insert(5, 1);
    timers.insert(9, 3);
    timers.collect_due(6);
    timers.insert(5, 2);
    assert_eq!(timers.next_deadline(), Some(5));
    assert_eq!(timers.cancel(due), Some(1));
    assert_eq!(timers.next_deadline(), Some(5));
}

#[test]
fn a_timer_at_the_end_of_time_waits() {
    let mut timers = Timers::new(u64::MAX - 10);
    timers.insert(u64::MAX, 1);
    timers.insert(u64::MAX - 1, 2);
    assert_eq!(fired(&mut timers, u64::MAX - 1), [2]);
    assert_eq!(timers.next_deadline(), Some(u64::MAX));
    assert_eq!(fired(&mut timers, u64::MAX), [1]);
}

#[test]
fn the_payload_can_be_replaced() {
    let mut timers = Timers::new(0);
    let key = timers.insert(10, 1);
    *timers.payload_mut(key).expect("the timer waits") = 2;
    assert_eq!(fired(&mut timers, 10), [2]);
}

#[test]
fn time_that_goes_back_counts_as_standing_still() {
    let mut timers = Timers::new(0);
    timers.insert(60, 1);
    timers.insert(200, 2);
    assert_eq!(fired(&mut timers, 100), [1]);
    timers.insert(70, 3);
    assert_eq!(fired(&mut timers, 50), [3]);
    assert_eq!(timers.next_deadline(), Some(200));
}

#[test]
fn a_place_that_has_used_up_its_generations_is_given_up() {
    let mut timers = Timers::new(0);
    let first = timers.insert(10, 1);
    timers.cancel(first);
    timers.slab.age(first.index, u32::MAX - 1);
    let last = timers.insert(10, 2);
    assert_eq!((last.index, last.generation), (first.index, u32::MAX - 1));
    timers.cancel(last);
    let other = timers.insert(10, 3);
    assert_ne!(other.index, first.index);
    assert!(!timers.is_waiting(first) && !timers.is_waiting(last));
}

#[test]
fn a_set_of_timers_is_small() {
    assert!(size_of::<Timers<u64>>() <= 352);
}

/// Cancelling the earliest of many timers turn after turn, in one list and with one deadline,
/// would take minutes if every turn read the list.
#[test]
fn many_timers_in_one_list_are_not_read_turn_after_turn() {
    for width in [1, 1 << 20, 1 << 50] {
        let mut random = Random(1);
        let mut timers = Timers::new(0);
        let mut keys = Vec::new();
        for number in 0..100_000 {
            let deadline = (1 << 60) + random.below(width);
            keys.push((deadline, timers.insert(deadline, number)));
        }
        keys.sort_by_key(|&(deadline, _)| deadline);
        for (turn, (deadline, key)) in keys.into_iter().enumerate() {
            assert_eq!(timers.next_deadline(), Some(deadline));
            assert!(timers.cancel(key).is_some());
            timers.collect_due(turn as u64);
        }
        assert!(timers.is_empty());
    }
}

#[test]
fn an_earlier_timer_in_every_turn_does_not_spread_the_rest_again() {
    let mut timers = Timers::new(0);
    for number in 0..100_000 {
        timers.insert((1 << 40) + number, number);
    }
    let mut earlier = Vec::new();
    for number in 0..100_000 {
        let deadline = (1 << 40) - 77 * number;
        earlier.push(timers.insert(deadline, number));
        assert_eq!(timers.next_deadline(), Some(deadline));
    }
    for key in earlier.into_iter().rev() {
        assert!(timers.cancel(key).is_some());
        assert!(timers.next_deadline().is_some());
    }
    assert_eq!(timers.next_deadline(), Some(1 << 40));
}

/// Timeouts that are always cancelled leave no more behind than the timers that wait.
#[test]
fn cancelled_timers_leave_a_bounded_number_of_entries() {
    let mut timers = Timers::new(0);
    let mut waiting = std::collections::VecDeque::new();
    for number in 0..200_000 {
        waiting.push_back(timers.insert(HOURS + number, number));
        if waiting.len() > 100 {
            let oldest = waiting.pop_front().expect("there are a hundred");
            assert!(timers.cancel(oldest).is_some());
        }
        assert!(timers.wheel.entries() < 1_000);
    }
}
