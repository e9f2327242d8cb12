//! Wakers on their own thread: whom they wake, when they are stale, and slots in use again.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use entracte_event_loop::{
    CallbackRef, EventLoop, Instant, RunError, Token, WakeTimer, Wakeup, with_waker,
};

use crate::front_end::{Task, spawn, turn_over};
use crate::support::{Log, OnDrop, virtual_loop};

/// A task that notes when it is called, and keeps a clone of its waker outside.
fn noting(event_loop: &EventLoop, log: &Log, name: &'static str) -> (Token, Kept) {
    let waker: Kept = Rc::default();
    let (kept, log) = (Rc::clone(&waker), log.clone());
    let token = spawn(
        event_loop,
        poll_fn(move |cx| {
            log.note(name);
            kept.replace(Some(cx.waker().clone()));
            Poll::Pending
        }),
    );
    (token, waker)
}

type Kept = Rc<RefCell<Option<Waker>>>;

fn taken(kept: &Kept) -> Waker {
    kept.take().expect("the task was called")
}

#[test]
fn a_waker_makes_its_task_ready_once() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (_, kept) = noting(&event_loop, &log, "task");
    event_loop.turn()?;
    let waker = taken(&kept);
    waker.wake_by_ref();
    let another = waker.clone();
    another.wake();
    waker.wake();
    event_loop.turn()?;
    assert_eq!(log.take(), "task task");
    drop(taken(&kept));
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
    Ok(())
}

#[test]
fn wakers_of_one_task_will_wake_each_other_and_no_others() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (first_token, first) = noting(&event_loop, &log, "first");
    let (_, second) = noting(&event_loop, &log, "second");
    event_loop.turn()?;
    let (first, second) = (taken(&first), taken(&second));
    assert!(first.will_wake(&first.clone()));
    assert!(!first.will_wake(&second));
    let wakeup = Wakeup::of(&first);
    assert_eq!(wakeup.token(), Some(first_token));
    assert!(wakeup.will_wake(&first) && !wakeup.will_wake(&second));
    assert!(wakeup.is_same(&Wakeup::from_token(first_token)));
    assert!(!wakeup.is_same(&Wakeup::of(&second)));
    assert!(!wakeup.is_same(&Wakeup::of(Waker::noop())));
    wakeup.wake();
    event_loop.turn()?;
    assert_eq!(log.take(), "first second first");
    Ok(())
}

#[test]
fn a_stale_waker_does_not_wake_the_task_that_took_the_slot() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let kept: Kept = Rc::default();
    let shared = Rc::clone(&kept);
    let old = spawn(
        &event_loop,
        poll_fn(move |cx| {
            shared.replace(Some(cx.waker().clone()));
            Poll::Ready(())
        }),
    );
    event_loop.turn()?;
    let stale = taken(&kept);
    let (new, waker) = noting(&event_loop, &log, "new");
    assert_eq!(new.slot(), old.slot(), "the slot is in use again");
    assert_ne!(new, old);
    event_loop.turn()?;
    assert_eq!(log.take(), "new");
    assert!(!stale.will_wake(&taken(&waker)));
    stale.wake_by_ref();
    event_loop.wake(old);
    drop(stale);
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
    assert_eq!(log.take(), "");
    Ok(())
}

#[test]
fn a_slot_that_was_woken_when_its_task_ended_is_used_again_by_one_task_only() -> Result<(), RunError>
{
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (first, _kept) = noting(&event_loop, &log, "first");
    let ended = spawn(
        &event_loop,
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(())
        }),
    );
    event_loop.turn()?;
    event_loop.turn()?;
    let tokens = ["second", "third"].map(|name| noting(&event_loop, &log, name).0);
    assert_eq!(tokens[0].slot(), ended.slot());
    assert_ne!(tokens[1].slot(), first.slot(), "that one is taken");
    assert_eq!(event_loop.callbacks().count(), 3);
    event_loop.turn()?;
    assert_eq!(log.take(), "first second third");
    Ok(())
}

#[test]
fn a_loop_does_not_follow_the_wakers_of_others() -> Result<(), RunError> {
    let ((first, _), (second, _)) = (virtual_loop(), virtual_loop());
    let log = Log::default();
    let (_, kept) = noting(&first, &log, "first");
    first.turn()?;
    let waker = taken(&kept);
    second.call_soon(move || waker.wake());
    second.turn()?;
    assert_eq!(log.take(), "first");
    first.turn()?;
    assert_eq!(log.take(), "first");
    drop(kept.take());
    assert!(
        matches!(first.turn(), Err(RunError::Stuck)),
        "the count is even"
    );
    Ok(())
}

#[test]
fn wake_timers_wake_in_the_order_of_their_deadlines() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let log = Log::default();
    for (name, seconds) in [("late", 3), ("early", 1), ("middle", 2), ("tie", 1)] {
        let log = log.clone();
        spawn(&event_loop, async move {
            let deadline = Instant::from_nanos(seconds * 1_000_000_000);
            let mut timer = None;
            poll_fn(|cx| {
                let timer = timer.get_or_insert_with(|| WakeTimer::set(deadline, cx.waker()));
                match timer.as_ref().is_some_and(WakeTimer::is_waiting) {
                    true => Poll::Pending,
                    false => Poll::Ready(()),
                }
            })
            .await;
            log.note(name);
        });
    }
    while event_loop.alive() > 0 {
        event_loop.turn()?;
    }
    assert_eq!(log.take(), "early tie middle late");
    assert_eq!(time.nanos(), 3_000_000_000);
    Ok(())
}

