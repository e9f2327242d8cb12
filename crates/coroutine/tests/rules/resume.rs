//! Rules B: `next` and `send`.

use std::cell::Cell;

use entracte_coroutine::{Generator, State};

use crate::forms::{Form, each_form};
use crate::said;

#[test]
fn b01_next_runs_to_the_first_yield_and_gives_its_value() {
    each_form(
        async |mut co| {
            co.yield_(1).await;
            co.yield_(2).await;
        },
        |co: &mut dyn Form<i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.next()), "yielded 2");
            assert_eq!(said(co.next()), "returned ()");
        },
    );
}

#[test]
fn b02_a_first_send_of_nothing_is_next() {
    each_form(
        async |mut co| co.yield_(1).await,
        |co: &mut dyn Form<i32>| assert_eq!(said(co.send(())), "yielded 1"),
    );
}

#[test]
fn b03_a_first_send_of_a_value_is_refused() {
    each_form(
        async |mut co| {
            co.yield_(1).await;
        },
        |co: &mut dyn Form<i32, i32>| {
            let refused = co.send(5).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "cannot send into a coroutine that has not started"
            );
            assert_eq!(refused.given(), Some(5));
        },
    );
}

#[test]
fn b04_a_refused_first_send_leaves_it_unstarted() {
    each_form(
        async |mut co| {
            co.yield_(1).await;
        },
        |co: &mut dyn Form<i32, i32>| {
            assert_eq!(said(co.send(5)), "not started 5");
            assert_eq!(co.state(), State::Created);
            assert_eq!(said(co.next()), "yielded 1");
        },
    );
}

#[test]
fn b05_send_gives_the_yield_its_value_and_the_caller_the_next_one() {
    each_form(
        async |mut co| {
            let a = co.yield_(1).await;
            let b = co.yield_(a * 10).await;
            (a, b)
        },
        |co: &mut dyn Form<i32, i32, (i32, i32)>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.send(4)), "yielded 40");
            assert_eq!(said(co.send(9)), "returned (4, 9)");
        },
    );
}

#[test]
fn b06_next_gives_the_yield_no_value() {
    each_form(
        async |mut co| {
            let given = co.yield_(None).await;
            co.yield_(Some(given)).await;
        },
        |co: &mut dyn Form<Option<()>>| {
            assert_eq!(said(co.next()), "yielded None");
            assert_eq!(said(co.next()), "yielded Some(())");
        },
    );
    // CPython sends `None`; a yield that waits for another type cannot do without a value.
    each_form(
        async |mut co| {
            let given: i32 = co.yield_(1).await;
            co.yield_(given).await;
        },
        |co: &mut dyn Form<i32, i32>| {
            assert_eq!(said(co.next()), "yielded 1");
            assert_eq!(said(co.next()), "NeedsInput");
            assert_eq!(co.state(), State::Suspended);
            assert_eq!(said(co.send(2)), "yielded 2");
        },
    );
}

#[test]
fn b07_a_yield_of_nothing_yields_nothing() {
    each_form(
        async |mut co| co.yield_(()).await,
        |co: &mut dyn Form<()>| assert_eq!(said(co.next()), "yielded ()"),
    );
}

#[test]
fn b08_it_returns_to_its_most_recent_caller() {
    let caller = Cell::new("nobody");
    fn creator<'a>(caller: &'a Cell<&'static str>) -> Generator<'a, &'static str> {
        caller.set("creator");
        let mut co = Generator::new(async |mut co| {
            loop {
                co.yield_(caller.get()).await;
            }
        });
        assert_eq!(said(co.next()), "yielded \"creator\"");
        co
    }
    fn caller_b(co: &mut dyn Form<&'static str>, caller: &Cell<&'static str>) -> String {
        caller.set("caller_b");
        said(co.next())
    }
    let mut co = creator(&caller);
    assert_eq!(caller_b(&mut co, &caller), "yielded \"caller_b\"");
}
