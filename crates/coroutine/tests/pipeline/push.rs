//! Pushed pipelines as a whole: flow, errors up and down, early ends, what is given back.

use entracte_coroutine::pipeline::FeedError;
use entracte_coroutine::pipeline::push::{
    Stage, batch, collect, feed, feed_iter, filter, map, stage,
};
use entracte_coroutine::{Coroutine, Generator, Interrupt, Misuse, State, StopKind};

use crate::{Log, error_of, noting_sink, noting_source, noting_stage};

#[test]
fn l2_items_flow_one_at_a_time_and_l3_close_runs_from_top_to_bottom() {
    let log = Log::default();
    let fed = feed(
        noting_source(&log, 2),
        noting_stage(&log, noting_sink("sink", 0, &log)),
    );
    assert_eq!(fed.unwrap(), Some("sink"));
    log.expect(&[
        "sink: start",
        "give 1",
        "pass 1",
        "sink: 1",
        "give 2",
        "pass 2",
        "sink: 2",
        "source: end",
        "stage: close",
        "sink: close",
    ]);
}

#[test]
fn l3_an_empty_source_still_starts_and_flushes_the_pipeline() {
    let log = Log::default();
    assert_eq!(
        feed_iter([], noting_stage(&log, noting_sink("sink", 0, &log))).unwrap(),
        Some("sink")
    );
    log.expect(&["sink: start", "stage: close", "sink: close"]);
    assert_eq!(
        feed_iter([0; 0], batch(2, collect())).unwrap(),
        Some(Vec::<Vec<i32>>::new())
    );
}

#[test]
fn l1_an_error_of_the_sink_leaves_stage_after_stage_and_reaches_the_source_at_its_yield() {
    let log = Log::default();
    let fed = feed(
        noting_source(&log, 3),
        noting_stage(&log, noting_sink("sink", 2, &log)),
    );
    assert_eq!(error_of(fed), "bad 2");
    log.expect(&[
        "sink: start",
        "give 1",
        "pass 1",
        "sink: 1",
        "give 2",
        "pass 2",
        "sink: bad 2",
        "stage: bad 2",
        "source: error bad 2",
    ]);
}

#[test]
fn l1_an_error_of_a_middle_stage_goes_down_before_it_goes_up() {
    let log = Log::default();
    let sink = noting_sink("sink", 0, &log);
    let fails = stage(
        async |co, _down| {
            let number: i32 = co.yield_(()).await;
            co.raise(format!("no {number}")).await
        },
        sink,
    );
    assert_eq!(error_of(feed(noting_source(&log, 2), fails)), "no 1");
    log.expect(&[
        "sink: start",
        "give 1",
        "sink: error no 1",
        "source: error no 1",
    ]);
}

#[test]
fn an_error_of_the_source_goes_down_to_the_sink() {
    let log = Log::default();
    let source = Generator::new(async |mut co| {
        co.yield_(1).await;
        co.raise("torn").await;
    });
    let stages = noting_stage(&log, noting_sink("sink", 0, &log));
    assert_eq!(
        error_of(feed::<Generator<'_, i32>, _>(source, stages)),
        "torn"
    );
    log.expect(&[
        "sink: start",
        "pass 1",
        "sink: 1",
        "stage: error torn",
        "sink: error torn",
    ]);
}

#[test]
fn a_sink_may_catch_the_error_of_the_source_and_return_a_value() {
    let source = Generator::new(async |mut co| {
        co.yield_(1).await;
        co.raise("torn").await;
    });
    let patient: Stage<'_, i32, String> = Coroutine::new(async |mut co| {
        while let Ok(1) = co.try_yield(()).await {}
        "kept what was there".into()
    });
    let fed = feed(source, map(|number| number, patient));
    assert_eq!(fed.unwrap().as_deref(), Some("kept what was there"));
}

