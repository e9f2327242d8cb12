//! Delegates of the user's own that forward, lie or give up, and interrupts that go round in circles.

use std::cell::{Cell, RefCell, RefMut};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_coroutine::{
    Act, AsyncCoroutine, BoxError, Co, Coroutine, Interrupt, Link, Misuse, Resume, State, Stop,
};
use futures::executor::block_on;
use futures::future::{FutureExt, PollImmediate, poll_immediate};

type Count<'env> = Coroutine<'env, u32, u32, u32>;
type Answer = Result<u32, Stop<u32, Act<u32>>>;

fn count<'env>() -> Count<'env> {
    Coroutine::new(async |mut co| co.yield_(1).await + co.yield_(2).await + co.yield_(3).await)
}

/// Forwards everything to what a guard of a cell leads to.
struct Guarded<'cell, 'env>(RefMut<'cell, Count<'env>>);

impl Resume<u32> for Guarded<'_, '_> {
    type Yield = u32;
    type Return = u32;

    fn resume(&mut self, act: Act<u32>) -> Answer {
        self.0.resume(act)
    }

    fn link(&mut self) -> Option<Link<'_, u32, u32, u32>> {
        self.0.link()
    }
}

/// Others hold the cell too, and the inner body itself tries to get at its own handle.
#[test]
fn d1_a_guarded_delegate_is_out_of_reach_while_it_is_lent() {
    let cell: Rc<RefCell<Count<'_>>> = Rc::new(RefCell::new(count()));
    let own = Rc::clone(&cell);
    *cell.borrow_mut() = Coroutine::new(async move |mut co| {
        let first = co.yield_(u32::from(own.try_borrow_mut().is_ok())).await;
        drop(own);
        first + co.yield_(2).await
    });
    for forgets in [true, false] {
        let mut outer: Count<'_> =
            Coroutine::new(async |mut co| co.yield_from(Guarded(cell.borrow_mut())).await);
        if forgets {
            // Not started: nothing is borrowed yet.
            std::hint::black_box(&mut outer);
            continue;
        }
        assert_eq!(outer.next().ok(), Some(0));
        assert!(outer.delegates_to().is_some() && cell.try_borrow().is_err());
        assert_eq!(outer.send(5).ok(), Some(2));
        drop(outer);
        assert_eq!(cell.borrow().state(), State::Closed);
    }
}

/// Gives its coroutine back when it is dropped.
struct Returns<'env> {
    inner: Option<Count<'env>>,
    back: Rc<Cell<Option<Count<'env>>>>,
}

impl Resume<u32> for Returns<'_> {
    type Yield = u32;
    type Return = u32;

    fn resume(&mut self, act: Act<u32>) -> Answer {
        match &mut self.inner {
            Some(inner) => inner.resume(act),
            None => Err(Stop::Finished(act)),
        }
    }

    fn link(&mut self) -> Option<Link<'_, u32, u32, u32>> {
        self.inner.as_mut()?.link()
    }
}

impl Drop for Returns<'_> {
    fn drop(&mut self) {
        self.back.set(self.inner.take());
    }
}

#[test]
fn d1_a_delegate_that_is_given_back_is_whole_or_closed() {
    for ending in 0..4 {
        let back = Rc::new(Cell::new(None));
        let inner = Some(count());
        let delegate = Returns {
            inner,
            back: Rc::clone(&back),
        };
        let mut outer: Count<'_> = Coroutine::new(async move |mut co| {
            let ended = co.catch(async |co| co.yield_from(delegate).await).await;
            ended.unwrap_or(70)
        });
        assert_eq!(outer.next().ok(), Some(1));
        match ending {
            0 => assert_eq!(outer.close().ok(), Some(Some(70))),
            1 => assert!(matches!(outer.throw("boom"), Err(Stop::Returned(70)))),
            2 => {
                assert!(outer.send(1).is_ok() && outer.send(2).is_ok());
                assert!(matches!(outer.send(3), Err(Stop::Returned(6))));
            }
            _ => drop(outer),
        }
        let mut inner = back.take().expect("its guard was dropped");
        assert_eq!(inner.state(), State::Closed);
        assert!(matches!(inner.next(), Err(Stop::Finished(()))));
    }
}

thread_local! {
    static LENT: Cell<Option<Returns<'static>>> = const { Cell::new(None) };
}

/// A body that is ready while its delegation is asked for and not begun.
fn impatient(co: Co<'_, u32, u32>) -> PollImmediate<impl Future<Output = u32>> {
    poll_immediate(async move {
        let mut co = co;
        let delegate = LENT.take().expect("it was put there");
        co.yield_from_with(delegate, 5).await
    })
}

/// The same, which panics around the delegation instead.
fn furious(co: Co<'_, u32, u32>) -> impl Future<Output = Option<u32>> {
    impatient(co).map(|end: Option<u32>| match end {
        Some(value) => Some(value),
        None => resume_unwind(Box::new("around the delegation")),
    })
}

