//! Rules E: `close`.

use entracte_coroutine::{Interrupt, State, Stop};

use crate::forms::{Form, each_form};
use crate::{Boom, Log, closed, except_close, said};

#[test]
fn e01_close_before_the_start_runs_nothing() {
    let log = Log::default();
    each_form(
        async |mut co| {
            co.finally(
                async |co| {
                    log.add("ran");
                    co.yield_(()).await;
                },
                async |_| log.add("fin"),
            )
            .await;
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(log.take(), [""; 0]);
            assert_eq!(co.state(), State::Closed);
            assert_eq!(said(co.next()), "finished ()");
        },
    );
}

#[test]
fn e02_close_arrives_at_the_yield_and_clean_up_runs() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let block = async |co: &mut entracte_coroutine::Co<'_, (), ()>| {
                if let Err(close @ Interrupt::Close) = co.try_yield(()).await {
                    log.add("GE");
                    co.raise(close).await;
                }
            };
            co.finally(block, async |_| log.add("fin")).await;
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(log.take(), ["GE", "fin"]);
        },
    );
}

#[test]
fn e03_a_body_that_lets_the_close_out_gives_nothing() {
    each_form(
        async |mut co| co.yield_(1).await,
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(co.state(), State::Closed);
        },
    );
}

#[test]
fn e04_a_body_that_catches_the_close_and_returns_hands_its_value_over() {
    each_form(
        async |mut co| {
            let tried = co.try_yield(()).await;
            except_close(&mut co, tried).await.map_or(5, |()| 0)
        },
        |co: &mut dyn Form<(), (), i32>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(closed(co.close()), "returned 5");
        },
    );
}

#[test]
fn e05_a_body_that_answers_a_close_with_a_yield_ignored_it() {
    each_form(
        async |mut co| {
            let tried = co.try_yield(1).await;
            if except_close(&mut co, tried).await.is_none() {
                co.yield_(2).await;
            }
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            let ignored = co.close().unwrap_err();
            assert_eq!(ignored.to_string(), "coroutine ignored close");
            // CPython loses the value that was yielded.
            assert_eq!(closed(Err::<Option<()>, _>(ignored)), "ignored, yielded 2");
        },
    );
}

#[test]
fn e06_a_body_that_ignored_a_close_stays_usable() {
    each_form(
        async |mut co| {
            let tried = co.try_yield(1).await;
            if except_close(&mut co, tried).await.is_none() {
                co.yield_(2).await;
            }
            co.yield_(3).await;
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(closed(co.close()), "ignored, yielded 2");
            assert_eq!(co.state(), State::Suspended);
            assert_eq!(said(co.next()), "yielded 3");
        },
    );
}

#[test]
fn e07_an_error_raised_by_the_clean_up_leaves_close() {
    each_form(
        async |mut co| {
            co.finally(
                async |co| co.yield_(()).await,
                async |co| co.raise(Boom("c")).await,
            )
            .await;
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(closed(co.close()), "raised Boom: c");
            assert_eq!(co.state(), State::Closed);
        },
    );
}

#[test]
fn e08_close_of_a_finished_one_does_nothing_twice() {
    each_form(
        async |mut co| {
            co.yield_(()).await;
            8
        },
        |co: &mut dyn Form<(), (), i32>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(said(co.next()), "returned 8");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(closed(co.close()), "closed");
        },
    );
}

#[test]
fn e09_the_value_of_a_close_is_delivered_once() {
    each_form(
        async |mut co| {
            let tried = co.try_yield(()).await;
            except_close(&mut co, tried).await.map_or(5, |()| 0)
        },
        |co: &mut dyn Form<(), (), i32>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(closed(co.close()), "returned 5");
            assert_eq!(closed(co.close()), "closed");
        },
    );
}

#[test]
fn e10_after_a_close_next_says_finished() {
    each_form(
        async |mut co| co.yield_(()).await,
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(said(co.next()), "finished ()");
        },
    );
}

#[test]
fn e11_a_stop_raised_while_closing_leaves_close_as_an_error() {
    each_form(
        async |mut co| {
            if let Err(Interrupt::Close) = co.try_yield(()).await {
                co.raise(Stop::<i32>::Returned(4)).await;
            }
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            // CPython makes a `RuntimeError` of it; a returned value it is in neither.
            assert_eq!(closed(co.close()), "raised coroutine returned");
        },
    );
}

#[test]
fn e12_catching_thrown_errors_does_not_catch_a_close() {
    let log = Log::default();
    each_form(
        async |mut co| match co.try_yield(()).await {
            Ok(()) => {}
            Err(Interrupt::Throw(_)) => log.add("caught"),
            Err(close) => co.raise(close).await,
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(log.take(), [""; 0]);
        },
    );
}

#[test]
fn e13_a_clean_up_that_ends_lets_the_close_go_on() {
    let log = Log::default();
    each_form(
        async |mut co| {
            co.finally(async |co| co.yield_(1).await, async |_| log.add("f"))
                .await;
            log.add("after");
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(log.take(), ["f"]);
        },
    );
}

#[test]
fn e14_a_swallowed_close_lets_the_body_run_to_its_end() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let tried = co.try_yield(1).await;
            except_close(&mut co, tried).await;
            log.add("after");
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            // CPython cannot tell the `None` of a body without a value from no value at all.
            assert_eq!(closed(co.close()), "returned ()");
            assert_eq!(log.take(), ["after"]);
        },
    );
}

#[test]
fn e15_nested_clean_up_runs_innermost_first() {
    let log = Log::default();
    each_form(
        async |mut co| {
            co.finally(
                async |co| {
                    co.finally(async |co| co.yield_(()).await, async |_| log.add("inner"))
                        .await;
                },
                async |_| log.add("outer"),
            )
            .await;
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(closed(co.close()), "closed");
            assert_eq!(log.take(), ["inner", "outer"]);
        },
    );
}

#[test]
fn e16_a_yield_in_the_clean_up_ignores_the_close() {
    each_form(
        async |mut co| {
            co.finally(async |co| co.yield_(1).await, async |co| co.yield_(2).await)
                .await;
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(closed(co.close()), "ignored, yielded 2");
        },
    );
}
