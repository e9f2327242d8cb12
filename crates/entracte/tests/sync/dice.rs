//! Random numbers that a seed brings back.

/// A small generator (xorshift), so that a seed means one walk for ever.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        // Zero would give zero for ever.
        Self(seed | 1 << 63)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits fit") % bound
    }
}

/// Runs a walk for each of many seeds, or for the one that the environment gives.
pub(crate) fn walks(test: &str, walk: impl Fn(&mut Dice)) {
    let given = std::env::var("SEED")
        .ok()
        .map(|seed| seed.parse().expect("SEED is a number"));
    let seeds = given.map_or(1..=400, |seed: u64| seed..=seed);
    for seed in seeds {
        // Shown when the test fails; the last line is the walk that failed.
        println!("replay: SEED={seed} cargo test -p entracte --test sync {test}");
        walk(&mut Dice::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    }
}
