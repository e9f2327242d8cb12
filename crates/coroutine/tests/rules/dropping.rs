//! Rules I: dropping. Destructors are what `finally` is in CPython; no body code runs.

use std::pin::pin;

use entracte_coroutine::{Body, Co, Generator, Resume, StackCoroutine, State};

use crate::forms::{Form, each_form};
use crate::kinds::{KINDS, body, delegate_to};
use crate::{Boom, Guard, Log, said};

/// As many lines as there are forms.
fn four_times<const N: usize>(lines: [&str; N]) -> Vec<&str> {
    lines.repeat(4)
}

#[test]
fn i01_dropping_a_paused_one_runs_its_destructors() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let _guard = Guard(&log, "fin");
            // CPython closes it, so this would run; a drop holds no conversation with the body.
            co.finally(
                async |co| co.yield_(()).await,
                async |_| log.add("clean-up"),
            )
            .await;
        },
        |co: &mut dyn Form<()>| assert_eq!(said(co.next()), "yielded ()"),
    );
    assert_eq!(log.take(), four_times(["fin"]));
}

#[test]
fn i02_dropping_an_unstarted_one_runs_nothing() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let _guard = Guard(&log, "fin");
            log.add("ran");
            co.yield_(()).await;
        },
        |co: &mut dyn Form<()>| assert_eq!(co.state(), State::Created),
    );
    assert_eq!(log.take(), [""; 0]);
}

#[test]
fn i03_a_clean_up_that_would_raise_does_not_run_in_a_drop() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let _guard = Guard(&log, "fin");
            co.finally(
                async |co| co.yield_(()).await,
                async |co| co.raise(Boom("d")).await,
            )
            .await;
        },
        |co: &mut dyn Form<()>| assert_eq!(said(co.next()), "yielded ()"),
    );
    // CPython reports the error to `sys.unraisablehook`; here there is none.
    assert_eq!(log.take(), four_times(["fin"]));
}

#[test]
fn i04_a_body_that_ignores_closes_cannot_ignore_a_drop() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let _guard = Guard(&log, "fin");
            while co.try_yield(1).await.is_err() {
                log.add("ignored");
            }
        },
        |co: &mut dyn Form<i32>| assert_eq!(said(co.next()), "yielded 1"),
    );
    assert_eq!(log.take(), four_times(["fin"]));
}

#[test]
fn i05_breaking_out_of_a_loop_drops_it_at_once() {
    let log = Log::default();
    let one = || {
        Generator::new(async |mut co| {
            let _guard = Guard(&log, "fin");
            co.yield_from_iter([1, 2]).await;
        })
    };
    let mut items = 0;
    for item in one() {
        items += item;
        if items > 0 {
            break;
        }
    }
    assert_eq!(items, 1);
    assert_eq!(log.take(), ["fin"]);
}

#[test]
fn i06_dropping_an_outer_one_drops_its_inner_one_first() {
    let log = Log::default();
    let sub = body::<(), (), (), _>(async |mut co| {
        let _guard = Guard(&log, "sub");
        co.yield_(()).await;
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                let _guard = Guard(&log, "outer");
                delegate_to(&mut co, kind, sub).await;
            },
            |co: &mut dyn Form<()>| assert_eq!(said(co.next()), "yielded ()"),
        );
        assert_eq!(log.take(), four_times(["sub", "outer"]), "{kind:?}");
    }
}

#[test]
fn i06_also_one_that_was_lent_to_it() {
    let log = Log::default();
    let sub = body::<(), (), (), _>(async |mut co| {
        let _guard = Guard(&log, "sub");
        co.yield_(()).await;
    });
    let mut lent = Generator::new(sub);
    let mut outer = Generator::new(async |mut co| {
        let _guard = Guard(&log, "outer");
        co.yield_from(&mut lent).await;
    });
    assert_eq!(said(outer.next()), "yielded ()");
    drop(outer);
    assert_eq!(log.take(), ["sub", "outer"]);
    assert_eq!(lent.state(), State::Closed);
}

/// Runs an outer one to the first yield of its inner one, and drops it.
fn start_outer(inner: impl Resume<(), Yield = i32, Return = ()>) {
    let mut outer = Generator::new(async move |mut co| co.yield_from(inner).await);
    assert_eq!(said(outer.next()), "yielded 1");
}

/// Runs a body on the stack to its first yield, and drops it.
fn start_on_the_stack<F>(body: F)
where
    F: for<'a> AsyncFnOnce(Co<'a, i32, ()>),
    F: for<'a> Body<'a, i32, ()>,
    <F as Body<'static, i32, ()>>::Future: Future<Output = ()>,
{
    let mut outer = pin!(StackCoroutine::new(body));
    assert_eq!(said(outer.as_mut().next()), "yielded 1");
}

#[test]
fn i06_but_not_one_that_cannot_be_resumed_directly() {
    // CPython closes these too. Here that would run code of the inner one's owner in a drop: the
    // inner one stays suspended, and its owner may go on with it.
    async fn sub(mut co: Co<'_, i32, ()>) {
        co.yield_from_iter([1, 2]).await;
    }

    let shared = Generator::new(sub).shared();
    start_outer(shared.clone());
    assert_eq!(said(shared.next()), "yielded 2");

    let mut stack = pin!(StackCoroutine::new(sub));
    start_outer(stack.as_mut());
    assert_eq!(said(stack.as_mut().next()), "yielded 2");

    let mut boxed = Generator::new(sub);
    start_on_the_stack(async |mut co| co.yield_from(&mut boxed).await);
    assert_eq!(said(boxed.next()), "yielded 2");
}