#[test]
fn y1_a_body_that_ends_around_its_delegation_leaves_the_delegate_as_it_was() {
    for panics in [false, true] {
        let back = Rc::new(Cell::new(None));
        let mut inner = count();
        assert_eq!(inner.next().ok(), Some(1));
        LENT.set(Some(Returns {
            inner: Some(inner),
            back: Rc::clone(&back),
        }));
        let mut outer: Coroutine<'_, u32, u32, Option<u32>> = match panics {
            false => Coroutine::new(impatient),
            true => Coroutine::new(furious),
        };
        let end = catch_unwind(AssertUnwindSafe(|| outer.next().unwrap_err().returned()));
        assert_eq!(end.ok(), (!panics).then_some(Some(None)));
        drop(outer);
        let mut inner = back.take().expect("the body was dropped");
        assert_eq!(inner.state(), State::Suspended);
        assert_eq!(inner.send(10).ok(), Some(2));
    }
}

/// Says what it likes.
struct Liar(u32);

impl Resume<u32> for Liar {
    type Yield = u32;
    type Return = u32;

    fn resume(&mut self, act: Act<u32>) -> Answer {
        match self.0 {
            0 => Err(Stop::Finished(Act::Throw("made up".into()))),
            1 => Err(Stop::AlreadyRunning(act)),
            2 => Err(Stop::NotStarted(Act::Close)),
            3 => Err(Stop::NeedsInput),
            4 => Err(Stop::Returned(4)),
            5 => Err(Stop::Raised(Box::new(Interrupt::Close))),
            6 => Err(Stop::Finished(Act::Next)),
            _ => Ok(7),
        }
    }

    fn poll_resume(&mut self, _: &mut Context<'_>, act: &mut Option<Act<u32>>) -> Poll<Answer> {
        match self.0 {
            8 => Poll::Pending,
            9 => resume_unwind(Box::new("a delegate")),
            _ => Poll::Ready(self.resume(act.take().unwrap_or(Act::Next))),
        }
    }

    fn nest(&mut self, depth: u32) {
        assert!(depth < 1000);
        self.0 = if depth == 0 { self.0 } else { self.0 % 10 };
    }
}

#[test]
fn t14_delegates_that_lie_harm_only_the_answer() {
    for lie in 0..10 {
        for verb in 0..3 {
            let mut co: Count<'_> = Coroutine::new(async |mut co| {
                let caught = co.catch(async |co| co.yield_from(Liar(lie)).await).await;
                caught.unwrap_or(90)
            });
            let ended = catch_unwind(AssertUnwindSafe(|| {
                let first = co.next().is_ok();
                match verb {
                    0 => drop(co.close()),
                    1 => drop(co.throw("boom")),
                    _ => drop(co.send(1)),
                }
                first
            }));
            assert_eq!(ended.ok(), (lie != 9).then_some(lie == 7), "lie {lie}");
            assert_eq!(co.state() == State::Suspended, lie == 7 && verb != 0);
        }
    }
}

/// An asynchronous coroutine polled by hand, with and without an act, at the wrong times.
#[test]
fn t14_poll_resume_at_the_wrong_times_is_harmless() {
    let gate = Cell::new(false);
    let mut co: AsyncCoroutine<'_, u32, u32, u32> = AsyncCoroutine::new(async |mut co| {
        poll_fn(|_| {
            if gate.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        co.yield_(1).await
    });
    let mut poll = |act: Option<Act<u32>>| {
        let mut act = act;
        block_on(poll_fn(|cx| Poll::Ready(co.poll_resume(cx, &mut act))))
    };
    assert!(matches!(
        poll(Some(Act::Send(1))),
        Poll::Ready(Err(Stop::NotStarted(Act::Send(1))))
    ));
    assert!(poll(None).is_pending());
    assert!(matches!(
        poll(Some(Act::Send(1))),
        Poll::Ready(Err(Stop::AlreadyRunning(_)))
    ));
    gate.set(true);
    assert!(matches!(poll(Some(Act::Next)), Poll::Ready(Ok(1))));
    assert!(matches!(poll(None), Poll::Ready(Err(Stop::NeedsInput))));
    assert!(matches!(
        poll(Some(Act::Send(6))),
        Poll::Ready(Err(Stop::Returned(6)))
    ));
    assert!(matches!(poll(None), Poll::Ready(Err(Stop::Finished(_)))));
    assert!(matches!(
        poll(Some(Act::Close)),
        Poll::Ready(Err(Stop::Finished(_)))
    ));
}

/// Stops and interrupts are errors, and may be thrown in again.
#[test]
fn interrupts_and_stops_go_round() {
    let mut co: Count<'_> = Coroutine::new(async |mut co| {
        let mut seen = 0;
        while let Err(interrupt) = co.try_yield(seen).await {
            seen = seen * 10 + u32::from(matches!(interrupt, Interrupt::Close)) + 1;
        }
        seen
    });
    let wrapped = Interrupt::Throw(Box::new(Interrupt::Throw(Box::new(Interrupt::Close))));
    let stop: Stop<(), ()> = Stop::Raised(Box::new(Misuse::IgnoredClose));
    let errors: [BoxError; 3] = [Box::new(Interrupt::Close), Box::new(wrapped), stop.into()];
    assert_eq!(co.next().ok(), Some(0));
    for (error, seen) in errors.into_iter().zip([2, 22, 221]) {
        assert_eq!(co.throw(error).ok(), Some(seen));
    }
    assert_eq!(co.send(1).unwrap_err().returned(), Some(221));
    let mut raises: Count<'_> = Coroutine::new(async |mut co| co.raise(Interrupt::Close).await);
    let Err(Stop::Raised(error)) = raises.next() else {
        panic!("it raised");
    };
    assert!(matches!(error.downcast_ref(), Some(Interrupt::Close)));
}
