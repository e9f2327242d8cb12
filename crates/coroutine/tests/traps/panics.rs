//! Panics at each point, in chains at the leaf, in the middle and at the root (T10).

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use entracte_coroutine::{Act, Co, Coroutine, Resume, State, Stop};

use crate::ledger::{Counted, Ledger};

type Values<'env> = Coroutine<'env, Counted, Counted, Counted>;

/// Where something panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In the body, before its first yield.
    Start,
    /// In the body, after it was resumed.
    Body,
    /// In the destructor of a local, at the end of the body or when it is unwound.
    Local,
    /// In the destructor of a yielded value that the body takes back.
    Retracted,
    /// In the destructor of what was sent.
    Sent,
    /// In the destructor of the return value.
    Returned,
    Nowhere,
}

const PLACES: [At; 7] = [
    At::Start,
    At::Body,
    At::Local,
    At::Retracted,
    At::Sent,
    At::Returned,
    At::Nowhere,
];

/// Two yields, with a panic at one place.
async fn body(at: At, co: &mut Co<'_, Counted, Counted>, ledger: &Ledger) -> Counted {
    let _first = ledger.value("a local");
    if at == At::Start {
        resume_unwind(Box::new("at the start"));
    }
    let second = match at {
        At::Local => ledger.bomb("a local"),
        _ => ledger.value("a local"),
    };
    let sent = co.yield_(ledger.value("first")).await;
    match at {
        At::Body => resume_unwind(Box::new("in the body")),
        At::Sent => drop(sent),
        At::Retracted => drop(co.yield_(ledger.bomb("retracted"))),
        _ => drop(co.yield_(sent).await),
    }
    // Before the return value is made: Rust itself leaks one that a destructor's panic finds there.
    drop(second);
    match at {
        At::Returned => ledger.bomb("returned"),
        _ => ledger.value("returned"),
    }
}

/// A chain of three; the one at `level` panics at `at`.
fn chain(at: At, level: u32, lends: bool, ledger: &Ledger) -> Values<'_> {
    Coroutine::new(async move |mut co| {
        let _held = ledger.value("held");
        let mine = if level == 0 { at } else { At::Nowhere };
        let first = body(mine, &mut co, ledger).await;
        if level == 3 {
            return first;
        }
        drop(first);
        let mut inner = chain_below(at, level, lends, ledger);
        if lends {
            co.yield_from(&mut inner).await
        } else {
            co.yield_from(inner).await
        }
    })
}

/// The next level: counts down to the one that panics, and from there on to the end.
fn chain_below(at: At, level: u32, lends: bool, ledger: &Ledger) -> Values<'_> {
    match level {
        0 => Coroutine::new(async move |mut co| body(At::Nowhere, &mut co, ledger).await),
        level => chain(at, level - 1, lends, ledger),
    }
}

fn run(co: &mut Values<'_>, resumes: u32, ending: u32, ledger: &Ledger) {
    for resume in 0..resumes {
        let act = match resume {
            0 => Act::Next,
            _ => Act::Send(ledger.value("sent")),
        };
        drop(co.resume(act));
    }
    match ending {
        0 => drop(co.close()),
        1 => drop(co.throw(ledger.bomb("thrown"))),
        2 => drop(co.send(ledger.bomb("sent"))),
        _ => {}
    }
}

#[test]
fn t10_a_panic_anywhere_closes_the_chain_and_drops_everything_once() {
    for at in PLACES {
        for level in 0..3 {
            for (resumes, ending) in (0..8).flat_map(|resumes| (0..4).map(move |e| (resumes, e))) {
                for lends in [false, true] {
                    let ledger = Ledger::default();
                    let mut co = chain(at, level, lends, &ledger);
                    let whole = AssertUnwindSafe(|| run(&mut co, resumes, ending, &ledger));
                    drop(catch_unwind(whole));
                    drop(catch_unwind(AssertUnwindSafe(|| drop(co))));
                    ledger.check(&format!("{at:?} {level} {resumes} {ending} {lends}"));
                }
            }
        }
    }
}

#[test]
fn t10_after_a_panic_the_whole_chain_is_closed() {
    let ledger = Ledger::default();
    let mut lent = chain(At::Body, 0, false, &ledger);
    let mut root: Values<'_> = Coroutine::new(async |mut co| {
        let middle = Coroutine::new(async |mut co| co.yield_from(&mut lent).await);
        co.yield_from(middle).await
    });
    assert!(root.next().is_ok());
    let panicked = catch_unwind(AssertUnwindSafe(|| drop(root.send(ledger.value("sent")))));
    assert!(panicked.is_err());
    assert_eq!(root.state(), State::Closed);
    assert!(root.delegates_to().is_none());
    assert!(matches!(root.next(), Err(Stop::Finished(()))));
    drop(root);
    assert_eq!(lent.state(), State::Closed);
    drop(lent);
    ledger.check("a lent coroutine panicked");
}

/// The body catches the panic of what it delegated to by hand, and goes on.
#[test]
fn t10_a_body_may_catch_a_panic_and_go_on() {
    let ledger = Ledger::default();
    {
        let mut co: Values<'_> = Coroutine::new(async |mut co| {
            let mut inner = chain(At::Start, 0, false, &ledger);
            let caught = catch_unwind(AssertUnwindSafe(|| inner.next().is_ok()));
            assert!(caught.is_err());
            let again = Box::pin(co.catch(async |co| co.yield_from(&mut inner).await)).await;
            assert!(again.is_err(), "a closed coroutine was delegated to");
            co.yield_(ledger.value("went on")).await
        });
        assert!(co.next().is_ok_and(|value| value.text == "went on"));
        assert!(co.send(ledger.value("end")).is_err());
    }
    ledger.check("caught inside");
}
