//! All short programs of verbs, and random long ones, on every form of every body.

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use entracte_coroutine::{Act, Coroutine, Generator, Stop};

use crate::bodies::{BODIES, Boxed, FORMS, Form, body, with_form};
use crate::dice::{Dice, seed};
use crate::ledger::{Counted, Ledger};

const VERBS: u32 = 4;
/// The longest of the programs that are all run.
const LONGEST: u32 = 4;
/// How many random programs are run, and how long they are.
const WALKS: u64 = 300;
const STEPS: u32 = 12;

fn act(verb: u32, ledger: &Ledger) -> Act<Counted> {
    match verb {
        0 => Act::Next,
        1 => Act::Send(ledger.value("sent")),
        2 => Act::Throw(Box::new(ledger.value("thrown"))),
        _ => Act::Close,
    }
}

/// Runs a program of verbs. What comes out lives until the next verb.
fn play(form: &mut Form<'_>, verbs: impl Iterator<Item = u32>, ledger: &Ledger) {
    let mut last = None;
    for verb in verbs {
        let answer = form.resume(act(verb, ledger));
        if let Err(Stop::Raised(error)) = &answer {
            assert!(!error.to_string().is_empty());
        }
        last = Some(answer);
    }
    drop(last);
}

/// The digits of `number` are the verbs.
fn digits(mut number: u32, length: u32) -> impl Iterator<Item = u32> {
    (0..length).map(move |_| {
        let digit = number % VERBS;
        number /= VERBS;
        digit
    })
}

#[test]
fn every_short_program_drops_everything_once() {
    for form in 0..FORMS {
        for kind in 0..BODIES {
            for length in 0..=LONGEST {
                for number in 0..VERBS.pow(length) {
                    let ledger = Ledger::default();
                    with_form(form, kind, &ledger, &mut |co| {
                        play(co, digits(number, length), &ledger);
                    });
                    ledger.check(&format!("form {form} body {kind} {number} of {length}"));
                }
            }
        }
    }
}

#[test]
fn random_walks_drop_everything_once() {
    let mut dice = Dice(seed("memory"));
    for walk in 0..WALKS {
        let (form, kind) = (dice.below(FORMS), dice.below(BODIES));
        let ledger = Ledger::default();
        with_form(form, kind, &ledger, &mut |co| {
            let verbs: Vec<u32> = (0..STEPS)
                // Mostly sends, so that a walk gets somewhere.
                .map(|_| {
                    if dice.below(3) == 0 {
                        dice.below(VERBS)
                    } else {
                        1
                    }
                })
                .collect();
            play(co, std::iter::once(0).chain(verbs), &ledger);
        });
        ledger.check(&format!("walk {walk}: form {form} body {kind}"));
    }
}

/// A lent coroutine outlives its delegators, which are dropped in every state.
#[test]
fn lent_coroutines_survive_their_delegators() {
    for length in 0..=LONGEST {
        for number in 0..VERBS.pow(length) {
            let ledger = Ledger::default();
            let mut inner: Boxed<'_> =
                Coroutine::new(async |mut co| body(3, &mut co, &ledger).await);
            {
                let mut outer: Boxed<'_> =
                    Coroutine::new(async |mut co| co.yield_from(&mut inner).await);
                play(&mut outer, digits(number, length), &ledger);
            }
            play(&mut inner, digits(number, length), &ledger);
            drop(inner);
            ledger.check(&format!("lent: {number} of {length}"));
        }
    }
}

/// The end of an iteration is kept, and dropped if nobody asks for it.
#[test]
fn kept_outcomes_are_dropped_once() {
    for (asked, raises) in [(false, false), (false, true), (true, false), (true, true)] {
        let ledger = Ledger::default();
        {
            let mut co: Generator<'_, Counted, Counted> = Generator::new(async |mut co| {
                co.yield_(ledger.value("item")).await;
                if raises {
                    co.raise(ledger.value("raised")).await;
                }
                ledger.value("returned")
            });
            assert_eq!(co.by_ref().count(), 1);
            if asked {
                assert_eq!(co.outcome().map(|end| end.is_err()), Some(raises));
                assert!(co.outcome().is_none());
            }
        }
        ledger.check(&format!("asked: {asked}, raises: {raises}"));
    }
}

/// Values whose destructors panic, in every place where one is dropped.
#[test]
fn panicking_destructors_drop_everything_once() {
    for kind in 0..BODIES {
        for (place, length) in [(0, 2), (1, 2), (0, 4), (1, 4)] {
            for number in 0..VERBS.pow(length) {
                let ledger = Ledger::default();
                let run = std::panic::AssertUnwindSafe(|| {
                    with_form(0, kind, &ledger, &mut |co| {
                        let mut verbs = digits(number, length);
                        play(co, verbs.by_ref().take(length as usize - 1), &ledger);
                        let act = match verbs.next() {
                            Some(1) => Act::Send(ledger.bomb("sent")),
                            Some(2) => Act::Throw(Box::new(ledger.bomb("thrown"))),
                            _ => Act::Next,
                        };
                        let answer = co.resume(act);
                        if place == 0 {
                            drop(co.resume(Act::Close));
                        }
                        drop(answer);
                    });
                });
                drop(std::panic::catch_unwind(run));
                ledger.check(&format!("body {kind} place {place} {number} of {length}"));
            }
        }
    }
}
