//! Rules J: an error that a body handles is its own.

use crate::forms::{Form, each_form};
use crate::{Boom, Log, except_boom, said};

#[test]
fn j01_a_handled_error_is_kept_across_a_yield() {
    let log = Log::default();
    each_form(
        async |mut co| {
            let tried = co.catch(async |co| co.raise(Boom("in")).await).await;
            if let Err(handled) = except_boom::<(), _, _>(&mut co, tried).await {
                log.add(handled.0);
                co.yield_(()).await;
                log.add(handled.0);
            }
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            // What the caller handles meanwhile is nothing to the body.
            let callers: Result<(), _> = Err(Boom("out"));
            log.add(callers.map_or_else(|error| error.0, |()| "None"));
            assert_eq!(said(co.next()), "returned ()");
            assert_eq!(log.take(), ["in", "out", "in"]);
        },
    );
}

#[test]
fn j04_a_handled_error_can_be_raised_again_after_a_yield() {
    each_form(
        async |mut co| {
            let Err(handled) = co.catch(async |co| co.raise(Boom("k")).await).await;
            co.yield_(()).await;
            co.raise(handled).await;
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(said(co.next()), "yielded ()");
            assert_eq!(said(co.next()), "raised Boom: k");
        },
    );
}
