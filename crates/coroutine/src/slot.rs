//! The slot: one byte of phase and one value, through which a body and its caller hand over.
//!
//! A hop costs two stores to the phase and one compare on each side. The payload is a union that is
//! only ever read as the member that was written: moving a whole `enum` instead costs a failed
//! store-to-load forward, five to nine times the price (`docs/decisions/0006`).
//!
//! Invariants
//!
//! - **S1** The phase says which member of the payload is alive; every method keeps that true.
//! - **S2** A value is moved out exactly once: the phase changes in the same call that reads it.
//! - **S3** After `Closed`, the body's side does nothing at all.

use alloc::boxed::Box;
use core::cell::{Cell, UnsafeCell};
use core::mem::{ManuallyDrop, MaybeUninit};
use core::task::Waker;

use crate::error::{BoxError, Interrupt};

/// Where a coroutine stands, seen from its slot.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The body has not run.
    Created,
    /// The body is on the stack, or waits for something that is not its own yield.
    Running,
    /// A sent value lies in the payload.
    Input,
    /// An interrupt lies in the payload.
    Interrupted,
    /// `yield_` was called and not yet polled: its value lies in the payload.
    Offered,
    /// A yielded value lies in the payload, or was taken by the caller: the body is suspended.
    Output,
    /// As `Output`, not yet taken, with the waker of the combinator that polled the yield.
    Parked,
    /// Suspended, with a foreign waker in the payload: it must be woken before the next poll.
    Waiting,
    /// Suspended, with the first value for a delegation that is about to start.
    Primed,
    /// The body asks the driver to delegate to the coroutine in the payload.
    Asked,
    /// The body is suspended in a delegation to the coroutine in the payload.
    Delegating,
    /// The return value lies in the frame.
    Returned,
    /// An uncaught error lies in the payload, for `outcome`.
    Raised,
    /// Over: the body was dropped.
    Closed,
}

/// A yielded value, with the foreign waker under which its yield waits.
struct Parked<Yield> {
    value: Yield,
    waker: Waker,
}

/// What lies in a slot; the phase says which. It lends its size: members are reached by casts.
#[repr(C)]
union Payload<Yield, Input> {
    output: ManuallyDrop<Yield>,
    input: ManuallyDrop<Input>,
    /// One word: `None` is [`Interrupt::Close`].
    interrupt: ManuallyDrop<Option<Box<BoxError>>>,
    parked: ManuallyDrop<Box<Parked<Yield>>>,
    waker: ManuallyDrop<Box<Waker>>,
    inner: *const (),
}

/// A payload on its way out, so that dropping it is the last thing that happens.
#[expect(dead_code, reason = "held to be dropped")]
pub(crate) enum Remains<Yield, Input> {
    Nothing,
    Output(Yield),
    Input(Input),
    Interrupt(Interrupt),
    Waker(Box<Waker>),
}

pub(crate) struct Slot<Yield, Input> {
    phase: Cell<Phase>,
    /// Another coroutine delegates to this one: its head's link leads to that parent.
    pub(crate) lent: Cell<bool>,
    /// Whether a `Head` stands around this slot.
    pub(crate) framed: bool,
    /// How many resumes are nested on the stack when this body runs as a delegate.
    pub(crate) depth: Cell<u32>,
    payload: UnsafeCell<MaybeUninit<Payload<Yield, Input>>>,
}

