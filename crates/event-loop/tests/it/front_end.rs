//! A front end that brings its own tasks: futures, eager starts, questions and its own panics.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::{
    Callback, CallbackRef, EventLoop, RunError, Step, Token, current_time, note_wait,
};

use crate::support::{Log, OnDrop, virtual_loop};

/// A task of this front end: a future without value, and a name.
pub(crate) struct Task {
    name: &'static str,
    future: RefCell<Pin<Box<dyn Future<Output = ()>>>>,
    caught: Rc<Cell<bool>>,
}

/// The question how long a task's name is.
struct HowLong(usize);

impl Task {
    pub(crate) fn make(name: &'static str, future: impl Future<Output = ()> + 'static) -> Self {
        Self {
            name,
            future: RefCell::new(Box::pin(future)),
            caught: Rc::default(),
        }
    }
}

impl Callback for Task {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        let mut future = self.future.borrow_mut();
        future.as_mut().poll(&mut Context::from_waker(step.waker()))
    }

    fn front(&self) -> &dyn Any {
        &self.name
    }

    fn ask(self: Pin<&Self>, question: &mut dyn Any) {
        if let Some(HowLong(length)) = question.downcast_mut() {
            *length = self.name.len();
        }
    }

    fn panicked(
        self: Pin<&Self>,
        _: &Step<'_>,
        payload: Box<dyn Any + Send>,
    ) -> Option<Box<dyn Any + Send>> {
        self.caught.set(true);
        (self.name != "quiet").then_some(payload)
    }
}

/// Starts a task.
pub(crate) fn spawn(event_loop: &EventLoop, future: impl Future<Output = ()> + 'static) -> Token {
    event_loop.add(CallbackRef::new(Task::make("task", future)))
}

/// Waits for one turn.
pub(crate) async fn turn_over() {
    let mut is_first = true;
    poll_fn(move |cx| {
        if !std::mem::replace(&mut is_first, false) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn tasks_take_turns_in_the_order_of_their_start() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    for name in ["a", "b", "c"] {
        let log = log.clone();
        spawn(&event_loop, async move {
            for _ in 0..3 {
                log.note(name);
                turn_over().await;
            }
        });
    }
    assert_eq!(event_loop.alive(), 3);
    for _ in 0..3 {
        event_loop.turn()?;
        assert_eq!(log.take(), "a b c");
    }
    event_loop.turn()?;
    assert_eq!(event_loop.alive(), 0);
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
    Ok(())
}

#[test]
fn many_wakes_in_one_turn_are_one_call() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let token = spawn(
        &event_loop,
        poll_fn(move |_| {
            counted.set(counted.get() + 1);
            Poll::Pending
        }),
    );
    event_loop.turn()?;
    for _ in 0..10 {
        event_loop.wake(token);
    }
    event_loop.turn()?;
    assert_eq!(calls.get(), 2);
    Ok(())
}

#[test]
fn an_eager_task_starts_within_the_one_that_starts_it() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (noted, inner_loop) = (log.clone(), event_loop.clone());
    spawn(&event_loop, async move {
        noted.note("outer");
        let outer = inner_loop.running();
        let eager = noted.clone();
        let task = Task::make("eager", async move {
            eager.note("inner");
            turn_over().await;
            eager.note("again");
        });
        let token = inner_loop.add_and_call(CallbackRef::new(task));
        assert_eq!(inner_loop.running(), outer, "the outer one runs again");
        assert_ne!(Some(token), outer);
        noted.note("over");
    });
    event_loop.turn()?;
    assert_eq!(log.take(), "outer inner over");
    event_loop.turn()?;
    assert_eq!(log.take(), "again");
    Ok(())
}

#[test]
fn an_eager_task_may_be_over_at_once() {
    let (event_loop, _) = virtual_loop();
    let token = event_loop.add_and_call(CallbackRef::new(Task::make("eager", async {})));
    assert_eq!(event_loop.alive(), 0);
    assert!(event_loop.callback(token).is_none());
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
}

#[test]
fn a_task_is_found_by_its_token_until_it_is_done() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let token = event_loop.add(CallbackRef::new(Task::make("lookup", turn_over())));
    let other = spawn(&event_loop, turn_over());
    let found = event_loop.callback(token).expect("it has yet to run");
    assert_eq!(found.front().downcast_ref(), Some(&"lookup"));
    let mut question = HowLong(0);
    found.ask(&mut question);
    assert_eq!(question.0, 6);
    let all: Vec<Token> = event_loop.callbacks().map(|it| it.0).collect();
    assert_eq!(all, [token, other]);
    event_loop.turn()?;
    event_loop.turn()?;
    assert!(event_loop.callback(token).is_none());
    assert_eq!(event_loop.callbacks().count(), 0);
    Ok(())
}

