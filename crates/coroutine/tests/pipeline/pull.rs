//! Pulled pipelines: batches, sources in turns, errors and closes that go up to the source.

use std::cell::RefCell;

use entracte_coroutine::pipeline::pull::{batch, each, fan_in, source};
use entracte_coroutine::pipeline::push::{feed, for_each};
use entracte_coroutine::{BoxError, CloseError, Co, Generator, Interrupt, State, Stop};

type Log = RefCell<Vec<String>>;

/// Gives `name1` to `name<last>`; notes interrupts, lets a close and the error "fatal" go on.
fn noting<'env>(name: &'env str, last: usize, log: &'env Log) -> Generator<'env, String, usize> {
    Generator::named("noting", async move |mut co| {
        for number in 1..=last {
            match co.try_yield(format!("{name}{number}")).await {
                Ok(()) => {}
                Err(Interrupt::Close) => {
                    log.borrow_mut().push(format!("{name} closed at {number}"));
                    return number;
                }
                Err(Interrupt::Throw(error)) => {
                    log.borrow_mut().push(format!("{name} {error} at {number}"));
                    raise_if_fatal(&mut co, error).await;
                }
            }
        }
        last
    })
}

async fn raise_if_fatal(co: &mut Co<'_, String, ()>, error: BoxError) {
    if error.to_string() == "fatal" {
        co.raise(error).await;
    }
}

fn letters(text: &str) -> Generator<'_, char> {
    source(text.chars())
}

#[test]
fn adaptors_of_iterators_pull_and_the_source_can_be_closed_after_them() {
    let log = Log::default();
    let mut numbers = noting("n", 9, &log);
    let found: Vec<String> = numbers
        .by_ref()
        .filter(|item| item != "n2")
        .map(|item| item + "!")
        .take(2)
        .collect();
    assert_eq!(found, ["n1!", "n3!"]);
    assert_eq!(numbers.close().unwrap(), Some(3));
    assert_eq!(log.take(), ["n closed at 3"]);
}

#[test]
fn a_pulled_batch_gives_what_is_left_over_and_returns_what_the_source_returned() {
    let log = Log::default();
    let mut batches = batch(2, noting("n", 3, &log));
    assert_eq!(batches.next().unwrap(), ["n1", "n2"]);
    assert_eq!(batches.next().unwrap(), ["n3"]);
    assert_eq!(batches.next().unwrap_err().returned(), Some(3));
    assert!(
        batch(2, letters(""))
            .next()
            .unwrap_err()
            .returned()
            .is_some()
    );
    assert!(batch(0, letters("ab")).eq([vec!['a'], vec!['b']]));
}

#[test]
fn a_pulled_batch_gives_what_came_before_an_error() {
    let mut batches = batch(
        3,
        Generator::new(async |mut co| {
            co.yield_(1).await;
            co.raise("torn").await;
        }),
    );
    assert_eq!(batches.next().unwrap(), [1]);
    assert_eq!(batches.next().unwrap_err().to_string(), "torn");
    assert!(matches!(batches.next(), Err(Stop::Finished(()))));
}

#[test]
fn a_pulled_batch_passes_errors_and_closes_up() {
    let log = Log::default();
    let mut batches = batch(2, noting("n", 9, &log));
    batches.next().unwrap();
    assert_eq!(batches.throw("smudged").unwrap(), ["n3", "n4"]);
    assert_eq!(batches.close().unwrap(), Some(4));
    assert_eq!(log.take(), ["n smudged at 2", "n closed at 4"]);
}

