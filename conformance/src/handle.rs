//! Every form of coroutine behind one interface, and the verbs by hand with what they log.
//!
//! Where the two sides are made alike, here and nowhere else:
//!
//! - **`next` on a suspended coroutine** whose input is not `()` is `Stop::NeedsInput`; Python's
//!   `next(g)` is `g.send(None)`, so that is what is sent.
//! - **`send(None)` before the start** starts a generator in Python (rule B02) and is
//!   `Stop::NotStarted` here, as any first `send`: the driver starts it with `next`.
//! - **`Stop::Finished`** is an empty `StopIteration` in Python. Not lost: both traces tell `f`
//!   (ended before) from `s` (returned now), Python's by the state before the verb.
//! - **The value of `close`** is `None` before CPython 3.13 (rule E04), whatever the body returned.

use std::fmt;
use std::pin::Pin;

use entracte_coroutine::{
    Body, BoxError, CloseError, Co, Coroutine, SharedCoroutine, StackCoroutine, State, Stop,
};

use crate::input::Input;
use crate::program::{Value, Verb};
use crate::world::{Kind, Shown, World};

/// The boxed form.
pub(crate) type Gen<S> = Coroutine<'static, Value, S, Value>;

type Next = Result<Value, Stop<Value>>;
type Sent<S> = Result<Value, Stop<Value, S>>;
type Thrown = Result<Value, Stop<Value, BoxError>>;
type Closed = Result<Option<Value>, CloseError<Value>>;

/// What one can do to a coroutine of any form.
pub(crate) trait Handle<S> {
    fn next(&mut self) -> Next;
    fn send(&mut self, value: S) -> Sent<S>;
    fn throw(&mut self, error: BoxError) -> Thrown;
    fn close(&mut self) -> Closed;
    fn state(&self) -> State;
    fn inner(&self) -> Option<&'static str>;

    /// One round of `for value in coroutine`, if it can be had from an iterator.
    fn iterate(&mut self) -> Option<Option<Value>>;
    /// After such a loop: how the coroutine ended.
    fn outcome(&mut self) -> Option<Result<Value, BoxError>>;
}

impl<S: Input> Handle<S> for Gen<S> {
    fn next(&mut self) -> Next {
        Coroutine::next(self)
    }
    fn send(&mut self, value: S) -> Sent<S> {
        Coroutine::send(self, value)
    }
    fn throw(&mut self, error: BoxError) -> Thrown {
        Coroutine::throw(self, error)
    }
    fn close(&mut self) -> Closed {
        Coroutine::close(self)
    }
    fn state(&self) -> State {
        Coroutine::state(self)
    }
    fn inner(&self) -> Option<&'static str> {
        self.delegates_to()
    }
    fn iterate(&mut self) -> Option<Option<Value>> {
        Some(S::iterate(self))
    }
    fn outcome(&mut self) -> Option<Result<Value, BoxError>> {
        Coroutine::outcome(self)
    }
}

impl<S: Input> Handle<S> for SharedCoroutine<'static, Value, S, Value> {
    fn next(&mut self) -> Next {
        SharedCoroutine::next(self)
    }
    fn send(&mut self, value: S) -> Sent<S> {
        SharedCoroutine::send(self, value)
    }
    fn throw(&mut self, error: BoxError) -> Thrown {
        SharedCoroutine::throw(self, error)
    }
    fn close(&mut self) -> Closed {
        SharedCoroutine::close(self)
    }
    fn state(&self) -> State {
        SharedCoroutine::state(self)
    }
    fn inner(&self) -> Option<&'static str> {
        self.delegates_to()
    }
    fn iterate(&mut self) -> Option<Option<Value>> {
        // The iterator of a running one just ends, where Python raises: that loop goes by `next`.
        let runs = SharedCoroutine::state(self) == State::Running;
        (!runs).then(|| S::iterate_shared(self))
    }
    fn outcome(&mut self) -> Option<Result<Value, BoxError>> {
        SharedCoroutine::outcome(self)
    }
}

impl<S, F> Handle<S> for Pin<Box<StackCoroutine<Value, S, Value, F>>>
where
    S: Input,
    F: for<'a> AsyncFnOnce(Co<'a, Value, S>) -> Value,
    F: for<'a> Body<'a, Value, S>,
    <F as Body<'static, Value, S>>::Future: Future<Output = Value>,
{
    fn next(&mut self) -> Next {
        self.as_mut().next()
    }
    fn send(&mut self, value: S) -> Sent<S> {
        self.as_mut().send(value)
    }
    fn throw(&mut self, error: BoxError) -> Thrown {
        self.as_mut().throw(error)
    }
    fn close(&mut self) -> Closed {
        self.as_mut().close()
    }
    fn state(&self) -> State {
        self.as_ref().get_ref().state()
    }
    fn inner(&self) -> Option<&'static str> {
        None
    }
    fn iterate(&mut self) -> Option<Option<Value>> {
        Some(S::iterate_pinned(self.as_mut()))
    }
    fn outcome(&mut self) -> Option<Result<Value, BoxError>> {
        self.as_mut().outcome()
    }
}