#[test]
fn a_loop_does_not_answer_for_the_tokens_of_another() -> Result<(), RunError> {
    let ((first, time), (second, _)) = (virtual_loop(), virtual_loop());
    time.work(1_000_000_000);
    let own = spawn(&first, poll_fn(|_| Poll::Pending));
    let others = spawn(&second, poll_fn(|_| Poll::Pending));
    assert_eq!(own.slot(), others.slot());
    assert_ne!(own, others);
    first.turn()?;
    second.turn()?;
    assert!(first.callback(others).is_none());
    assert_eq!(first.last_called(others), None);
    first.wake(others);
    assert!(matches!(first.turn(), Err(RunError::Stuck)));
    Ok(())
}

#[test]
fn the_loop_knows_when_a_task_that_waits_was_last_called() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let token = spawn(&event_loop, poll_fn(|_| Poll::Pending));
    assert_eq!(event_loop.last_called(token), None, "it is ready");
    time.work(3_000_000);
    event_loop.call_later(std::time::Duration::ZERO, || {});
    event_loop.turn()?;
    let last = event_loop.last_called(token).expect("it waits");
    assert_eq!(last.as_nanos(), 3_000_000);
    event_loop.wake(token);
    assert_eq!(event_loop.last_called(token), None);
    Ok(())
}

#[test]
fn a_task_that_is_being_called_does_not_wait() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let inner = event_loop.clone();
    let last = Rc::new(Cell::new(None));
    let shared = Rc::clone(&last);
    spawn(&event_loop, async move {
        let own = inner.running().expect("it is being called");
        shared.set(inner.last_called(own));
    });
    spawn(&event_loop, async {});
    event_loop.turn()?;
    assert_eq!(last.get(), None);
    Ok(())
}

#[test]
fn a_note_lasts_for_the_step() -> Result<(), RunError> {
    struct Noting(Rc<Cell<u32>>);
    impl Callback for Noting {
        fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
            step.clear_note();
            note_wait(7);
            let eager = Task::make("eager", async { note_wait(9) });
            step.event_loop().add_and_call(CallbackRef::new(eager));
            self.0.set(step.note());
            step.word().set(step.word().get() + 1);
            assert!(current_time().is_some());
            Poll::Pending
        }
    }
    let (event_loop, _) = virtual_loop();
    note_wait(1);
    assert_eq!(current_time(), None);
    let note = Rc::default();
    let callback = CallbackRef::new(Noting(Rc::clone(&note)));
    let token = event_loop.add(callback.clone());
    event_loop.turn()?;
    event_loop.wake(token);
    event_loop.turn()?;
    assert_eq!(note.get(), 7, "that of the eager task is not its own");
    assert_eq!(callback.word().get(), 2);
    Ok(())
}

#[test]
fn one_callback_may_be_added_twice() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let callback = CallbackRef::new(Task::make("twice", poll_fn(|_| Poll::Pending)));
    let tokens = [(); 2].map(|()| event_loop.add(callback.clone()));
    assert_ne!(tokens[0], tokens[1]);
    event_loop.turn()?;
    assert_eq!(event_loop.alive(), 2);
    let found = tokens.map(|token| event_loop.callback(token).expect("it waits"));
    assert!(found[0].is_same(&found[1]));
    Ok(())
}

#[test]
fn a_front_end_may_keep_a_panic_to_itself() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let reported = log.clone();
    event_loop.set_error_handler(Some(Rc::new(move |report| {
        reported.note(report.to_string());
    })));
    for name in ["quiet", "loud"] {
        let task = Task::make(name, async { std::panic::resume_unwind(Box::new("bang")) });
        let caught = Rc::clone(&task.caught);
        event_loop.add(CallbackRef::new(task));
        event_loop.turn()?;
        assert!(caught.get());
    }
    let reports = log.take();
    assert!(
        reports.starts_with("a callback panicked: bang (made at"),
        "{reports}"
    );
    assert_eq!(reports.matches("bang").count(), 1);
    assert_eq!(event_loop.alive(), 0);
    Ok(())
}

#[test]
fn a_callback_is_dropped_with_its_last_handle() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let dropped = log.clone();
    let guard = OnDrop(move || dropped.note("dropped"));
    let callback = CallbackRef::new(Task::make("kept", async move { drop(guard) }));
    let kept = callback.clone();
    event_loop.add(callback);
    event_loop.turn()?;
    assert_eq!(log.take(), "dropped", "by the future, which ran to its end");
    assert_eq!(kept.front().downcast_ref(), Some(&"kept"), "still there");
    Ok(())
}
