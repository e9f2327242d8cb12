//! The hot path of `next`, `send` and iteration: one resume that ends in one yield.

#![expect(
    clippy::mem_forget,
    reason = "a guard against panics that was not needed"
)]

use core::mem;
use core::task::Context;

use crate::drive::CloseChainOnPanic;
use crate::frame::{Head, extra};
use crate::slot::Phase;
use crate::unit::unit;
use crate::waker::context;

/// How a hop went.
pub(crate) enum Hop<Yield, Input> {
    Yielded(Yield),
    /// Not suspended at a yield: nothing was done.
    Refused(Input),
    /// Polled, and it did something else than yield: the driver goes on from there.
    Polled,
}

impl<Yield, Input> Hop<Yield, Input> {
    /// The same, when what was handed in is nothing to give back.
    #[inline(always)]
    pub(crate) fn without_given(self) -> Hop<Yield, ()> {
        match self {
            Hop::Yielded(value) => Hop::Yielded(value),
            Hop::Refused(_) => Hop::Refused(()),
            Hop::Polled => Hop::Polled,
        }
    }
}

/// Sends a value and takes the next one: two stores, two compares, one indirect call.
///
/// # Safety
///
/// `head` is live, synchronous, and exclusively the caller's.
#[inline(always)]
pub(crate) unsafe fn hop<Yield, Input>(
    head: *const Head<Yield, Input>,
    value: Input,
) -> Hop<Yield, Input> {
    // SAFETY: `head` is live.
    let this = unsafe { &*head };
    if this.slot.phase() != Phase::Output {
        // SAFETY: as this function's contract.
        return unsafe { hop_otherwise(head, value) };
    }
    this.slot.put_input(value);
    // SAFETY: the phase says that the future is alive (F1); exclusive access says that it is not
    // on the stack (C1).
    unsafe { poll(head) }
}

/// As [`hop`], for an asynchronous coroutine that does not delegate.
///
/// # Safety
///
/// As [`hop`], but asynchronous.
#[inline]
pub(crate) unsafe fn hop_async<Yield, Input>(
    head: *const Head<Yield, Input>,
    value: Input,
    cx: &mut Context<'_>,
) -> Hop<Yield, Input> {
    // SAFETY: `head` is live, and its frame has an extra part.
    let (this, extra) = unsafe { (&*head, extra(head)) };
    let (Phase::Output, Some(extra)) = (this.slot.phase(), extra) else {
        return Hop::Refused(value);
    };
    this.slot.put_input(value);
    extra.resumer.set(cx.waker());
    // SAFETY: as in `hop`.
    unsafe { (this.vtable.poll)(head.cast(), cx) };
    extra.resumer.set(core::ptr::null());
    if this.slot.phase() == Phase::Output {
        Hop::Yielded(this.slot.take_output())
    } else {
        Hop::Polled
    }
}

/// Runs a coroutine that has not started to its first yield.
///
/// # Safety
///
/// As [`hop`].
#[inline(always)]
pub(crate) unsafe fn start<Yield, Input>(head: *const Head<Yield, Input>) -> Hop<Yield, ()> {
    // SAFETY: `head` is live.
    let this = unsafe { &*head };
    if this.slot.phase() != Phase::Created {
        return Hop::Refused(());
    }
    this.slot.set_empty(Phase::Running);
    // SAFETY: as in `hop`.
    unsafe { poll(head) }
}

/// Polls and takes what was yielded.
///
/// # Safety
///
/// As [`hop`], and the coroutine was given something to go on with.
#[inline(always)]
unsafe fn poll<Yield, Input, Given>(head: *const Head<Yield, Input>) -> Hop<Yield, Given> {
    // SAFETY: by contract.
    let this = unsafe {
        ((*head).vtable.poll)(head.cast(), &mut context());
        &*head
    };
    if this.slot.phase() == Phase::Output {
        Hop::Yielded(this.slot.take_output())
    } else {
        Hop::Polled
    }
}

/// The hops that are not from yield to yield of one coroutine.
///
/// # Safety
///
/// As [`hop`].
#[inline(never)]
unsafe fn hop_otherwise<Yield, Input>(
    head: *const Head<Yield, Input>,
    value: Input,
) -> Hop<Yield, Input> {
    // SAFETY: as this function's contract.
    unsafe {
        match (*head).slot.phase() {
            Phase::Delegating => hop_linked(head, value),
            Phase::Created if unit::<Input>().is_some() => {
                (*head).slot.set_empty(Phase::Running);
                poll(head)
            }
            _ => Hop::Refused(value),
        }
    }
}

/// As [`hop`], straight to the innermost coroutine of a delegation.
///
/// # Safety
///
/// As [`hop`]; the phase is `Delegating`.
#[inline]
unsafe fn hop_linked<Yield, Input>(
    root: *const Head<Yield, Input>,
    value: Input,
) -> Hop<Yield, Input> {
    // SAFETY: the chain is alive while its root is (D1).
    let (root_slot, head, leaf) = unsafe {
        let head = (*root).link.get();
        (&(*root).slot, head, &*head)
    };
    if root_slot.lent.get() || leaf.slot.phase() != Phase::Output {
        return Hop::Refused(value);
    }
    leaf.slot.put_input(value);
    let guard = CloseChainOnPanic { root };
    // SAFETY: as in `hop`.
    unsafe { (leaf.vtable.poll)(head.cast(), &mut context()) };
    mem::forget(guard);
    if leaf.slot.phase() == Phase::Output {
        Hop::Yielded(leaf.slot.take_output())
    } else {
        Hop::Polled
    }
}
