//! A pinned coroutine's place in memory: its body, future or value, and how they are driven.

#![expect(
    clippy::mem_forget,
    reason = "a guard against panics that was not needed"
)]

use core::mem;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll};

use super::{Contents, FutureOf, StackCoroutine};
use crate::body::Body;
use crate::co::Co;
use crate::error::{CloseError, Interrupt, Misuse, Stop};
use crate::hop::Hop;
use crate::resume::{Act, Answer};
use crate::slot::{Phase, Slot};
use crate::state::State;
use crate::unit::unit;
use crate::waker::local_waker;

/// A pinned coroutine's address, as the verbs use it.
pub(super) struct Place<Yield, Input, Return, F>(*const StackCoroutine<Yield, Input, Return, F>)
where
    F: for<'a> Body<'a, Yield, Input>;

impl<Yield, Input, Return, F> Place<Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
{
    #[inline(always)]
    pub(super) fn of(pinned: Pin<&mut StackCoroutine<Yield, Input, Return, F>>) -> Self {
        // SAFETY: nothing is moved through the pointer (P2).
        Self(unsafe { pinned.get_unchecked_mut() })
    }

    /// For its destructor.
    pub(super) fn at(dropped: &mut StackCoroutine<Yield, Input, Return, F>) -> Self {
        Self(dropped)
    }

    #[inline(always)]
    pub(super) fn slot(&self) -> &Slot<Yield, Input> {
        // SAFETY: a place is used only while its coroutine is borrowed.
        unsafe { &(*self.0).slot }
    }

    #[inline(always)]
    fn contents(&self) -> *mut Contents<F, FutureOf<F, Yield, Input>, Return> {
        // SAFETY: as in `slot`.
        unsafe { (*self.0).contents.get() }
    }

    /// The return value, if it lies there.
    pub(super) fn take_value(&self) -> Option<Return> {
        if self.slot().phase() != Phase::Returned {
            return None;
        }
        self.slot().set_empty(Phase::Closed);
        // SAFETY: P1; the phase changed above.
        Some(unsafe { self.contents().cast::<Return>().read() })
    }

    /// Drops what the phase says is alive, and closes.
    pub(super) fn close_body(&self) {
        let phase = self.slot().phase();
        let remains = match phase {
            Phase::Closed | Phase::Returned | Phase::Raised => return,
            Phase::Output | Phase::Created => {
                self.slot().set_empty(Phase::Closed);
                crate::slot::Remains::Nothing
            }
            _ => self.slot().take_remains(Phase::Closed),
        };
        // SAFETY: P1, and the phase is `Closed` now.
        unsafe {
            if phase == Phase::Created {
                self.contents().cast::<F>().drop_in_place();
            } else {
                self.contents()
                    .cast::<FutureOf<F, Yield, Input>>()
                    .drop_in_place();
            }
        }
        drop(remains);
    }
}

