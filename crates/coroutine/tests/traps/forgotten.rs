//! Forgotten coroutines and futures: what they borrowed is used again afterwards (T9).

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]
#![expect(clippy::mem_forget, reason = "it is what is tested")]

use std::mem::{ManuallyDrop, forget};
use std::pin::pin;

use entracte_coroutine::{AsyncCoroutine, Coroutine, Generator, StackCoroutine, State, Stop};
use futures::executor::block_on;

type Count<'env> = Coroutine<'env, u32, u32, u32>;

/// Yields 1, 2, 3 and returns the sum of what it was sent.
fn count<'env>() -> Count<'env> {
    Coroutine::new(async |mut co| co.yield_(1).await + co.yield_(2).await + co.yield_(3).await)
}

/// A chain, so that the leaf is further in than what is lent.
fn deeper<'env>() -> Count<'env> {
    Coroutine::new(async |mut co| co.yield_from(count()).await)
}

/// Goes on with a coroutine that is suspended at its first yield, and ends it.
fn go_on(mut inner: Count<'_>) {
    assert_eq!(inner.state(), State::Suspended);
    assert_eq!(inner.send(10).ok(), Some(2));
    let mut outer: Count<'_> =
        Coroutine::new(async |mut co| co.yield_from_with(&mut inner, 20).await);
    assert_eq!(outer.next().ok(), Some(3));
    assert!(matches!(outer.send(30), Err(Stop::Returned(60))));
    drop(outer);
    assert!(matches!(inner.next(), Err(Stop::Finished(()))));
}

/// What else may be done with a lent coroutine whose delegator was forgotten.
fn leave(mut inner: Count<'_>, ending: u32) {
    match ending {
        0 => go_on(inner),
        1 => assert_eq!(inner.close().ok(), Some(None)),
        2 => assert!(inner.throw("boom").is_err()),
        3 => forget(inner),
        _ => drop(inner),
    }
}

#[test]
fn t09_forgotten_coroutines_leave_what_they_borrowed_usable() {
    for make in [count, deeper] {
        for ending in 0..5 {
            let mut inner = make();
            let mut outer: Count<'_> =
                Coroutine::new(async |mut co| co.yield_from(&mut inner).await);
            assert_eq!(outer.next().ok(), Some(1));
            forget(outer);
            leave(inner, ending);
        }
    }
}

#[test]
fn t09_a_forgotten_middle_leaves_both_ends_usable() {
    for ending in 0..5 {
        let mut inner = deeper();
        let mut middle: Count<'_> = Coroutine::new(async |mut co| co.yield_from(&mut inner).await);
        let mut root: Count<'_> = Coroutine::new(async |mut co| co.yield_from(&mut middle).await);
        assert_eq!(root.next().ok(), Some(1));
        forget(root);
        if ending < 3 {
            assert_eq!(middle.state(), State::Suspended);
            assert!(middle.delegates_to().is_some());
        }
        forget(middle);
        leave(inner, ending);
    }
}

#[test]
fn t09_a_root_in_manually_drop_ends_its_borrow_without_a_drop() {
    let mut inner = deeper();
    let mut outer: ManuallyDrop<Count<'_>> = ManuallyDrop::new(Coroutine::new(async |mut co| {
        co.yield_from(&mut inner).await
    }));
    assert_eq!(outer.next().ok(), Some(1));
    go_on(inner);
}

#[test]
fn t09_forgotten_futures_of_delegations_leave_the_inner_one_usable() {
    for make in [count, deeper] {
        for ending in 0..5 {
            let mut inner = make();
            let mut outer: Count<'_> = Coroutine::new(async |mut co| {
                let mut future = Box::pin(co.yield_from(&mut inner));
                let polled = std::future::poll_fn(|cx| {
                    std::task::Poll::Ready(future.as_mut().poll(cx).is_ready())
                });
                assert!(!polled.await);
                forget(future);
                // The value that the delegation had put out was not given.
                match co.try_yield(90).await {
                    Ok(value) => value,
                    Err(misuse) => co.yield_(misuse.to_string().len() as u32).await,
                }
            });
            assert!(outer.next().is_ok());
            assert_eq!(outer.send(5).unwrap_err().returned(), Some(5));
            drop(outer);
            leave(inner, ending);
        }
    }
}

#[test]
fn t09_forgotten_futures_with_the_inner_one_by_value() {
    for make in [count, deeper] {
        let mut outer: Count<'_> = Coroutine::new(async |mut co| {
            forget(Box::pin(co.yield_from(make())));
            forget(co.yield_from(make()));
            let mut future = Box::pin(co.yield_from(make()));
            let polled = std::future::poll_fn(|cx| {
                std::task::Poll::Ready(future.as_mut().poll(cx).is_ready())
            });
            assert!(!polled.await);
            forget(future);
            co.try_yield(90).await.unwrap_or(7)
        });
        assert_eq!(outer.next().unwrap_err().returned(), Some(7));
    }
}

#[test]
fn t09_forgotten_stack_coroutines_on_the_heap() {
    let mut inner = deeper();
    let mut boxed = Box::pin(StackCoroutine::new(async |mut co| {
        co.yield_from(&mut inner).await
    }));
    assert_eq!(boxed.as_mut().next().ok(), Some(1));
    forget(boxed);
    go_on(inner);
}

/// The outer body's handle is used inside a coroutine that is then forgotten.
#[test]
fn t09_a_forgotten_coroutine_that_used_the_outer_handle() {
    let mut inner = deeper();
    let mut outer: Count<'_> = Coroutine::new(async |mut co| {
        let mut between: Generator<'_, u32, u32> =
            Generator::new(async |_co| co.yield_from(&mut inner).await);
        let misused = between.next();
        assert!(misused.is_err());
        forget(between);
        co.yield_(4).await
    });
    assert_eq!(outer.next().ok(), Some(4));
    assert_eq!(outer.send(5).unwrap_err().returned(), Some(5));
    drop(outer);
    go_on(inner);
}

#[test]
fn t09_forgotten_async_coroutines_and_verbs() {
    let make = || -> AsyncCoroutine<'_, u32, u32, u32> {
        AsyncCoroutine::new(async |mut co| co.yield_(1).await + co.yield_(2).await)
    };
    let mut inner = make();
    let mut outer: AsyncCoroutine<'_, u32, u32, u32> =
        AsyncCoroutine::new(async |mut co| co.yield_from(&mut inner).await);
    forget(Box::pin(outer.next()));
    assert_eq!(block_on(outer.next()).ok(), Some(1));
    forget(outer);
    assert_eq!(inner.state(), State::Suspended);
    assert_eq!(block_on(inner.send(3)).ok(), Some(2));
    let mut again = pin!(inner.send(4));
    assert_eq!(block_on(again.as_mut()).unwrap_err().returned(), Some(7));
}
