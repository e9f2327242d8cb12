//! Random drivers: what is done to the roots, and the verbs, errors and values in it.

use crate::program::{Failure, Step, Value, Verb};
use crate::random::Random;

/// The steps of one driver: a root is mostly started with `next`, as programs do.
pub(crate) fn steps(random: &mut Random, pull: bool, roots: usize) -> Vec<Step> {
    let count = 2 + random.below(10);
    let mut started = vec![false; roots];
    let mut step = || {
        let root = if random.chance(65) {
            0
        } else {
            random.below(roots)
        };
        let first = !std::mem::replace(&mut started[root], true);
        let verb = if first && random.chance(92) {
            Verb::Next
        } else {
            verb(random, pull)
        };
        Step { root, verb }
    };
    (0..count).map(|_| step()).collect()
}

pub(crate) fn verb(random: &mut Random, pull: bool) -> Verb {
    let (send, each) = if pull { (0, 3) } else { (40, 0) };
    match random.weighted(&[30, send, 17, 5, each]) {
        0 => Verb::Next,
        1 => Verb::Send(value(random)),
        2 => Verb::Throw(failure(random)),
        3 => Verb::Close,
        _ => Verb::Each,
    }
}

pub(crate) fn failure(random: &mut Random) -> Failure {
    match random.weighted(&[60, 15, 25]) {
        0 => Failure::Boom(small(random)),
        1 => Failure::Bang(small(random)),
        _ => Failure::Exit,
    }
}

pub(crate) fn value(random: &mut Random) -> Value {
    (!random.chance(20)).then(|| small(random))
}

pub(crate) fn small(random: &mut Random) -> i64 {
    i64::try_from(random.below(4)).expect("below 4")
}
