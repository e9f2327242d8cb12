//! The waker of a synchronous driver: it wakes nobody, and is known by its one vtable.

use core::ptr;
use core::task::{Context, RawWaker, RawWakerVTable, Waker};

/// A `static`, so that it has one address: [`Waker::noop`]'s has one per crate.
static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |_| RawWaker::new(ptr::null(), &VTABLE),
    |_| {},
    |_| {},
    |_| {},
);

// SAFETY: the functions of the vtable do nothing, from any thread, with any data.
static WAKER: Waker = unsafe { Waker::new(ptr::null(), &VTABLE) };

/// The context in which a synchronous driver polls.
#[inline(always)]
pub(crate) fn context() -> Context<'static> {
    Context::from_waker(&WAKER)
}

/// Whether a waker is the synchronous driver's: then nobody has to be woken.
#[inline(always)]
pub(crate) fn is_idle(waker: &Waker) -> bool {
    ptr::eq(waker.vtable(), &raw const VTABLE)
}

/// The same waker as a local, whose vtable the optimiser sees.
#[inline(always)]
pub(crate) fn local_waker() -> Waker {
    // SAFETY: as for `WAKER`.
    unsafe { Waker::new(ptr::null(), &VTABLE) }
}
