//! The frame: a coroutine's one allocation, reached through a thin, erased pointer.
//!
//! ```text
//!   Coroutine ──► ┌────────────────────────────┐ Head        known to every caller
//!                 │ vtable  link  slot         │
//!                 ├────────────────────────────┤ contents    known to the vtable's functions only
//!                 │ extra (async only)         │
//!                 │ future, later its value    │
//!                 └────────────────────────────┘
//! ```
//!
//! Invariants
//!
//! - **F1** The future is alive exactly while the phase is none of `Returned`, `Raised`, `Closed`.
//! - **F2** The return value is alive exactly while the phase is `Returned`.
//! - **F3** A frame never moves, and is freed only by the handle that owns it.
//! - **F4** No reference to a whole frame is ever made: the body holds a pointer into its head.

#![expect(
    clippy::mem_forget,
    reason = "a guard against panics that was not needed"
)]

use alloc::boxed::Box;
use core::cell::{Cell, UnsafeCell};
use core::mem::{self, ManuallyDrop, offset_of};
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll};

use crate::beside::{Beside, Extra, Label};
use crate::slot::{Phase, Slot};

/// What the vtable's functions take: a head whose types are forgotten.
pub(crate) type Erased = *const ();

/// What a caller can do without knowing the types. What each function demands stands with its
/// definition in [`Frame`].
pub(crate) struct VTable {
    /// Polls the future; if it is ready, drops it and keeps its value. See [`Frame::poll`].
    pub(crate) poll: unsafe fn(Erased, &mut Context<'_>),
    /// Drops the future. The phase is `Closed` already.
    pub(crate) drop_future: unsafe fn(Erased),
    /// Drops the future and frees the memory. The phase is `Closed` already.
    pub(crate) drop_suspended: unsafe fn(Erased),
    /// Drops the return value.
    pub(crate) drop_value: unsafe fn(Erased),
    /// Frees the memory, and drops nothing.
    pub(crate) free: unsafe fn(Erased),
    pub(crate) name: fn(Erased) -> &'static str,
    /// Where the return value lies, counted from the head.
    pub(crate) value_offset: usize,
    /// Where the [`Extra`] of an asynchronous coroutine lies; 0 for a synchronous one.
    pub(crate) extra_offset: usize,
    /// Size of the whole frame.
    pub(crate) size: usize,
}

#[repr(C)]
pub(crate) struct Head<Yield, Input> {
    pub(crate) vtable: &'static VTable,
    /// Not lent: the innermost coroutine of a delegation that starts here, or null.
    /// Lent: the coroutine that delegates to this one.
    pub(crate) link: Cell<*const Head<Yield, Input>>,
    pub(crate) slot: Slot<Yield, Input>,
}

#[repr(C)]
union Contents<Fut, Return> {
    future: ManuallyDrop<Fut>,
    value: ManuallyDrop<Return>,
}

#[repr(C)]
pub(crate) struct Frame<Yield, Input, Fut, Return, Side, Name> {
    head: Head<Yield, Input>,
    contents: UnsafeCell<Contents<Fut, Return>>,
    side: Side,
    name: Name,
}

impl<Yield, Input, Fut, Return, Side, Name> Frame<Yield, Input, Fut, Return, Side, Name>
where
    Fut: Future<Output = Return>,
    Side: Beside,
    Name: Label,
{
    const VTABLE: &'static VTable = &VTable {
        poll: Self::poll,
        drop_future: Self::drop_future,
        drop_suspended: Self::drop_suspended,
        drop_value: Self::drop_value,
        free: Self::free,
        name: Self::label,
        value_offset: offset_of!(Self, contents),
        extra_offset: if Side::ASYNC {
            offset_of!(Self, side)
        } else {
            0
        },
        size: size_of::<Self>(),
    };

    /// Allocates a frame and starts no body: `make` gets the slot and gives the future.
    #[inline]
    pub(crate) fn allocate(
        name: Name,
        make: impl FnOnce(NonNull<Slot<Yield, Input>>) -> Fut,
    ) -> NonNull<Head<Yield, Input>> {
        // The box gives its memory up before any pointer into it is made.
        let frame = Box::into_raw(Box::<Self>::new_uninit()).cast::<Self>();
        let guard = Memory(frame);
        let head = Head {
            vtable: Self::VTABLE,
            link: Cell::new(core::ptr::null()),
            slot: Slot::new(true),
        };
        // SAFETY: `frame` is valid for writes of its fields; only fields are written, one by one.
        // If `make` panics, the guard frees the memory as plain bytes; the fields written so far
        // own nothing.
        let slot = unsafe {
            (&raw mut (*frame).head).write(head);
            (&raw mut (*frame).side).write(Side::NEW);
            (&raw mut (*frame).name).write(name);
            NonNull::new_unchecked(&raw mut (*frame).head.slot)
        };
        let future = make(slot);
        mem::forget(guard);
        // SAFETY: as above; a box's pointer is never null.
        unsafe {
            (&raw mut (*frame).contents).cast::<Fut>().write(future);
            NonNull::new_unchecked(frame.cast())
        }
    }

