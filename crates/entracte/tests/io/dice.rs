//! Random numbers that a seed brings back.

/// A small generator (xorshift), so that a seed means one program for ever.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        // Zero would give zero for ever.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 << 63)
    }

    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits fit") % bound
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Calls `act` with each of so many seeds, or with the one that the environment gives.
pub(crate) fn seeds(test: &str, count: u64, mut act: impl FnMut(u64)) {
    let given = std::env::var("SEED").ok();
    let given = given.map(|seed| seed.parse().expect("SEED is a number"));
    let seeds = given.map_or(1..=count, |seed: u64| seed..=seed);
    for seed in seeds {
        // Shown when the test fails; the last line is the program that failed.
        println!("replay: SEED={seed} cargo test -p entracte --test io {test}");
        act(seed);
    }
}
