//! Rules C: how a coroutine ends, and what it answers afterwards.

use std::pin::pin;

use entracte_coroutine::{BoxError, Co, Generator, StackCoroutine, State, Stop};

use crate::forms::{Form, each_form};
use crate::{Boom, said};

#[test]
fn c01_falling_off_the_end_returns_nothing() {
    each_form(
        async |mut co| co.yield_(1).await,
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.next()), "returned ()");
        },
    );
}

#[test]
fn c02_a_returned_value_comes_out() {
    each_form(
        async |mut co| {
            co.yield_(1).await;
            42
        },
        |co: &mut dyn Form<i32, (), i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.next()), "returned 42");
        },
    );
}

#[test]
fn c03_the_returned_value_is_delivered_once() {
    each_form(
        async |mut co| {
            let _: i32 = co.yield_(1).await;
            42
        },
        |co: &mut dyn Form<i32, i32, i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.send(2)), "returned 42");
            assert_eq!(said(co.next()), "finished ()");
            assert_eq!(said(co.send(3)), "finished 3");
        },
    );
}

#[test]
fn c04_a_returned_tuple_stays_a_tuple() {
    each_form(
        async |_| (1, 2),
        |co: &mut dyn Form<(), (), (i32, i32)>| assert_eq!(said(co.next()), "returned (1, 2)"),
    );
}

#[test]
fn c05_a_returned_stop_is_a_value_like_any_other() {
    each_form(
        async |_| Stop::Returned(5),
        |co: &mut dyn Form<(), (), Stop<i32>>| {
            let value = co.next().unwrap_err().returned().expect("it returned");
            assert_eq!(value.returned(), Some(5));
        },
    );
}

#[test]
fn c06_a_for_loop_drops_the_returned_value() {
    let mut co = Generator::new(async |mut co| {
        co.yield_(1).await;
        42
    });
    assert_eq!(co.by_ref().collect::<Vec<_>>(), [1]);
    // CPython loses the value; here it can still be asked for, once.
    assert_eq!(co.outcome().map(|end| end.unwrap()), Some(42));
    assert!(co.outcome().is_none());
    assert_eq!(said(co.next()), "finished ()");
}

#[test]
fn c06_a_for_loop_ends_at_an_error_which_is_not_lost() {
    async fn fails(mut co: Co<'_, i32, ()>) {
        co.yield_(1).await;
        co.raise(Boom("x")).await;
    }
    // CPython's loop raises it; an iterator here ends, and the error can be asked for, once.
    let error_of = |end: Option<Result<(), BoxError>>| end.map(|end| end.unwrap_err().to_string());
    let expected = Some("Boom: x".to_owned());

    let mut boxed = Generator::new(fails);
    assert_eq!(boxed.by_ref().collect::<Vec<_>>(), [1]);
    assert_eq!(error_of(boxed.outcome()), expected);
    assert!(boxed.outcome().is_none());

    let shared = Generator::new(fails).shared();
    assert_eq!((&shared).into_iter().collect::<Vec<_>>(), [1]);
    assert_eq!(error_of(shared.outcome()), expected);
    assert!(shared.outcome().is_none());

    let mut stack = pin!(StackCoroutine::new(fails));
    assert_eq!(stack.by_ref().collect::<Vec<_>>(), [1]);
    assert_eq!(error_of(stack.as_mut().outcome()), expected);
    assert!(stack.as_mut().outcome().is_none());
}

#[test]
fn c07_an_error_that_leaves_the_body_reaches_the_caller_and_ends_it() {
    each_form(
        async |mut co| {
            co.yield_(1).await;
            co.raise(Boom("x")).await;
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.next()), "raised Boom: x");
            assert_eq!(said(co.next()), "finished ()");
            assert_eq!(co.state(), State::Closed);
        },
    );
}

#[test]
fn c08_send_to_a_finished_one_says_finished() {
    each_form(
        async |mut co| {
            let _: i32 = co.yield_(1).await;
        },
        |co: &mut dyn Form<i32, i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.send(0)), "returned ()");
            assert_eq!(said(co.send(5)), "finished 5");
        },
    );
}

#[test]
fn c09_a_default_stands_in_for_an_exhausted_one() {
    let mut co = Generator::new(async |mut co| {
        if std::hint::black_box(false) {
            co.yield_("a value").await;
        }
        1
    });
    assert_eq!(Iterator::next(&mut co).unwrap_or("dflt"), "dflt");
}

#[test]
fn c10_an_error_before_the_first_yield_ends_it() {
    each_form(
        async |mut co| co.raise(Boom("x")).await,
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "raised Boom: x");
            assert_eq!(said(co.next()), "finished ()");
        },
    );
}
