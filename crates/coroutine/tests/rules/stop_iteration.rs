//! Rules H: an end cannot be raised (PEP 479 is about one that can).

use entracte_coroutine::{Generator, Stop, StopKind};

use crate::forms::{Form, each_form};
use crate::kinds::own;
use crate::{error, said};

#[test]
fn h01_a_stop_raised_in_a_body_is_an_error_and_not_its_end() {
    each_form(
        async |mut co| co.raise(Stop::<i32>::Returned(1)).await,
        |co: &mut dyn Form<(), (), i32>| {
            // CPython makes a `RuntimeError` of it; here an error stays what it is.
            let raised = error(co.next().unwrap_err());
            assert_eq!(raised.downcast_ref(), Some(&StopKind::Returned));
        },
    );
}

#[test]
fn h03_an_inner_one_that_runs_out_does_not_end_the_body() {
    each_form(
        async |mut co| {
            let mut empty = Generator::<i32>::new(async |_| {});
            match empty.next() {
                Ok(value) => co.yield_(value).await,
                Err(stop) => co.raise(stop).await,
            }
        },
        |co: &mut dyn Form<i32>| {
            let raised = error(co.next().unwrap_err());
            assert_eq!(raised.downcast_ref(), Some(&StopKind::Returned));
        },
    );
}

#[test]
fn h04_a_body_may_look_at_the_end_of_another_one() {
    each_form(
        async |mut co| {
            let mut empty = Generator::<()>::new(async |_| {});
            if let Err(Stop::Returned(())) = empty.next() {
                co.yield_("ok").await;
            }
        },
        |co: &mut dyn Form<&'static str>| assert_eq!(said(co.next()), "yielded \"ok\""),
    );
}

#[test]
fn h05_a_delegate_that_ends_at_once_ends_the_delegation_and_no_more() {
    each_form(
        async |mut co| {
            co.yield_from(own(|_| Err(Stop::Returned(())))).await;
            co.yield_("after").await;
        },
        |co: &mut dyn Form<&'static str>| assert_eq!(said(co.next()), "yielded \"after\""),
    );
}

#[test]
fn h07_the_end_of_an_async_one_raised_in_a_body_comes_out_as_it_is() {
    each_form(
        async |mut co| co.raise(Stop::<(), ()>::Finished(())).await,
        |co: &mut dyn Form<()>| {
            let raised = error(co.next().unwrap_err());
            assert_eq!(raised.downcast_ref(), Some(&StopKind::Finished));
        },
    );
}
