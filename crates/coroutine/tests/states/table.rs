//! Every verb in every state of every form, against the table of `src/state.rs`.

use std::cell::{Cell, OnceCell};
use std::fmt::Debug;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_coroutine::{AsyncCoroutine, Co, Coroutine, SharedCoroutine, State, Stop};
use futures::task::noop_waker_ref;

use crate::Verb::{self, Close, Next, Send, Throw};
use crate::forms::{Form, each_form};
use crate::{SENT, THROWN, VERBS, act, said};

/// How a coroutine is brought to the state in which the verb is tried.
#[derive(Clone, Copy, Debug)]
enum Before {
    Created,
    Suspended,
    Returned,
    Raised,
    Closed,
    Panicked,
}

/// The state a coroutine is in, the verb, its answer, the state after it, and whether the body ran.
type Row = (Before, Verb, &'static str, State, bool);

/// What is the same whatever the input type is.
const ROWS: [Row; 22] = [
    (Before::Created, Next, "yielded 0", State::Suspended, true),
    (
        Before::Created,
        Throw,
        "raised thrown",
        State::Closed,
        false,
    ),
    (Before::Created, Close, "closed", State::Closed, false),
    (Before::Suspended, Send, "yielded 1", State::Suspended, true),
    (
        Before::Suspended,
        Throw,
        "raised thrown",
        State::Closed,
        true,
    ),
    (Before::Suspended, Close, "closed", State::Closed, true),
    (Before::Returned, Next, "finished", State::Closed, false),
    (Before::Returned, Send, "finished", State::Closed, false),
    (
        Before::Returned,
        Throw,
        "raised thrown",
        State::Closed,
        false,
    ),
    (Before::Returned, Close, "closed", State::Closed, false),
    (Before::Raised, Next, "finished", State::Closed, false),
    (Before::Raised, Send, "finished", State::Closed, false),
    (Before::Raised, Throw, "raised thrown", State::Closed, false),
    (Before::Raised, Close, "closed", State::Closed, false),
    (Before::Closed, Next, "finished", State::Closed, false),
    (Before::Closed, Send, "finished", State::Closed, false),
    (Before::Closed, Throw, "raised thrown", State::Closed, false),
    (Before::Closed, Close, "closed", State::Closed, false),
    (Before::Panicked, Next, "finished", State::Closed, false),
    (Before::Panicked, Send, "finished", State::Closed, false),
    (
        Before::Panicked,
        Throw,
        "raised thrown",
        State::Closed,
        false,
    ),
    (Before::Panicked, Close, "closed", State::Closed, false),
];

/// What a first `send` and a later `next` do to a coroutine that takes numbers.
const WITH_INPUT: [Row; 2] = [
    (Before::Created, Send, "NotStarted", State::Created, false),
    (
        Before::Suspended,
        Next,
        "NeedsInput",
        State::Suspended,
        false,
    ),
];

/// The same for one that takes nothing.
const WITHOUT_INPUT: [Row; 2] = [
    (Before::Created, Send, "yielded 0", State::Suspended, true),
    (Before::Suspended, Next, "yielded 1", State::Suspended, true),
];

/// What a body does when it is resumed for the second time.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Yield,
    Return,
    Raise,
    Panic,
}

/// Yields 0, 1, 2, and so on, or does something else after the first; counts how often it runs.
async fn walk<S>(co: &mut Co<'_, u64, S>, then: Then, ran: &Cell<u32>) -> u64 {
    for value in 0.. {
        ran.set(ran.get() + 1);
        let tried = co.try_yield(value).await;
        if let Err(interrupt) = tried {
            ran.set(ran.get() + 1);
            co.raise(interrupt).await;
        }
        match then {
            Then::Yield => {}
            Then::Return => return value,
            Then::Raise => co.raise("raised").await,
            Then::Panic => std::panic::panic_any("on purpose"),
        }
    }
    unreachable!("the numbers do not end")
}

