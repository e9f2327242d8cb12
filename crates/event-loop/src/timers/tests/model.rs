//! Random operations on the timers, compared with two ordered maps.

use std::collections::BTreeMap;

use crate::timers::{TimerKey, Timers};

/// A small generator of random numbers (splitmix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Says which seed failed, so that it can be run again.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {0}: ENTRACTE_SEED={0} runs it again", self.0);
        }
    }
}

/// Runs a random test with the seed of the environment, or with some of its own.
pub(super) fn for_each_seed(count: u64, test: impl Fn(&mut Random)) {
    let given = std::env::var("ENTRACTE_SEED").ok();
    let seeds = match given.map(|seed| seed.parse().expect("ENTRACTE_SEED is a number")) {
        Some(seed) => seed..=seed,
        None => 1..=count,
    };
    for seed in seeds {
        let _seed = Seed(seed);
        test(&mut Random(seed));
    }
}

/// The timers, and beside them two ordered maps that say what should become of them.
struct Pair {
    timers: Timers<u64>,
    waiting: BTreeMap<(u64, u64), TimerKey>,
    due: BTreeMap<(u64, u64), TimerKey>,
    now: u64,
    created: u64,
    stale: Vec<TimerKey>,
}

impl Pair {
    fn new(now: u64) -> Self {
        Self {
            timers: Timers::new(now),
            waiting: BTreeMap::new(),
            due: BTreeMap::new(),
            now,
            created: 0,
            stale: Vec::new(),
        }
    }

    fn insert(&mut self, deadline: u64) {
        let key = self.timers.insert(deadline, self.created);
        assert!(self.timers.is_waiting(key));
        self.waiting.insert((deadline, self.created), key);
        self.created += 1;
    }

    /// The timer at or after a random place, waiting or due.
    fn pick(&self, random: &mut Random) -> Option<((u64, u64), TimerKey)> {
        let all = if random.below(4) == 0 {
            &self.due
        } else {
            &self.waiting
        };
        let newest = (self.created - 1).saturating_sub(random.below(3));
        let first = all.first_key_value().map(|(&id, &key)| (id, key))?;
        match random.below(3) {
            0 => Some(first),
            1 => all
                .iter()
                .find(|(id, _)| id.1 == newest)
                .map(|(&id, &key)| (id, key)),
            _ => {
                let from = first.0.0.saturating_add(random.next() >> random.below(64));
                all.range((from, 0)..).next().map(|(&id, &key)| (id, key))
            }
        }
    }

    fn cancel(&mut self, random: &mut Random) {
        if self.created == 0 {
            return;
        }
        if let Some((id, key)) = self.pick(random) {
            assert!(self.timers.is_waiting(key));
            assert_eq!(self.timers.payload_mut(key), Some(&mut { id.1 }));
            assert_eq!(self.timers.cancel(key), Some(id.1));
            assert!(self.waiting.remove(&id).or(self.due.remove(&id)).is_some());
            self.stale.push(key);
        }
    }

    fn touch_stale(&mut self, random: &mut Random) {
        if !self.stale.is_empty() {
            let key = self.stale[random.below(self.stale.len() as u64) as usize];
            assert!(!self.timers.is_waiting(key));
            assert_eq!(self.timers.cancel(key), None);
            assert_eq!(self.timers.payload_mut(key), None);
        }
    }

    fn collect(&mut self, now: u64) {
        self.now = now;
        self.timers.collect_due(now);
        let later = match now.checked_add(1) {
            Some(after) => self.waiting.split_off(&(after, 0)),
            None => BTreeMap::new(),
        };
        self.due.append(&mut self.waiting);
        self.waiting = later;
    }

    /// Tells whether there was one.
    fn pop(&mut self) -> bool {
        let expected = self.due.pop_first();
        assert_eq!(self.timers.pop_due(), expected.map(|(id, _)| id.1));
        self.stale.extend(expected.map(|(_, key)| key));
        expected.is_some()
    }

    fn check(&mut self) {
        let first = |all: &BTreeMap<(u64, u64), TimerKey>| Some(all.first_key_value()?.0.0);
        let next = first(&self.due)
            .into_iter()
            .chain(first(&self.waiting))
            .min();
        assert_eq!(self.timers.next_deadline(), next);
        assert_eq!(self.timers.len(), self.waiting.len() + self.due.len());
        assert_eq!(self.timers.is_empty(), next.is_none());
    }

    /// A deadline of the scale, or one that is likely to make trouble.
    fn deadline(&self, random: &mut Random, scale: u64) -> u64 {
        let some = self.waiting.range((self.now, 0)..).next();
        match random.below(20) {
            0 => self.now,
            1 => self.now.saturating_sub(random.below(scale)),
            2 => u64::MAX - random.below(2),
            3 => self.now.saturating_add(random.next() >> random.below(64)),
            4..7 => some.map_or(self.now, |(id, _)| id.0),
            7..9 => some.map_or(self.now, |(id, _)| id.0.saturating_sub(random.below(3))),
            _ => self.now.saturating_add(1 + random.below(scale)),
        }
    }

    fn step(&mut self, random: &mut Random, scale: u64, growth: u64) {
        match random.below(20 + growth) {
            0..5 => self.cancel(random),
            5 => self.touch_stale(random),
            6 => self.collect(self.now.saturating_add(random.below(scale))),
            7 => self.collect(self.now),
            8 | 9 => {
                let next = self.timers.next_deadline().unwrap_or(self.now);
                if next < u64::MAX - 1 {
                    self.collect(self.now.max(next));
                }
            }
            10 => while self.pop() {},
            11 | 12 => drop(self.pop()),
            13..16 => self.check(),
            _ => {
                let deadline = self.deadline(random, scale);
                self.insert(deadline);
            }
        }
    }

    /// Fires whatever is left, and finds that nothing is.
    fn finish(mut self) {
        while let Some(next) = self.timers.next_deadline() {
            self.check();
            self.collect(self.now.max(next));
            while self.pop() {}
        }
        self.check();
        assert!(self.waiting.is_empty());
        assert!(self.timers.wheel.is_given_back());
    }
}

const NANOSECONDS: u64 = 100;
const MILLISECONDS: u64 = 50_000_000;
pub(super) const HOURS: u64 = 10_000_000_000_000;

fn agree(random: &mut Random, start: u64, scale: u64, operations: u32) {
    let mut pair = Pair::new(start);
    for operation in 0..operations {
        // Now few timers and now many.
        let growth = [0, 30, 1_000][operation as usize / 2_500 % 3];
        pair.step(random, scale, growth);
    }
    pair.finish();
}

#[test]
fn the_timers_agree_with_the_model_at_every_scale() {
    for_each_seed(8, |random| {
        for scale in [NANOSECONDS, MILLISECONDS, HOURS, u64::MAX / 1_000] {
            agree(random, 0, scale, 10_000);
            let start = random.next() >> random.below(40);
            agree(random, start, scale, 10_000);
        }
    });
}

#[test]
fn the_timers_agree_with_the_model_at_the_end_of_time() {
    for_each_seed(4, |random| {
        agree(random, u64::MAX - 5_000, NANOSECONDS, 10_000);
        agree(random, u64::MAX - MILLISECONDS, MILLISECONDS, 10_000);
    });
}
