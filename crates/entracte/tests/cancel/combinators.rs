//! Under foreign combinators: a cancel reaches every innermost block, and every clean-up runs.

use std::pin::Pin;

use entracte::{catch_cancel, finally, sleep, task_group, timeout};
use futures::future::{self, Either, FutureExt, LocalBoxFuture};
use futures::stream::{self, FuturesOrdered, FuturesUnordered, StreamExt};
use futures_concurrency::future::{FutureGroup, Join, Race};
use tower::{Service, ServiceExt};

use crate::log::{LONG, Log, ms, play};
use crate::model::cancelled_after_1_of;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Three blocks whose clean-ups take 3, 1 and 2 milliseconds.
fn blocks(log: &Log) -> [LocalBoxFuture<'static, ()>; 3] {
    [(NAMES[0], 3), (NAMES[1], 1), (NAMES[2], 2)]
        .map(|(name, millis)| finally(sleep(LONG), log.clean_up(name, millis)).boxed_local())
}

/// Cancels a task that awaits the blocks in some combinator; gives how it ended and its lines.
fn cancelled<F: Future + 'static>(
    combined: impl FnOnce([LocalBoxFuture<'static, ()>; 3]) -> F,
) -> (String, Vec<String>) {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of(combined(blocks(&log))));
    (outcome, log.take())
}

