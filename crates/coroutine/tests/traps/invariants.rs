//! The invariants that the sources name, each where its behaviour shows.

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;

use entracte_coroutine::{
    Coroutine, Generator, Interrupt, SharedCoroutine, StackCoroutine, State, Stop,
};
use futures::future::{ready, select};

use crate::ledger::{Counted, Ledger};
use crate::poll_once;

type Values<'env> = Coroutine<'env, Counted, Counted, Counted>;

/// Passes through every phase that has a payload, and leaves in each.
#[test]
fn s1_each_value_in_the_slot_is_moved_out_or_dropped_once() {
    for stop_at in 0..6 {
        let ledger = Ledger::default();
        let mut co: Values<'_> = Coroutine::new(async |mut co| {
            let leave = |step| stop_at == step;
            let offered = co.yield_(ledger.value("offered"));
            if leave(0) {
                return ledger.value("left");
            }
            drop(offered);
            {
                let mut polled = pin!(co.yield_(ledger.value("polled")));
                assert!(poll_once(polled.as_mut()).await.is_none());
                if leave(1) {
                    return ledger.value("left");
                }
            }
            let sent = co.yield_(ledger.value("yielded")).await;
            match co.try_yield(sent).await {
                Ok(value) if leave(2) => return value,
                Ok(_) | Err(Interrupt::Throw(_)) => {}
                Err(close) => co.raise(close).await,
            }
            co.yield_(ledger.value("last")).await
        });
        drop(co.next());
        if stop_at == 3 {
            drop(co.throw(ledger.value("thrown")));
        }
        drop(co.send(ledger.value("sent")));
        if stop_at == 4 {
            drop(co.close());
        }
        drop(co.send(ledger.value("sent again")));
        drop(co);
        ledger.check(&format!("left at {stop_at}"));
    }
}

/// What is moved out of the slot is moved, not copied: the payload on the heap is the same one.
#[test]
fn s2_values_go_through_the_slot_once_and_whole() {
    let mut co: Coroutine<'_, Box<u32>, Box<u32>, Box<u32>> =
        Coroutine::new(async |mut co| co.yield_(Box::new(1)).await);
    let first = co.next().unwrap();
    let sent = Box::new(*first + 1);
    let place = std::ptr::from_ref(&*sent).addr();
    let returned = co.send(sent).unwrap_err().returned().unwrap();
    assert_eq!(std::ptr::from_ref(&*returned).addr(), place);
    assert!(matches!(co.send(returned), Err(Stop::Finished(given)) if *given == 2));
    assert_eq!(*first, 1);
}

/// The body holds references into its frame while its handle is asked about it, from within too.
#[test]
fn f4_a_frame_is_looked_at_while_its_body_refers_into_it() {
    type Handle = SharedCoroutine<'static, u32, u32, u32>;
    let handle: Rc<RefCell<Option<Handle>>> = Rc::default();
    let inside = Rc::clone(&handle);
    let co = Coroutine::new(async move |mut co| {
        let mut numbers = [1, 2];
        let (first, second) = numbers.split_at_mut(1);
        for _ in 0..2 {
            let state = inside.borrow().as_ref().map(SharedCoroutine::state);
            assert_eq!(state, Some(State::Running));
            first[0] += co.yield_(second[0]).await;
            second[0] += first[0];
        }
        first[0] + second[0]
    })
    .shared();
    *handle.borrow_mut() = Some(co.clone());
    assert_eq!(co.next().ok(), Some(2));
    assert!(format!("{co:?}").contains("Suspended"));
    assert_eq!(co.send(10).ok(), Some(13));
    assert_eq!(co.state(), State::Suspended);
    assert_eq!(co.send(10).unwrap_err().returned(), Some(55));
}

#[test]
fn s3_after_the_end_the_bodys_side_does_nothing() {
    struct Late<'x, 'co>(&'x mut entracte_coroutine::Co<'co, u32, ()>);
    impl Drop for Late<'_, '_> {
        fn drop(&mut self) {
            drop(self.0.yield_(90));
            drop(self.0.try_yield(91));
        }
    }
    let mut co: Generator<'_, u32, u32> = Generator::new(async |mut co| {
        let late = Late(&mut co);
        late.0.yield_(1).await;
        7
    });
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.close().ok(), Some(None));
    assert_eq!(co.state(), State::Closed);
    assert!(matches!(co.next(), Err(Stop::Finished(()))));
}

/// The body's frames go exactly at the end, whichever it is, not with the handle.
#[test]
fn p1_f1_the_body_is_dropped_exactly_at_its_end() {
    for ending in 0..4 {
        let ledger = Ledger::default();
        let body = async |mut co: entracte_coroutine::Co<'_, Counted, Counted>| {
            let _local = ledger.value("a local");
            let sent = co.yield_(ledger.value("first")).await;
            if ending == 3 {
                resume_unwind(Box::new("the body"));
            }
            sent
        };
        let mut co = Coroutine::new(body);
        let mut stack = pin!(StackCoroutine::new(body));
        drop((co.next(), stack.as_mut().next()));
        match ending {
            0 => drop((co.close(), stack.as_mut().close())),
            1 => drop((co.throw("boom"), stack.as_mut().throw("boom"))),
            _ => {
                let (one, two) = (ledger.value("sent"), ledger.value("sent"));
                drop(catch_unwind(AssertUnwindSafe(|| co.send(one).is_err())));
                drop(catch_unwind(AssertUnwindSafe(|| {
                    stack.as_mut().send(two).is_err()
                })));
            }
        }
        ledger.check("while the handles live");
    }
}

