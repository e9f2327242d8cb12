//! Rules L about delegation: what PEP 828 adds to async generators.

#![expect(
    clippy::excessive_nesting,
    reason = "an inner body in an outer one in a test reads best in place"
)]

use std::pin::pin;
use std::task::Poll;

use entracte_coroutine::{AsyncCoroutine, AsyncGenerator, Co, Coroutine};
use futures::executor::block_on;

use crate::waiting::{Aw, poll};
use crate::{Boom, Log, closed, except_boom, except_close, said};

#[test]
fn l05_a_throw_and_a_send_go_through_a_delegation() {
    block_on(async {
        let mut one = AsyncCoroutine::new(async |mut co| {
            let inner = Coroutine::new(async |mut co| {
                let tried = co.try_yield("ready").await;
                let caught = except_boom(&mut co, tried).await.is_err();
                co.yield_(if caught { "caught" } else { "sent" }).await
            });
            co.yield_from(inner).await
        });
        assert_eq!(said(one.next().await), "yielded \"ready\"");
        assert_eq!(said(one.throw(Boom("b")).await), "yielded \"caught\"");
        assert_eq!(said(one.send(7).await), "returned 7");
    });
}

/// An outer one around an inner one that answers a close, after it waited, as it likes; and what
/// the outer one saw of that.
async fn around_a_slow_close<R: std::fmt::Debug>(
    mut co: Co<'_, i32, ()>,
    log: &Log,
    answer: impl AsyncFnOnce(&mut Co<'_, i32, ()>) -> R,
) {
    let tried = co
        .catch(async |co| {
            let inner = AsyncGenerator::new(async move |mut co| {
                let tried = co.try_yield(1).await;
                except_close(&mut co, tried).await;
                answer(&mut co).await
            });
            co.yield_from(inner).await
        })
        .await;
    log.add(format!("{tried:?}"));
    if let Err(interrupt) = tried {
        co.raise(interrupt).await;
    }
}

#[test]
fn l12_a_close_that_waits_in_an_inner_one_goes_on_as_one() {
    let (log, aw) = (Log::default(), Aw::new());
    let mut one = AsyncGenerator::new(async |co| {
        around_a_slow_close(co, &log, async |_| aw.wait().await).await;
    });
    assert_eq!(block_on(async { said(one.next().await) }), "yielded 1");
    {
        let mut close = pin!(one.close());
        assert!(poll(close.as_mut()).is_pending());
        aw.0.set(Some("lost"));
        assert!(matches!(poll(close), Poll::Ready(Ok(None))));
    }
    // The value is lost and the outer one closes, as in G15.
    assert_eq!(log.take(), ["Err(Close)"]);
}

#[test]
fn l13_an_inner_one_that_waits_and_then_ignores_the_close_is_an_error_in_the_outer_one() {
    let (log, aw) = (Log::default(), Aw::new());
    let mut one = AsyncGenerator::new(async |co| {
        let answer = async |co: &mut Co<'_, i32, ()>| {
            aw.wait().await;
            co.yield_(2).await;
        };
        around_a_slow_close(co, &log, answer).await;
    });
    assert_eq!(block_on(async { said(one.next().await) }), "yielded 1");
    {
        let mut close = pin!(one.close());
        assert!(poll(close.as_mut()).is_pending());
        aw.0.set(Some(()));
        let Poll::Ready(answer) = poll(close) else {
            panic!("nothing more to wait for");
        };
        assert_eq!(closed(answer), "raised coroutine ignored close");
    }
    assert_eq!(log.take(), ["Err(Throw(IgnoredClose))"]);
}

#[test]
fn l17_a_throw_reaches_the_await_where_an_inner_one_waits() {
    let aw = Aw::<()>::new();
    let mut one = AsyncGenerator::new(async |mut co| {
        let inner = AsyncGenerator::new(async |mut co| {
            let tried = co.catch(async |_| aw.wait().await).await;
            if except_boom(&mut co, tried).await.is_err() {
                co.yield_("inner caught").await;
            }
        });
        co.yield_from(inner).await;
    });
    assert!(poll(one.next()).is_pending());
    let answer = block_on(async { said(one.throw(Boom("b")).await) });
    assert_eq!(answer, "yielded \"inner caught\"");
}

#[test]
fn l20_close_reaches_the_await_where_an_inner_one_waits() {
    let (log, aw) = (Log::default(), Aw::<()>::new());
    let mut one = AsyncGenerator::new(async |mut co| {
        let inner = AsyncGenerator::new(async |mut co| {
            co.finally(
                async |co| {
                    aw.wait().await;
                    co.yield_(1).await;
                },
                async |_| log.add("inner fin"),
            )
            .await;
        });
        co.finally(
            async |co| co.yield_from(inner).await,
            async |_| log.add("outer fin"),
        )
        .await;
    });
    assert!(poll(one.next()).is_pending());
    assert_eq!(block_on(async { closed(one.close().await) }), "closed");
    assert_eq!(log.take(), ["inner fin", "outer fin"]);
}
