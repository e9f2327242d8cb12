//! Chains of delegations: left in every way at every stage, with a value held on every level.

use entracte_coroutine::{Act, Coroutine, Resume, Stop};

use crate::bodies::{Boxed, Talk};
use crate::ledger::Ledger;

const DEPTH: u32 = 20;

/// How a level delegates to the next one.
#[derive(Clone, Copy, Debug)]
enum By {
    Value,
    Reference,
    /// A started inner coroutine.
    Started,
    /// A future on the heap, which has to be nested.
    Heap,
    /// By turns.
    Turns,
}

const WAYS: [By; 5] = [By::Value, By::Reference, By::Started, By::Heap, By::Turns];

fn chain(by: By, depth: u32, ledger: &Ledger) -> Boxed<'_> {
    Coroutine::new(async move |mut co| level(by, depth, &mut co, ledger).await)
}

async fn level(by: By, depth: u32, co: &mut Talk<'_>, ledger: &Ledger) -> crate::ledger::Counted {
    let _held = ledger.value("held");
    if depth == 0 {
        let sent = co.yield_(ledger.value("first")).await;
        return co.yield_(sent).await;
    }
    let mut inner = chain(by, depth - 1, ledger);
    let by = match by {
        By::Turns => WAYS[depth as usize % 4],
        by => by,
    };
    match by {
        By::Value => co.yield_from(inner).await,
        By::Reference => co.yield_from(&mut inner).await,
        By::Started => {
            drop(inner.next());
            co.yield_from_with(inner, ledger.value("first input")).await
        }
        By::Heap | By::Turns => Box::pin(co.yield_from(inner)).await,
    }
}

/// Advances a chain by some steps and then does one last thing to it.
fn leave(by: By, steps: u32, last: u32) {
    let ledger = Ledger::default();
    {
        let mut co = chain(by, DEPTH, &ledger);
        for step in 0..steps {
            let act = match step {
                0 => Act::Next,
                _ => Act::Send(ledger.value("sent")),
            };
            drop(co.resume(act));
        }
        match last {
            0 => assert!(co.close().is_ok()),
            1 => {
                let stop = co.throw(ledger.value("thrown"));
                assert!(matches!(stop, Err(Stop::Raised(_))), "{by:?} {steps}");
            }
            2 => drop(co.next()),
            _ => {}
        }
    }
    ledger.check(&format!("{by:?}, {steps} steps, then {last}"));
}

#[test]
fn d3_chains_are_left_whole_at_every_stage() {
    for by in WAYS {
        for steps in 0..5 {
            for last in 0..4 {
                leave(by, steps, last);
            }
        }
    }
}

#[test]
fn a_delegation_dropped_midway_leaves_its_lent_delegate_usable() {
    let ledger = Ledger::default();
    {
        let mut inner = chain(By::Value, 3, &ledger);
        {
            let mut outer: Boxed<'_> =
                Coroutine::new(async |mut co| Box::pin(co.yield_from(&mut inner)).await);
            assert!(outer.next().is_ok());
        }
        assert!(inner.send(ledger.value("on")).is_ok());
        {
            let mut outer: Boxed<'_> = Coroutine::new(async |mut co| {
                co.yield_from_with(&mut inner, ledger.value("on")).await
            });
            assert!(matches!(outer.next(), Err(Stop::Returned(_))));
        }
        assert!(matches!(inner.next(), Err(Stop::Finished(()))));
    }
    ledger.check("lent twice");
}