    /// # Safety
    ///
    /// `head` is the head of a live frame of this type, and its future is alive (F1).
    unsafe fn poll(head: Erased, cx: &mut Context<'_>) {
        let guard = PoisonOnPanic(head.cast::<Head<Yield, Input>>());
        // SAFETY: the future is alive and pinned by F3; `contents` is in an `UnsafeCell` and nobody
        // else reaches it while it is polled, so the `&mut` is the only reference to it.
        let future = unsafe { Pin::new_unchecked(&mut *Self::future(head)) };
        if let Poll::Ready(value) = future.poll(cx) {
            // SAFETY: the future is done, and by F1 dropped exactly here.
            unsafe { Self::finish(head, value) };
        }
        mem::forget(guard);
    }

    /// Drops the future, which is done, and puts its value in its place.
    ///
    /// # Safety
    ///
    /// The future is alive, and this call ends it.
    #[inline(never)]
    unsafe fn finish(head: Erased, value: Return) {
        // SAFETY: `head` is the head of a live frame of this type.
        let slot = unsafe { &(*head.cast::<Self>()).head.slot };
        // A panic in either drop finds `Closed`, and the guard then has nothing to do.
        let remains = slot.take_remains(Phase::Closed);
        // SAFETY: by this function's contract; the union has room for the value.
        unsafe {
            let future = Self::future(head);
            future.drop_in_place();
            future.cast::<Return>().write(value);
        }
        slot.set_empty(Phase::Returned);
        drop(remains);
    }

    /// Where the future lies.
    ///
    /// # Safety
    ///
    /// `head` is the head of a live frame of this type.
    #[inline(always)]
    unsafe fn future(head: Erased) -> *mut Fut {
        // SAFETY: the pointer was made for the whole frame.
        unsafe {
            (&raw const (*head.cast::<Self>()).contents)
                .cast_mut()
                .cast::<Fut>()
        }
    }

    /// # Safety
    ///
    /// `head` is the head of a live frame of this type; the phase was set to `Closed` by the caller,
    /// and the future was alive before (F1).
    unsafe fn drop_future(head: Erased) {
        // SAFETY: `head` is live.
        let phase = unsafe { (*head.cast::<Self>()).head.slot.phase() };
        debug_assert_eq!(
            phase,
            Phase::Closed,
            "F1: a future is dropped once, after its end"
        );
        // SAFETY: the caller set `Closed` and calls once (F1); the memory is pinned till here.
        unsafe { Self::future(head).drop_in_place() };
    }

    /// # Safety
    ///
    /// As [`drop_future`](Self::drop_future), and the caller owns the frame and gives it up (F3).
    unsafe fn drop_suspended(head: Erased) {
        // The memory goes last, also when the future's drop panics.
        let _memory = Memory(head.cast_mut().cast::<Self>());
        // SAFETY: as in `drop_future`; the caller owns the frame and gives it up (F3).
        unsafe { Self::future(head).drop_in_place() };
    }

    /// # Safety
    ///
    /// `head` is the head of a live frame of this type; the caller saw `Returned` and changed it (F2).
    unsafe fn drop_value(head: Erased) {
        // SAFETY: the caller saw `Returned` and changed it (F2).
        unsafe { Self::future(head).cast::<Return>().drop_in_place() };
    }

    /// # Safety
    ///
    /// `head` is the head of a frame of this type, in which nothing is alive; the caller owns it (F3).
    unsafe fn free(head: Erased) {
        drop(Memory(head.cast_mut().cast::<Self>()));
    }

    fn label(head: Erased) -> &'static str {
        let frame = head.cast::<Self>();
        // SAFETY: the vtable is only reached through a head of this very type.
        unsafe { &(*frame).name }.label::<Fut>()
    }
}

/// A frame's memory, given back when this is dropped; nothing in it is.
struct Memory<T>(*mut T);

impl<T> Drop for Memory<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the pointer came from a box of this type, and its owner gives it up.
        drop(unsafe { Box::from_raw(self.0.cast::<mem::MaybeUninit<T>>()) });
    }
}

