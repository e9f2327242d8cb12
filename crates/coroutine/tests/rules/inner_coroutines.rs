//! Rules G about the inner side: iterators, delegates of a user's own, and ones that ran before.

#![expect(
    clippy::excessive_nesting,
    reason = "an inner body in an outer one in a test reads best in place"
)]

use std::pin::pin;

use entracte_coroutine::{
    Act, AsyncCoroutine, BoxError, Co, Coroutine, Generator, Interrupt, Misuse, Resume,
    StackCoroutine, Stop, StopKind,
};

use crate::forms::{Form, each_form, is_close};
use crate::kinds::{itself, own};
use crate::{Boom, Log, closed, error, except_boom, said};

/// A delegate that yields for ever, and notes each act in a log.
fn noting(log: &Log) -> impl Resume<(), Yield = i32, Return = ()> + '_ {
    own(|act| {
        log.add(format!("{act:?}"));
        match act {
            Act::Next | Act::Send(()) => Ok(1),
            Act::Throw(error) => Err(Stop::Raised(error)),
            Act::Close => Err(Stop::Finished(Act::Close)),
        }
    })
}

#[test]
fn g03_a_send_of_nothing_advances_an_iterator() {
    each_form(
        async |mut co| co.yield_from_iter(std::iter::repeat("nxt")).await,
        |co: &mut dyn Form<&'static str>| {
            assert_eq!(said(co.next()), "yielded \"nxt\"");
            assert_eq!(said(co.send(())), "yielded \"nxt\"");
        },
    );
}

#[test]
fn g04_a_delegate_that_takes_no_value_is_an_error_in_the_outer_one() {
    let no_send = |act: Act<i32>| match act {
        Act::Next => Ok("1".to_owned()),
        Act::Send(_) => Err(Stop::<(), _>::Raised("takes no values".into())),
        act => Err(Stop::Finished(act)),
    };
    each_form(
        // An iterator cannot be delegated to here: `yield_from_iter` wants an input of `()`.
        async |mut co| {
            let tried = co.catch(async |co| co.yield_from(own(no_send)).await);
            if let Err(refused) = tried.await {
                co.yield_(format!("AE: {refused}")).await;
            }
        },
        |co: &mut dyn Form<String, i32>| {
            assert_eq!(said(co.next()), "yielded \"1\"");
            assert_eq!(said(co.send(5)), "yielded \"AE: takes no values\"");
        },
    );
}

#[test]
fn g06_a_throw_at_an_iterator_is_raised_at_the_delegation() {
    each_form(
        async |mut co| {
            let tried = co
                .catch(async |co| co.yield_from_iter(["1", "2"]).await)
                .await;
            if except_boom(&mut co, tried).await.is_err() {
                co.yield_("outer caught").await;
            }
        },
        |co: &mut dyn Form<&'static str>| {
            assert_eq!(said(co.next()), "yielded \"1\"");
            assert_eq!(said(co.throw(Boom("b"))), "yielded \"outer caught\"");
        },
    );
}

#[test]
fn g06_a_throw_that_a_delegate_does_not_take_is_raised_at_the_delegation() {
    let no_throw = |act| match act {
        Act::Next | Act::Send(()) => Ok("1"),
        act => Err(Stop::Finished(act)),
    };
    each_form(
        async |mut co| {
            let inner = own::<_, (), (), _>(no_throw);
            let tried = co.catch(async |co| co.yield_from(inner).await).await;
            if except_boom(&mut co, tried).await.is_err() {
                co.yield_("outer caught").await;
            }
        },
        |co: &mut dyn Form<&'static str>| {
            assert_eq!(said(co.next()), "yielded \"1\"");
            assert_eq!(said(co.throw(Boom("b"))), "yielded \"outer caught\"");
        },
    );
}

#[test]
fn g09_a_thrown_close_closes_the_delegate() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let tried = co.catch(async |co| co.yield_from(noting(&log)).await).await;
            if let Err(close @ Interrupt::Close) = tried {
                log.add("GE outer");
                co.raise(close).await;
            }
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert!(is_close(&error(co.throw(Interrupt::Close).unwrap_err())));
            assert_eq!(log.take(), ["Next", "Close", "GE outer"]);
        },
    );
}

