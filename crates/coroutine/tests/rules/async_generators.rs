//! Rules L: async generators (PEP 525, and PEP 828), polled by hand or to their end, with no loop.

#![expect(
    clippy::excessive_nesting,
    reason = "an inner body in an outer one in a test reads best in place"
)]

use std::pin::pin;
use std::task::Poll;

use entracte_coroutine::{AsyncCoroutine, AsyncGenerator, Generator, Interrupt, State};
use futures::executor::block_on;

use crate::waiting::{Aw, poll};
use crate::{Boom, Guard, Log, closed, does_not_implement, except_boom, except_close, said};

#[test]
fn l01_making_one_runs_nothing_and_it_is_neither_iterator_nor_future() {
    let log = Log::default();
    let one = AsyncGenerator::new(async |mut co| {
        log.add("ran");
        co.yield_(1).await;
    });
    assert_eq!(one.state(), State::Created);
    drop(one);
    assert_eq!(log.take(), [""; 0]);
    does_not_implement!(AsyncGenerator<'static, i32>: Iterator);
    does_not_implement!(AsyncGenerator<'static, i32>: Future);
}

#[test]
fn l02_next_gives_the_value() {
    let mut one = AsyncGenerator::new(async |mut co| co.yield_(1).await);
    let Poll::Ready(answer) = poll(one.next()) else {
        panic!("nothing to wait for");
    };
    assert_eq!(said(answer), "yielded 1");
}

#[test]
fn l03_an_exhausted_one_stays_exhausted() {
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| co.yield_(1).await);
        assert_eq!(said(one.next().await), "yielded 1");
        assert_eq!(said(one.next().await), "returned ()");
        assert_eq!(said(one.next().await), "finished ()");
    });
}

#[test]
fn l04_a_value_may_be_returned() {
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| {
            co.yield_(1).await;
            2
        });
        assert_eq!(said(one.next().await), "yielded 1");
        // A syntax error in CPython 3.13; PEP 828 allows it.
        assert_eq!(said(one.next().await), "returned 2");
    });
}

#[test]
fn l05_it_may_delegate() {
    block_on(async {
        // A syntax error in CPython 3.13; PEP 828 allows it, for both kinds of inner ones.
        let mut one = AsyncGenerator::new(async |mut co| {
            let inner = AsyncGenerator::new(async |mut co| {
                let one = async { 1 }.await;
                co.yield_(one).await;
                2
            });
            let two = co.yield_from(inner).await;
            co.yield_(two).await;
            let plain = Generator::new(async |mut co| co.yield_(3).await);
            co.yield_from(plain).await;
        });
        for value in [1, 2, 3] {
            assert_eq!(said(one.next().await), format!("yielded {value}"));
        }
        assert_eq!(said(one.next().await), "returned ()");
    });
}

#[test]
fn l06_a_first_send_of_a_value_is_refused() {
    block_on(async {
        let mut one = AsyncCoroutine::new(async |mut co| {
            let _: i32 = co.yield_(1).await;
        });
        assert_eq!(said(one.send(3).await), "not started 3");
        assert_eq!(said(one.next().await), "yielded 1");
    });
}

#[test]
fn l07_the_yield_evaluates_to_what_is_sent() {
    block_on(async {
        let mut one = AsyncCoroutine::new(async |mut co| {
            let a = co.yield_("1").await;
            co.yield_(a).await;
        });
        assert_eq!(said(one.next().await), "yielded \"1\"");
        assert_eq!(said(one.send("v").await), "yielded \"v\"");
    });
}

#[test]
fn l08_a_value_cannot_be_sent_while_it_waits() {
    let aw = Aw::new();
    let mut one = AsyncCoroutine::new(async |mut co| {
        aw.wait().await;
        co.yield_(1).await + co.yield_(2).await
    });
    // Two `next`s at once do not compile. A dropped one leaves the body where it waits.
    assert!(poll(one.next()).is_pending());
    block_on(async {
        assert_eq!(said(one.send(5).await), "already running 5");
    });
    // CPython refuses another `__anext__`; here it goes on where the first one was dropped.
    assert!(poll(one.next()).is_pending());
    aw.0.set(Some(()));
    assert_eq!(block_on(async { said(one.next().await) }), "yielded 1");
}

#[test]
fn l10_a_thrown_error_arrives_at_the_yield() {
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| {
            let tried = co.try_yield("1").await;
            if except_boom(&mut co, tried).await.is_err() {
                co.yield_("c").await;
            }
        });
        assert_eq!(said(one.next().await), "yielded \"1\"");
        assert_eq!(said(one.throw(Boom("b")).await), "yielded \"c\"");
    });
}

#[test]
fn l11_close_before_the_start_runs_nothing() {
    let log = Log::default();
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| {
            log.add("ran");
            co.yield_(()).await;
        });
        assert_eq!(closed(one.close().await), "closed");
        assert_eq!(log.take(), [""; 0]);
        assert_eq!(said(one.next().await), "finished ()");
    });
}

#[test]
fn l12_clean_up_may_await_and_close_awaits_it() {
    let (log, aw) = (Log::default(), Aw::new());
    let mut one = AsyncGenerator::new(async |mut co| {
        co.finally(
            async |co| co.yield_(1).await,
            async |_| log.add(aw.wait().await),
        )
        .await;
    });
    assert_eq!(block_on(async { said(one.next().await) }), "yielded 1");
    {
        let mut close = pin!(one.close());
        assert!(poll(close.as_mut()).is_pending());
        aw.0.set(Some("done"));
        assert!(matches!(poll(close), Poll::Ready(Ok(None))));
    }
    assert_eq!(log.take(), ["done"]);
    assert_eq!(one.state(), State::Closed);
}