/// The state as Python's `Q` writes it.
pub(crate) fn state<S>(handle: &(impl Handle<S> + ?Sized)) -> String {
    shown_state(handle.state(), handle.inner())
}

pub(crate) fn shown_state(state: State, inner: Option<&str>) -> String {
    match (state, inner) {
        (State::Created, _) => "C".to_owned(),
        (State::Running, _) => "R".to_owned(),
        (State::Closed, _) => "Z".to_owned(),
        (State::Suspended, Some(name)) => format!("S>{name}"),
        (State::Suspended, None) => "S".to_owned(),
    }
}

/// How a verb ended.
pub(crate) enum Outcome {
    Yielded(Value),
    Returned(Value),
    EndedBefore,
    Closed(Value),
    Raised(BoxError),
}

impl Outcome {
    pub(crate) fn of<Given>(result: Result<Value, Stop<Value, Given>>) -> Self {
        match result {
            Ok(value) => Outcome::Yielded(value),
            Err(Stop::Returned(value)) => Outcome::Returned(value),
            Err(Stop::Raised(error)) => Outcome::Raised(error),
            Err(Stop::Finished(_)) => Outcome::EndedBefore,
            Err(Stop::NotStarted(_)) => Outcome::Raised(Box::new(Kind::NotStarted)),
            Err(Stop::AlreadyRunning(_)) => Outcome::Raised(Box::new(Kind::Running)),
            Err(other) => Outcome::Raised(Box::new(Kind::Other(other.to_string()))),
        }
    }

    pub(crate) fn of_close(result: Closed, gives_value: bool) -> Self {
        match result {
            Ok(value) if gives_value => Outcome::Closed(value.flatten()),
            Ok(_) => Outcome::Closed(None),
            Err(CloseError::Raised(error)) => Outcome::Raised(error),
            Err(CloseError::Ignored(_)) => Outcome::Raised(Box::new(Kind::Ignored)),
            Err(CloseError::AlreadyRunning) => Outcome::Raised(Box::new(Kind::Running)),
            Err(other) => Outcome::Raised(Box::new(Kind::Other(other.to_string()))),
        }
    }
}

/// Does it, logs what came of it, and gives the value, or the error that Python would raise.
pub(crate) fn perform<S: Input>(
    world: &World<S>,
    tag: fmt::Arguments<'_>,
    handle: &mut (impl Handle<S> + ?Sized),
    verb: &Verb,
) -> Result<Value, BoxError> {
    let started = handle.state() != State::Created;
    let mut end = "";
    let outcome = match verb {
        Verb::Send(Some(value)) => Outcome::of(handle.send(S::of(Some(*value)))),
        Verb::Next | Verb::Send(None) if started && !S::UNIT => {
            Outcome::of(handle.send(S::of(None)))
        }
        Verb::Next | Verb::Send(None) => Outcome::of(handle.next()),
        Verb::Throw(failure) => Outcome::of(handle.throw(Kind::of_failure(*failure).into_error())),
        Verb::Close => Outcome::of_close(handle.close(), world.close_gives_value),
        Verb::Each => {
            end = "o";
            each(world, tag, handle)
        }
    };
    conclude(world, format_args!("{tag}{end}"), outcome)
}

/// Logs what came of a verb, and gives the value, or the error that Python would raise.
pub(crate) fn conclude<S: Input>(
    world: &World<S>,
    tag: fmt::Arguments<'_>,
    outcome: Outcome,
) -> Result<Value, BoxError> {
    let (letter, result) = match outcome {
        Outcome::Yielded(value) => ('y', Ok(value)),
        Outcome::Returned(value) => ('s', Ok(value)),
        Outcome::EndedBefore => ('f', Ok(None)),
        Outcome::Closed(value) => ('c', Ok(value)),
        Outcome::Raised(error) => ('x', Err(error)),
    };
    match &result {
        Ok(_) if letter == 'f' => world.log(format_args!("{tag}f")),
        Ok(value) => world.log(format_args!("{tag}{letter}{}", Shown(*value))),
        Err(error) => world.log(format_args!("{tag}x{}", Kind::of_error(error))),
    }
    result
}

/// A `for` loop over it, to the end.
fn each<S: Input>(
    world: &World<S>,
    tag: fmt::Arguments<'_>,
    handle: &mut (impl Handle<S> + ?Sized),
) -> Outcome {
    loop {
        let value = match handle.iterate() {
            Some(Some(value)) => value,
            Some(None) => {
                return match handle.outcome() {
                    Some(Ok(value)) => Outcome::Returned(value),
                    Some(Err(error)) => Outcome::Raised(error),
                    None => Outcome::EndedBefore,
                };
            }
            None => match Outcome::of(handle.next()) {
                Outcome::Yielded(value) => value,
                other => return other,
            },
        };
        world.log(format_args!("{tag}i{}", Shown(value)));
    }
}
