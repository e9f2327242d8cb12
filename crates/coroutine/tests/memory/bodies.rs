//! The bodies and forms that the memory programs are run on.

use std::pin::pin;

use entracte_coroutine::{
    AsyncCoroutine, Co, Coroutine, Interrupt, Resume, SharedCoroutine, StackCoroutine,
};

use crate::ledger::{Counted, Ledger};

pub(crate) type Talk<'b> = Co<'b, Counted, Counted>;
pub(crate) type Boxed<'env> = Coroutine<'env, Counted, Counted, Counted>;
pub(crate) type Form<'f> = dyn Resume<Counted, Yield = Counted, Return = Counted> + 'f;

/// How many kinds of bodies [`body`] knows.
pub(crate) const BODIES: u32 = 10;
/// How many forms [`with_form`] knows.
pub(crate) const FORMS: u32 = 5;

/// Yields, holds, catches, and goes on.
async fn talk(co: &mut Talk<'_>, ledger: &Ledger) -> Counted {
    let _local = ledger.value("local");
    let sent = co.yield_(ledger.value("first")).await;
    let caught = co
        .catch(async |co| {
            let _held = ledger.value("held in the block");
            let again = co.yield_(sent).await;
            co.yield_(again).await
        })
        .await;
    match caught {
        Ok(value) => value,
        Err(Interrupt::Throw(error)) => co.yield_(ledger.value(&error.to_string())).await,
        Err(Interrupt::Close) => ledger.value("closing"),
    }
}

fn talker(ledger: &Ledger) -> Boxed<'_> {
    Coroutine::new(async move |mut co| talk(&mut co, ledger).await)
}

/// Delegates by value through one more coroutine, which catches in the middle.
fn catcher(ledger: &Ledger) -> Boxed<'_> {
    Coroutine::new(async move |mut co| {
        let _middle = ledger.value("middle");
        match co
            .catch(async |co| co.yield_from(talker(ledger)).await)
            .await
        {
            Ok(value) => value,
            Err(interrupt) => {
                let sent = co.yield_(ledger.value("caught in the middle")).await;
                drop(sent);
                co.raise(interrupt).await
            }
        }
    })
}

/// One of the bodies; `kind` is less than [`BODIES`].
pub(crate) async fn body(kind: u32, co: &mut Talk<'_>, ledger: &Ledger) -> Counted {
    let _outermost = ledger.value("outermost");
    match kind {
        0 => talk(co, ledger).await,
        1 => co.yield_from(talker(ledger)).await,
        2 => co.yield_from(&mut talker(ledger)).await,
        3 => co.yield_from(catcher(ledger)).await,
        4 => Box::pin(co.yield_from(catcher(ledger))).await,
        5 => {
            let mut inner = catcher(ledger);
            drop(inner.next());
            co.yield_from_with(&mut inner, ledger.value("first input"))
                .await
        }
        6 => co.yield_from(talker(ledger).shared()).await,
        7 => {
            let inner = pin!(StackCoroutine::new(async |mut co: Talk<'_>| {
                co.yield_from(catcher(ledger)).await
            }));
            co.yield_from(inner).await
        }
        8 => {
            let inner = AsyncCoroutine::new(async |mut co: Talk<'_>| talk(&mut co, ledger).await);
            co.yield_from(inner).await
        }
        _ => cleaning(co, ledger).await,
    }
}

/// Leaves a lent inner coroutine in the middle, and goes on with it by hand in its clean-up.
async fn cleaning(co: &mut Talk<'_>, ledger: &Ledger) -> Counted {
    let mut inner = catcher(ledger);
    co.finally(
        async |co| co.yield_from(&mut inner).await,
        async |co| {
            drop(co.yield_(ledger.value("clean-up")).await);
        },
    )
    .await
}

/// Makes one of the forms of a body and runs `script` on it.
pub(crate) fn with_form(
    form: u32,
    kind: u32,
    ledger: &Ledger,
    script: &mut dyn FnMut(&mut Form<'_>),
) {
    match form {
        0 => {
            let mut co: Boxed<'_> =
                Coroutine::new(async move |mut co| body(kind, &mut co, ledger).await);
            script(&mut co);
        }
        1 => {
            let mut co =
                Coroutine::new_send(async move |mut co: Talk<'_>| talk(&mut co, ledger).await);
            script(&mut co);
        }
        2 => {
            let co: Boxed<'_> =
                Coroutine::new(async move |mut co| body(kind, &mut co, ledger).await);
            let mut first: SharedCoroutine<'_, _, _, _> = co.shared();
            let _second = first.clone();
            script(&mut first);
        }
        3 => {
            let mut co = pin!(StackCoroutine::new(async |mut co: Talk<'_>| {
                body(kind, &mut co, ledger).await
            }));
            script(&mut co.as_mut());
        }
        _ => {
            let mut co =
                AsyncCoroutine::new(async |mut co: Talk<'_>| body(kind, &mut co, ledger).await);
            script(&mut co);
        }
    }
}