#[test]
fn f2_the_return_value_lives_until_it_is_taken_or_dropped() {
    for taken in [false, true] {
        let ledger = Ledger::default();
        let mut co: Generator<'_, u32, Counted> = Generator::new(async |mut co| {
            co.yield_(1).await;
            ledger.value("returned")
        });
        assert_eq!(co.by_ref().count(), 1);
        if taken {
            let end = co.outcome().and_then(Result::ok);
            assert_eq!(
                end.map(|value| value.text.clone()).as_deref(),
                Some("returned")
            );
            ledger.check("taken");
        }
        drop(co);
        ledger.check("dropped");
    }
}

#[test]
fn f3_a_frame_stays_where_it_is_when_its_handle_moves() {
    let mut co: Generator<'_, usize> = Generator::new(async |mut co| {
        let local = Cell::new(0_u8);
        for _ in 0..3 {
            co.yield_(std::ptr::from_ref(&local).addr()).await;
        }
    });
    let first = co.next().unwrap();
    let mut moved = Box::new([Some(co)]);
    let mut co = moved[0].take().unwrap();
    assert_eq!(co.next().ok(), Some(first));
    let mut outer: Generator<'_, usize> = Generator::new(async move |mut co_outer| {
        co_outer.yield_from(co).await;
    });
    assert_eq!(outer.next().ok(), Some(first));
}

#[test]
fn d2_a_parent_delegates_exactly_while_its_delegate_is_in_the_chain() {
    let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
        co.yield_(1).await;
        let inner = Generator::named("inner", async |mut co| co.yield_(2).await);
        let caught = co.catch(async |co| co.yield_from(inner).await).await;
        co.yield_(if caught.is_err() { 3 } else { 4 }).await;
    });
    let steps = [(1, None), (2, Some("inner")), (4, None)];
    for (value, delegate) in steps {
        assert_eq!(co.next().ok(), Some(value));
        assert_eq!(co.delegates_to(), delegate);
    }
    assert!(co.next().is_err());
    assert_eq!(co.delegates_to(), None);
}

/// A delegation that is not pinned in its own frame, or not polled by its own driver, is nested.
#[test]
fn y1_only_futures_pinned_in_their_own_frame_are_linked() {
    let make = |heap: bool| -> Generator<'_, u32> {
        Generator::new(async move |mut co| {
            let inner = Generator::named("inner", async |mut co| co.yield_(1).await);
            if heap {
                Box::pin(co.yield_from(inner)).await;
            } else {
                co.yield_from(inner).await;
            }
        })
    };
    for heap in [false, true] {
        let mut co = make(heap);
        assert_eq!(co.next().ok(), Some(1));
        assert_eq!(co.delegates_to().is_some(), !heap);
        assert!(matches!(co.next(), Err(Stop::Returned(()))));
    }
}

/// A delegation that was asked for and not begun leaves the inner coroutine as it was.
#[test]
fn y1_a_delegation_dropped_before_it_begins_leaves_no_trace() {
    let mut inner = Generator::new(async |mut co| {
        for value in 1..=4 {
            co.yield_(value).await;
        }
    });
    assert_eq!(inner.next().ok(), Some(1));
    let mut outer: Generator<'_, u32> = Generator::new(async |mut co| {
        for _ in 0..3 {
            let future = pin!(co.yield_from(&mut inner));
            select(future, ready(())).await;
        }
        co.yield_from(&mut inner).await;
    });
    assert_eq!(outer.next().ok(), Some(2));
    drop(outer.next());
    drop(outer);
    assert_eq!(inner.state(), State::Closed);
}

/// One that is asked for in the very poll in which its coroutine panics.
#[test]
fn y1_a_panic_before_a_delegation_begins_leaves_the_inner_one_usable() {
    let mut inner = Generator::new(async |mut co| {
        for value in 1..=2 {
            co.yield_(value).await;
        }
    });
    assert_eq!(inner.next().ok(), Some(1));
    let mut outer: Generator<'_, u32> = Generator::new(async |mut co| {
        let mut future = pin!(co.yield_from(&mut inner));
        assert!(poll_once(future.as_mut()).await.is_none());
        resume_unwind(Box::new("the body"));
    });
    assert!(catch_unwind(AssertUnwindSafe(|| outer.next().is_ok())).is_err());
    drop(outer);
    assert_eq!(inner.next().ok(), Some(2));
}

#[test]
fn c3_a_created_coroutine_closes_without_running() {
    let ran = Cell::new(false);
    let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
        ran.set(true);
        co.yield_(1).await;
    });
    assert_eq!(co.close().ok(), Some(None));
    assert!(matches!(co.next(), Err(Stop::Finished(()))));
    assert!(!ran.get());
    assert_eq!(co.state(), State::Closed);
}

/// A body may be moved until it is pinned.
#[test]
fn p2_a_coroutine_on_the_stack_moves_before_it_is_pinned() {
    let text = String::from("held");
    let co = StackCoroutine::new(async |mut co: entracte_coroutine::Co<'_, usize, ()>| {
        co.yield_(text.len()).await;
    });
    let moved = Box::new(co);
    let mut pinned = Box::into_pin(moved);
    assert_eq!(pinned.as_mut().next().ok(), Some(4));
    assert!(matches!(pinned.as_mut().next(), Err(Stop::Returned(()))));
}
