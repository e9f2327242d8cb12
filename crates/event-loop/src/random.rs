//! Randomness as a loop sees it: the trait `Random`, and numbers that follow from a seed.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Gives a loop its random numbers.
///
/// A loop asks nobody else, so that a program whose choices depend on chance runs the same way
/// again from the same seed. The numbers are not fit for secrets.
///
/// # Examples
///
/// ```
/// use entracte_event_loop::Random;
///
/// struct Counter(u64);
///
/// impl Random for Counter {
///     fn next_u64(&mut self) -> u64 {
///         self.0 = self.0.wrapping_add(1 << 62);
///         self.0
///     }
/// }
///
/// let mut counter = Counter(0);
/// let numbers: Vec<u64> = (0..4).map(|_| counter.below(8)).collect();
/// assert_eq!(numbers, [2, 4, 6, 0]);
/// ```
pub trait Random {
    /// Returns the next number; each of the 2⁶⁴ is as likely as any other.
    fn next_u64(&mut self) -> u64;

    /// Returns a number below `limit`; each is as likely as any other.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is zero.
    ///
    /// # Python
    ///
    /// The twin is [`random.randrange`].
    ///
    /// [`random.randrange`]: https://docs.python.org/3/library/random.html#random.randrange
    #[doc(alias = "random.randrange")]
    fn below(&mut self, limit: u64) -> u64 {
        assert!(limit > 0, "cannot choose a number below zero");
        // The high half of number × limit is the answer. 2⁶⁴ numbers do not fall evenly into
        // `limit` answers, so those whose low half is below the remainder are drawn again.
        let uneven = limit.wrapping_neg() % limit;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(limit);
            let (answer, rest) = ((product >> 64) as u64, product as u64);
            if rest >= uneven {
                return answer;
            }
        }
    }
}

/// Gives random numbers that follow from a seed.
///
/// The same seed gives the same numbers on every machine, as long as the program is built with the
/// same version of this crate and of `fastrand`.
///
/// # Python
///
/// The twin is [`random.Random`]; the numbers differ.
///
/// [`random.Random`]: https://docs.python.org/3/library/random.html#random.Random
///
/// # Examples
///
/// ```
/// use entracte_event_loop::{Random, SeededRandom};
///
/// let mut first = SeededRandom::from_os();
/// let mut again = SeededRandom::from_seed(first.seed());
/// assert_eq!(first.next_u64(), again.next_u64());
/// ```
#[doc(alias = "random.Random")]
#[derive(Clone, Debug)]
pub struct SeededRandom {
    seed: u64,
    numbers: fastrand::Rng,
}

impl SeededRandom {
    /// Makes the numbers that follow from this seed.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self {
            seed,
            numbers: fastrand::Rng::with_seed(seed),
        }
    }

    /// Makes numbers that nobody can foretell: the seed comes from the system.
    #[must_use]
    pub fn from_os() -> Self {
        // The keys of std's hash maps are the randomness of the system that needs no dependency.
        Self::from_seed(RandomState::new().build_hasher().finish())
    }

    /// Returns the seed from which all the numbers follow.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl Random for SeededRandom {
    fn next_u64(&mut self) -> u64 {
        self.numbers.u64(..)
    }
}

#[cfg(test)]
mod tests {
    use super::{Random, SeededRandom};

    /// Gives back what it is told to, in this order.
    struct Told(Vec<u64>);

    impl Random for Told {
        fn next_u64(&mut self) -> u64 {
            self.0.remove(0)
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut random = SeededRandom::from_seed(seed);
            [random.next_u64(), random.below(1000), random.next_u64()]
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn the_seed_does_not_change_as_numbers_are_drawn() {
        let mut random = SeededRandom::from_seed(7);
        random.next_u64();
        assert_eq!(random.seed(), 7);
    }

    #[test]
    fn the_system_gives_another_seed_each_time() {
        assert_ne!(
            SeededRandom::from_os().seed(),
            SeededRandom::from_os().seed()
        );
    }

    #[test]
    fn below_reaches_every_number_and_no_other() {
        let mut random = SeededRandom::from_seed(7);
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[usize::try_from(random.below(5)).expect("it is below 5")] += 1;
        }
        assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
        assert_eq!(random.below(1), 0);
    }

    #[test]
    fn below_draws_again_what_would_favour_some_numbers() {
        // 2⁶⁴ is 1 more than a multiple of 3: one number has to go, and it is zero.
        assert_eq!(Told(vec![0, u64::MAX]).below(3), 2);
        assert_eq!(Told(vec![u64::MAX]).below(u64::MAX), u64::MAX - 1);
    }

    #[test]
    #[should_panic(expected = "cannot choose a number below zero")]
    fn there_is_no_number_below_zero() {
        SeededRandom::from_seed(7).below(0);
    }
}