#[test]
fn l2_a_source_that_ignores_close_loses_no_item_in_a_batch_or_a_fan_in() {
    let stubborn = || {
        Generator::new(async |mut co| {
            let mut number = 0;
            while number < 3 {
                number += 1;
                drop(co.try_yield(number).await);
            }
        })
    };
    let mut batches = batch(2, stubborn());
    assert_eq!(batches.next().unwrap(), [1, 2]);
    assert!(matches!(batches.close(), Err(CloseError::Ignored(items)) if items == [3]));
    assert_eq!(batches.close().unwrap(), Some(()));
    let mut both = fan_in([stubborn(), stubborn()]);
    assert_eq!((both.next().unwrap(), both.next().unwrap()), (1, 1));
    assert!(matches!(both.close(), Err(CloseError::Ignored(2))));
    assert_eq!(both.state(), State::Suspended);
    assert_eq!(both.by_ref().collect::<Vec<_>>(), [2, 3, 3]);
    assert_eq!(both.outcome().unwrap().unwrap(), [Some(()), Some(())]);
}

#[test]
fn sources_take_turns_until_each_has_ended() {
    let log = Log::default();
    let mut all = fan_in([
        noting("a", 1, &log),
        noting("b", 3, &log),
        noting("c", 2, &log),
    ]);
    assert_eq!(
        all.by_ref().collect::<Vec<_>>(),
        ["a1", "b1", "c1", "b2", "c2", "b3"]
    );
    assert_eq!(all.outcome().unwrap().unwrap(), [Some(1), Some(3), Some(2)]);
    let mut none = fan_in::<Generator<'_, i32>>([]);
    assert_eq!(none.next().unwrap_err().returned(), Some(vec![]));
}

#[test]
fn an_error_goes_to_the_source_that_gave_the_last_item() {
    let log = Log::default();
    let mut all = fan_in([noting("a", 3, &log), noting("b", 3, &log)]);
    assert_eq!(
        (all.next().unwrap(), all.next().unwrap()),
        ("a1".into(), "b1".into())
    );
    assert_eq!(
        all.throw("smudged").unwrap(),
        "b2",
        "the answer of the one that caught it"
    );
    assert_eq!(all.next().unwrap(), "a2");
    assert_eq!(all.throw("fatal").unwrap_err().to_string(), "fatal");
    assert_eq!(
        log.take(),
        ["b smudged at 1", "a fatal at 2", "b closed at 2"]
    );
}

#[test]
fn closing_a_fan_in_closes_the_last_giver_first_and_then_in_turn() {
    let log = Log::default();
    let mut all = fan_in(["a", "b", "c"].map(|name| noting(name, 3, &log)));
    assert_eq!(
        (all.next().unwrap(), all.next().unwrap()),
        ("a1".into(), "b1".into())
    );
    // c has not started: there is nothing to clean up, and it has no value.
    assert_eq!(all.close().unwrap(), Some(vec![Some(1), Some(1), None]));
    assert_eq!(log.take(), ["b closed at 1", "a closed at 1"]);
}

#[test]
fn each_throws_an_error_into_the_source_which_goes_on() {
    let log = Log::default();
    let mut seen = Vec::new();
    let count = each(batch(1, noting("n", 3, &log)), |batch| {
        seen.extend(batch);
        if seen.len() == 2 {
            Err("smudged".into())
        } else {
            Ok(())
        }
    });
    assert_eq!(
        (count.unwrap(), seen.join(" ")),
        (Some(3), "n1 n2 n3".into())
    );
    assert_eq!(log.take(), ["n smudged at 2"]);
    let fatal = each(noting("n", 3, &log), |_| Err("fatal".into()));
    assert_eq!(fatal.unwrap_err().to_string(), "fatal");
    assert_eq!(log.take(), ["n fatal at 1"]);
}

#[test]
fn a_source_that_has_ended_gives_nothing() -> Result<(), BoxError> {
    let mut over = letters("a");
    assert_eq!(over.by_ref().count(), 1);
    assert_eq!(each(&mut over, |_| Err("an item".into()))?, None);
    assert_eq!(batch(2, &mut over).count(), 0);
    let mut more = letters("b");
    let mut both = fan_in([&mut over, &mut more]);
    assert_eq!(both.by_ref().collect::<String>(), "b");
    drop(both);
    assert_eq!(feed(&mut over, for_each(|_| panic!("an item")))?, Some(()));
    Ok(())
}
