//! Chains of a hundred thousand delegations, and nested ones up to their limit.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};

use entracte_coroutine::{
    AsyncCoroutine, Co, Coroutine, Misuse, SharedCoroutine, StackCoroutine, State, Stop,
};
use futures::executor::block_on;

const DEPTH: u32 = 100_000;
/// More than may be nested.
const TOO_DEEP: u32 = 1000;
/// What has to be possible.
const NESTED: u32 = 150;

type Count<'env> = Coroutine<'env, u32, u32, u32>;
type Talk<'b> = Co<'b, u32, u32>;

async fn leaf(co: &mut Talk<'_>) -> u32 {
    let sent = co.yield_(1).await;
    if sent == 99 {
        resume_unwind(Box::new("the leaf"));
    }
    co.yield_(sent).await
}

fn by_value(depth: u32) -> Count<'static> {
    Coroutine::new(async move |mut co| match depth {
        0 => leaf(&mut co).await,
        _ => co.yield_from(by_value(depth - 1)).await + 1,
    })
}

fn by_reference(depth: u32) -> Count<'static> {
    Coroutine::new(async move |mut co| match depth {
        0 => leaf(&mut co).await,
        _ => co.yield_from(&mut by_reference(depth - 1)).await + 1,
    })
}

/// Catches on the way and lets it go on.
fn catching(depth: u32) -> Count<'static> {
    Coroutine::new(async move |mut co| match depth {
        0 => leaf(&mut co).await,
        _ => {
            let inner = by_value_or_catching(depth - 1);
            match co.catch(async |co| co.yield_from(inner).await).await {
                Ok(value) => value + 1,
                Err(interrupt) => co.raise(interrupt).await,
            }
        }
    })
}

fn by_value_or_catching(depth: u32) -> Count<'static> {
    match depth % 2 {
        0 => catching(depth),
        _ => by_reference_of_catching(depth),
    }
}

fn by_reference_of_catching(depth: u32) -> Count<'static> {
    Coroutine::new(async move |mut co| co.yield_from(&mut catching(depth - 1)).await + 1)
}

#[test]
fn d1_long_chains_are_built_resumed_and_left_in_every_way() {
    for make in [by_value, by_reference, catching] {
        let mut co = make(DEPTH);
        assert_eq!(co.next().ok(), Some(1));
        assert_eq!(co.send(5).ok(), Some(5));
        assert_eq!(co.send(6).unwrap_err().returned(), Some(DEPTH + 6));
        for ending in 0..4 {
            let mut co = make(DEPTH);
            assert_eq!(co.next().ok(), Some(1));
            match ending {
                0 => assert_eq!(co.close().ok(), Some(None)),
                1 => assert!(matches!(co.throw("boom"), Err(Stop::Raised(_)))),
                2 => {
                    let panicked = catch_unwind(AssertUnwindSafe(|| co.send(99).is_ok()));
                    assert!(panicked.is_err());
                    assert_eq!(co.state(), State::Closed);
                }
                _ => {}
            }
        }
    }
}

fn on_the_heap(depth: u32) -> Count<'static> {
    Coroutine::new(async move |mut co| match depth {
        0 => leaf(&mut co).await,
        _ => Box::pin(co.yield_from(on_the_heap(depth - 1))).await + 1,
    })
}

fn shared(depth: u32) -> SharedCoroutine<'static, u32, u32, u32> {
    Coroutine::new(async move |mut co| match depth {
        0 => leaf(&mut co).await,
        _ => co.yield_from(shared(depth - 1)).await + 1,
    })
    .shared()
}

fn erased<'b>(
    co: &'b mut Talk<'_>,
    inner: Count<'static>,
) -> Pin<Box<dyn Future<Output = u32> + 'b>> {
    Box::pin(co.yield_from(inner))
}