/// Brings a new coroutine to the state before a row.
fn prepare<S>(co: &mut dyn Form<u64, S, u64>, before: Before, mut value: impl FnMut() -> S) {
    if !matches!(before, Before::Created) {
        assert_eq!(said(co.next()), "yielded 0");
    }
    match before {
        Before::Created | Before::Suspended => {}
        Before::Returned => assert!(matches!(co.send(value()), Err(Stop::Returned(0)))),
        Before::Raised => assert!(matches!(co.send(value()), Err(Stop::Raised(_)))),
        Before::Closed => assert!(matches!(co.close(), Ok(None))),
        Before::Panicked => {
            let panicked = catch_unwind(AssertUnwindSafe(|| co.send(value()).is_ok()));
            assert!(panicked.is_err(), "the panic reaches the caller");
        }
    }
}

fn check<S: Debug>(row: Row, value: impl Fn() -> S + Copy) {
    let (before, verb, answer, after, runs) = row;
    let then = match before {
        Before::Returned => Then::Return,
        Before::Raised => Then::Raise,
        Before::Panicked => Then::Panic,
        _ => Then::Yield,
    };
    let ran = Cell::new(0);
    each_form(
        async |mut co: Co<'_, u64, S>| walk(&mut co, then, &ran).await,
        |co: &mut dyn Form<u64, S, u64>| {
            prepare(co, before, value);
            ran.set(0);
            assert_eq!(act(co, verb, value()), answer, "{row:?}");
            assert_eq!(co.state(), after, "{row:?}");
            assert_eq!(ran.get() > 0, runs, "{row:?}");
        },
    );
}

#[test]
fn every_verb_in_every_state_of_one_that_takes_values() {
    for row in ROWS.into_iter().chain(WITH_INPUT) {
        check(row, || SENT);
    }
}

#[test]
fn every_verb_in_every_state_of_one_that_takes_nothing() {
    for row in ROWS.into_iter().chain(WITHOUT_INPUT) {
        check(row, || ());
    }
}

#[test]
fn every_verb_on_a_running_one_is_refused() {
    let place: Rc<OnceCell<SharedCoroutine<'static, u64, u64, Vec<String>>>> = Rc::default();
    let inside = Rc::downgrade(&place);
    let co = Coroutine::new(async move |mut co| {
        let me = || inside.upgrade()?.get().cloned();
        let mut me = me().expect("it was put there");
        let refusals = VERBS.map(|verb| act(&mut me, verb, SENT));
        assert_eq!(me.state(), State::Running);
        co.yield_(0).await;
        refusals.into()
    });
    let co = place.get_or_init(|| co.shared());
    assert_eq!(said(co.next()), "yielded 0");
    assert_eq!(co.state(), State::Suspended);
    let refusals = co.send(SENT).unwrap_err().returned();
    assert_eq!(refusals.expect("it returned"), ["AlreadyRunning"; 4]);
}

/// Polls once, by hand.
fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(noop_waker_ref()))
}

#[test]
fn every_verb_on_one_that_waits_in_an_await() {
    let waiting = || {
        let mut co = AsyncCoroutine::<u64, u64, ()>::new(async |_| pending().await);
        assert!(poll(co.next()).is_pending());
        assert_eq!(co.state(), State::Running);
        co
    };
    let mut co = waiting();
    assert!(poll(co.next()).is_pending(), "it goes on waiting");
    assert!(matches!(
        poll(co.send(SENT)),
        Poll::Ready(Err(Stop::AlreadyRunning(SENT)))
    ));
    assert_eq!(co.state(), State::Running);
    assert!(matches!(
        poll(co.throw(THROWN)),
        Poll::Ready(Err(Stop::Raised(_)))
    ));
    assert_eq!(co.state(), State::Closed);
    let mut co = waiting();
    assert!(matches!(poll(co.close()), Poll::Ready(Ok(None))));
    assert_eq!(co.state(), State::Closed);
}
