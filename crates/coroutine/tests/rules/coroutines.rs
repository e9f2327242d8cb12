//! Rules K: what CPython's `async def` coroutines do. Their `await` is `yield_from` here.

use std::future::pending;

use entracte_coroutine::{Co, Coroutine, Generator, Interrupt, Misuse, State, Stop, StopKind};

use crate::forms::{Form, each_form};
use crate::kinds::{KINDS, body, delegate_to, itself};
use crate::{Boom, Log, closed, does_not_implement, error, except_boom, except_close, said};

/// `Aw(v)`: yields `v` and gives what is sent.
async fn aw<Y, S>(co: &mut Co<'_, Y, S>, value: Y) -> S {
    let inner = Coroutine::new(async |mut co| co.yield_(value).await);
    co.yield_from(inner).await
}

#[test]
fn k01_making_one_runs_nothing_and_one_that_takes_values_is_not_iterable() {
    let log = Log::default();
    each_form(
        async |mut co| {
            log.add("ran");
            co.yield_(()).await;
        },
        |co: &mut dyn Form<(), i32>| assert_eq!(closed(co.close()), "closed"),
    );
    assert_eq!(log.take(), [""; 0]);
    does_not_implement!(Coroutine<'static, (), i32, ()>: Iterator);
}

#[test]
fn k02_next_starts_it_and_its_value_comes_out() {
    each_form(
        async |_| 5,
        |co: &mut dyn Form<(), i32, i32>| assert_eq!(said(co.next()), "returned 5"),
    );
}

#[test]
fn k03_a_first_send_is_refused() {
    each_form(
        async |_| 5,
        |co: &mut dyn Form<(), i32, i32>| {
            assert_eq!(said(co.send(1)), "not started 1");
            assert_eq!(said(co.next()), "returned 5");
        },
    );
}

#[test]
fn k04_a_finished_one_cannot_be_used_again() {
    each_form(
        async |_| 5,
        |co: &mut dyn Form<(), i32, i32>| {
            assert_eq!(said(co.next()), "returned 5");
            // CPython has a `RuntimeError` of its own for coroutines; here it is one type.
            assert_eq!(said(co.send(1)), "finished 1");
            assert_eq!(said(co.throw(Boom("b"))), "raised Boom: b");
        },
    );
}

#[test]
fn k05_close_of_a_finished_one_is_silent() {
    each_form(
        async |_| 5,
        |co: &mut dyn Form<(), i32, i32>| {
            assert_eq!(said(co.next()), "returned 5");
            assert_eq!(closed(co.close()), "closed");
        },
    );
}

#[test]
fn k06_await_passes_sends_throws_and_closes_on() {
    let log = Log::default();
    let inner = body::<&str, i32, _, _>(async |mut co| {
        let tried = co.try_yield("y").await;
        log.add(format!("{tried:?}"));
        match tried {
            Ok(value) => value,
            Err(interrupt) => co.raise(interrupt).await,
        }
    });
    for kind in KINDS {
        let steps = [
            ("returned (\"c\", 8)", "Ok(8)"),
            ("raised Boom: b", "Err(Throw(Boom(\"b\")))"),
            ("closed", "Err(Close)"),
        ];
        for (step, (answer, arrived)) in steps.into_iter().enumerate() {
            each_form(
                async |mut co| ("c", delegate_to(&mut co, kind, inner).await),
                |co: &mut dyn Form<&'static str, i32, (&'static str, i32)>| {
                    assert_eq!(said(co.next()), "yielded \"y\"");
                    let answered = match step {
                        0 => said(co.send(8)),
                        1 => said(co.throw(Boom("b"))),
                        _ => closed(co.close()),
                    };
                    assert_eq!(answered, answer, "{kind:?}");
                    assert_eq!(log.take(), [arrived], "{kind:?}");
                },
            );
        }
    }
}

#[test]
fn k07_awaiting_what_is_not_its_own_yield_is_an_error_inside() {
    // What is no future at all does not compile; a foreign future is refused where it would wait.
    let mut co = Generator::<(), ()>::new(async |_| pending().await);
    let raised = error(co.next().unwrap_err());
    assert_eq!(raised.downcast_ref(), Some(&Misuse::AwaitedOutside));
    assert_eq!(co.state(), State::Closed);

    // It can be caught inside, on every form that is resumed without an event loop.
    each_form(
        async |mut co| {
            let tried = co.catch(async |_| pending::<()>().await).await;
            if let Err(Interrupt::Throw(error)) = tried {
                let misuse = error.downcast_ref().copied();
                co.yield_(misuse).await;
            }
        },
        |co: &mut dyn Form<Option<Misuse>>| {
            assert_eq!(said(co.next()), "yielded Some(AwaitedOutside)");
        },
    );
}