/// By turns a coroutine on the stack, a boxed future behind a trait object, and a shared one.
fn mixed(depth: u32) -> Count<'static> {
    Coroutine::new(async move |mut co| match depth {
        0 => leaf(&mut co).await,
        _ if depth.is_multiple_of(3) => erased(&mut co, mixed(depth - 1)).await + 1,
        _ if depth % 3 == 1 => co.yield_from(mixed(depth - 1).shared()).await + 1,
        _ => {
            let inner = pin!(StackCoroutine::new(async move |mut co: Talk<'_>| {
                co.yield_from(mixed(depth - 2)).await + 1
            }));
            co.yield_from(inner).await + 1
        }
    })
}

fn too_deep(stop: &Stop<u32>) -> bool {
    match stop {
        Stop::Raised(error) => error.downcast_ref() == Some(&Misuse::DelegatedTooDeep),
        _ => false,
    }
}

#[test]
fn nested_delegations_work_up_to_their_limit() {
    for make in [on_the_heap, mixed] {
        let mut co = make(NESTED);
        assert_eq!(co.next().ok(), Some(1));
        assert_eq!(co.send(5).ok(), Some(5));
        assert_eq!(co.send(6).unwrap_err().returned(), Some(NESTED + 6));
        for ending in 0..3 {
            let mut co = make(NESTED);
            assert!(co.next().is_ok());
            match ending {
                0 => assert_eq!(co.close().ok(), Some(None)),
                1 => assert!(co.throw("boom").is_err()),
                _ => {}
            }
        }
    }
    let co = shared(NESTED);
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.close().ok(), Some(None));
}

/// Asynchronous coroutines are always nested.
fn asynchronous(depth: u32) -> AsyncCoroutine<'static, u32, u32, u32> {
    AsyncCoroutine::new(async move |mut co| match depth {
        0 => leaf(&mut co).await,
        _ => co.yield_from(asynchronous(depth - 1)).await + 1,
    })
}

#[test]
fn async_delegations_work_up_to_their_limit() {
    let mut co = asynchronous(NESTED);
    assert_eq!(block_on(co.next()).ok(), Some(1));
    assert_eq!(block_on(co.send(5)).ok(), Some(5));
    assert_eq!(
        block_on(co.send(6)).unwrap_err().returned(),
        Some(NESTED + 6)
    );
    for ending in 0..3 {
        let mut co = asynchronous(NESTED);
        assert_eq!(block_on(co.next()).ok(), Some(1));
        match ending {
            0 => assert_eq!(block_on(co.close()).ok(), Some(None)),
            1 => assert!(block_on(co.throw("boom")).is_err()),
            _ => {}
        }
    }
    let mut co = asynchronous(TOO_DEEP);
    assert!(block_on(co.next()).is_err_and(|stop| too_deep(&stop)));
}

/// The stack of a test thread is 2 MiB, and a debug build takes the most.
#[test]
fn nested_delegations_beyond_their_limit_are_an_error_and_no_overflow() {
    for make in [on_the_heap, mixed] {
        let mut co = make(TOO_DEEP);
        assert!(co.next().is_err_and(|stop| too_deep(&stop)));
        assert_eq!(co.state(), State::Closed);
    }
    assert!(shared(TOO_DEEP).next().is_err_and(|stop| too_deep(&stop)));
}

/// The limit is raised at an await: the one that asked may catch it and go on.
#[test]
fn nesting_too_deep_can_be_caught() {
    fn catching(depth: u32) -> Count<'static> {
        Coroutine::new(async move |mut co| {
            if depth == 0 {
                return 0;
            }
            let inner = catching(depth - 1);
            let nested = co
                .catch(async |co| Box::pin(co.yield_from(inner)).await)
                .await;
            nested.map_or(1, |value| value + 1)
        })
    }
    let depth = catching(TOO_DEEP).next().unwrap_err().returned();
    assert!(
        depth.is_some_and(|depth| (NESTED..TOO_DEEP).contains(&depth)),
        "{depth:?}"
    );
}