#[test]
fn g10_a_thrown_close_in_other_clothes_does_the_same() {
    let log = Log::default();
    let clothes: [fn() -> BoxError; 2] = [
        || Box::new(Interrupt::Close),
        || Box::new(Interrupt::Throw(Box::new(Interrupt::Close))),
    ];
    for dressed in clothes {
        each_form(
            async |mut co| co.yield_from(noting(&log)).await,
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert!(is_close(&error(co.throw(dressed()).unwrap_err())));
                assert_eq!(log.take(), ["Next", "Close"]);
            },
        );
    }
}

#[test]
fn g16_only_the_outer_one_sees_the_close_of_an_iterator() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let tried = co.catch(async |co| co.yield_from_iter([1]).await).await;
            if let Err(close @ Interrupt::Close) = tried {
                log.add("GE");
                co.raise(close).await;
            }
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(log.take(), ["GE"]);
        },
    );
}

#[test]
fn g17_an_empty_iterator_ends_at_once() {
    each_form(
        async |mut co| {
            let nothing: () = co.yield_from_iter([]).await;
            co.yield_(("r", nothing)).await;
        },
        |co: &mut dyn Form<(&'static str, ())>| assert_eq!(said(co.next()), "yielded (\"r\", ())"),
    );
}

#[test]
fn g19_the_value_that_ends_a_delegate_is_the_value_of_the_delegation() {
    each_form(
        async |mut co| {
            let value = co.yield_from(own(|_| Err(Stop::Returned("cv")))).await;
            co.yield_(value).await;
        },
        |co: &mut dyn Form<&'static str>| assert_eq!(said(co.next()), "yielded \"cv\""),
    );
}

/// Yields what an inner coroutine yields, and then what it returned.
fn around<'d, D>(inner: D) -> Generator<'d, String>
where
    D: Resume<(), Yield = String, Return = i32> + 'd,
{
    Generator::new(async move |mut co| {
        let value = co.yield_from(inner).await;
        co.yield_(format!("r {value}")).await;
    })
}

async fn two_and_three(mut co: Co<'_, String, ()>) -> i32 {
    co.yield_("1".to_owned()).await;
    co.yield_("2".to_owned()).await;
    3
}

#[test]
fn g20_an_inner_one_that_ran_before_goes_on_from_where_it_is() {
    let mut inner = Generator::new(two_and_three);
    assert_eq!(said(inner.next()), "yielded \"1\"");
    assert_eq!(around(inner).collect::<Vec<_>>(), ["2", "r 3"]);

    let mut lent = Generator::new(two_and_three);
    assert_eq!(said(lent.next()), "yielded \"1\"");
    assert_eq!(around(&mut lent).collect::<Vec<_>>(), ["2", "r 3"]);

    let shared = Generator::new(two_and_three).shared();
    assert_eq!(said(shared.next()), "yielded \"1\"");
    assert_eq!(around(shared).collect::<Vec<_>>(), ["2", "r 3"]);

    let mut stack = pin!(StackCoroutine::new(two_and_three));
    assert_eq!(said(stack.as_mut().next()), "yielded \"1\"");
    assert_eq!(around(stack).collect::<Vec<_>>(), ["2", "r 3"]);
}

#[test]
fn g20_one_that_waits_for_a_value_takes_it_from_the_delegation() {
    let waits = || Coroutine::new(async |mut co| co.yield_("1").await + co.yield_("2").await);
    let mut inner = waits();
    assert_eq!(said(inner.next()), "yielded \"1\"");
    let mut outer = Coroutine::new(async |mut co| co.yield_from_with(inner, 5).await);
    assert_eq!(said(outer.next()), "yielded \"2\"");
    assert_eq!(said(outer.send(6)), "returned 11");
    // CPython sends `None`, which is no value of this type.
    let mut inner = waits();
    assert_eq!(said(inner.next()), "yielded \"1\"");
    let mut outer = Coroutine::new(async |mut co| co.yield_from(&mut inner).await);
    let raised = error(outer.next().unwrap_err());
    assert_eq!(raised.downcast_ref(), Some(&Misuse::DelegatedWithoutInput));
    drop(outer);
    assert_eq!(said(inner.send(5)), "yielded \"2\"");
}

#[test]
fn g20_one_that_has_not_started_takes_no_value() {
    fn refused<'d>(inner: impl Resume<i32, Yield = i32, Return = ()> + 'd) {
        let mut outer = Coroutine::new(async move |mut co| co.yield_from_with(inner, 5).await);
        let raised = error(outer.next().unwrap_err());
        assert_eq!(raised.downcast_ref(), Some(&Misuse::DelegatedWithInput));
    }
    async fn unstarted(mut co: Co<'_, i32, i32>) {
        co.yield_(1).await;
    }
    refused(Coroutine::new(unstarted));
    refused(Coroutine::new(unstarted).shared());
    refused(pin!(StackCoroutine::new(unstarted)));
    refused(AsyncCoroutine::new(unstarted));
}