impl<Yield, Input, Return, F> Place<Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
    FutureOf<F, Yield, Input>: Future<Output = Return>,
{
    /// From yield to yield; everything else is refused.
    #[inline(always)]
    pub(super) fn hop(&self, value: Input) -> Hop<Yield, Input> {
        if self.slot().phase() != Phase::Output {
            return Hop::Refused(value);
        }
        self.slot().put_input(value);
        self.poll();
        if self.slot().phase() == Phase::Output {
            Hop::Yielded(self.slot().take_output())
        } else {
            Hop::Polled
        }
    }

    /// The acts that are not from yield to yield.
    #[cold]
    #[inline(never)]
    pub(super) fn act(&self, act: Act<Input>) -> Answer<Yield, Return, Input> {
        let slot = self.slot();
        match (State::from_phase(slot.phase()), act) {
            (State::Created, Act::Send(value)) if unit::<Input>().is_none() => {
                Err(Stop::NotStarted(Act::Send(value)))
            }
            (State::Created, Act::Next | Act::Send(_)) => {
                self.start();
                self.run()
            }
            (State::Suspended, Act::Next) if unit::<Input>().is_none() => Err(Stop::NeedsInput),
            (State::Suspended, act) => {
                slot.wake();
                match act {
                    Act::Throw(error) => slot.interrupt(Interrupt::from_error(error)),
                    Act::Close => slot.interrupt(Interrupt::Close),
                    Act::Send(value) => slot.put_input(value),
                    Act::Next => slot.put_input(unit().expect("asked above")),
                }
                self.run()
            }
            (_, act) => {
                self.close_body();
                match act {
                    Act::Throw(error) => Err(Stop::Raised(error)),
                    act => Err(Stop::Finished(act)),
                }
            }
        }
    }

    /// Turns the body into its future.
    #[inline]
    fn start(&self) {
        let slot = NonNull::from(self.slot());
        self.slot().set_empty(Phase::Closed);
        // SAFETY: P1: the body is alive, and is read once, since the phase changed. The slot
        // outlives the future, which lies beside it and is dropped first. If the body panics
        // here, the phase is `Closed` and nothing is alive.
        unsafe {
            let body = self.contents().cast::<F>().read();
            let future = body(Co::new(slot));
            self.contents()
                .cast::<FutureOf<F, Yield, Input>>()
                .write(future);
        }
        self.slot().set_empty(Phase::Running);
    }

    #[inline(always)]
    fn poll(&self) {
        let guard = PoisonOnPanic(self);
        // SAFETY: the future is alive (P1) and pinned (P2); nobody else reaches it.
        let future = unsafe {
            Pin::new_unchecked(&mut *self.contents().cast::<FutureOf<F, Yield, Input>>())
        };
        let waker = local_waker();
        if let Poll::Ready(value) = future.poll(&mut Context::from_waker(&waker)) {
            self.finish(value);
        }
        mem::forget(guard);
    }

    /// Drops the future, which is done, and keeps its value.
    #[cold]
    #[inline(never)]
    fn finish(&self, value: Return) {
        let remains = self.slot().take_remains(Phase::Closed);
        // SAFETY: the future is done; it is dropped once, and its place is big enough.
        unsafe {
            self.contents()
                .cast::<FutureOf<F, Yield, Input>>()
                .drop_in_place();
            self.contents().cast::<Return>().write(value);
        }
        self.slot().set_empty(Phase::Returned);
        drop(remains);
    }

    fn run<Given>(&self) -> Result<Yield, Stop<Return, Given>> {
        self.poll();
        self.settle()
    }

    /// It was polled and did not just yield.
    #[cold]
    #[inline(never)]
    pub(super) fn settle<Given>(&self) -> Result<Yield, Stop<Return, Given>> {
        let slot = self.slot();
        let mut strayed = false;
        loop {
            match slot.phase() {
                Phase::Output => return Ok(slot.take_output()),
                Phase::Parked => return Ok(slot.take_parked()),
                Phase::Returned => {
                    let value = self.take_value().expect("the phase says that it is there");
                    return Err(Stop::Returned(value));
                }
                Phase::Interrupted => break,
                _ => slot.interrupt(Interrupt::from_error(Misuse::AwaitedOutside.into())),
            }
            // The second time it gets no chance to catch, or it might never end.
            if mem::replace(&mut strayed, true) {
                break;
            }
            self.poll();
        }
        let interrupt = slot.take_interrupt().unwrap_or(Interrupt::Close);
        self.close_body();
        Err(Stop::Raised(interrupt.into_error()))
    }

    pub(super) fn close(&self) -> Result<Option<Return>, CloseError<Yield>> {
        match self.act(Act::Close) {
            Ok(value) => Err(CloseError::Ignored(value)),
            Err(Stop::Returned(value)) => Ok(Some(value)),
            Err(Stop::Raised(error)) => match Interrupt::from_error(error) {
                Interrupt::Close => Ok(None),
                Interrupt::Throw(error) => Err(CloseError::Raised(error)),
            },
            Err(_) => Ok(None),
        }
    }
}

/// Closes a coroutine whose body panics.
struct PoisonOnPanic<'p, Yield, Input, Return, F>(&'p Place<Yield, Input, Return, F>)
where
    F: for<'a> Body<'a, Yield, Input>;

impl<Yield, Input, Return, F> Drop for PoisonOnPanic<'_, Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
{
    #[cold]
    fn drop(&mut self) {
        if self.0.slot().phase() == Phase::Output {
            // A value that was yielded in this very poll: nobody took it.
            drop(self.0.slot().take_remains(Phase::Running));
        }
        self.0.close_body();
    }
}

impl<Yield, Input, Return, F> Place<Yield, Input, Return, F>
where
    F: for<'a> Body<'a, Yield, Input>,
{
    /// An answer as an iterator gives it: the end is kept, for `outcome`.
    #[cold]
    pub(super) fn item<Given>(&self, answer: Result<Yield, Stop<Return, Given>>) -> Option<Yield> {
        match answer {
            Ok(value) => return Some(value),
            Err(Stop::Returned(value)) => {
                // SAFETY: the phase is `Closed`: the place is free, and big enough.
                unsafe { self.contents().cast::<Return>().write(value) };
                self.slot().set_empty(Phase::Returned);
            }
            Err(Stop::Raised(error)) => self.slot().keep_raised(Interrupt::from_error(error)),
            Err(_) => {}
        }
        None
    }
}
