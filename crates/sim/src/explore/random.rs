//! Random schedules with so many reorderings, and how likely they are to find a bug.

use entracte::task::Outcome;
use entracte_event_loop::{Random, SeededRandom};

use super::{Explored, Found, Schedule, Script, execute, wanted};
use crate::sim::Sim;

/// Runs a program once per seed, each time with `reorderings` departures from the usual order, at
/// choices that are drawn, each as likely as any other.
///
/// The guarantee: a bug that shows under some schedule with just so many reorderings is found by
/// each seed with a probability of at least 1 / (C(k, d) · (n − 1)ᵈ). Here d is the number of
/// reorderings, k the most choices of any run so far, which must be no less than those of the run
/// that fails, and n the most tasks that are ready at once. That falls with a power of the length
/// of the program, where a walk that draws every choice is exponentially unlikely to keep to the
/// usual order for long.
///
/// With `ENTRACTE_SCHEDULE=3:1,7:2` in the environment, this schedule alone is run.
///
/// # Errors
///
/// Returns the first schedule under which the program panics, returns an error, or deadlocks.
///
/// # Examples
///
/// ```
/// use entracte_sim::explore;
///
/// let explored = explore::random(0..50, 2, async || {
///     let tasks = [1, 2, 3].map(|number| entracte::spawn(async move { number }));
///     let [one, two, three] = entracte::gather(tasks).await.unwrap();
///     assert_eq!((one, two, three), (1, 2, 3));
/// });
/// assert_eq!(explored.unwrap().schedules, 51); // and the usual one
/// ```
#[track_caller]
pub fn random<T: Outcome>(
    seeds: impl IntoIterator<Item = u64>,
    reorderings: usize,
    program: impl AsyncFn() -> T,
) -> Result<Explored, Found> {
    if let Some(replayed) = wanted(&program) {
        return replayed;
    }
    let mut script = Script::fixed(&Schedule::default());
    let mut most_choices = 0;
    let mut schedules = 0;
    let mut seeds = seeds.into_iter();
    loop {
        let ran = execute(Sim::new(0), script, &program);
        if let Err(failure) = ran.result {
            return Err(Found {
                schedule: ran.schedule,
                failure,
                before: schedules,
            });
        }
        schedules += 1;
        most_choices = most_choices.max(ran.choices.len());
        let Some(seed) = seeds.next() else { break };
        let mut random = SeededRandom::from_seed(seed);
        let at = drawn(&mut random, reorderings, most_choices);
        script = Script::drawn(at, random);
    }
    Ok(Explored {
        schedules,
        is_complete: false,
    })
}

/// So many different numbers below `limit`, in ascending order; every set is as likely.
fn drawn(random: &mut SeededRandom, count: usize, limit: usize) -> Vec<u32> {
    let mut numbers = Vec::new();
    // Floyd's way: each new number is drawn from one more, and stands for the last if it is taken.
    for last in limit.saturating_sub(count)..limit {
        let number = random.below(last as u64 + 1) as u32;
        let number = if numbers.contains(&number) {
            last as u32
        } else {
            number
        };
        numbers.push(number);
    }
    numbers.sort_unstable();
    numbers
}
