//! Many seeds: the same program again and again, each time in another order.

use entracte::task::Outcome;

use crate::failure::{Cause, Failure};
use crate::replay::{self, Replay};
use crate::sim::Sim;

/// Runs a program from each of these seeds.
///
/// If the environment says `ENTRACTE_SEED=8231`, from that seed alone. With `ENTRACTE_TRACE=1` the
/// text of a failure has the trace.
///
/// # Panics
///
/// Panics at the first seed from which the program fails or returns an error, with a text that ends
/// with the command that replays it.
///
/// # Examples
///
/// ```
/// use entracte::sync::Queue;
///
/// entracte_sim::check(0..100, async || {
///     let queue = std::rc::Rc::new(Queue::bounded(1));
///     let puts = std::rc::Rc::clone(&queue);
///     let task = entracte::spawn(async move { puts.put(7).await.unwrap() });
///     assert_eq!(queue.get().await.unwrap(), 7);
///     task.await.unwrap();
/// });
/// ```
#[track_caller]
pub fn check<T: Outcome>(seeds: impl IntoIterator<Item = u64>, program: impl AsyncFn() -> T) {
    if let Some(failure) = find(seeds, program) {
        panic!("{failure}");
    }
}

/// Runs a program from each of these seeds, up to the first from which it fails.
///
/// The environment counts as it does for [`check`].
///
/// # Examples
///
/// ```
/// use entracte::{checkpoint, spawn};
///
/// // Whoever relies on the order of two ready tasks is found out.
/// let failure = entracte_sim::find(0..100, async || {
///     let other = spawn(checkpoint());
///     checkpoint().await;
///     checkpoint().await;
///     assert!(other.is_done());
/// });
/// assert!(failure.is_some());
/// ```
#[track_caller]
pub fn find<T: Outcome>(
    seeds: impl IntoIterator<Item = u64>,
    program: impl AsyncFn() -> T,
) -> Option<Failure> {
    if let Some(seed) = replay::wanted(replay::SEED) {
        return run_once(seed, &program).err();
    }
    seeds
        .into_iter()
        .find_map(|seed| run_once(seed, &program).err())
}

#[track_caller]
fn run_once<T: Outcome>(seed: u64, program: &impl AsyncFn() -> T) -> Result<(), Failure> {
    let mut sim = Sim::new(seed);
    if replay::wanted::<u8>(replay::TRACE).is_some_and(|wanted| wanted > 0) {
        sim = sim.trace();
    }
    let report = sim.run(program())?;
    succeeded(report.value).map_err(|cause| {
        Failure::new(cause, report.elapsed, report.steps, seed).with_trace(report.trace)
    })
}

/// An error that the program returned is a failure.
pub(crate) fn succeeded(value: impl Outcome) -> Result<(), Cause> {
    match value.into_result() {
        Ok(value) => {
            drop(value);
            Ok(())
        }
        Err(error) => Err(Cause::Failed(error.to_string())),
    }
}

/// Runs a test from so many seeds: what `#[entracte::sim_test]` expands to.
///
/// `ENTRACTE_SEEDS=100000` in the environment runs it from more, `ENTRACTE_SEED=8231` from one.
/// The name is that of the function; the module is what `module_path!()` says of it.
///
/// # Panics
///
/// As [`check`].
///
/// # Examples
///
/// ```
/// async fn sleeps() {
///     entracte::sleep(std::time::Duration::from_secs(1)).await;
/// }
/// entracte_sim::test_many("sleeps", module_path!(), 100, sleeps);
/// ```
#[track_caller]
pub fn test_many<T: Outcome>(name: &str, module: &str, seeds: u64, program: impl AsyncFn() -> T) {
    let seeds = replay::wanted(replay::SEEDS).unwrap_or(seeds);
    let Some(failure) = find(0..seeds, program) else {
        return;
    };
    // Without the crate, which the command says otherwise.
    let test = match module.split_once("::") {
        Some((_, module)) => format!("{module}::{name}"),
        None => name.to_owned(),
    };
    let failure = failure.with_replay(|replay: &mut Replay| replay.set_test(&test));
    panic!("{failure}");
}