#[test]
fn l2_a_lent_source_that_catches_the_error_goes_on_with_the_next_sink() {
    let log = Log::default();
    let mut source = Generator::new(async |mut co| {
        for number in 1..=4 {
            if let Err(Interrupt::Throw(error)) = co.try_yield(number).await {
                log.note(format!("{number} failed: {error}"));
            }
        }
    });
    let Err(FeedError::Undelivered {
        item: 3,
        returned: None,
    }) = feed(&mut source, noting_sink("first", 2, &log))
    else {
        panic!("the source gave 3 to a sink that had ended");
    };
    assert_eq!(source.state(), State::Suspended);
    assert_eq!(
        feed(&mut source, noting_sink("second", 0, &log)).unwrap(),
        Some("second")
    );
    log.expect(&[
        "first: start",
        "first: 1",
        "first: bad 2",
        "2 failed: bad 2",
        "second: start",
        "second: 4",
        "second: close",
    ]);
}

#[test]
fn a_source_that_catches_the_error_and_returns_leaves_no_value() {
    let source = Generator::new(async |mut co| assert!(co.try_yield(1).await.is_err()));
    let log = Log::default();
    assert_eq!(feed(source, noting_sink("sink", 1, &log)).unwrap(), None);
}

#[test]
fn a_sink_that_returns_early_closes_the_source_and_gives_its_value() {
    let log = Log::default();
    let sum = Coroutine::new(async |mut co| co.yield_(()).await + co.yield_(()).await);
    assert_eq!(
        feed(noting_source(&log, 9), map(|x| x * 10, sum)).unwrap(),
        Some(30)
    );
    log.expect(&["give 1", "give 2", "source: close"]);
    let at_once: Stage<'_, i32, &str> = Coroutine::new(async |_| "nothing wanted");
    assert_eq!(
        feed(noting_source(&log, 9), filter(|_| true, at_once)).unwrap(),
        Some("nothing wanted")
    );
    log.expect(&[]);
}

#[test]
fn a_body_that_returns_early_closes_the_stages_below() {
    let log = Log::default();
    let first = stage(
        async |co, down| {
            let number = co.yield_(()).await;
            down.send(number)
        },
        noting_sink("sink", 0, &log),
    );
    assert_eq!(feed(noting_source(&log, 9), first).unwrap(), Some("sink"));
    log.expect(&[
        "sink: start",
        "give 1",
        "sink: 1",
        "sink: close",
        "source: close",
    ]);
}

#[test]
fn a_clean_up_of_the_source_that_fails_does_not_lose_the_value_of_the_sink() {
    let source = Generator::new(async |mut co| {
        co.finally(
            async |co| co.yield_(1).await,
            async |co| co.raise("disk full").await,
        )
        .await;
    });
    let one: Stage<'_, i32, i32> = Coroutine::new(async |mut co| co.yield_(()).await);
    match feed(source, one) {
        Err(FeedError::Raised {
            error,
            returned: Some(1),
        }) => assert_eq!(error.to_string(), "disk full"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sink_unwound_by_close_has_no_value_through_all_stages() {
    let for_ever: Stage<'_, i32, i32> = Coroutine::new(async |mut co| {
        loop {
            co.yield_(()).await;
        }
    });
    assert_eq!(
        feed_iter(0..3, filter(|_| true, map(|x| x, for_ever))).unwrap(),
        None
    );
}

#[test]
fn a_stage_that_ignores_close_is_an_error() {
    let stubborn: Stage<'_, i32> = Coroutine::new(async |mut co| {
        loop {
            drop(co.try_yield(()).await);
        }
    });
    let error = feed_iter([1], map(|x| x, stubborn))
        .unwrap_err()
        .into_error();
    assert_eq!(error.downcast_ref(), Some(&Misuse::IgnoredClose));
}

#[test]
fn l2_a_finished_stage_takes_no_item_from_the_source() {
    let mut sink = collect::<Vec<i32>, _>();
    sink.next().unwrap();
    assert_eq!(sink.close().unwrap(), Some(vec![]));
    let mut numbers = 1..;
    let error = feed_iter(&mut numbers, filter(|_| true, sink))
        .unwrap_err()
        .into_error();
    assert_eq!(error.downcast_ref(), Some(&StopKind::Finished));
    assert_eq!(numbers.next(), Some(1));
}
