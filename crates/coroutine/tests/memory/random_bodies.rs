//! Random bodies under random verbs: every way to yield, delegate, leave and panic, in each other.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;

use entracte_coroutine::{Act, AsyncCoroutine, Coroutine, Resume, StackCoroutine};
use futures::future::{ready, select};

use crate::bodies::{Boxed, Talk};
use crate::dice::{Dice, rounds, seed};
use crate::ledger::{Counted, Ledger};

/// How many random bodies are run, and how far each is driven.
const BODIES: u64 = 400;
const VERBS: u32 = 12;
/// How deep bodies lie in each other.
const DEEPEST: u32 = 4;

fn make(dice: Dice, depth: u32, ledger: &Ledger) -> Boxed<'_> {
    Coroutine::new(async move |mut co| steps(dice, depth, &mut co, ledger).await)
}

/// Lets the caller have the stack once more, and is ready then.
async fn pause() {
    let mut polls = 0;
    poll_fn(|_| {
        polls += 1;
        if polls > 1 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Does a few random things.
async fn steps(mut dice: Dice, depth: u32, co: &mut Talk<'_>, ledger: &Ledger) -> Counted {
    let _held = ledger.value("held");
    for _ in 0..1 + dice.below(5) {
        let inner = Dice(dice.next());
        if depth < DEEPEST && dice.below(2) == 0 {
            delegate(dice.below(11), inner, depth + 1, co, ledger).await;
        } else if step(dice.below(12), inner, co, ledger).await {
            break;
        }
    }
    ledger.value("returned")
}

/// Does a few random things, and never delegates.
async fn plain(mut dice: Dice, co: &mut Talk<'_>, ledger: &Ledger) -> Counted {
    for _ in 0..1 + dice.below(3) {
        let inner = Dice(dice.next());
        if step(dice.below(12), inner, co, ledger).await {
            break;
        }
    }
    ledger.value("returned")
}

/// Does one thing without an inner coroutine; says whether the body is to end.
async fn step(kind: u32, mut dice: Dice, co: &mut Talk<'_>, ledger: &Ledger) -> bool {
    let value = ledger.value("yielded");
    match kind {
        0 => co.raise(value).await,
        1 if dice.below(4) == 0 => resume_unwind(Box::new("a body")),
        1 => return true,
        2 => drop(co.try_yield(value).await),
        3 => drop(co.yield_(value)),
        #[expect(clippy::mem_forget, reason = "a forgotten yield is a case to test")]
        4 => std::mem::forget(co.yield_(value)),
        5 => drop(select(co.yield_(value), ready(())).await),
        6 => {
            let polled = pin!(co.yield_(value));
            select(polled, ready(())).await;
            pause().await;
        }
        7 => {
            let caught = co.catch(async |co| {
                let again = co.yield_(value).await;
                drop(co.try_yield(again).await);
                co.yield_(ledger.value("in the block")).await
            });
            drop(caught.await);
        }
        8 => {
            let block = async |co: &mut Talk<'_>| drop(co.yield_(value).await);
            let clean_up = async |co: &mut Talk<'_>| drop(co.yield_(ledger.value("late")).await);
            co.finally(block, clean_up).await;
        }
        9 => drop(co.catch(async |_| pause().await).await),
        _ => drop(co.yield_(value).await),
    }
    false
}

/// Delegates in one way or another to a random body.
async fn delegate(kind: u32, dice: Dice, depth: u32, co: &mut Talk<'_>, ledger: &Ledger) {
    let mut inner = make(dice.clone(), depth, ledger);
    match kind {
        0 => drop(co.yield_from(inner).await),
        1 => drop(co.yield_from(&mut inner).await),
        2 => drop(Box::pin(co.yield_from(inner)).await),
        3 => {
            drop(co.catch(async |co| co.yield_from(&mut inner).await).await);
            drop(inner.send(ledger.value("by hand")));
            drop(co.yield_from_with(&mut inner, ledger.value("first")).await);
        }
        4 => {
            select(pin!(co.yield_from(&mut inner)), ready(())).await;
            drop(inner.next());
            select(
                pin!(co.yield_from_with(&mut inner, ledger.value("first"))),
                ready(()),
            )
            .await;
            drop(inner.send(ledger.value("by hand")));
        }
        5 => {
            // Asked for, and begun while something else is awaited.
            let mut future = pin!(co.yield_from(&mut inner));
            select(future.as_mut(), ready(())).await;
            pause().await;
            drop(select(future.as_mut(), ready(())).await);
            pause().await;
        }
        6 => drop(co.yield_from(inner.shared()).await),
        7 => {
            let stack =
                StackCoroutine::new(async |mut co: Talk<'_>| plain(dice, &mut co, ledger).await);
            drop(co.yield_from(pin!(stack)).await);
        }
        8 => through_another(inner, co, ledger).await,
        9 => {
            let other =
                AsyncCoroutine::new(async |mut co: Talk<'_>| plain(dice, &mut co, ledger).await);
            drop(co.yield_from(other).await);
        }
        _ => {
            drop(inner.next());
            let first = ledger.value("first");
            let caught = co
                .catch(async |co| co.yield_from_with(&mut inner, first).await)
                .await;
            drop(caught);
            drop(inner.close());
        }
    }
}

/// A delegation of this body, polled by the body of another coroutine on the stack.
async fn through_another(mut inner: Boxed<'_>, co: &mut Talk<'_>, ledger: &Ledger) {
    {
        let mut future = pin!(co.yield_from(&mut inner));
        let mut other = pin!(StackCoroutine::new(async |mut other: Talk<'_>| {
            select(future.as_mut(), ready(())).await;
            drop(other.yield_(ledger.value("between")).await);
            drop(
                other
                    .catch(async |_| drop(select(future.as_mut(), pin!(pause())).await))
                    .await,
            );
        }));
        drop(other.as_mut().next());
        pause().await;
        drop(other.as_mut().send(ledger.value("between")));
        pause().await;
    }
    drop(inner.send(ledger.value("by hand")));
}

fn drive(dice: &mut Dice, co: &mut Boxed<'_>, ledger: &Ledger) {
    for verb in 0..VERBS {
        let act = match dice.below(12) {
            _ if verb == 0 => Act::Next,
            0 => Act::Next,
            1 => Act::Throw(Box::new(ledger.value("thrown"))),
            2 => Act::Close,
            _ => Act::Send(ledger.value("sent")),
        };
        drop(catch_unwind(AssertUnwindSafe(|| drop(co.resume(act)))));
    }
}

#[test]
fn random_bodies_drop_everything_once() {
    let mut dice = Dice(seed("memory random_bodies"));
    for body in 0..rounds(BODIES) {
        let start = dice.next();
        let ledger = Ledger::default();
        {
            let mut co = make(Dice(start), 0, &ledger);
            drive(&mut Dice(start ^ 0xABCD), &mut co, &ledger);
            drop(catch_unwind(AssertUnwindSafe(|| drop(co))));
        }
        ledger.check(&format!("body {body}, which starts with {start}"));
    }
}
