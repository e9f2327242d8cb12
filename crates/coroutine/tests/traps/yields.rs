//! Yields under combinators, polled by hand, left unfinished (T3, T4, T5).

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use std::pin::pin;

use entracte_coroutine::{Act, Co, Coroutine, Generator, Misuse, Resume, StackCoroutine, Stop};
use futures::future::{FutureExt, join, ready, select};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::poll_once;

type Ask<'b> = Co<'b, u32, u32>;
type Asked<'f> = dyn Resume<u32, Yield = u32, Return = u32> + 'f;

/// The same body in every synchronous form.
macro_rules! in_every_form {
    ($body:expr, $script:expr) => {
        $script(&mut Coroutine::new($body));
        $script(&mut Coroutine::new($body).shared());
        $script(&mut pin!(StackCoroutine::new($body)).as_mut());
        $script(&mut Coroutine::new(async |mut co: Ask<'_>| {
            co.yield_from(Coroutine::new($body)).await
        }));
    };
}

fn misuse<Return, Given>(stop: &Stop<Return, Given>) -> Option<Misuse> {
    match stop {
        Stop::Raised(error) => error.downcast_ref::<Misuse>().copied(),
        _ => None,
    }
}

fn send(co: &mut Asked<'_>, value: u32) -> Result<u32, Stop<u32, Act<u32>>> {
    co.resume(Act::Send(value))
}

fn two_rounds(co: &mut Asked<'_>) {
    assert_eq!(co.resume(Act::Next).ok(), Some(1));
    assert_eq!(send(co, 10).ok(), Some(2));
    assert!(matches!(send(co, 20), Err(Stop::Returned(30))));
}

#[test]
fn t03_t04_yields_work_under_futures_unordered() {
    in_every_form!(
        async |mut co: Ask<'_>| {
            let mut tasks = FuturesUnordered::new();
            tasks.push(async { co.yield_(1).await + co.yield_(2).await });
            tasks.next().await.expect("one task was pushed")
        },
        two_rounds
    );
}

#[test]
fn t03_yields_work_under_join_with_others() {
    in_every_form!(
        async |mut co: Ask<'_>| {
            let talk = async { co.yield_(1).await + co.yield_(2).await };
            join(talk, ready(())).await.0
        },
        two_rounds
    );
}

#[test]
fn t03_t04_yields_work_under_shared_futures() {
    let mut co: Coroutine<'_, u32, u32, u32> = Coroutine::new(async |mut co| {
        let talk = async { co.yield_(1).await + co.yield_(2).await }.shared();
        let other = talk.clone();
        join(talk, other).await.1
    });
    two_rounds(&mut co);
}

#[test]
fn t03_t04_interrupts_arrive_under_futures_unordered() {
    let mut co: Coroutine<'_, u32, u32, u32> = Coroutine::new(async |mut co| {
        let mut tasks = FuturesUnordered::new();
        tasks.push(async { co.try_yield(1).await.unwrap_or(7) });
        tasks.next().await.unwrap_or(0)
    });
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.throw("caught").unwrap_err().returned(), Some(7));
}

#[test]
fn t03_t04_catch_and_yield_from_work_under_futures_unordered() {
    in_every_form!(
        async |mut co: Ask<'_>| {
            let mut tasks = FuturesUnordered::new();
            tasks.push(async {
                let inner = Coroutine::new(async |mut co: Ask<'_>| co.yield_(1).await);
                let first = co.catch(async |co| co.yield_from(inner).await).await;
                first.unwrap_or(0) + co.yield_(2).await
            });
            tasks.next().await.unwrap_or(0)
        },
        two_rounds
    );
}

#[test]
fn t05_a_yield_dropped_before_the_coroutine_suspends_yields_nothing() {
    in_every_form!(
        async |mut co: Ask<'_>| {
            drop(co.yield_(90));
            {
                let polled = pin!(co.yield_(91));
                assert_eq!(poll_once(polled).await, None);
            }
            select(co.yield_(92), ready(())).await;
            co.yield_(1).await + co.yield_(2).await
        },
        two_rounds
    );
}

#[test]
#[expect(clippy::mem_forget, reason = "it is what is tested")]
fn t05_a_forgotten_yield_is_an_error_at_the_next_one() {
    in_every_form!(
        async |mut co: Ask<'_>| {
            std::mem::forget(co.yield_(90));
            co.yield_(1).await
        },
        |co: &mut Asked<'_>| {
            let stop = co.resume(Act::Next).unwrap_err();
            assert_eq!(misuse(&stop), Some(Misuse::YieldedTwice));
        }
    );
    in_every_form!(
        async |mut co: Ask<'_>| {
            let mut polled = Box::pin(co.yield_(90));
            assert_eq!(poll_once(polled.as_mut()).await, None);
            std::mem::forget(polled);
            match co.try_yield(1).await {
                Ok(value) => value,
                Err(interrupt) => co.yield_(interrupt.to_string().len() as u32).await,
            }
        },
        |co: &mut Asked<'_>| {
            let length = Misuse::YieldedTwice.to_string().len() as u32;
            assert_eq!(co.resume(Act::Next).ok(), Some(length));
            assert_eq!(send(co, 3).unwrap_err().returned(), Some(3));
        }
    );
}

#[test]
fn t05_a_yield_left_after_its_answer_came_loses_only_that_answer() {
    let mut co: Coroutine<'_, u32, String, String> = Coroutine::new(async |mut co| {
        {
            let mut first = pin!(co.yield_(1));
            assert_eq!(poll_once(first.as_mut()).await, None);
            // Suspends at a yield that nobody polls when the answer comes.
            let mut polls = 0;
            std::future::poll_fn(|_| {
                polls += 1;
                if polls > 1 {
                    std::task::Poll::Ready(())
                } else {
                    std::task::Poll::Pending
                }
            })
            .await;
        }
        co.yield_(2).await
    });
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.send("lost".to_owned()).ok(), Some(2));
    assert_eq!(
        co.send("kept".to_owned())
            .unwrap_err()
            .returned()
            .as_deref(),
        Some("kept")
    );
}

#[test]
fn t05_yields_after_their_end_stay_pending() {
    let mut co = Generator::new(async |mut co| {
        let mut polled = co.try_yield(1);
        let first = poll_once(pin!(&mut polled)).await.is_none();
        drop(polled);
        let mut done = pin!(co.yield_(2));
        done.as_mut().await;
        first && poll_once(done).await.is_none()
    });
    assert_eq!(co.by_ref().collect::<Vec<_>>(), [2]);
    assert!(co.outcome().is_some_and(|end| end.is_ok_and(|held| held)));
}
