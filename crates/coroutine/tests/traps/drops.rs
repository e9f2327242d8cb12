//! Destructors inside bodies: their order, what they may still do, and drops while unwinding (T8, T11).

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::{Context, Waker};

use entracte_coroutine::{Co, Coroutine, Generator};

type Log = RefCell<Vec<String>>;

/// Tells its name when it is dropped.
struct Told<'log>(&'log Log, String);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1.clone());
    }
}

/// Yields, tries and delegates by hand when it is dropped, under several wakers.
struct YieldsInDrop<'x, 'co>(&'x mut Co<'co, String, String>);

impl Drop for YieldsInDrop<'_, '_> {
    fn drop(&mut self) {
        let co = &mut *self.0;
        let mut cx = Context::from_waker(Waker::noop());
        drop(co.yield_("dropped at once".to_owned()));
        assert!(
            pin!(co.yield_("by hand".to_owned()))
                .poll(&mut cx)
                .is_pending()
        );
        let inner: Coroutine<'_, String, String, ()> = Coroutine::new(async |mut co| {
            drop(co.yield_("inner".to_owned()).await);
        });
        assert!(pin!(co.yield_from(inner)).poll(&mut cx).is_pending());
        assert!(pin!(co.raise("by hand")).poll(&mut cx).is_pending());
        let caught = pin!(co.catch(async |co| co.yield_("block".to_owned()).await)).poll(&mut cx);
        drop(caught);
    }
}

fn with_guard<'env>() -> Coroutine<'env, String, String, String> {
    Coroutine::new(async |mut co| {
        let first = co.yield_("first".to_owned()).await;
        let guard = YieldsInDrop(&mut co);
        let second = guard.0.yield_("second".to_owned()).await;
        drop(guard);
        first + &second
    })
}

#[test]
fn t08_destructors_that_yield_by_hand_yield_nothing() {
    for steps in 0..3 {
        for ending in 0..4 {
            let mut co: Coroutine<'_, String, String, String> = Coroutine::new(async |mut co| {
                let end = co.catch(async |co| co.yield_from(with_guard()).await).await;
                end.unwrap_or_else(|interrupt| interrupt.to_string())
            });
            for step in 0..steps {
                let value = if step == 0 {
                    co.next()
                } else {
                    co.send("x".into()).map_err(|stop| stop.map_given(drop))
                };
                assert!(value.is_ok());
            }
            match ending {
                0 => drop(co.close()),
                1 => drop(co.throw("boom")),
                2 => drop(co.send("y".into())),
                _ => {}
            }
        }
    }
}

#[test]
fn t08_frames_are_dropped_from_the_inside_out() {
    for ending in 0..3 {
        let log = Log::default();
        let mut lent: Generator<'_, u32> = Generator::new(async |mut co| {
            let _a = Told(&log, "lent".to_owned());
            co.yield_(1).await;
        });
        let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
            let _a = Told(&log, "root".to_owned());
            let middle = Generator::new(async |mut co| {
                let _a = Told(&log, "middle, first".to_owned());
                let _b = Told(&log, "middle, second".to_owned());
                co.yield_from(&mut lent).await;
            });
            co.yield_from(middle).await;
        });
        assert_eq!(co.next().ok(), Some(1));
        match ending {
            0 => drop(co),
            1 => assert_eq!(co.close().ok(), Some(None)),
            _ => assert!(co.throw("boom").is_err()),
        }
        assert_eq!(
            *log.borrow(),
            ["lent", "middle, second", "middle, first", "root"]
        );
    }
}

#[test]
fn t08_a_destructor_may_catch_its_own_panic() {
    struct Catches;
    impl Drop for Catches {
        fn drop(&mut self) {
            let caught = catch_unwind(|| resume_unwind(Box::new("inside")));
            assert!(caught.is_err());
        }
    }
    let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
        let _catches = Catches;
        let inner = Generator::new(async |mut co| {
            let _catches = Catches;
            co.yield_(1).await;
        });
        co.yield_from(inner).await;
    });
    assert!(co.next().is_ok());
    drop(co);
}

#[test]
fn t11_a_chain_dropped_while_unwinding_drops_its_frames_and_runs_no_code() {
    let log = Log::default();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
            let _root = Told(&log, "root".to_owned());
            let inner = Generator::new(async |mut co| {
                let _inner = Told(&log, "inner".to_owned());
                if co.try_yield(1).await.is_err() {
                    log.borrow_mut().push("never: a conversation".to_owned());
                }
            });
            co.yield_from(inner).await;
        });
        assert!(co.next().is_ok());
        resume_unwind(Box::new("outside"));
    }));
    assert!(unwound.is_err());
    assert_eq!(*log.borrow(), ["inner", "root"]);
}

/// A destructor that runs while unwinding may make, run and drop coroutines of its own.
#[test]
fn t11_coroutines_run_inside_destructors_while_unwinding() {
    struct Runs<'log>(&'log Log);
    impl Drop for Runs<'_> {
        fn drop(&mut self) {
            let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
                let _told = Told(self.0, "run while unwinding".to_owned());
                co.yield_(1).await;
            });
            assert!(co.next().is_ok());
        }
    }
    let log = Log::default();
    let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
        let _runs = Runs(&log);
        co.yield_(1).await;
        resume_unwind(Box::new("the body"));
    });
    assert!(co.next().is_ok());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(co.next()))).is_err());
    assert_eq!(*log.borrow(), ["run while unwinding"]);
    assert!(co.next().is_err());
}
