//! Rules A: what making a coroutine does.

use entracte_coroutine::{Coroutine, Generator, StackCoroutine, State};

use crate::forms::{Form, each_form};
use crate::{Log, said};

#[test]
fn a01_making_a_coroutine_runs_none_of_its_body() {
    let log = Log::default();
    each_form(
        async |mut co| {
            log.add("ran");
            co.yield_(()).await;
        },
        |co: &mut dyn Form<()>| {
            assert_eq!(log.take(), [""; 0]);
            assert_eq!(co.state(), State::Created);
        },
    );
    assert_eq!(log.take(), [""; 0]);
}

/// `iter(co)`, which is of the same type, and so `co` itself.
fn iter_of<I: IntoIterator<IntoIter = I>>(co: I) -> I {
    co.into_iter()
}

#[test]
fn a02_a_coroutine_is_its_own_iterator() {
    let mut co = Generator::new(async |mut co| co.yield_from_iter([1, 2, 3]).await);
    assert_eq!(said(co.next()), "yielded 1");
    let mut iter = iter_of(co);
    assert_eq!(Iterator::next(&mut iter), Some(2));
    assert_eq!(said(iter.next()), "yielded 3");

    let mut co = std::pin::pin!(StackCoroutine::new(async |mut co| {
        co.yield_from_iter([1, 2]).await;
    }));
    assert_eq!(said(co.as_mut().next()), "yielded 1");
    let mut iter = iter_of(co.as_mut());
    assert_eq!(Iterator::next(&mut iter), Some(2));

    let shared = Generator::new(async |mut co| co.yield_from_iter([1, 2]).await).shared();
    // A shared one has its verbs on `&self`, so its iterator is a handle of its own.
    let mut iter = shared.clone().into_iter();
    assert_eq!(Iterator::next(&mut iter), Some(1));
    assert_eq!(said(shared.next()), "yielded 2");
}

#[test]
fn a04_a_body_that_never_reaches_a_yield_makes_a_coroutine() {
    each_form(
        async |mut co| {
            if std::hint::black_box(false) {
                co.yield_(()).await;
            }
            7
        },
        |co: &mut dyn Form<(), (), i32>| assert_eq!(said(co.next()), "returned 7"),
    );
    // Without any `yield_` too: `Coroutine::new` makes it one.
    let mut co: Coroutine<'_, (), (), i32> = Coroutine::new(async |_| 7);
    assert_eq!(said(co.next()), "returned 7");
}
