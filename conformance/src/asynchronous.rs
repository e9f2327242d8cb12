//! Runs the same programs as asynchronous coroutines: every body also awaits, here and there.
//!
//! CPython's async generators have no `yield from` and no return values yet (PEP 828 adds both,
//! with the rules of PEP 380). So the twin of an asynchronous program is the plain generator: its
//! trace must not change when bodies wait, when resumes by hand wait, and when the driver drops a
//! verb that waits and goes on with `next`. Re-entrancy needs a shared handle, which asynchronous
//! coroutines do not have: programs that reach shared ones are left out.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use entracte_coroutine::{Act, AsyncCoroutine, BoxError, Co, Resume, State, Stop};

use crate::handle::{Outcome, conclude, shown_state};
use crate::input::Input;
use crate::interpret::body;
use crate::program::{Value, Verb};
use crate::world::{Kind, NAMES, Shown, World};

/// The asynchronous form.
pub(crate) type AsyncGen<S> = AsyncCoroutine<'static, Value, S, Value>;

/// Makes an asynchronous coroutine of a body.
pub(crate) fn boxed<S: Input>(world: &Rc<World<S>>, index: usize) -> AsyncGen<S> {
    let world = Rc::clone(world);
    let body = async move |co: Co<'_, Value, S>| body(world, index, co).await;
    AsyncCoroutine::named(NAMES[index], body)
}

/// Where bodies wait: a place is as good as any, so they wait by turns.
#[derive(Default)]
pub(crate) struct Turns(Cell<usize>);

impl Turns {
    fn next(&self) -> usize {
        let turn = self.0.get();
        self.0.set(turn + 1);
        turn
    }

    /// Waits not at all, once or twice.
    pub(crate) async fn wait(&self) {
        for _ in 0..[0, 1, 0, 0, 2][self.next() % 5] {
            let mut waited = false;
            poll_fn(|cx| once_pending(cx, &mut waited)).await;
        }
    }
}

fn once_pending(cx: &Context<'_>, waited: &mut bool) -> Poll<()> {
    if std::mem::replace(waited, true) {
        return Poll::Ready(());
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// As `perform` of `handle.rs`.
pub(crate) async fn perform<S: Input>(
    world: &World<S>,
    tag: &str,
    coroutine: &mut AsyncGen<S>,
    verb: &Verb,
) -> Result<Value, BoxError> {
    let started = coroutine.state() != State::Created;
    let outcome = match verb {
        Verb::Send(Some(value)) => Outcome::of(coroutine.send(S::of(Some(*value))).await),
        Verb::Next | Verb::Send(None) if started && !S::UNIT => {
            Outcome::of(coroutine.send(S::of(None)).await)
        }
        Verb::Next | Verb::Send(None) => Outcome::of(coroutine.next().await),
        Verb::Throw(failure) => Outcome::of(
            coroutine
                .throw(Kind::of_failure(*failure).into_error())
                .await,
        ),
        Verb::Close => Outcome::of_close(coroutine.close().await, world.close_gives_value),
        Verb::Each => loop {
            match Outcome::of(coroutine.next().await) {
                Outcome::Yielded(value) => world.log(format_args!("{tag}i{}", Shown(value))),
                end => break end,
            }
        },
    };
    let end = if *verb == Verb::Each { "o" } else { "" };
    conclude(world, format_args!("{tag}{end}"), outcome)
}

/// A user's own type around one.
pub(crate) struct Foreign<S: Input>(pub(crate) AsyncGen<S>);

impl<S: Input> Resume<S> for Foreign<S> {
    type Yield = Value;
    type Return = Value;

    fn resume(&mut self, act: Act<S>) -> Result<Value, Stop<Value, Act<S>>> {
        self.0.resume(act)
    }

    fn poll_resume(
        &mut self,
        cx: &mut Context<'_>,
        act: &mut Option<Act<S>>,
    ) -> Poll<Result<Value, Stop<Value, Act<S>>>> {
        self.0.poll_resume(cx, act)
    }
}

/// The driver's steps.
pub(crate) fn steps<S: Input>(world: &Rc<World<S>>) {
    let mut roots: Vec<_> = world
        .program
        .roots
        .iter()
        .map(|root| boxed(world, root.body))
        .collect();
    for step in &world.program.steps {
        let (root, tag) = (&mut roots[step.root], format!("{}:", step.root));
        if !abandoned(world, &tag, root, &step.verb) {
            // Caught: the driver goes on whatever comes of it.
            drop(finish(perform(world, &tag, root, &step.verb)));
        }
        let state = shown_state(root.state(), root.delegates_to());
        world.log(format_args!("/{state}"));
    }
}

/// Now and then: begins a verb, drops it when it waits, and goes on with `next`.
fn abandoned<S: Input>(world: &World<S>, tag: &str, root: &mut AsyncGen<S>, verb: &Verb) -> bool {
    if !world.turns.next().is_multiple_of(3) || root.state() != State::Suspended {
        return false;
    }
    let outcome = match verb {
        Verb::Send(value) if !S::UNIT => match once(root.send(S::of(*value))) {
            Poll::Ready(result) => Outcome::of(result),
            Poll::Pending => Outcome::of(finish(root.next())),
        },
        Verb::Throw(failure) => match once(root.throw(Kind::of_failure(*failure).into_error())) {
            Poll::Ready(result) => Outcome::of(result),
            Poll::Pending => Outcome::of(finish(root.next())),
        },
        _ => return false,
    };
    drop(conclude(world, format_args!("{tag}"), outcome));
    true
}

/// Polls once, and drops the future.
fn once<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(&Waker::from(Arc::new(
        Woken::default(),
    ))))
}

/// Whether the future that waits was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls to the end; panics if nobody wakes a future that waits.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut future: Pin<&mut _> = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        assert!(
            woken.0.swap(false, Ordering::Relaxed),
            "a verb waits and nobody wakes it"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{Poll, Turns, finish, once};

    #[test]
    fn of_five_turns_two_wait() {
        let turns = Turns::default();
        let waits: Vec<_> = (0..5)
            .map(|_| once(turns.wait()) == Poll::Pending)
            .collect();
        assert_eq!(waits, [false, true, false, false, true]);
        (0..5).for_each(|_| finish(turns.wait()));
    }

    #[test]
    #[should_panic(expected = "nobody wakes it")]
    fn a_verb_that_nobody_wakes_is_found() {
        finish(std::future::pending::<()>());
    }
}
