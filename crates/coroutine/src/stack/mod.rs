//! `StackCoroutine`: on the stack, pinned, with no allocation at all.
//!
//! Invariants
//!
//! - **P1** The body is alive while the phase is `Created`, the value while it is `Returned`, the
//!   future in every other phase but `Raised` and `Closed`.
//! - **P2** Nothing is moved or referenced as a whole once the future holds a pointer to the slot.

mod place;

use core::cell::UnsafeCell;
use core::fmt;
use core::iter::FusedIterator;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::ManuallyDrop;
use core::pin::Pin;

use crate::body::Body;
use crate::co::Co;
use crate::error::{BoxError, CloseError, Stop};
use crate::hop::Hop;
use crate::resume::{Act, Answer, Resume};
use crate::slot::{Phase, Slot};
use crate::state::State;
use crate::unit::unit;
use place::Place;

/// The future of a body.
type FutureOf<F, Yield, Input> = <F as Body<'static, Yield, Input>>::Future;

/// The body before the start, its future until the end, its value after it.
#[repr(C)]
union Contents<F, Fut, Return> {
    body: ManuallyDrop<F>,
    future: ManuallyDrop<Fut>,
    value: ManuallyDrop<Return>,
}

/// A stack-pinned coroutine to which nothing is sent: `StackGenerator::new` pins the input type.
pub type StackGenerator<Yield, Return, F> = StackCoroutine<Yield, (), Return, F>;

/// A coroutine that lives where you pin it: no allocation, and fully visible to the optimiser.
///
/// The verbs are those of [`Coroutine`](crate::Coroutine), on `Pin<&mut Self>`: call `as_mut()`
/// first. Its body may be made and moved before it is pinned.
///
/// With `Input = ()`, `Pin<&mut StackCoroutine>` is an iterator: `for item in co.as_mut()`.
///
/// # Examples
///
/// ```
/// use std::pin::pin;
/// use entracte_coroutine::StackCoroutine;
///
/// let mut sum = pin!(StackCoroutine::new(async |mut co| {
///     let mut sum = 0;
///     loop {
///         let value: u64 = co.yield_(sum).await;
///         sum += value;
///     }
/// }));
/// assert_eq!(sum.as_mut().next()?, 0);
/// assert_eq!(sum.as_mut().send(2)?, 2);
/// assert_eq!(sum.as_mut().send(3)?, 5);
/// # let _: entracte_coroutine::Stop<()> = sum.as_mut().throw("done").unwrap_err().map_given(drop);
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
#[must_use = "a coroutine does nothing until it is resumed"]
pub struct StackCoroutine<Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
{
    slot: Slot<Yield, Input>,
    contents: UnsafeCell<Contents<F, FutureOf<F, Yield, Input>, Return>>,
    _pinned: PhantomPinned,
    /// Not `Send`: the future is not part of the type's own auto traits.
    local: PhantomData<*const ()>,
}

