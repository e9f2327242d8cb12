//! The stages that the room has: batches, broadcast, and that none of them copies an item.

use std::cell::RefCell;

use entracte_coroutine::SharedError;
use entracte_coroutine::pipeline::pull;
use entracte_coroutine::pipeline::push::{
    Stage, batch, broadcast, collect, feed, feed_iter, filter,
};
use entracte_coroutine::{Coroutine, Interrupt, Misuse, Stop};

use crate::{Log, ended, error_of, noting_sink, noting_source};

#[test]
fn borrowed_lines_are_not_copied() {
    let text = String::from("a lamp goes out\nthe curtain falls\nthe curtain rises");
    let lines = pull::fan_in([pull::source(text.lines())]);
    let stages = filter(
        |line: &&str| line.starts_with("the"),
        batch(1, broadcast([collect(), collect()])),
    );
    let found: Vec<Option<Vec<Vec<&str>>>> = feed(lines, stages).unwrap().unwrap();
    for copy in found {
        let pointers: Vec<_> = copy
            .unwrap()
            .concat()
            .iter()
            .map(|line| line.as_ptr())
            .collect();
        assert_eq!(pointers, [text[16..].as_ptr(), text[34..].as_ptr()]);
    }
}

#[test]
fn a_pushed_batch_that_is_not_full_is_sent_on_close_and_before_an_error() {
    let log = Log::default();
    let sink = || {
        Coroutine::new(async |mut co| {
            let interrupt = loop {
                match co.try_yield(()).await {
                    Ok(batch) => log.note(format!("{batch:?}")),
                    Err(interrupt) => break interrupt,
                }
            };
            log.note(ended(Some(&interrupt)));
            co.raise(interrupt).await;
        })
    };
    assert_eq!(feed_iter(1..=5, batch::<i32, ()>(2, sink())).unwrap(), None);
    log.expect(&["[1, 2]", "[3, 4]", "[5]", "close"]);
    let mut torn: Stage<'_, i32> = batch(2, sink());
    torn.next().unwrap();
    torn.send(7).unwrap();
    assert_eq!(torn.throw("torn").unwrap_err().to_string(), "torn");
    log.expect(&["[7]", "error torn"]);
    assert_eq!(feed_iter(1..=2, batch::<i32, ()>(0, sink())).unwrap(), None);
    log.expect(&["[1]", "[2]", "close"]);
}

#[test]
fn broadcast_sends_in_order_and_returns_in_order() {
    let log = Log::default();
    let early = Coroutine::new(async |mut co| {
        let number: i32 = co.yield_(()).await;
        log.note(format!("early: {number}"));
        "early"
    });
    let stages = [noting_sink("a", 0, &log), early, noting_sink("b", 0, &log)];
    let fed = feed(noting_source(&log, 2), broadcast(stages)).unwrap();
    assert_eq!(fed, Some(vec![Some("a"), Some("early"), Some("b")]));
    log.expect(&[
        "a: start",
        "b: start",
        "give 1",
        "a: 1",
        "early: 1",
        "b: 1",
        "give 2",
        "a: 2",
        "b: 2",
        "source: end",
        "a: close",
        "b: close",
    ]);
}

#[test]
fn broadcast_ends_when_its_last_stage_has_returned() {
    let log = Log::default();
    let take = |count| {
        Coroutine::new(async move |mut co| {
            for _ in 0..count {
                let _: i32 = co.yield_(()).await;
            }
            count
        })
    };
    let fed = feed(
        noting_source(&log, 9),
        broadcast([take(2), take(0), take(1)]),
    )
    .unwrap();
    assert_eq!(fed, Some(vec![Some(2), Some(0), Some(1)]));
    log.expect(&["give 1", "give 2", "source: close"]);
    assert_eq!(
        feed_iter([1], broadcast::<_, ()>([])).unwrap(),
        Some(vec![])
    );
}

#[test]
fn an_error_of_one_stage_is_thrown_into_the_others_and_goes_up_as_it_was() {
    let log = Log::default();
    let stages =
        ["a", "b", "c"].map(|name| noting_sink(name, if name == "b" { 2 } else { 0 }, &log));
    assert_eq!(
        error_of(feed(noting_source(&log, 3), broadcast(stages))),
        "bad 2"
    );
    log.expect(&[
        "a: start",
        "b: start",
        "c: start",
        "give 1",
        "a: 1",
        "b: 1",
        "c: 1",
        "give 2",
        "a: 2",
        "b: bad 2",
        "a: error bad 2",
        "c: error bad 2",
        "source: error bad 2",
    ]);
    let kept = RefCell::new(None);
    let keeps: Stage<'_, i32> = Coroutine::new(async |mut co| {
        let Err(Interrupt::Throw(error)) = co.try_yield(()).await else {
            return;
        };
        *kept.borrow_mut() = error.downcast::<SharedError>().ok();
    });
    let mut all = broadcast([keeps]);
    all.next().unwrap();
    let shared = all.throw(Misuse::AwaitedOutside).unwrap_err();
    drop(all);
    let Stop::Raised(error) = shared else {
        panic!("{shared:?}")
    };
    assert!(error.is::<SharedError>(), "someone else holds it");
    let kept = kept.take().expect("it was kept");
    assert!(kept.get().is::<Misuse>());
}
