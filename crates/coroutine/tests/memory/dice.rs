//! Random numbers that a seed brings back.

/// A small generator (xorshift), so that a seed means one walk for ever.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        u32::try_from((self.next() >> 20) % u64::from(bound)).unwrap_or(0)
    }
}

/// The seed that the environment gives, or always the same one; printed with how to replay it.
pub(crate) fn seed(test: &str) -> u64 {
    let given = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or(0x9E37_79B9_7F4A_7C15);
    println!("replay: SEED={seed} cargo test -p entracte-coroutine --test {test}");
    seed
}

/// How often a random test goes round: as given, or what the environment says instead.
pub(crate) fn rounds(usual: u64) -> u64 {
    let given = std::env::var("ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok());
    given.unwrap_or(usual)
}
