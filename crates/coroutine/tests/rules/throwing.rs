//! Rules D: `throw`.

use std::error::Error;

use entracte_coroutine::{Generator, Interrupt, State, Stop, StopKind};

use crate::forms::{Form, each_form, is_close};
use crate::{Boom, Log, error, except_boom, said};

#[test]
fn d01_a_thrown_error_arrives_at_the_paused_yield() {
    each_form(
        async |mut co| {
            let tried = co.try_yield("1").await;
            if except_boom(&mut co, tried).await.is_err() {
                co.yield_("caught").await;
            }
        },
        |co: &mut dyn Form<&'static str>| {
            assert_eq!(said(co.next()), "yielded \"1\"");
            assert_eq!(said(co.throw(Boom("b"))), "yielded \"caught\"");
        },
    );
}

#[test]
fn d02_an_uncaught_throw_comes_out_and_ends_it() {
    each_form(
        async |mut co| {
            co.yield_(1).await;
            co.yield_(2).await;
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.throw(Boom("b"))), "raised Boom: b");
            assert_eq!(said(co.next()), "finished ()");
        },
    );
}

#[test]
fn d03_a_body_that_catches_and_returns_ends_the_throw_with_its_value() {
    each_form(
        async |mut co| {
            let tried = co.try_yield(1).await;
            except_boom(&mut co, tried).await.map_or(9, |()| 0)
        },
        |co: &mut dyn Form<i32, (), i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.throw(Boom("b"))), "returned 9");
        },
    );
}

#[test]
fn d04_a_throw_before_the_start_runs_no_body_and_closes() {
    let log = Log::default();
    each_form(
        async |mut co| {
            log.add("ran");
            let tried = co.try_yield("").await;
            if except_boom(&mut co, tried).await.is_err() {
                co.yield_("caught").await;
            }
        },
        |co: &mut dyn Form<&'static str>| {
            assert_eq!(said(co.throw(Boom("b"))), "raised Boom: b");
            assert_eq!(log.take(), [""; 0]);
            assert_eq!(co.state(), State::Closed);
            assert_eq!(said(co.next()), "finished ()");
        },
    );
}

#[test]
fn d05_a_throw_into_a_finished_one_comes_back() {
    each_form(
        async |mut co| co.yield_(()).await,
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(said(co.next()), "returned ()");
            assert_eq!(said(co.throw(Boom("b"))), "raised Boom: b");
            assert_eq!(said(co.throw(Boom("c"))), "raised Boom: c");
        },
    );
}

#[test]
fn d08_the_yield_after_a_catch_is_a_normal_one() {
    each_form(
        async |mut co| {
            loop {
                let tried = co.try_yield("v".to_owned()).await;
                if let Err(Boom(name)) = except_boom(&mut co, tried).await {
                    co.yield_(format!("handled {name}")).await;
                }
            }
        },
        |co: &mut dyn Form<String, &'static str>| {
            assert_eq!(said(co.next()), "yielded \"v\"");
            assert_eq!(said(co.throw(Boom("1"))), "yielded \"handled 1\"");
            assert_eq!(said(co.send("z")), "yielded \"v\"");
            assert_eq!(said(co.throw(Boom("2"))), "yielded \"handled 2\"");
        },
    );
}

#[test]
fn d09_the_body_sees_the_very_error_that_was_thrown() {
    fn address(error: &(dyn Error + 'static)) -> usize {
        let boom: &Boom = error.downcast_ref().expect("a Boom");
        std::ptr::from_ref(boom).addr()
    }
    each_form(
        async |mut co| {
            if let Err(Interrupt::Throw(error)) = co.try_yield(0).await {
                co.yield_(address(&*error)).await;
                co.raise(error).await;
            }
        },
        |co: &mut dyn Form<usize>| {
            assert_eq!(said(co.next()), "yielded 0");
            let boom: Box<dyn Error + Send + Sync> = Box::new(Boom("i"));
            let thrown = address(&*boom);
            assert_eq!(co.throw(boom).expect("it yields"), thrown);
            assert_eq!(address(&*error(co.next().unwrap_err())), thrown);
        },
    );
}

#[test]
fn d10_clean_up_runs_while_a_thrown_error_leaves() {
    let log = Log::default();
    each_form(
        async |mut co| {
            co.finally(async |co| co.yield_(()).await, async |_| log.add("finally"))
                .await;
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(said(co.throw(Boom("b"))), "raised Boom: b");
            assert_eq!(log.take(), ["finally"]);
        },
    );
}

#[test]
fn d11_a_clean_up_that_returns_swallows_the_error() {
    each_form(
        async |mut co| {
            // A `finally` that returns is a `catch` whose answer nobody looks at.
            let _swallowed = co.catch(async |co| co.yield_(()).await).await;
            3
        },
        |co: &mut dyn Form<(), (), i32>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(said(co.throw(Boom("b"))), "returned 3");
        },
    );
}

#[test]
fn d13_a_thrown_stop_is_an_error_and_not_an_end() {
    each_form(
        async |mut co| co.yield_(()).await,
        |co: &mut dyn Form<(), (), ()>| {
            assert_eq!(said(co.next()), "yielded ()");
            // CPython makes a `RuntimeError` of it, lest it look like the end: here it cannot.
            let raised = error(co.throw(Stop::<i32>::Returned(3)).unwrap_err());
            assert_eq!(raised.downcast_ref(), Some(&StopKind::Returned));
        },
    );
}

#[test]
fn d14_a_thrown_close_that_nobody_catches_comes_out() {
    each_form(
        async |mut co| co.yield_(()).await,
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            let raised = error(co.throw(Interrupt::Close).unwrap_err());
            assert!(is_close(&raised), "{raised}");
            assert_eq!(co.state(), State::Closed);
        },
    );
}

#[test]
fn d15_a_thrown_close_may_be_answered_with_a_yield() {
    each_form(
        async |mut co| {
            if let Err(Interrupt::Close) = co.try_yield(1).await {
                co.yield_(2).await;
            }
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.throw(Interrupt::Close)), "yielded 2");
        },
    );
}

#[test]
fn d16_a_stop_thrown_before_the_start_comes_back() {
    each_form(
        async |mut co| co.yield_(()).await,
        |co: &mut dyn Form<()>| {
            let raised = error(co.throw(Stop::<i32>::Returned(3)).unwrap_err());
            assert_eq!(raised.downcast_ref(), Some(&StopKind::Returned));
            assert_eq!(co.state(), State::Closed);
        },
    );
}

#[test]
fn d17_a_stop_thrown_into_a_finished_one_comes_back() {
    let mut co = Generator::new(async |mut co| co.yield_(()).await);
    assert_eq!(co.by_ref().count(), 1);
    let raised = error(co.throw(Stop::<i32>::Returned(3)).unwrap_err());
    assert_eq!(raised.downcast_ref(), Some(&StopKind::Returned));
    assert_eq!(said(co.next()), "finished ()");
}
