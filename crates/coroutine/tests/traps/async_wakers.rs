//! Wakers: foreign ones, kept ones, woken after death and from other threads (T3, T4, T12).

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use entracte_coroutine::{AsyncCoroutine, AsyncGenerator, Coroutine, State, Stop};
use futures::executor::block_on;
use futures::future::FutureExt;
use futures::stream::{FuturesUnordered, StreamExt};

#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn t03_t04_async_yields_work_under_futures_unordered() {
    let mut co: AsyncCoroutine<'_, u32, u32, u32> = AsyncCoroutine::new(async |mut co| {
        let mut tasks = FuturesUnordered::new();
        tasks.push(async {
            let inner = AsyncCoroutine::new(async |mut co| co.yield_(1).await);
            co.yield_from(inner).await + co.yield_(2).await
        });
        tasks.next().await.unwrap_or(0)
    });
    assert_eq!(block_on(co.next()).ok(), Some(1));
    assert_eq!(block_on(co.send(10)).ok(), Some(2));
    assert_eq!(block_on(co.send(20)).unwrap_err().returned(), Some(30));
}

#[test]
fn t03_async_yields_work_under_shared_futures() {
    let mut co: AsyncCoroutine<'_, u32, u32, u32> = AsyncCoroutine::new(async |mut co| {
        let talk = async { co.yield_(1).await + co.yield_(2).await }.shared();
        let other = talk.clone();
        futures::join!(talk, other).0
    });
    assert_eq!(block_on(co.next()).ok(), Some(1));
    assert_eq!(block_on(co.send(10)).ok(), Some(2));
    assert_eq!(block_on(co.send(20)).unwrap_err().returned(), Some(30));
}

/// Wakers that a body kept are woken after the coroutine is gone, here and on another thread.
#[test]
fn t03_wakers_outlive_their_coroutines() {
    let kept = RefCell::new(Vec::<Waker>::new());
    let keep = |cx: &mut Context<'_>| kept.borrow_mut().push(cx.waker().clone());
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    {
        let mut co = AsyncGenerator::new(async |mut co| {
            poll_fn(|cx| {
                keep(cx);
                Poll::Ready(())
            })
            .await;
            let inner = AsyncGenerator::new(async |mut co| {
                co.yield_(1).await;
                poll_fn(|cx| {
                    keep(cx);
                    Poll::<()>::Pending
                })
                .await;
            });
            co.yield_from(inner).await;
        });
        let mut cx = Context::from_waker(&waker);
        let first = std::pin::pin!(co.next()).poll(&mut cx);
        assert!(matches!(first, Poll::Ready(Ok(1))));
        assert!(co.next().now_or_never().is_none());
        assert_eq!(co.state(), State::Running);
    }
    let mut synchronous: Coroutine<'_, u32, (), ()> = Coroutine::new(async |mut co| {
        poll_fn(|cx| {
            keep(cx);
            Poll::Ready(())
        })
        .await;
        co.yield_(1).await;
    });
    assert!(synchronous.next().is_ok());
    drop(synchronous);
    let kept = kept.into_inner();
    assert_eq!(kept.len(), 3);
    let woken = std::thread::spawn(move || kept.into_iter().for_each(Waker::wake)).join();
    assert!(woken.is_ok());
    assert_eq!(bell.0.load(Ordering::Relaxed), 1);
}

/// A parked yield wakes its combinator once for an answer, and not for the coroutine's drop.
#[test]
fn t04_a_parked_yield_wakes_its_combinator_when_the_answer_comes() {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let talk = || {
        let waker = waker.clone();
        Coroutine::new(async move |mut co| {
            let mut parked = std::pin::pin!(co.yield_(1));
            poll_fn(|_| parked.as_mut().poll(&mut Context::from_waker(&waker))).await
        })
    };
    let mut co: Coroutine<'_, u32, u32, u32> = talk();
    assert_eq!(co.next().ok(), Some(1));
    drop(co);
    assert_eq!(bell.0.load(Ordering::Relaxed), 0);
    let mut co: Coroutine<'_, u32, u32, u32> = talk();
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.send(5).unwrap_err().returned(), Some(5));
    assert_eq!(bell.0.load(Ordering::Relaxed), 1);
}

/// Verbs dropped while they wait; others go on from there.
#[test]
fn t09_async_verbs_are_dropped_midway_and_taken_up_by_others() {
    let ready = std::cell::Cell::new(false);
    let gate = || {
        poll_fn(|_| {
            if ready.replace(false) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    };
    let mut co: AsyncCoroutine<'_, u32, u32, u32> = AsyncCoroutine::new(async |mut co| {
        let inner = AsyncCoroutine::new(async |mut co| {
            gate().await;
            let sent = co.yield_(1).await;
            gate().await;
            drop(co.try_yield(sent).await);
            gate().await;
            co.yield_(3).await
        });
        co.yield_from(inner).await
    });
    assert!(co.next().now_or_never().is_none());
    assert!(matches!(
        co.send(9).now_or_never(),
        Some(Err(Stop::AlreadyRunning(9)))
    ));
    ready.set(true);
    assert!(matches!(co.next().now_or_never(), Some(Ok(1))));
    assert!(co.send(7).now_or_never().is_none());
    ready.set(true);
    assert!(matches!(co.next().now_or_never(), Some(Ok(7))));
    assert!(co.close().now_or_never().is_none());
    ready.set(true);
    let closed = co.close().now_or_never();
    assert!(matches!(closed, Some(Ok(None) | Err(_))), "{closed:?}");
    drop(co);
}