/// Closes a coroutine whose body panics: its frames are dropped, and it stays closed.
struct PoisonOnPanic<Yield, Input>(*const Head<Yield, Input>);

impl<Yield, Input> Drop for PoisonOnPanic<Yield, Input> {
    #[inline(always)]
    fn drop(&mut self) {
        poison(self.0);
    }
}

/// Takes the head by value, so that the guard needs no place on the stack.
#[cold]
#[inline(never)]
fn poison<Yield, Input>(head: *const Head<Yield, Input>) {
    // SAFETY: the guard lives during a poll of this head.
    let slot = unsafe { &(*head).slot };
    if matches!(slot.phase(), Phase::Closed | Phase::Returned) {
        return;
    }
    let remains = slot.take_remains(Phase::Closed);
    // SAFETY: the phase was not `Closed`, so by F1 the future is alive, and now it is dropped.
    unsafe { ((*head).vtable.drop_future)(head.cast()) };
    drop(remains);
}

/// Drops the body of a coroutine that has not ended, and closes it.
///
/// # Safety
///
/// `head` is live and its body is not on the stack. `taken` says that a phase of `Output` means a
/// value that was moved out.
pub(crate) unsafe fn close_body<Yield, Input>(head: *const Head<Yield, Input>) {
    // SAFETY: `head` is live by contract.
    let slot = unsafe { &(*head).slot };
    let remains = match slot.phase() {
        Phase::Closed | Phase::Returned | Phase::Raised => return,
        Phase::Output => {
            // Taken by the driver: nothing lies there.
            slot.set_empty(Phase::Closed);
            crate::slot::Remains::Nothing
        }
        _ => slot.take_remains(Phase::Closed),
    };
    // SAFETY: by F1 the future was alive, and the phase is `Closed` now.
    unsafe { ((*head).vtable.drop_future)(head.cast()) };
    drop(remains);
}

/// Drops what is left of a coroutine and frees its frame.
///
/// # Safety
///
/// The caller owns the frame and nothing else will use it; its body is not on the stack.
pub(crate) unsafe fn destroy<Yield, Input>(head: *const Head<Yield, Input>) {
    struct Free<Yield, Input>(*const Head<Yield, Input>);
    impl<Yield, Input> Drop for Free<Yield, Input> {
        fn drop(&mut self) {
            // SAFETY: `destroy`'s contract; this runs once, also when a destructor panics.
            unsafe { ((*self.0).vtable.free)(self.0.cast()) };
        }
    }
    let _free = Free(head);
    // SAFETY: `head` is live until `_free` is dropped.
    let (slot, vtable) = unsafe { (&(*head).slot, (*head).vtable) };
    match slot.phase() {
        Phase::Closed => {}
        Phase::Returned => {
            slot.set_empty(Phase::Closed);
            // SAFETY: F2.
            unsafe { (vtable.drop_value)(head.cast()) };
        }
        Phase::Raised => drop(slot.take_raised()),
        // SAFETY: as this function's contract.
        _ => unsafe { close_body(head) },
    }
}

/// Moves the return value out.
///
/// # Safety
///
/// The phase is `Returned`, and `Return` is the type with which the frame was made.
pub(crate) unsafe fn take_value<Yield, Input, Return>(head: *const Head<Yield, Input>) -> Return {
    // SAFETY: F2 and the contract; the phase changes before anyone else can look.
    unsafe {
        (*head).slot.set_empty(Phase::Closed);
        head.byte_add((*head).vtable.value_offset)
            .cast::<Return>()
            .read()
    }
}

/// The extra part of an asynchronous coroutine's frame.
///
/// # Safety
///
/// `head` is live; the reference is not used after it is freed.
#[inline]
pub(crate) unsafe fn extra<'a, Yield, Input>(head: *const Head<Yield, Input>) -> Option<&'a Extra> {
    // SAFETY: a non-zero offset is that of an `Extra` inside the frame.
    unsafe {
        let offset = (*head).vtable.extra_offset;
        (offset != 0).then(|| &*head.byte_add(offset).cast::<Extra>())
    }
}

/// The head around a slot that stands in one.
///
/// # Safety
///
/// `slot.framed`, and the pointer was derived from the frame's own.
#[inline]
pub(crate) unsafe fn head_of<Yield, Input>(
    slot: NonNull<Slot<Yield, Input>>,
) -> *const Head<Yield, Input> {
    // SAFETY: by contract a head stands around the slot.
    unsafe {
        slot.as_ptr()
            .byte_sub(offset_of!(Head<Yield, Input>, slot))
            .cast::<Head<Yield, Input>>()
    }
}