impl<Yield, Input> Slot<Yield, Input> {
    #[inline]
    pub(crate) const fn new(framed: bool) -> Self {
        Self {
            phase: Cell::new(Phase::Created),
            lent: Cell::new(false),
            framed,
            depth: Cell::new(0),
            payload: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    #[inline]
    pub(crate) fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Writes one member of the payload. The phase set right after says which.
    #[inline]
    fn write<T>(&self, value: T) {
        // SAFETY: `T` is a member of the union, so it fits and is aligned; nobody else holds a
        // reference into the payload, because references to it never leave a method of this type.
        unsafe { self.payload.get().cast::<T>().write(value) }
    }

    /// Moves one member of the payload out.
    ///
    /// # Safety
    ///
    /// The phase says that `T` lies in the payload, and the caller changes the phase (S2).
    #[inline]
    unsafe fn read<T>(&self) -> T {
        // SAFETY: by this function's contract a live `T` lies there.
        unsafe { self.payload.get().cast::<T>().read() }
    }

    /// Sets a phase in which the payload is empty.
    #[inline]
    pub(crate) fn set_empty(&self, phase: Phase) {
        debug_assert!(
            !matches!(
                phase,
                Phase::Input | Phase::Interrupted | Phase::Offered | Phase::Parked
            ),
            "S1: {phase:?} has a payload"
        );
        self.phase.set(phase);
    }

    // The body's side.

    /// Offers a value to be yielded; gives it back if the body is not the one that runs.
    #[inline]
    pub(crate) fn offer(&self, value: Yield) -> Result<(), Yield> {
        if self.phase.get() != Phase::Running {
            return Err(value);
        }
        self.write(value);
        self.phase.set(Phase::Offered);
        Ok(())
    }

    /// Turns an offered value into a yielded one.
    #[inline]
    pub(crate) fn put_out(&self) {
        debug_assert_eq!(
            self.phase.get(),
            Phase::Offered,
            "S1: only an offer goes out"
        );
        self.phase.set(Phase::Output);
    }

    /// As [`put_out`](Self::put_out), under a waker that is not the driver's own.
    #[cold]
    pub(crate) fn park(&self, waker: Waker) {
        debug_assert_eq!(
            self.phase.get(),
            Phase::Offered,
            "S1: only an offer is parked"
        );
        // SAFETY: `Offered` has an output, and the phase changes below.
        let value = unsafe { self.read::<Yield>() };
        self.write(Box::new(Parked { value, waker }));
        self.phase.set(Phase::Parked);
    }

    /// Moves the sent value out, if there is one.
    #[inline]
    pub(crate) fn take_input(&self) -> Option<Input> {
        if self.phase.get() != Phase::Input {
            return None;
        }
        self.phase.set(Phase::Running);
        // SAFETY: `Input` has an input, and the phase changed above.
        Some(unsafe { self.read::<Input>() })
    }

    /// Moves the interrupt out, if there is one: somebody catches it.
    #[inline]
    pub(crate) fn take_interrupt(&self) -> Option<Interrupt> {
        if self.phase.get() != Phase::Interrupted {
            return None;
        }
        self.phase.set(Phase::Running);
        // SAFETY: `Interrupted` has an interrupt, and the phase changed above.
        Some(Interrupt::from_word(unsafe { self.read() }))
    }

    /// Raises an error inside the running body, if it runs.
    #[cold]
    pub(crate) fn raise(&self, interrupt: Interrupt) {
        match self.phase.get() {
            Phase::Running | Phase::Input | Phase::Offered | Phase::Output | Phase::Parked => {
                drop(self.take_remains(Phase::Running));
                self.interrupt(interrupt);
            }
            _ => {}
        }
    }

    /// The body lets go of a yield that it had not finished.
    #[inline]
    pub(crate) fn retract(&self) {
        match self.phase.get() {
            Phase::Offered | Phase::Output | Phase::Parked | Phase::Input => self.retract_cold(),
            _ => {}
        }
    }

    #[cold]
    fn retract_cold(&self) {
        drop(self.take_remains(Phase::Running));
    }

    /// Asks the driver to delegate to the coroutine whose head is `inner`.
    pub(crate) fn ask(&self, inner: *const ()) -> bool {
        if self.phase.get() != Phase::Running {
            return false;
        }
        self.write(inner);
        self.phase.set(Phase::Asked);
        true
    }

    /// The head of the coroutine that this one delegates to, or asks to.
    #[inline]
    pub(crate) fn inner(&self) -> Option<*const ()> {
        match self.phase.get() {
            // SAFETY: both phases have an inner pointer; it is `Copy`, so the phase may stay.
            Phase::Asked | Phase::Delegating => Some(unsafe { self.read::<*const ()>() }),
            _ => None,
        }
    }

    // The caller's side.

    /// Hands a value to a suspended body.
    #[inline]
    pub(crate) fn put_input(&self, value: Input) {
        debug_assert_eq!(
            self.phase.get(),
            Phase::Output,
            "S1: only a suspended body takes input"
        );
        self.write(value);
        self.phase.set(Phase::Input);
    }

    /// Moves the yielded value out; the body stays suspended.
    #[inline]
    pub(crate) fn take_output(&self) -> Yield {
        debug_assert_eq!(self.phase.get(), Phase::Output, "S1: no output");
        // SAFETY: the driver calls this once, right after a poll that ended in `Output`. The phase
        // then means "suspended, taken": nobody but the body reads it, and the body's `retract`
        // sees `Output` only in the poll that made it, before the driver came here (S2).
        unsafe { self.read::<Yield>() }
    }

    /// As [`take_output`](Self::take_output) for a parked yield.
    #[cold]
    pub(crate) fn take_parked(&self) -> Yield {
        debug_assert_eq!(self.phase.get(), Phase::Parked, "S1: nothing parked");
        // SAFETY: `Parked` has a parked value, and the phase changes below.
        let Parked { value, waker } = *unsafe { self.read::<Box<Parked<Yield>>>() };
        self.write(Box::new(waker));
        self.phase.set(Phase::Waiting);
        value
    }

    /// Wakes the combinator under which the paused yield waits.
    #[cold]
    pub(crate) fn wake(&self) {
        if self.phase.get() == Phase::Waiting {
            self.phase.set(Phase::Output);
            // SAFETY: `Waiting` has a waker, and the phase changed above.
            let waker = unsafe { self.read::<Box<Waker>>() };
            waker.wake();
        }
    }

    /// Lays the value ready with which a delegation to this suspended coroutine starts.
    pub(crate) fn prime(&self, value: Input) {
        debug_assert_eq!(
            self.phase.get(),
            Phase::Output,
            "S1: only a suspended body is primed"
        );
        self.write(value);
        self.phase.set(Phase::Primed);
    }

    /// The delegation starts: the primed value is now sent.
    pub(crate) fn fire(&self) {
        if self.phase.get() == Phase::Primed {
            self.phase.set(Phase::Input);
        }
    }

    /// The delegation does not start after all.
    pub(crate) fn unprime(&self) {
        if self.phase.get() == Phase::Primed {
            drop(self.take_remains(Phase::Output));
        }
    }

    /// Puts an interrupt in, whatever lay there before.
    #[cold]
    pub(crate) fn interrupt(&self, interrupt: Interrupt) {
        self.wake();
        let taken = self.phase.get() == Phase::Output;
        let _old = if taken {
            Remains::Nothing
        } else {
            self.take_remains(Phase::Running)
        };
        self.write(interrupt.into_word());
        self.phase.set(Phase::Interrupted);
    }

    /// Keeps an uncaught error for `outcome`.
    #[cold]
    pub(crate) fn keep_raised(&self, interrupt: Interrupt) {
        debug_assert_eq!(
            self.phase.get(),
            Phase::Closed,
            "S1: only an ended coroutine keeps one"
        );
        self.write(interrupt.into_word());
        self.phase.set(Phase::Raised);
    }

    #[cold]
    pub(crate) fn take_raised(&self) -> Option<Interrupt> {
        if self.phase.get() != Phase::Raised {
            return None;
        }
        self.phase.set(Phase::Closed);
        // SAFETY: `Raised` has an interrupt, and the phase changed above.
        Some(Interrupt::from_word(unsafe { self.read() }))
    }

    /// Empties the payload into a value that the caller drops when it suits, and sets `next`.
    #[cold]
    pub(crate) fn take_remains(&self, next: Phase) -> Remains<Yield, Input> {
        let phase = self.phase.replace(next);
        // SAFETY: by S1 the phase names the live member, and it was replaced above (S2). `Output`
        // counts as alive: callers that know it was taken do not come here.
        unsafe {
            match phase {
                Phase::Offered | Phase::Output => Remains::Output(self.read()),
                Phase::Input | Phase::Primed => Remains::Input(self.read()),
                Phase::Interrupted | Phase::Raised => {
                    Remains::Interrupt(Interrupt::from_word(self.read()))
                }
                Phase::Parked => {
                    let parked: Box<Parked<Yield>> = self.read();
                    Remains::Output(parked.value)
                }
                Phase::Waiting => Remains::Waker(self.read()),
                _ => Remains::Nothing,
            }
        }
    }
}
