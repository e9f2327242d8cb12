//! The round-robin scheduler: order of turns, results, failures, waiting, and waiting for ever.

use std::cell::RefCell;

use entracte_coroutine::{BoxError, Co, Failures, RoundRobin, Spawned, Turn};

#[test]
fn each_yield_is_a_switch_in_the_order_of_spawning() -> Result<(), Failures> {
    let log = RefCell::new(Vec::new());
    let mut scheduler = RoundRobin::new();
    for (name, turns) in [("a", 1), ("b", 3), ("c", 2)] {
        let log = &log;
        scheduler.spawn(name, async move |mut co| {
            for turn in 0..turns {
                log.borrow_mut().push(format!("{name}{turn}"));
                co.yield_(Turn::Next).await;
            }
        });
    }
    scheduler.run()?;
    drop(scheduler);
    assert_eq!(log.into_inner(), ["a0", "b0", "c0", "b1", "c1", "b2"]);
    Ok(())
}

#[test]
fn spawning_runs_nothing_and_results_are_there_after_the_run() -> Result<(), Failures> {
    let mut scheduler = RoundRobin::new();
    let answer = scheduler.spawn("answer", async |_| 42);
    assert!(answer.result().is_none());
    scheduler.run()?;
    assert!(matches!(answer.result(), Some(Ok(42))));
    Ok(())
}

#[test]
fn a_failing_one_is_reported_by_name_and_the_others_run_to_their_end() {
    let mut scheduler = RoundRobin::new();
    scheduler.spawn("bad", async |mut co| {
        co.yield_(Turn::Next).await;
        co.raise("disk full").await
    });
    let good = scheduler.spawn("good", async |mut co| {
        co.yield_(Turn::Next).await;
        co.yield_(Turn::Next).await;
        "done"
    });
    let failures = scheduler.run().expect_err("one raised");
    assert_eq!(failures.iter().collect::<Vec<_>>(), [("bad", "disk full")]);
    assert_eq!(failures.to_string(), "bad: disk full");
    assert!(matches!(good.result(), Some(Ok("done"))));
    assert!(scheduler.run().is_ok(), "failures are reported once");
}

#[test]
fn one_waits_for_another_and_gets_its_value() -> Result<(), Failures> {
    let mut scheduler = RoundRobin::new();
    let slow = scheduler.spawn("slow", async |mut co| {
        for _ in 0..3 {
            co.yield_(Turn::Next).await;
        }
        20
    });
    let first = slow.clone();
    let sum = scheduler.spawn("sum", async move |mut co| first.wait(&mut co).await + 1);
    let late = sum.clone();
    let last = scheduler.spawn("last", async move |mut co| late.wait(&mut co).await + 1);
    scheduler.run()?;
    assert!(matches!(last.result(), Some(Ok(22))));
    assert!(matches!(
        (slow.result(), sum.result()),
        (Some(Ok(20)), Some(Ok(21)))
    ));
    Ok(())
}

#[test]
fn waiting_for_one_that_fails_raises_its_message() {
    let mut scheduler = RoundRobin::new();
    let bad: Spawned<u8> = scheduler.spawn("bad", async |mut co| co.raise("no answer").await);
    let waiting = scheduler.spawn("waiting", async move |mut co| {
        let caught = co.catch(async |co| *bad.wait(co).await).await;
        caught.map_err(|interrupt| interrupt.to_string())
    });
    assert!(scheduler.run().is_err());
    assert!(
        matches!(waiting.result(), Some(Ok(Err(message))) if message == "no answer"),
        "{waiting:?}"
    );
}

#[test]
fn two_that_wait_for_each_other_are_an_error_and_not_a_hang() {
    let mut scheduler = RoundRobin::new();
    scheduler.spawn("a", async |mut co| co.yield_(Turn::After(1)).await);
    scheduler.spawn("b", async |mut co| co.yield_(Turn::After(0)).await);
    let failures = scheduler.run().expect_err("nobody can go on");
    let names: Vec<_> = failures.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn waiting_for_one_that_has_ended_or_never_was_is_a_switch() -> Result<(), BoxError> {
    async fn patient(co: &mut Co<'_, Turn, ()>, id: usize) -> usize {
        co.yield_(Turn::After(id)).await;
        id
    }
    let mut scheduler = RoundRobin::new();
    scheduler.spawn("ended", async |_| ());
    let seen = scheduler.spawn("seen", async |mut co| {
        patient(&mut co, 0).await + patient(&mut co, 99).await
    });
    scheduler.run()?;
    assert!(matches!(seen.result(), Some(Ok(99))));
    Ok(())
}

#[test]
fn a_panic_goes_through_run_and_is_reported_by_the_next_one() {
    let mut scheduler = RoundRobin::new();
    let bad: Spawned<()> = scheduler.spawn("bad", async |_| panic!("no more paper"));
    let good = scheduler.spawn("good", async |_| 1);
    let run = std::panic::AssertUnwindSafe(|| scheduler.run().is_ok());
    assert!(std::panic::catch_unwind(run).is_err());
    let failures = scheduler.run().expect_err("one panicked");
    assert_eq!(failures.to_string(), "bad: panicked");
    assert!(bad.result().is_none());
    assert!(matches!(good.result(), Some(Ok(1))));
}
