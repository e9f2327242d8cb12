//! Re-entrancy, resumes after the end, awaits outside, moved handles (T2, T6, T7, T14, T15, T16).

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use entracte_coroutine::{
    Act, CloseError, Coroutine, Generator, Misuse, Resume, SharedCoroutine, StackCoroutine, State,
    Stop, WeakCoroutine,
};

type Handle = SharedCoroutine<'static, u32, u32, u32>;

/// Coroutines live at addresses that others had before: nobody is known by an address.
#[test]
fn t02_reused_places_belong_to_the_new_coroutine() {
    for round in 0..50_u32 {
        let text = round.to_string();
        let mut words: Coroutine<'_, String, String, String> =
            Coroutine::new(async |mut co| co.yield_(text.clone()).await + text.as_str());
        assert_eq!(words.next().ok(), Some(text.clone()));
        drop(words);
        let mut numbers: Coroutine<'_, usize, usize, usize> =
            Coroutine::new(async |mut co| co.yield_(0xDEAD).await + 1);
        assert_eq!(numbers.next().ok(), Some(0xDEAD));
        let mut moved = vec![numbers];
        moved.reserve(100);
        assert_eq!(moved[0].send(5).unwrap_err().returned(), Some(6));
        let mut stack = pin!(StackCoroutine::new(async |mut co| co.yield_(round).await));
        assert_eq!(stack.as_mut().next().ok(), Some(round));
        assert_eq!(stack.as_mut().send(7).unwrap_err().returned(), Some(7));
    }
}

/// The body holds references into its own frame while the handle is looked at.
#[test]
fn t06_t07_a_frame_that_refers_to_itself_may_be_looked_at() {
    let mut co: Coroutine<'_, u32, u32, u32> = Coroutine::new(async |mut co| {
        let mut numbers = [1_u32, 2, 3];
        let (first, rest) = numbers.split_at_mut(1);
        for number in rest.iter_mut() {
            *number += co.yield_(first[0]).await;
            first[0] += *number;
        }
        first[0] + rest[0] + rest[1]
    });
    let mut stack = pin!(StackCoroutine::new(async |mut co| {
        let text = String::from("held");
        let held = &text;
        let sent: usize = co.yield_(held.len()).await;
        held.len() + sent
    }));
    assert_eq!(co.next().ok(), Some(1));
    assert!(format!("{co:?}").contains("Suspended"));
    assert_eq!(co.state(), State::Suspended);
    assert_eq!(co.send(10).ok(), Some(13));
    assert!(!co.name().is_empty());
    assert_eq!(co.send(1).unwrap_err().returned(), Some(33));
    assert_eq!(stack.as_mut().next().ok(), Some(4));
    assert!(format!("{stack:?}").contains("Suspended"));
    assert_eq!(stack.as_mut().send(3).unwrap_err().returned(), Some(7));
}

/// Every verb from within is an error; so is dropping and delegating to oneself.
#[test]
fn t14_verbs_from_within_say_already_running() {
    let me: Rc<RefCell<Option<Handle>>> = Rc::default();
    let inside = Rc::clone(&me);
    let co = Coroutine::new(async move |mut co| {
        let mut handle = inside.borrow().clone().expect("it was put there");
        assert!(matches!(handle.next(), Err(Stop::AlreadyRunning(()))));
        assert!(matches!(handle.send(1), Err(Stop::AlreadyRunning(1))));
        assert!(matches!(handle.throw("x"), Err(Stop::AlreadyRunning(_))));
        assert!(matches!(handle.close(), Err(CloseError::AlreadyRunning)));
        let resumed = handle.resume(Act::Next);
        assert!(matches!(resumed, Err(Stop::AlreadyRunning(Act::Next))));
        assert_eq!(handle.state(), State::Running);
        assert!(handle.outcome().is_none() && handle.name().is_none());
        let caught = co
            .catch(async |co| co.yield_from(handle.clone()).await)
            .await;
        assert_eq!(
            caught.unwrap_err().to_string(),
            Misuse::DelegatedToRunning.to_string()
        );
        // The only other handle goes: the verb that runs keeps the coroutine alive.
        drop(handle);
        drop(inside.borrow_mut().take());
        co.yield_(1).await
    })
    .shared();
    *me.borrow_mut() = Some(co.clone());
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.send(2).unwrap_err().returned(), Some(2));
}