/// All three clean up at once, and the slowest decides.
#[track_caller]
fn assert_all_clean_up_at_once<F: Future + 'static>(
    combined: impl FnOnce([LocalBoxFuture<'static, ()>; 3]) -> F,
) {
    let (outcome, lines) = cancelled(combined);
    assert_eq!(outcome, "4 the task was cancelled", "{lines:?}");
    let expected = [
        "1 a begins",
        "1 b begins",
        "1 c begins",
        "2 b ends",
        "3 c ends",
        "4 a ends",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn join_of_futures() {
    assert_all_clean_up_at_once(async |[a, b, c]| {
        futures::join!(a, b, c);
    });
    assert_all_clean_up_at_once(future::join_all);
}

#[test]
fn try_join_of_futures() {
    assert_all_clean_up_at_once(async |blocks| {
        let [a, b, c] = blocks.map(|block| block.map(Ok::<_, String>));
        futures::try_join!(a, b, c).map(drop)
    });
}

#[test]
fn select_of_futures() {
    assert_all_clean_up_at_once(async |blocks| {
        let [mut a, mut b, mut c] = blocks.map(FutureExt::fuse);
        futures::select_biased! { () = a => {}, () = b => {}, () = c => {} }
    });
    assert_all_clean_up_at_once(|[a, b, c]| future::select(future::select(a, b), c));
    assert_all_clean_up_at_once(future::select_all);
}

#[test]
fn select_of_tokio() {
    assert_all_clean_up_at_once(async |[a, b, c]| {
        tokio::select! { biased; () = a => {}, () = b => {}, () = c => {} }
    });
    assert_all_clean_up_at_once(async |[mut a, mut b, mut c]| {
        loop {
            tokio::select! { biased; () = &mut a => {}, () = &mut b => {}, () = &mut c => {} }
        }
    });
}

#[test]
fn join_of_tokio() {
    // It polls another branch first each time: all are polled, in an order of its own.
    let (outcome, mut lines) = cancelled(async |[a, b, c]| tokio::join!(a, b, c));
    assert_eq!(outcome, "4 the task was cancelled");
    lines[..3].sort();
    assert_eq!(lines[..3], ["1 a begins", "1 b begins", "1 c begins"]);
    assert_eq!(lines[3..], ["2 b ends", "3 c ends", "4 a ends"]);
}

#[test]
fn futures_unordered() {
    assert_all_clean_up_at_once(async |blocks| {
        let mut blocks: FuturesUnordered<_> = blocks.into_iter().collect();
        while blocks.next().await.is_some() {}
    });
}

#[test]
fn futures_ordered() {
    assert_all_clean_up_at_once(async |blocks| {
        let mut blocks: FuturesOrdered<_> = blocks.into_iter().collect();
        while blocks.next().await.is_some() {}
    });
}

#[test]
fn buffered_streams() {
    assert_all_clean_up_at_once(|blocks| stream::iter(blocks).buffer_unordered(3).count());
    assert_all_clean_up_at_once(|blocks| stream::iter(blocks).buffered(3).count());
    assert_all_clean_up_at_once(|blocks| {
        stream::iter(blocks).for_each_concurrent(None, |block| block)
    });
}

#[test]
fn a_stream_that_had_not_started_all_cleans_up_those_it_had() {
    let (outcome, lines) = cancelled(|blocks| stream::iter(blocks).buffer_unordered(2).count());
    assert_eq!(outcome, "4 the task was cancelled");
    assert_eq!(lines, ["1 a begins", "1 b begins", "2 b ends", "4 a ends"]);
}

#[test]
fn shared_and_boxed_futures() {
    assert_all_clean_up_at_once(async |blocks| {
        let [a, b, c] = blocks.map(FutureExt::shared);
        futures::join!(a.clone(), a, b, c);
    });
    assert_all_clean_up_at_once(async |[a, b, c]| {
        let a: Either<_, future::Ready<()>> = Either::Left(a);
        let b: Pin<Box<dyn Future<Output = ()>>> = Box::pin(b);
        futures::join!(a, b, c);
    });
}

#[test]
fn join_and_race_of_futures_concurrency() {
    assert_all_clean_up_at_once(|[a, b, c]| (a, b, c).join());
    assert_all_clean_up_at_once(|blocks| Vec::from(blocks).join());
    let (outcome, mut lines) = cancelled(|blocks| blocks.race());
    assert_eq!(outcome, "4 the task was cancelled");
    lines[..3].sort();
    assert_eq!(lines[..3], ["1 a begins", "1 b begins", "1 c begins"]);
}

#[test]
fn future_group_of_futures_concurrency() {
    assert_all_clean_up_at_once(async |blocks| {
        let mut group = FutureGroup::from_iter(blocks);
        while group.next().await.is_some() {}
    });
}

#[test]
fn or_and_zip_of_futures_lite() {
    assert_all_clean_up_at_once(|[a, b, c]| {
        futures_lite::future::or(futures_lite::future::or(a, b), c)
    });
    assert_all_clean_up_at_once(|[a, b, c]| {
        futures_lite::future::zip(futures_lite::future::zip(a, b), c)
    });
}

#[test]
fn services_of_tower() {
    assert_all_clean_up_at_once(async |blocks| {
        let mut blocks = blocks.into_iter();
        let service = tower::service_fn(move |(): ()| {
            let block = blocks.next().expect("it is called three times");
            block.map(Ok::<_, String>)
        });
        let mut service = service.map_request(|_: u8| ()).map_response(|()| 1);
        let [a, b, c] = [1, 2, 3].map(|request| service.call(request));
        futures::try_join!(a, b, c).map(drop)
    });
}

#[test]
fn local_and_task_groups_within_a_join() {
    let log = Log::default();
    let outcome = play(cancelled_after_1_of({
        let (blocks, log) = (blocks(&log), log.clone());
        async move {
            let [a, b, c] = blocks;
            let group = task_group(async |group| {
                group.spawn(a);
                group.spawn(b);
            });
            let local = entracte::local_group(async |group| {
                group.spawn(c);
            });
            drop(
                finally(
                    async { futures::join!(group, local) },
                    log.clean_up("all", 1),
                )
                .await,
            );
        }
    }));
    assert_eq!(outcome, "5 the task was cancelled");
    let mut lines = log.take();
    lines[..3].sort();
    let expected = [
        "1 a begins",
        "1 b begins",
        "1 c begins",
        "2 b ends",
        "3 c ends",
        "4 a ends",
        "4 all begins",
        "5 all ends",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn k_a_clean_up_that_a_select_drops_does_not_swallow_the_cancellation() {
    let outcome = play(cancelled_after_1_of(async {
        let block = finally(sleep(LONG), sleep(ms(10)));
        tokio::select! { biased; () = block => {}, () = sleep(ms(5)) => {} }
        sleep(LONG).await;
    }));
    assert_eq!(outcome, "5 the task was cancelled");
}

#[test]
fn d_a_join_that_keeps_a_token_as_its_output_does_not_hold_up_the_unwinding() {
    let outcome = play(cancelled_after_1_of(async {
        let ((), caught) = futures::join!(
            finally(sleep(LONG), sleep(ms(2))),
            catch_cancel(sleep(LONG))
        );
        drop(caught);
    }));
    assert_eq!(outcome, "3 the task was cancelled");
}

#[test]
fn a_timeout_around_a_join_cleans_up_every_branch_and_ends_there() {
    let log = Log::default();
    let given = play({
        let blocks = blocks(&log);
        async move {
            let waited = timeout(ms(1), future::join_all(blocks)).await;
            (waited.is_err(), crate::log::elapsed())
        }
    });
    assert_eq!(given, (true, 4));
    assert_eq!(log.take().len(), 6);
}

/// A limit: only the block's own waker tells that it was passed by, and a set has its own wakers.
#[test]
fn a_set_of_blocks_that_nobody_polls_keeps_the_cancellation_until_it_is_dropped() {
    let (outcome, lines) = cancelled(async |blocks| {
        let mut blocks: FuturesUnordered<_> = blocks.into_iter().collect();
        tokio::select! { biased; _ = blocks.next() => {}, () = sleep(ms(0)) => {} }
        sleep(ms(9)).await;
        drop(blocks);
        sleep(LONG).await;
    });
    assert_eq!(outcome, "9 the task was cancelled");
    assert!(lines.is_empty(), "{lines:?}");
}

/// A limit: whether a foreign future waits in this very block is not known.
#[test]
fn a_kept_token_holds_the_unwinding_up_while_a_foreign_future_waits_somewhere() {
    let (keep, never) = futures::channel::oneshot::channel::<()>();
    let outcome = play(async {
        let foreign = entracte::spawn(never);
        let outcome = cancelled_after_1_of(async {
            let block = finally(sleep(LONG), sleep(ms(2)));
            let ((), caught) = futures::join!(block, catch_cancel(sleep(LONG)));
            drop(caught);
        });
        // What ends it is a second cancellation, or the end of the foreign future.
        let outcome = timeout(ms(100), outcome).await;
        drop(foreign);
        (outcome.is_err(), crate::log::elapsed())
    });
    drop(keep);
    assert_eq!(outcome, (true, 100));
}