#[test]
fn g21_delegating_to_a_finished_one_is_an_error() {
    // CPython evaluates it to `None`; here there is no value of the inner one's type to give.
    fn refused<'d>(inner: impl Resume<(), Yield = String, Return = i32> + 'd) {
        let raised = error(around(inner).next().unwrap_err());
        assert_eq!(raised.downcast_ref(), Some(&Misuse::DelegatedToFinished));
    }
    let mut inner = Generator::new(two_and_three);
    assert_eq!(inner.by_ref().count(), 2);
    refused(&mut inner);
    assert_eq!(inner.outcome().map(|end| end.unwrap()), Some(3));
    refused(inner);

    let shared = Generator::new(two_and_three).shared();
    assert_eq!((&shared).into_iter().count(), 2);
    refused(shared);

    let mut stack = pin!(StackCoroutine::new(two_and_three));
    assert_eq!(stack.by_ref().count(), 2);
    refused(stack);
}

#[test]
fn g22_delegating_to_a_running_one_is_an_error_in_the_outer_one() {
    let sub = itself(|me| {
        Generator::new(async move |mut co| {
            let outer = Generator::new(async move |mut co| {
                let tried = co.catch(async |co| co.yield_from(me.get()).await).await;
                if let Err(interrupt) = tried {
                    co.yield_(interrupt.to_string()).await;
                }
            });
            co.yield_from(outer).await;
        })
    });
    assert_eq!(
        said(sub.next()),
        "yielded \"cannot delegate to a running coroutine\""
    );
}

#[test]
fn g25_what_a_delegate_answers_to_a_throw_comes_out_of_it() {
    let answers = |act| match act {
        Act::Throw(_) => Ok("from throw"),
        Act::Close => Err(Stop::Finished(Act::Close)),
        _ => Ok("1"),
    };
    each_form(
        async |mut co| co.yield_from(own::<_, (), (), _>(answers)).await,
        |co: &mut dyn Form<&'static str>| {
            assert_eq!(said(co.next()), "yielded \"1\"");
            assert_eq!(said(co.throw(Boom("b"))), "yielded \"from throw\"");
            assert_eq!(said(co.next()), "yielded \"1\"");
        },
    );
}

#[test]
fn g26_a_stop_thrown_at_an_inner_one_arrives_as_it_is() {
    each_form(
        async |mut co| {
            let sub = Generator::new(async |mut co| co.yield_("1".to_owned()).await);
            if let Err(caught) = co.catch(async |co| co.yield_from(sub).await).await {
                co.yield_(format!("caught: {caught}")).await;
            }
        },
        |co: &mut dyn Form<String>| {
            assert_eq!(said(co.next()), "yielded \"1\"");
            // CPython's inner generator makes a `RuntimeError` of it.
            assert_eq!(
                said(co.throw(Stop::<i32>::Returned(3))),
                "yielded \"caught: coroutine returned\""
            );
        },
    );
}

#[test]
fn g27_a_stop_thrown_at_an_iterator_does_not_end_the_delegation() {
    each_form(
        async |mut co| {
            co.yield_from_iter(["1"]).await;
            co.yield_("r").await;
        },
        |co: &mut dyn Form<&'static str>| {
            assert_eq!(said(co.next()), "yielded \"1\"");
            // CPython 3.13 takes its value for that of the delegation, by accident of its making.
            let raised = error(co.throw(Stop::<i32>::Returned(3)).unwrap_err());
            assert_eq!(raised.downcast_ref(), Some(&StopKind::Returned));
        },
    );
}