impl<Yield, Input, Return, F> StackCoroutine<Yield, Input, Return, F>
where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return,
    F: for<'a> Body<'a, Yield, Input>,
    FutureOf<F, Yield, Input>: Future<Output = Return>,
{
    /// Makes a coroutine; runs none of its body.
    #[inline]
    pub const fn new(body: F) -> Self {
        Self {
            slot: Slot::new(false),
            contents: UnsafeCell::new(Contents {
                body: ManuallyDrop::new(body),
            }),
            _pinned: PhantomPinned,
            local: PhantomData,
        }
    }

    #[inline(always)]
    fn place(self: Pin<&mut Self>) -> Place<Yield, Input, Return, F> {
        Place::of(self)
    }

    /// As [`Coroutine::next`](crate::Coroutine::next).
    ///
    /// # Errors
    ///
    /// As [`Coroutine::next`](crate::Coroutine::next).
    #[inline]
    pub fn next(self: Pin<&mut Self>) -> Result<Yield, Stop<Return>> {
        let place = self.place();
        match unit().map_or(Hop::Refused(()), |input| place.hop(input).without_given()) {
            Hop::Yielded(value) => Ok(value),
            Hop::Refused(()) => place.act(Act::Next).map_err(|stop| stop.map_given(drop)),
            Hop::Polled => place.settle(),
        }
    }

    /// As [`Coroutine::send`](crate::Coroutine::send).
    ///
    /// # Errors
    ///
    /// As [`Coroutine::send`](crate::Coroutine::send).
    #[inline]
    pub fn send(self: Pin<&mut Self>, value: Input) -> Result<Yield, Stop<Return, Input>> {
        let place = self.place();
        match place.hop(value) {
            Hop::Yielded(value) => Ok(value),
            Hop::Refused(value) => place
                .act(Act::Send(value))
                .map_err(|stop| stop.map_given(Act::into_value)),
            Hop::Polled => place.settle(),
        }
    }

    /// As [`Coroutine::throw`](crate::Coroutine::throw).
    ///
    /// # Errors
    ///
    /// As [`Coroutine::throw`](crate::Coroutine::throw).
    pub fn throw(
        self: Pin<&mut Self>,
        error: impl Into<BoxError>,
    ) -> Result<Yield, Stop<Return, BoxError>> {
        self.place()
            .act(Act::Throw(error.into()))
            .map_err(|stop| stop.map_given(Act::into_error))
    }

    /// As [`Coroutine::close`](crate::Coroutine::close).
    ///
    /// # Errors
    ///
    /// As [`Coroutine::close`](crate::Coroutine::close).
    pub fn close(self: Pin<&mut Self>) -> Result<Option<Return>, CloseError<Yield>> {
        self.place().close()
    }

    /// As [`Coroutine::outcome`](crate::Coroutine::outcome).
    ///
    /// # Errors
    ///
    /// As [`Coroutine::outcome`](crate::Coroutine::outcome).
    pub fn outcome(self: Pin<&mut Self>) -> Option<Result<Return, BoxError>> {
        let place = self.place();
        if let Some(raised) = place.slot().take_raised() {
            return Some(Err(raised.into_error()));
        }
        place.take_value().map(Ok)
    }
}

impl<Yield, Input, Return, F> StackCoroutine<Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
{
    /// As [`Coroutine::state`](crate::Coroutine::state).
    pub fn state(&self) -> State {
        State::from_phase(self.slot.phase())
    }
}

impl<Yield, Input, Return, F> Drop for StackCoroutine<Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
{
    fn drop(&mut self) {
        let place = Place::at(self);
        match self.slot.phase() {
            Phase::Returned => drop(place.take_value()),
            Phase::Raised => drop(self.slot.take_raised()),
            _ => place.close_body(),
        }
    }
}

impl<Yield, Return, F> Iterator for Pin<&mut StackCoroutine<Yield, (), Return, F>>
where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, ()>) -> Return,
    F: for<'a> Body<'a, Yield, ()>,
    FutureOf<F, Yield, ()>: Future<Output = Return>,
{
    type Item = Yield;

    #[inline]
    fn next(&mut self) -> Option<Yield> {
        let place = self.as_mut().place();
        match place.hop(()) {
            Hop::Yielded(value) => Some(value),
            Hop::Refused(()) => place.item(place.act(Act::Next)),
            Hop::Polled => place.item(place.settle::<()>()),
        }
    }
}

impl<Yield, Return, F> FusedIterator for Pin<&mut StackCoroutine<Yield, (), Return, F>>
where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, ()>) -> Return,
    F: for<'a> Body<'a, Yield, ()>,
    FutureOf<F, Yield, ()>: Future<Output = Return>,
{
}

impl<Yield, Input, Return, F> Resume<Input> for Pin<&mut StackCoroutine<Yield, Input, Return, F>>
where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return,
    F: for<'a> Body<'a, Yield, Input>,
    FutureOf<F, Yield, Input>: Future<Output = Return>,
{
    type Yield = Yield;
    type Return = Return;

    fn resume(&mut self, act: Act<Input>) -> Answer<Yield, Return, Input> {
        self.as_mut().place().act(act)
    }

    fn nest(&mut self, depth: u32) {
        self.slot.depth.set(depth);
    }
}

impl<Yield, Input, Return, F> fmt::Debug for StackCoroutine<Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StackCoroutine")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
