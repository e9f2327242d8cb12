//! The two input types: `()` for programs that only pull, `Value` for those that send.

use std::pin::Pin;

use entracte_coroutine::{Act, Body, Co, Coroutine, Resume, SharedCoroutine, StackCoroutine, Stop};

use crate::program::Value;
use crate::world::Kind;

/// A future in a box, so that an interpreter may call itself.
pub(crate) type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + 'f>>;

/// What coroutines of a program take.
pub(crate) trait Input: Sized + 'static {
    /// Whether `next` may resume a suspended coroutine.
    const UNIT: bool;

    fn of(value: Value) -> Self;

    fn value(self) -> Value;

    /// `yield from iter(items)`.
    fn delegate_to_items<'f>(items: &'f [Value], co: &'f mut Co<'_, Value, Self>) -> Boxed<'f, ()>;

    /// One round of `for value in coroutine`.
    fn iterate(coroutine: &mut Coroutine<'static, Value, Self, Value>) -> Option<Value>;

    /// The same for a shared one.
    fn iterate_shared(
        coroutine: &mut SharedCoroutine<'static, Value, Self, Value>,
    ) -> Option<Value>;

    /// The same for one on the stack.
    fn iterate_pinned<F>(
        coroutine: Pin<&mut StackCoroutine<Value, Self, Value, F>>,
    ) -> Option<Value>
    where
        F: for<'a> AsyncFnOnce(Co<'a, Value, Self>) -> Value,
        F: for<'a> Body<'a, Value, Self>,
        <F as Body<'static, Value, Self>>::Future: Future<Output = Value>;
}

const NO_LOOP: &str = "a valid program that sends has no loop over a coroutine";

impl Input for () {
    const UNIT: bool = true;

    fn of(_: Value) -> Self {}

    fn value(self) -> Value {
        None
    }

    fn delegate_to_items<'f>(items: &'f [Value], co: &'f mut Co<'_, Value, ()>) -> Boxed<'f, ()> {
        Box::pin(async move {
            co.yield_from_iter(items.iter().copied()).await;
        })
    }

    fn iterate(coroutine: &mut Coroutine<'static, Value, (), Value>) -> Option<Value> {
        Iterator::next(coroutine)
    }

    fn iterate_shared(coroutine: &mut SharedCoroutine<'static, Value, (), Value>) -> Option<Value> {
        (&*coroutine).into_iter().next()
    }

    fn iterate_pinned<F>(
        mut coroutine: Pin<&mut StackCoroutine<Value, (), Value, F>>,
    ) -> Option<Value>
    where
        F: for<'a> AsyncFnOnce(Co<'a, Value, ()>) -> Value,
        F: for<'a> Body<'a, Value, ()>,
        <F as Body<'static, Value, ()>>::Future: Future<Output = Value>,
    {
        Iterator::next(&mut coroutine)
    }
}

impl Input for Value {
    const UNIT: bool = false;

    fn of(value: Value) -> Self {
        value
    }

    fn value(self) -> Value {
        self
    }

    fn delegate_to_items<'f>(
        items: &'f [Value],
        co: &'f mut Co<'_, Value, Value>,
    ) -> Boxed<'f, ()> {
        Box::pin(async move {
            co.yield_from(Items(items.iter())).await;
        })
    }

    fn iterate(_: &mut Coroutine<'static, Value, Value, Value>) -> Option<Value> {
        unreachable!("{NO_LOOP}")
    }

    fn iterate_shared(_: &mut SharedCoroutine<'static, Value, Value, Value>) -> Option<Value> {
        unreachable!("{NO_LOOP}")
    }

    fn iterate_pinned<F>(_: Pin<&mut StackCoroutine<Value, Value, Value, F>>) -> Option<Value>
    where
        F: for<'a> AsyncFnOnce(Co<'a, Value, Value>) -> Value,
        F: for<'a> Body<'a, Value, Value>,
        <F as Body<'static, Value, Value>>::Future: Future<Output = Value>,
    {
        unreachable!("{NO_LOOP}")
    }
}

/// A list iterator as CPython has it: no `send`, no `throw`, no `close`.
struct Items<'f>(std::slice::Iter<'f, Value>);

impl Resume<Value> for Items<'_> {
    type Yield = Value;
    type Return = ();

    fn resume(&mut self, act: Act<Value>) -> Result<Value, Stop<(), Act<Value>>> {
        match act {
            Act::Next | Act::Send(None) => self.0.next().copied().ok_or(Stop::Returned(())),
            Act::Send(Some(_)) => Err(Stop::Raised(Box::new(Kind::NoSend))),
            // Not taken: given back, and the one who delegates raises it.
            Act::Throw(error) => Err(Stop::Finished(Act::Throw(error))),
            Act::Close => Err(Stop::Finished(Act::Close)),
        }
    }
}