#[test]
fn k08_one_that_is_being_awaited_cannot_be_awaited_again() {
    // By value or by `&mut` that does not compile. Through a shared handle, one that waits for a
    // value is refused; CPython has an error for any.
    let inner = Coroutine::new(async |mut co| co.yield_(1).await).shared();
    let outer = || Coroutine::new(async |mut co| co.yield_from(inner.clone()).await);
    let (mut a, mut b) = (outer(), outer());
    assert_eq!(said(a.next()), "yielded 1");
    let raised = error(b.next().unwrap_err());
    assert_eq!(raised.downcast_ref(), Some(&Misuse::DelegatedWithoutInput));
    assert_eq!(said(a.send(2)), "returned 2");

    // One that waits for nothing goes on, as CPython's generators do (F15).
    let inner = Generator::new(async |mut co| co.yield_from_iter([1, 2]).await).shared();
    let outer = || Generator::new(async |mut co| co.yield_from(inner.clone()).await);
    let (mut a, mut b) = (outer(), outer());
    assert_eq!(said(a.next()), "yielded 1");
    assert_eq!(said(b.next()), "yielded 2");
}

#[test]
fn k09_resuming_a_running_one_is_refused() {
    let co = itself(|me| Coroutine::<(), i32, _>::new(async move |_| said(me.get().send(1))));
    assert_eq!(said(co.next()), "returned \"already running 1\"");
}

#[test]
fn k10_a_stop_that_leaves_the_body_is_an_error() {
    each_form(
        async |mut co| co.raise(Stop::<(), ()>::Finished(())).await,
        |co: &mut dyn Form<(), i32, ()>| {
            // CPython makes a `RuntimeError` of it.
            let raised = error(co.next().unwrap_err());
            assert_eq!(raised.downcast_ref(), Some(&StopKind::Finished));
        },
    );
}

#[test]
fn k11_one_that_awaits_in_answer_to_a_close_ignored_it() {
    each_form(
        async |mut co| {
            let tried = co.catch(async |co| aw(co, 1).await).await;
            if except_close(&mut co, tried).await.is_none() {
                aw(&mut co, 2).await;
            }
        },
        |co: &mut dyn Form<i32, i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(closed(co.close()), "ignored, yielded 2");
        },
    );
}

#[test]
fn k13_there_are_four_states_and_the_awaited_one_is_known() {
    let co = itself(|me| {
        Coroutine::<_, i32, _>::new(async move |mut co| {
            assert_eq!(me.get().state(), State::Running);
            aw(&mut co, 1).await
        })
    });
    assert_eq!(co.state(), State::Created);
    assert_eq!(said(co.next()), "yielded 1");
    assert_eq!(co.state(), State::Suspended);
    assert!(co.delegates_to().is_some());
    assert_eq!(closed(co.close()), "closed");
    assert_eq!(co.state(), State::Closed);
    assert_eq!(co.delegates_to(), None);
}

#[test]
fn k14_a_throw_before_the_start_runs_nothing_and_closes() {
    let log = Log::default();
    each_form(
        async |_| log.add("ran"),
        |co: &mut dyn Form<(), i32>| {
            assert_eq!(said(co.throw(Boom("b"))), "raised Boom: b");
            assert_eq!(log.take(), [""; 0]);
            assert_eq!(said(co.send(1)), "finished 1");
        },
    );
}

#[test]
fn k16_a_generator_is_no_future_and_is_delegated_to_instead() {
    does_not_implement!(Generator<'static, &'static str>: Future);
    let generator = body::<_, &str, _, _>(async |mut co| co.yield_("tv").await);
    for kind in KINDS {
        each_form(
            async |mut co| delegate_to(&mut co, kind, generator).await,
            |co: &mut dyn Form<&'static str, &'static str, &'static str>| {
                assert_eq!(said(co.next()), "yielded \"tv\"");
            },
        );
    }
}

#[test]
fn k17_close_runs_the_clean_up_of_the_whole_chain_inner_first() {
    let log = Log::default();
    let inner = body::<i32, i32, _, _>(async |mut co| {
        co.finally(async |co| aw(co, 1).await, async |_| log.add("inner"))
            .await
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                co.finally(
                    async |co| delegate_to(co, kind, inner).await,
                    async |_| log.add("outer"),
                )
                .await
            },
            |co: &mut dyn Form<i32, i32, i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert_eq!(closed(co.close()), "closed");
                assert_eq!(log.take(), ["inner", "outer"]);
            },
        );
    }
}

#[test]
fn k18_a_generator_may_delegate_to_a_coroutine() {
    // CPython keeps the two kinds apart; here they are one type.
    let mut generator = Generator::new(async |mut co| {
        let coroutine = Coroutine::new(async |mut co| {
            let tried = co.try_yield(1).await;
            except_boom(&mut co, tried).await.is_err()
        });
        co.yield_from(coroutine).await
    });
    assert_eq!(said(generator.next()), "yielded 1");
    assert_eq!(said(generator.throw(Boom("b"))), "returned true");
}
