//! What the verbs of boxed coroutines share: who may act now, and what the answer means.

use core::fmt;

use crate::drive::{Driver, Step, close_chain};
use crate::error::{BoxError, CloseError, Interrupt, Stop};
use crate::frame::{Head, close_body, destroy, take_value};
use crate::resume::Act;
use crate::slot::Phase;
use crate::state::State;
use crate::unit::unit;

/// Delivers an act, by the table in `state.rs`, and gives the driver that goes on from there.
///
/// # Safety
///
/// `head` is live and exclusively the caller's for the life of the driver.
pub(crate) unsafe fn admit<Yield, Input, Return>(
    head: *const Head<Yield, Input>,
    act: Act<Input>,
) -> Result<Driver<Yield, Input>, Stop<Return, Act<Input>>> {
    // SAFETY: `head` is live.
    let phase = unsafe { (*head).slot.phase() };
    match (State::from_phase(phase), act) {
        (State::Created, Act::Send(value)) if unit::<Input>().is_none() => {
            Err(Stop::NotStarted(Act::Send(value)))
        }
        (State::Created, Act::Next | Act::Send(_)) => {
            // SAFETY: as this function's contract.
            let driver = unsafe { Driver::new(head) };
            driver.start();
            Ok(driver)
        }
        (State::Created, act) => {
            // C3: the body is dropped and never runs.
            // SAFETY: as this function's contract.
            unsafe { close_body(head) };
            Err(refuse_ended(act))
        }
        (State::Closed, act) => Err(refuse_ended(act)),
        // SAFETY: as this function's contract.
        (State::Suspended | State::Running, act) => unsafe { deliver(Driver::new(head), act) },
    }
}

/// The answer of a coroutine that has ended.
fn refuse_ended<Input, Return>(act: Act<Input>) -> Stop<Return, Act<Input>> {
    match act {
        Act::Throw(error) => Stop::Raised(error),
        act => Stop::Finished(act),
    }
}

/// Hands an act to the innermost coroutine of a chain that has started.
fn deliver<Yield, Input, Return>(
    mut driver: Driver<Yield, Input>,
    act: Act<Input>,
) -> Result<Driver<Yield, Input>, Stop<Return, Act<Input>>> {
    let suspended = matches!(driver.phase(), Phase::Output | Phase::Waiting);
    match act {
        Act::Throw(error) => driver.interrupt(Interrupt::from_error(error)),
        Act::Close => driver.interrupt(Interrupt::Close),
        Act::Next if !suspended => {}
        Act::Next => match unit() {
            Some(input) => driver.send(input),
            None => return Err(Stop::NeedsInput),
        },
        Act::Send(value) if !suspended => return Err(Stop::AlreadyRunning(Act::Send(value))),
        Act::Send(value) => driver.send(value),
    }
    Ok(driver)
}

/// A step as `next`, `send` and `throw` give it.
///
/// # Safety
///
/// The step is the last one of `head`'s driver, and its value is a `Return`.
pub(crate) unsafe fn answer<Yield, Input, Return, Given>(
    head: *const Head<Yield, Input>,
    step: Step<Yield>,
) -> Result<Yield, Stop<Return, Given>> {
    match step {
        Step::Yielded(value) => Ok(value),
        // SAFETY: the step says that the value lies there.
        Step::Returned => Err(Stop::Returned(unsafe { take_value(head) })),
        Step::Raised(interrupt) => Err(Stop::Raised(interrupt.into_error())),
    }
}

/// A step as `close` gives it.
///
/// # Safety
///
/// As for [`answer`].
pub(crate) unsafe fn closed<Yield, Input, Return>(
    head: *const Head<Yield, Input>,
    step: Step<Yield>,
) -> Result<Option<Return>, CloseError<Yield>> {
    match step {
        Step::Yielded(value) => Err(CloseError::Ignored(value)),
        // SAFETY: the step says that the value lies there.
        Step::Returned => Ok(Some(unsafe { take_value(head) })),
        Step::Raised(Interrupt::Close) => Ok(None),
        Step::Raised(Interrupt::Throw(error)) => Err(CloseError::Raised(error)),
    }
}

/// How an iteration ended, if a verb has not said it.
///
/// # Safety
///
/// `head` is live and exclusively the caller's; its value is a `Return`.
pub(crate) unsafe fn outcome<Yield, Input, Return>(
    head: *const Head<Yield, Input>,
) -> Option<Result<Return, BoxError>> {
    // SAFETY: `head` is live.
    let slot = unsafe { &(*head).slot };
    match slot.phase() {
        // SAFETY: the phase says that the value lies there.
        Phase::Returned => Some(Ok(unsafe { take_value(head) })),
        Phase::Raised => slot
            .take_raised()
            .map(|interrupt| Err(interrupt.into_error())),
        _ => None,
    }
}

/// Drops a coroutine, and what it delegates to before itself.
///
/// # Safety
///
/// The caller owns the frame, and nothing of the chain is on the stack.
#[inline(always)]
pub(crate) unsafe fn discard<Yield, Input>(head: *const Head<Yield, Input>) {
    // SAFETY: as this function's contract.
    unsafe {
        if (*head).slot.phase() == Phase::Output && (*head).link.get().is_null() {
            (*head).slot.set_empty(Phase::Closed);
            ((*head).vtable.drop_suspended)(head.cast());
        } else {
            discard_cold(head);
        }
    }
}

/// As [`discard`], for every other state.
///
/// # Safety
///
/// As [`discard`].
#[inline(never)]
unsafe fn discard_cold<Yield, Input>(head: *const Head<Yield, Input>) {
    /// Frees the root also when a destructor further in panics.
    struct Root<Yield, Input>(*const Head<Yield, Input>);
    impl<Yield, Input> Drop for Root<Yield, Input> {
        fn drop(&mut self) {
            // SAFETY: as `discard`; this runs once.
            unsafe { destroy(self.0) };
        }
    }
    let _root = Root(head);
    // SAFETY: as this function's contract.
    unsafe {
        if !(*head).link.get().is_null() {
            close_chain(head);
        }
    }
}

/// Tells a coroutine how many resumes are nested above it, and so its innermost delegate.
pub(crate) fn nest<Yield, Input>(head: &Head<Yield, Input>, depth: u32) {
    head.slot.depth.set(depth);
    let link = head.link.get();
    if !link.is_null() && !head.slot.lent.get() {
        // SAFETY: the chain is alive while its root is (D1).
        unsafe { (*link).slot.depth.set(depth) };
    }
}

/// The name of what a coroutine delegates to.
pub(crate) fn delegate_name<Yield, Input>(head: &Head<Yield, Input>) -> Option<&'static str> {
    if head.slot.phase() != Phase::Delegating {
        return None;
    }
    let inner = head.slot.inner()?.cast::<Head<Yield, Input>>();
    // SAFETY: while the phase is `Delegating`, the delegate is in the chain and alive (D2).
    let vtable = unsafe { (*inner).vtable };
    Some((vtable.name)(inner.cast()))
}

/// `Debug` for every boxed form.
pub(crate) fn describe<Yield, Input>(
    form: &str,
    head: &Head<Yield, Input>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut fields = f.debug_struct(form);
    fields.field(
        "name",
        &(head.vtable.name)(core::ptr::from_ref(head).cast()),
    );
    fields.field("state", &State::from_phase(head.slot.phase()));
    if let Some(inner) = delegate_name(head) {
        fields.field("delegates_to", &inner);
    }
    fields.finish()
}
