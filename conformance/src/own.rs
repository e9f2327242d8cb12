//! Coroutines that a body holds itself, in the forms to which it can delegate by reference.

use std::pin::Pin;
use std::rc::Rc;

use entracte_coroutine::{Act, Body, BoxError, Co, Resume, StackCoroutine, State, Stop};

use crate::asynchronous::{self, AsyncGen};
use crate::delegate::yield_from;
use crate::handle::{Gen, Handle, perform};
use crate::input::{Boxed, Input};
use crate::interpret::{body, boxed};
use crate::program::{OwnForm, Value, Verb};
use crate::world::World;

/// One such coroutine. The last two are what asynchronous bodies hold, whatever form is asked for.
pub(crate) enum Owned<S: Input> {
    Boxed(Gen<S>),
    Foreign(Foreign<S>),
    Stack(Box<dyn Stacked<S>>),
    Async(AsyncGen<S>),
    AsyncForeign(asynchronous::Foreign<S>),
}

impl<S: Input> Owned<S> {
    pub(crate) fn new(world: &Rc<World<S>>, index: usize, form: OwnForm) -> Self {
        match form {
            OwnForm::Foreign if world.asynchronous => {
                Owned::AsyncForeign(asynchronous::Foreign(asynchronous::boxed(world, index)))
            }
            _ if world.asynchronous => Owned::Async(asynchronous::boxed(world, index)),
            OwnForm::Boxed => Owned::Boxed(boxed(world, index)),
            OwnForm::Foreign => Owned::Foreign(Foreign(boxed(world, index))),
            OwnForm::Stack => Owned::Stack(stacked(world, index)),
        }
    }

    pub(crate) fn state(&self) -> State {
        match self {
            Owned::Boxed(inner) | Owned::Foreign(Foreign(inner)) => inner.state(),
            Owned::Stack(inner) => inner.handle().state(),
            Owned::Async(inner) | Owned::AsyncForeign(asynchronous::Foreign(inner)) => {
                inner.state()
            }
        }
    }

    pub(crate) fn delegates_to(&self) -> Option<&'static str> {
        match self {
            Owned::Boxed(inner) | Owned::Foreign(Foreign(inner)) => inner.delegates_to(),
            Owned::Stack(inner) => inner.handle().inner(),
            Owned::Async(inner) | Owned::AsyncForeign(asynchronous::Foreign(inner)) => {
                inner.delegates_to()
            }
        }
    }

    /// Does it by hand, as `perform` of `handle.rs`.
    pub(crate) async fn perform(
        &mut self,
        world: &World<S>,
        tag: &str,
        verb: &Verb,
    ) -> Result<Value, BoxError> {
        let shown = format_args!("{tag}");
        match self {
            Owned::Boxed(inner) | Owned::Foreign(Foreign(inner)) => {
                perform(world, shown, inner, verb)
            }
            Owned::Stack(inner) => perform(world, shown, inner.handle_mut(), verb),
            Owned::Async(inner) | Owned::AsyncForeign(asynchronous::Foreign(inner)) => {
                asynchronous::perform(world, tag, inner, verb).await
            }
        }
    }
}

/// A type of a user's own that can be delegated to. The library does not see what is inside.
pub(crate) struct Foreign<S: Input>(Gen<S>);

impl<S: Input> Resume<S> for Foreign<S> {
    type Yield = Value;
    type Return = Value;

    fn resume(&mut self, act: Act<S>) -> Result<Value, Stop<Value, Act<S>>> {
        self.0.resume(act)
    }
}

/// A pinned coroutine whose body has no name.
pub(crate) trait Stacked<S: Input> {
    fn handle(&self) -> &dyn Handle<S>;
    fn handle_mut(&mut self) -> &mut dyn Handle<S>;
    fn delegate<'f>(
        &'f mut self,
        state: State,
        first: Option<Value>,
        co: &'f mut Co<'_, Value, S>,
    ) -> Boxed<'f, Value>;
}

/// The coroutine stays where it is; in a box of its own, since a program chooses how many there are.
type Place<S, F> = Pin<Box<StackCoroutine<Value, S, Value, F>>>;

impl<S, F> Stacked<S> for Place<S, F>
where
    S: Input,
    F: for<'a> AsyncFnOnce(Co<'a, Value, S>) -> Value,
    F: for<'a> Body<'a, Value, S>,
    <F as Body<'static, Value, S>>::Future: Future<Output = Value>,
{
    fn handle(&self) -> &dyn Handle<S> {
        self
    }

    fn handle_mut(&mut self) -> &mut dyn Handle<S> {
        self
    }

    fn delegate<'f>(
        &'f mut self,
        state: State,
        first: Option<Value>,
        co: &'f mut Co<'_, Value, S>,
    ) -> Boxed<'f, Value> {
        Box::pin(yield_from(self.as_mut(), state, first, co))
    }
}

fn stacked<S: Input>(world: &Rc<World<S>>, index: usize) -> Box<dyn Stacked<S>> {
    let world = Rc::clone(world);
    let body = async move |co: Co<'_, Value, S>| body(world, index, co).await;
    Box::new(Box::pin(StackCoroutine::new(body)))
}

/// A pinned coroutine as a root.
pub(crate) fn stacked_root<S: Input>(world: &Rc<World<S>>, index: usize) -> Box<dyn Handle<S>> {
    let world = Rc::clone(world);
    let body = async move |co: Co<'_, Value, S>| body(world, index, co).await;
    Box::new(Box::pin(StackCoroutine::new(body)))
}
