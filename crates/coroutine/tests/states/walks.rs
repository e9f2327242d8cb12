//! Random walks: a body that reacts at random to a caller that acts at random, against a model.

use std::hash::{BuildHasher, RandomState};

use entracte_coroutine::{Co, State};

use crate::Verb::{self, Close, Next, Send, Throw};
use crate::forms::{Form, each_form};
use crate::{SENT, THROWN, VERBS, act};

/// Splitmix64: the next number from the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }
}

/// Walks with many seeds, or with the one that is replayed, and tells how many.
pub(crate) fn walks(count: u64, mut walk: impl FnMut(Random)) -> u64 {
    let given = std::env::var("ENTRACTE_SEED").ok();
    let (first, count) = match given {
        Some(seed) => (seed.parse().expect("ENTRACTE_SEED is a number"), 1),
        None => (RandomState::new().hash_one(0), count),
    };
    for seed in (0..count).map(|nth| first.wrapping_add(nth)) {
        // Shown if the test fails: the last one is the one that failed.
        println!("replay: ENTRACTE_SEED={seed} cargo test -p entracte-coroutine --test states");
        walk(Random::new(seed));
    }
    count
}

/// What arrives at a paused yield.
#[derive(Clone, Copy)]
enum Arrival {
    Value,
    Error,
    Close,
}

/// What a body does next.
#[derive(Clone, Copy, Debug)]
enum Reaction {
    Yield(u64),
    Return(u64),
    Raise,
    /// Lets an interrupt go on; after a value, as `Yield`.
    LetGo,
}

/// Body and model choose by the same numbers: the seed, and how many reactions went before.
fn choose(seed: u64, step: u64) -> Reaction {
    let mut random = Random::new(seed ^ step.wrapping_mul(0x1234_5678_9abc_def1));
    match random.below(12) {
        0 => Reaction::Return(random.below(100)),
        1 => Reaction::Raise,
        2..5 => Reaction::LetGo,
        _ => Reaction::Yield(random.below(100)),
    }
}

async fn body(co: &mut Co<'_, u64, u64>, seed: u64) -> u64 {
    let mut value = 0;
    for step in 0.. {
        let tried = co.try_yield(value).await;
        match (choose(seed, step), tried) {
            (Reaction::Yield(next), _) => value = next,
            (Reaction::Return(value), _) => return value,
            (Reaction::Raise, _) => co.raise("raised").await,
            (Reaction::LetGo, Ok(sent)) => value = sent,
            (Reaction::LetGo, Err(interrupt)) => co.raise(interrupt).await,
        }
    }
    unreachable!("the steps do not end")
}

/// The coroutine as the table has it.
struct Model {
    state: State,
    seed: u64,
    step: u64,
}

impl Model {
    /// What the verb answers. `Running` does not occur: the caller is outside.
    fn act(&mut self, verb: Verb) -> String {
        match (self.state, verb) {
            (State::Created, Next) => {
                self.state = State::Suspended;
                "yielded 0".to_owned()
            }
            (State::Created, Send) => "NotStarted".to_owned(),
            (State::Suspended, Next) => "NeedsInput".to_owned(),
            (State::Suspended, Send) => self.react(Arrival::Value),
            (State::Suspended, Throw) => self.react(Arrival::Error),
            (State::Suspended, Close) => self.react(Arrival::Close),
            (_, Throw) => self.end(format!("raised {THROWN}")),
            (_, Close) => self.end("closed".to_owned()),
            (_, Next | Send) => self.end("finished".to_owned()),
        }
    }

    fn end(&mut self, answer: String) -> String {
        self.state = State::Closed;
        answer
    }

    fn react(&mut self, arrival: Arrival) -> String {
        let reaction = choose(self.seed, self.step);
        self.step += 1;
        let yields = match arrival {
            Arrival::Close => "ignored",
            _ => "yielded",
        };
        match (reaction, arrival) {
            (Reaction::Yield(value), _) => format!("{yields} {value}"),
            (Reaction::Return(value), _) => self.end(format!("returned {value}")),
            (Reaction::Raise, _) => self.end("raised raised".to_owned()),
            (Reaction::LetGo, Arrival::Value) => format!("yielded {SENT}"),
            (Reaction::LetGo, Arrival::Error) => self.end(format!("raised {THROWN}")),
            (Reaction::LetGo, Arrival::Close) => self.end("closed".to_owned()),
        }
    }
}

#[test]
fn random_walks_agree_with_the_table() {
    walks(2_000, |mut random| {
        let (seed, caller) = (random.below(u64::MAX), random.below(u64::MAX));
        each_form(
            async |mut co: Co<'_, u64, u64>| body(&mut co, seed).await,
            |co: &mut dyn Form<u64, u64, u64>| {
                let mut model = Model {
                    state: State::Created,
                    seed,
                    step: 0,
                };
                let mut random = Random::new(caller);
                for nth in 0..20 {
                    assert_eq!(co.state(), model.state, "before act {nth}");
                    // Mostly `send`: it goes furthest.
                    let verb = VERBS.get(random.below(9) as usize).copied().unwrap_or(Send);
                    let expected = model.act(verb);
                    assert_eq!(act(co, verb, SENT), expected, "act {nth}: {verb:?}");
                }
                assert_eq!(co.state(), model.state, "at the end");
            },
        );
    });
}
