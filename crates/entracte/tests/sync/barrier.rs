//! `Barrier`: filling, draining, resetting, broken.

use entracte::sync::{Barrier, BarrierBroken, BarrierTurn, NoParties};

use crate::hand::{Hand, now};

fn barrier(parties: usize) -> Barrier {
    Barrier::new(parties).expect("there are parties")
}

fn indices(waits: &mut [Wait<'_>]) -> Vec<usize> {
    waits
        .iter_mut()
        .map(|wait| wait.finish().expect("it is whole").index())
        .collect()
}

type Wait<'a> = Hand<'a, Result<BarrierTurn, BarrierBroken>>;

#[test]
fn a_barrier_for_nobody_is_refused() {
    assert!(matches!(Barrier::new(0), Err(NoParties)));
    assert_eq!(NoParties.to_string(), "cannot make a barrier for no tasks");
}

#[test]
fn the_last_to_come_lets_everybody_through() {
    let barrier = barrier(3);
    let mut waits: Vec<Wait<'_>> = (0..2).map(|_| Hand::waiting(barrier.wait())).collect();
    assert_eq!((barrier.n_waiting(), barrier.parties()), (2, 3));
    let last = now(barrier.wait()).expect("it is whole");
    assert_eq!((last.index(), last.is_leader()), (2, false));
    assert_eq!(barrier.n_waiting(), 0);
    let first = waits[0].finish().expect("it is whole");
    assert_eq!((first.index(), first.is_leader()), (0, true));
    assert_eq!(waits[1].finish().expect("it is whole").index(), 1);
}

#[test]
fn a_barrier_can_be_used_again() {
    let barrier = barrier(2);
    for _ in 0..3 {
        let mut first = Hand::waiting(barrier.wait());
        assert_eq!(now(barrier.wait()).map(BarrierTurn::index), Ok(1));
        assert_eq!(first.finish().map(BarrierTurn::index), Ok(0));
    }
}

#[test]
fn who_comes_while_others_leave_waits_for_the_next_round() {
    let barrier = barrier(2);
    let mut first = Hand::waiting(barrier.wait());
    now(barrier.wait()).expect("it is whole");
    let mut waits: Vec<Wait<'_>> = (0..2).map(|_| Hand::waiting(barrier.wait())).collect();
    assert_eq!(barrier.n_waiting(), 0);
    first.finish().expect("it is whole");
    assert!(waits.iter().all(Hand::is_woken));
    assert_eq!(waits[0].poll(), None, "it is the first of the next round");
    assert_eq!(barrier.n_waiting(), 1);
    waits.reverse();
    assert_eq!(indices(&mut waits), [1, 0]);
}

#[test]
fn a_cancelled_wait_does_not_count() {
    let barrier = barrier(2);
    drop(Hand::waiting(barrier.wait()));
    assert_eq!(barrier.n_waiting(), 0);
    assert!(!barrier.is_broken());
    let mut first = Hand::waiting(barrier.wait());
    now(barrier.wait()).expect("it is whole");
    first.finish().expect("it is whole");
}

#[test]
fn a_wait_that_is_cancelled_after_all_have_come_leaves_the_others_through() {
    let barrier = barrier(3);
    let first = Hand::waiting(barrier.wait());
    let mut second = Hand::waiting(barrier.wait());
    now(barrier.wait()).expect("it is whole");
    let mut next = Hand::waiting(barrier.wait());
    drop(first);
    assert!(!next.is_woken(), "the second is still inside");
    second.finish().expect("it is whole");
    assert!(next.is_woken());
    assert_eq!(next.poll(), None);
    assert_eq!(barrier.n_waiting(), 1);
}

#[test]
fn the_last_to_leave_may_be_one_that_is_cancelled() {
    let barrier = barrier(2);
    let first = Hand::waiting(barrier.wait());
    now(barrier.wait()).expect("it is whole");
    let mut next = Hand::waiting(barrier.wait());
    drop(first);
    assert!(next.is_woken());
    assert_eq!(next.poll(), None);
    assert_eq!(barrier.n_waiting(), 1);
}

#[test]
fn a_wait_that_is_cancelled_outside_changes_nothing() {
    let barrier = barrier(2);
    let mut first = Hand::waiting(barrier.wait());
    now(barrier.wait()).expect("it is whole");
    drop(Hand::waiting(barrier.wait()));
    first.finish().expect("it is whole");
    assert_eq!(barrier.n_waiting(), 0);
}

#[test]
fn breaking_off_fails_those_who_wait_and_those_who_come() {
    let barrier = barrier(3);
    let mut waits: Vec<Wait<'_>> = (0..2).map(|_| Hand::waiting(barrier.wait())).collect();
    barrier.break_off();
    assert!(barrier.is_broken());
    assert_eq!(barrier.n_waiting(), 0);
    assert_eq!(now(barrier.wait()), Err(BarrierBroken));
    for wait in &mut waits {
        assert_eq!(wait.finish(), Err(BarrierBroken));
    }
    assert!(barrier.is_broken());
}

#[test]
fn breaking_off_fails_those_who_were_let_through_and_have_not_run() {
    let barrier = barrier(2);
    let mut first = Hand::waiting(barrier.wait());
    now(barrier.wait()).expect("it is whole");
    let mut outside = Hand::waiting(barrier.wait());
    barrier.break_off();
    assert_eq!(first.finish(), Err(BarrierBroken));
    assert_eq!(outside.finish(), Err(BarrierBroken));
}

#[test]
fn resetting_fails_those_who_wait_and_makes_the_barrier_whole() {
    let barrier = barrier(2);
    let mut first = Hand::waiting(barrier.wait());
    barrier.reset();
    assert!(!barrier.is_broken());
    let mut next = Hand::waiting(barrier.wait());
    assert_eq!(first.finish(), Err(BarrierBroken));
    assert!(next.is_woken());
    assert_eq!(next.poll(), None);
    assert_eq!(now(barrier.wait()).map(BarrierTurn::index), Ok(1));
    next.finish().expect("it is whole");
}

#[test]
fn resetting_a_broken_barrier_makes_it_whole() {
    let barrier = barrier(1);
    barrier.break_off();
    barrier.reset();
    assert!(!barrier.is_broken());
    now(barrier.wait()).expect("it is whole");
}

#[test]
fn resetting_a_broken_barrier_waits_until_those_inside_have_left() {
    let barrier = barrier(2);
    let mut first = Hand::waiting(barrier.wait());
    barrier.break_off();
    barrier.reset();
    let mut next = Hand::waiting(barrier.wait());
    assert_eq!(barrier.n_waiting(), 0);
    assert_eq!(first.finish(), Err(BarrierBroken));
    assert!(next.is_woken());
    assert_eq!(next.poll(), None);
    assert_eq!(barrier.n_waiting(), 1);
}

#[test]
fn a_barrier_for_one_never_waits() {
    let barrier = barrier(1);
    for _ in 0..3 {
        assert_eq!(now(barrier.wait()).map(BarrierTurn::index), Ok(0));
    }
    assert_eq!(
        format!("{barrier:?}"),
        "Barrier { parties: 1, phase: Filling, inside: 0, .. }"
    );
}