#[test]
fn l13_one_that_answers_a_close_with_a_yield_ignored_it() {
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| {
            let tried = co.try_yield(1).await;
            if except_close(&mut co, tried).await.is_none() {
                co.yield_(2).await;
            }
        });
        assert_eq!(said(one.next().await), "yielded 1");
        assert_eq!(closed(one.close().await), "ignored, yielded 2");
        assert_eq!(one.state(), State::Suspended);
    });
}

#[test]
fn l14_close_of_a_finished_one_is_silent() {
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| co.yield_(1).await);
        assert_eq!(said(one.next().await), "yielded 1");
        assert_eq!(said(one.next().await), "returned ()");
        assert_eq!(closed(one.close().await), "closed");
    });
}

#[test]
fn l15_a_stop_that_leaves_the_body_is_an_error() {
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| {
            co.yield_(()).await;
            let mut empty = Generator::<()>::new(async |_| {});
            let end = empty.next().unwrap_err();
            co.raise(end).await;
        });
        assert_eq!(said(one.next().await), "yielded ()");
        // CPython makes a `RuntimeError` of it.
        let stop: entracte_coroutine::Stop<()> = one.next().await.unwrap_err();
        assert_eq!(said::<(), _, _>(Err(stop)), "raised coroutine returned");
    });
}

#[test]
fn l16_dropping_a_paused_one_does_not_close_it() {
    let log = Log::default();
    let mut one = AsyncGenerator::new(async |mut co| {
        let _guard = Guard(&log, "final");
        co.finally(async |co| co.yield_(1).await, async |_| log.add("fin"))
            .await;
    });
    assert_eq!(block_on(async { said(one.next().await) }), "yielded 1");
    assert_eq!(log.take(), [""; 0]);
    drop(one);
    // CPython calls the event loop's hook instead of closing it; here its frames are dropped.
    assert_eq!(log.take(), ["final"]);
}

#[test]
fn l17_a_throw_reaches_the_await_where_the_body_waits() {
    let (log, aw) = (Log::default(), Aw::<()>::new());
    let mut one = AsyncGenerator::new(async |mut co| {
        let tried = co
            .catch(async |co| {
                aw.wait().await;
                co.yield_("1").await;
            })
            .await;
        if except_boom(&mut co, tried).await.is_err() {
            log.add("B");
            co.yield_("after").await;
        }
    });
    assert!(poll(one.next()).is_pending());
    block_on(async {
        assert_eq!(said(one.throw(Boom("b")).await), "yielded \"after\"");
    });
    assert_eq!(log.take(), ["B"]);
}

#[test]
fn l18_a_throw_before_the_start_runs_nothing_and_closes() {
    let log = Log::default();
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| {
            log.add("ran");
            co.yield_(1).await;
        });
        assert_eq!(said(one.throw(Boom("b")).await), "raised Boom: b");
        assert_eq!(said(one.next().await), "finished ()");
        assert_eq!(log.take(), [""; 0]);
    });
}

#[test]
fn l19_one_that_waits_in_an_await_is_running() {
    let aw = Aw::new();
    let mut one = AsyncGenerator::new(async |mut co| {
        aw.wait().await;
        co.yield_(1).await;
    });
    assert!(poll(one.next()).is_pending());
    assert_eq!(one.state(), State::Running);
    // CPython knows what it awaits (`ag_await`); a future has no name here.
    assert_eq!(one.delegates_to(), None);
    aw.0.set(Some(()));
    assert_eq!(block_on(async { said(one.next().await) }), "yielded 1");
    assert_eq!(one.state(), State::Suspended);
}

#[test]
fn l20_close_reaches_the_await_where_the_body_waits() {
    let (log, aw) = (Log::default(), Aw::<()>::new());
    let mut one = AsyncGenerator::new(async |mut co| {
        let tried = co.catch(async |_| aw.wait().await).await;
        if let Err(close @ Interrupt::Close) = tried {
            log.add("GE");
            co.raise(close).await;
        }
        co.yield_(1).await;
    });
    assert!(poll(one.next()).is_pending());
    // CPython refuses while the `__anext__` is alive (then this does not compile); after a
    // dropped one, close interrupts the await.
    assert_eq!(block_on(async { closed(one.close().await) }), "closed");
    assert_eq!(log.take(), ["GE"]);
}

#[test]
fn l21_a_dropped_next_leaves_it_usable() {
    let aw = Aw::new();
    let mut one = AsyncGenerator::new(async |mut co| {
        aw.wait().await;
        co.yield_(1).await;
    });
    assert!(poll(one.next()).is_pending());
    assert_eq!(one.state(), State::Running);
    aw.0.set(Some(()));
    // Closing the awaitable closes the generator in CPython 3.13; a drop here is no close, so that
    // a cancelled `next` loses nothing.
    assert_eq!(block_on(async { said(one.next().await) }), "yielded 1");
}

#[test]
fn l22_a_default_stands_in_for_an_exhausted_one() {
    block_on(async {
        let mut one = AsyncGenerator::<&str>::new(async |_| {});
        assert_eq!(one.next().await.unwrap_or("d"), "d");
    });
}

#[test]
fn l23_a_verb_that_is_dropped_before_its_first_poll_has_no_effect() {
    block_on(async {
        let mut one = AsyncGenerator::new(async |mut co| co.yield_from_iter([1, 2]).await);
        assert_eq!(said(one.next().await), "yielded 1");
        drop(one.close());
        drop(one.throw(Boom("b")));
        drop(one.send(()));
        assert_eq!(said(one.next().await), "yielded 2");
    });
}