/// Two coroutines that delegate to each other, and one that resumes its delegator.
#[test]
fn t14_rings_of_delegations_are_errors() {
    let ring: Rc<RefCell<Vec<Handle>>> = Rc::default();
    for next in [1, 0] {
        let others = Rc::clone(&ring);
        let co = Coroutine::new(async move |mut co| {
            let other = others.borrow()[next].clone();
            co.yield_from(other).await
        });
        ring.borrow_mut().push(co.shared());
    }
    let first = ring.borrow()[0].clone();
    let Err(Stop::Raised(error)) = first.next() else {
        panic!("a ring was resumed");
    };
    assert_eq!(error.downcast_ref(), Some(&Misuse::DelegatedToRunning));
    assert_eq!(first.state(), State::Closed);
    ring.borrow_mut().clear();
}

/// Destructors resume the coroutine that is being dropped or closed around them.
#[test]
fn t14_destructors_resume_their_own_coroutine() {
    struct Resumes(Rc<RefCell<Option<Handle>>>, Rc<RefCell<Vec<bool>>>);
    impl Drop for Resumes {
        fn drop(&mut self) {
            let handle = self.0.borrow().clone();
            let running = handle.map(|co| matches!(co.next(), Err(Stop::AlreadyRunning(()))));
            self.1.borrow_mut().extend(running);
        }
    }
    let (me, seen) = (
        Rc::new(RefCell::new(None)),
        Rc::new(RefCell::new(Vec::new())),
    );
    let guard = Resumes(Rc::clone(&me), Rc::clone(&seen));
    let co: Handle = Coroutine::new(async move |mut co| {
        let _guard = guard;
        let inner = Coroutine::new(async |mut co| co.yield_(1).await);
        co.yield_from(inner).await
    })
    .shared();
    *me.borrow_mut() = Some(co.clone());
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.close().ok(), Some(None));
    assert_eq!(*seen.borrow(), [true]);
    drop(me.borrow_mut().take());
}

#[test]
fn t15_after_the_end_every_verb_is_harmless() {
    let bodies: [fn() -> Generator<'static, u32>; 3] = [
        || Generator::new(async |_co| {}),
        || Generator::new(async |mut co| co.raise("raised").await),
        || Generator::new(async |_co| std::panic::resume_unwind(Box::new("panicked"))),
    ];
    for make in bodies {
        let mut co = make();
        let first = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| co.next().is_err()));
        assert!(first.unwrap_or(true));
        for _ in 0..3 {
            assert_eq!(co.state(), State::Closed);
            assert!(matches!(co.next(), Err(Stop::Finished(()))));
            assert!(matches!(co.send(()), Err(Stop::Finished(()))));
            assert!(matches!(co.throw("late"), Err(Stop::Raised(_))));
            assert_eq!(co.close().ok(), Some(None));
            assert_eq!(Iterator::next(&mut co), None);
            assert!(co.outcome().is_none());
        }
    }
}

#[test]
fn t16_an_await_outside_is_an_error_that_can_be_caught() {
    let mut co: Generator<'_, u32, bool> = Generator::new(async |mut co| {
        let caught = co.catch(async |_| pending::<()>().await).await;
        co.yield_(1).await;
        caught.is_err()
    });
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.next().unwrap_err().returned(), Some(true));
}

#[test]
fn t16_an_await_outside_that_never_gives_up_ends_the_coroutine() {
    let mut polls = 0;
    let mut co: Generator<'_, u32> = Generator::new(async |mut co| {
        co.yield_(1).await;
        loop {
            let waits = poll_fn(|_| {
                polls += 1;
                Poll::<()>::Pending
            });
            drop(co.catch(async move |_| waits.await).await);
        }
    });
    assert_eq!(co.next().ok(), Some(1));
    let Err(Stop::Raised(error)) = co.next() else {
        panic!("it went on");
    };
    assert_eq!(error.downcast_ref(), Some(&Misuse::AwaitedOutside));
    assert_eq!(co.state(), State::Closed);
    drop(co);
    assert!(polls < 10, "{polls}");
}

/// A body that knows itself by a weak handle is dropped with its last strong one.
#[test]
fn t14_a_weak_handle_of_itself_does_not_keep_a_coroutine_alive() {
    let frames = Rc::new(());
    let held = frames.clone();
    let me = Rc::new(std::cell::OnceCell::<WeakCoroutine<'_, bool, (), ()>>::new());
    let inside = me.clone();
    let co = Generator::new(async move |mut co| {
        let _held = held;
        loop {
            let found = inside.get().and_then(WeakCoroutine::upgrade);
            let busy = found.is_some_and(|me| matches!(me.next(), Err(Stop::AlreadyRunning(()))));
            co.yield_(busy).await;
        }
    })
    .shared();
    assert!(me.set(co.downgrade()).is_ok());
    assert_eq!(co.next().ok(), Some(true));
    drop(co);
    assert_eq!(Rc::strong_count(&frames), 1);
    assert!(me.get().and_then(WeakCoroutine::upgrade).is_none());
}
