//! `#[sim_test]`: what it does with seeds, values and names.

use std::collections::BTreeSet;
use std::sync::Mutex;

use entracte::{EventLoop, TaskError, checkpoint, spawn};
use entracte_sim::sim_test;

static NUMBERS: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

/// Fails in the fiftieth run, having seen fifty different numbers.
#[sim_test(seeds = 1000)]
#[should_panic(
    expected = "ENTRACTE_SEED=49 cargo test -p entracte-sim --test attribute -- --exact \
                           a_test_runs_once_per_seed_and_says_which_failed"
)]
async fn a_test_runs_once_per_seed_and_says_which_failed() {
    checkpoint().await;
    let event_loop = EventLoop::current().expect("it runs in a loop");
    let mut numbers = NUMBERS.lock().expect("nobody panicked with it");
    numbers.insert(event_loop.random());
    let count = numbers.len();
    drop(numbers);
    assert!(count < 50, "fifty");
}

#[entracte::sim_test]
async fn a_test_may_return_a_result() -> Result<(), TaskError> {
    assert_eq!(spawn(async { 6 * 7 }).await?, 42);
    Ok(())
}

#[sim_test(seeds = 3)]
#[should_panic(expected = "the main task failed: wrong")]
async fn an_error_that_is_returned_is_a_failure() -> Result<(), &'static str> {
    checkpoint().await;
    Err("wrong")
}

mod inner {
    #[entracte_sim::sim_test(seeds = 1)]
    #[should_panic(expected = "--exact inner::the_command_names_the_module")]
    async fn the_command_names_the_module() {
        panic!("at once");
    }
}