#[derive(Default)]
struct Counting(AtomicUsize);

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_wake_timer_wakes_wakers_that_others_made() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let [first, second] = [(); 2].map(|()| Arc::new(Counting::default()));
    let wakers = [&first, &second].map(|counting| Waker::from(Arc::clone(counting)));
    let timer: Rc<RefCell<Option<WakeTimer>>> = Rc::default();
    let kept = Rc::clone(&timer);
    event_loop.call_soon(move || {
        let timer = WakeTimer::set(Instant::from_nanos(5), &wakers[0]).expect("a loop runs");
        timer.set_waker(&wakers[0]);
        timer.set_waker(&wakers[1]);
        kept.replace(Some(timer));
    });
    event_loop.turn()?;
    event_loop.turn()?;
    assert!(!timer.take().expect("it was set").is_waiting());
    let woken = [first, second].map(|counting| counting.0.load(Ordering::Relaxed));
    assert_eq!(woken, [0, 1]);
    assert!(
        WakeTimer::set(Instant::FAR_FUTURE, Waker::noop()).is_none(),
        "no loop runs"
    );
    Ok(())
}

#[test]
fn a_wake_timer_that_is_dropped_wakes_nobody() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let counting = Arc::new(Counting::default());
    let waker = Waker::from(Arc::clone(&counting));
    event_loop.call_soon(move || {
        let timer = WakeTimer::set(Instant::from_nanos(5), &waker);
        drop(timer);
    });
    event_loop.call_later(Duration::from_secs(1), || {});
    event_loop.turn()?;
    event_loop.turn()?;
    assert_eq!(counting.0.load(Ordering::Relaxed), 0);
    assert_eq!(time.nanos(), 1_000_000_000);
    Ok(())
}

#[test]
fn a_task_that_is_woken_while_it_is_called_is_called_again() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let noted = log.clone();
    spawn(&event_loop, async move {
        turn_over().await;
        noted.note("again");
    });
    event_loop.turn()?;
    event_loop.turn()?;
    assert_eq!(log.take(), "again");
    Ok(())
}

#[test]
fn the_awaiter_of_a_callback_is_woken_when_it_is_done() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (awaiter, _kept) = noting(&event_loop, &log, "awaiter");
    let callback = CallbackRef::new(Task::make("awaited", turn_over()));
    callback.set_awaiter(awaiter);
    assert_eq!(callback.awaiter(), awaiter);
    event_loop.add(callback);
    event_loop.turn()?;
    event_loop.turn()?;
    assert_eq!(log.take(), "awaiter", "it is done in this turn");
    event_loop.turn()?;
    assert_eq!(log.take(), "awaiter");
    Ok(())
}

#[test]
fn an_awaiter_may_belong_to_another_loop() -> Result<(), RunError> {
    let ((first, _), (second, _)) = (virtual_loop(), virtual_loop());
    let log = Log::default();
    let (awaiter, _kept) = noting(&first, &log, "awaiter");
    first.turn()?;
    let callback = CallbackRef::new(Task::make("awaited", async {}));
    callback.set_awaiter(awaiter);
    second.add(callback);
    second.turn()?;
    first.call_soon(|| {});
    first.turn()?;
    assert_eq!(log.take(), "awaiter awaiter");
    Ok(())
}

#[test]
fn a_kept_callback_is_called_when_it_is_woken_and_removed_for_good() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let noted = log.clone();
    let forever = poll_fn(move |_| {
        noted.note("called");
        Poll::Pending
    });
    let token = event_loop.keep(CallbackRef::new(Task::make("kept", forever)));
    event_loop.call_soon(|| {});
    event_loop.turn()?;
    assert_eq!(log.take(), "");
    with_waker(token, |waker| waker.wake_by_ref());
    event_loop.turn()?;
    assert_eq!(log.take(), "called");
    event_loop.wake(token);
    assert!(event_loop.remove(token));
    assert!(!event_loop.remove(token));
    event_loop.turn()?;
    assert_eq!((log.take().as_str(), event_loop.alive()), ("", 0));
    assert!(!event_loop.remove(Token::NOBODY));
    Ok(())
}

#[test]
fn a_callback_that_removes_itself_is_dropped_when_it_returns() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (removing, noted, dropped) = (event_loop.clone(), log.clone(), log.clone());
    let guard = OnDrop(move || dropped.note("dropped"));
    spawn(
        &event_loop,
        poll_fn(move |cx| {
            let _ = &guard;
            cx.waker().wake_by_ref();
            let own = removing.running().expect("it is being called");
            assert!(removing.remove(own));
            noted.note("removed");
            Poll::Pending
        }),
    );
    event_loop.turn()?;
    assert_eq!(log.take(), "removed dropped");
    event_loop.turn()?;
    assert_eq!((log.take().as_str(), event_loop.alive()), ("", 0));
    Ok(())
}
