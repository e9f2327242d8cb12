//! `Handle`: owns a boxed coroutine's frame, and does to it what the verbs ask. Safe to use.

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::task::{Context, Poll};

use crate::beside::{Beside, Label};
use crate::body::Body;
use crate::co::Co;
use crate::drive::{Driver, Step, close_chain};
use crate::error::{BoxError, CloseError, Interrupt, Stop};
use crate::frame::{Frame, Head, close_body, destroy, take_value};
use crate::home::{Local, Threads};
use crate::hop::{Hop, hop, hop_async, start};
use crate::resume::{Act, Answer, Link};
use crate::slot::Phase;
use crate::state::State;
use crate::unit::unit;

pub(crate) struct Handle<'env, Yield, Input, Return, Home> {
    head: NonNull<Head<Yield, Input>>,
    #[expect(clippy::type_complexity, reason = "each part has its reason beside it")]
    marker: PhantomData<(
        // Owns a body that borrows for 'env and is run by `&mut`: invariant.
        &'env mut &'env (),
        (Yield, Input, Return),
        Home,
        // Neither `Send` nor `Sync` but by the impl below.
        *const (),
    )>,
}

// SAFETY: only `new_send` below makes one with `Threads`, and it demands that the future is `Send`.
// The values in the slot and in the frame are of the three types bounded here; the
// resumer in an asynchronous frame is used only during the poll that set it.
unsafe impl<Yield: Send, Input: Send, Return: Send> Send
    for Handle<'_, Yield, Input, Return, Threads>
{
}

/// A handle is a pointer; its frame does not move with it.
impl<Yield, Input, Return, Home> Unpin for Handle<'_, Yield, Input, Return, Home> {}

impl<Yield, Input, Return> Handle<'_, Yield, Input, Return, Local> {
    #[inline]
    pub(crate) fn new<Side, Name, F>(name: Name, body: F) -> Self
    where
        Side: Beside,
        Name: Label,
        F: for<'a> Body<'a, Yield, Input>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self::allocate::<Side, Name, F>(name, body)
    }
}

impl<Yield, Input, Return> Handle<'_, Yield, Input, Return, Threads> {
    #[inline]
    pub(crate) fn new_send<Side, F>(body: F) -> Self
    where
        Side: Beside,
        F: for<'a> Body<'a, Yield, Input, Future: Send>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        Self::allocate::<Side, (), F>((), body)
    }
}

impl<Yield, Input, Return, Home> Handle<'_, Yield, Input, Return, Home> {
    /// Allocates a frame for a body.
    #[inline]
    fn allocate<Side, Name, F>(name: Name, body: F) -> Self
    where
        Side: Beside,
        Name: Label,
        F: for<'a> Body<'a, Yield, Input>,
        <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
    {
        type Framed<Yield, Input, F, Return, Side, Name> =
            Frame<Yield, Input, <F as Body<'static, Yield, Input>>::Future, Return, Side, Name>;
        // SAFETY: the slot stands in the frame around the future, and outlives it. The brand is
        // chosen here, but the body had to accept every one, so it cannot have made use of it.
        let make = |slot| body(unsafe { Co::new(slot) });
        let head = Framed::<Yield, Input, F, Return, Side, Name>::allocate(name, make);
        Self {
            head,
            marker: PhantomData,
        }
    }

    #[inline]
    fn head(&self) -> &Head<Yield, Input> {
        // SAFETY: the frame is live as long as its handle (F3).
        unsafe { self.head.as_ref() }
    }

    fn ptr(&self) -> *const Head<Yield, Input> {
        self.head.as_ptr()
    }

    /// From yield to yield.
    #[inline(always)]
    pub(crate) fn hop(&mut self, value: Input) -> Hop<Yield, Input> {
        // SAFETY: `&mut self` is exclusive. An asynchronous coroutine works too: under the
        // synchronous driver's waker it needs no resumer.
        unsafe { hop(self.ptr(), value) }
    }

    /// From the beginning to the first yield.
    #[inline(always)]
    pub(crate) fn start(&mut self) -> Hop<Yield, ()> {
        // SAFETY: as in `hop`.
        unsafe { start(self.ptr()) }
    }

    /// From yield to yield, asynchronously.
    #[inline(always)]
    pub(crate) fn hop_async(&mut self, value: Input, cx: &mut Context<'_>) -> Hop<Yield, Input> {
        // SAFETY: `&mut self` is exclusive.
        unsafe { hop_async(self.ptr(), value, cx) }
    }

    /// Goes on after a hop that polled and did something else than yield.
    pub(crate) fn run_polled(&mut self, cx: &mut Context<'_>) -> Poll<Step<Yield>> {
        if matches!(
            self.head().slot.phase(),
            Phase::Created | Phase::Raised | Phase::Closed
        ) {
            return Poll::Pending; // nothing was polled
        }
        // SAFETY: `&mut self` is exclusive.
        unsafe { Driver::new(self.ptr()) }.run_polled(cx)
    }

    /// Delivers an act, by the table in `state.rs`, and runs to the next step.
    pub(crate) fn run(
        &mut self,
        cx: &mut Context<'_>,
        act: Act<Input>,
    ) -> Poll<Answer<Step<Yield>, Return, Input>> {
        let admitted = match (self.state(), act) {
            (State::Created, Act::Send(value)) if unit::<Input>().is_none() => {
                Err(Stop::NotStarted(Act::Send(value)))
            }
            (State::Created, Act::Next | Act::Send(_)) => {
                // SAFETY: `&mut self` is exclusive.
                let driver = unsafe { Driver::new(self.ptr()) };
                driver.start();
                Ok(driver)
            }
            (State::Created, act) => {
                // C3: the body is dropped and never runs.
                // SAFETY: as above, and it is not on the stack.
                unsafe { close_body(self.ptr()) };
                Err(refuse_ended(act))
            }
            (State::Closed, act) => Err(refuse_ended(act)),
            // SAFETY: as above.
            (_, act) => deliver(unsafe { Driver::new(self.ptr()) }, act),
        };
        match admitted {
            Ok(mut driver) => driver.run(cx).map(Ok),
            Err(stop) => Poll::Ready(Err(stop)),
        }
    }

    /// Ends a coroutine that cannot be talked to: drops its frames, and what it delegates to first.
    pub(crate) fn drop_frames(&mut self) {
        // SAFETY: `&mut self` says that it is not on the stack.
        unsafe { close_chain(self.ptr()) };
    }

    /// The return value, if it lies in the frame.
    fn take_value(&mut self) -> Option<Return> {
        // SAFETY: the phase says that the value lies there, and it is a `Return`.
        (self.head().slot.phase() == Phase::Returned).then(|| unsafe { take_value(self.ptr()) })
    }

    /// A step as `next`, `send` and `throw` give it.
    pub(crate) fn answer<Given>(
        &mut self,
        step: Step<Yield>,
    ) -> Result<Yield, Stop<Return, Given>> {
        match step {
            Step::Yielded(value) => Ok(value),
            Step::Raised(interrupt) => Err(Stop::Raised(interrupt.into_error())),
            Step::Returned => match self.take_value() {
                Some(value) => Err(Stop::Returned(value)),
                None => unreachable!("internal error in entracte: a return value is not there"),
            },
        }
    }

    /// A step as `close` gives it.
    pub(crate) fn closed(
        &mut self,
        step: Step<Yield>,
    ) -> Result<Option<Return>, CloseError<Yield>> {
        match step {
            Step::Yielded(value) => Err(CloseError::Ignored(value)),
            Step::Returned => Ok(self.take_value()),
            Step::Raised(Interrupt::Close) => Ok(None),
            Step::Raised(Interrupt::Throw(error)) => Err(CloseError::Raised(error)),
        }
    }

    /// A step as an iterator gives it: the end stays in the frame, for `outcome`.
    pub(crate) fn item(&mut self, step: Step<Yield>) -> Option<Yield> {
        match step {
            Step::Yielded(value) => Some(value),
            Step::Returned => None,
            Step::Raised(interrupt) => {
                self.head().slot.keep_raised(interrupt);
                None
            }
        }
    }

    /// How an iteration ended, if a verb has not said it.
    pub(crate) fn outcome(&mut self) -> Option<Result<Return, BoxError>> {
        match self.take_raised() {
            Some(error) => Some(Err(error)),
            None => self.take_value().map(Ok),
        }
    }

    /// The error that ended an iteration.
    pub(crate) fn take_raised(&mut self) -> Option<BoxError> {
        let raised = self.head().slot.take_raised();
        raised.map(Interrupt::into_error)
    }

    pub(crate) fn state(&self) -> State {
        State::from_phase(self.head().slot.phase())
    }

    pub(crate) fn name(&self) -> &'static str {
        (self.head().vtable.name)(self.ptr().cast())
    }

    /// The name of what it delegates to.
    pub(crate) fn delegates_to(&self) -> Option<&'static str> {
        let slot = &self.head().slot;
        if slot.phase() != Phase::Delegating {
            return None;
        }
        let inner = slot.inner()?.cast::<Head<Yield, Input>>();
        // SAFETY: while the phase is `Delegating`, the delegate is in the chain and alive (D2).
        let vtable = unsafe { (*inner).vtable };
        Some((vtable.name)(inner.cast()))
    }

    /// Tells it how many resumes are nested above it, and so its innermost delegate.
    pub(crate) fn nest(&mut self, depth: u32) {
        let head = self.head();
        head.slot.depth.set(depth);
        let link = head.link.get();
        if !link.is_null() && !head.slot.lent.get() {
            // SAFETY: the chain is alive while its root is (D1).
            unsafe { (*link).slot.depth.set(depth) };
        }
    }

    pub(crate) fn link(&mut self) -> Link<'_, Yield, Input, Return> {
        // SAFETY: the handle owns the frame and is borrowed exclusively for the link's life.
        unsafe { Link::new(self.ptr()) }
    }

    /// `Debug` for every boxed form.
    pub(crate) fn describe(&self, form: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct(form);
        fields
            .field("name", &self.name())
            .field("state", &self.state());
        if let Some(inner) = self.delegates_to() {
            fields.field("delegates_to", &inner);
        }
        fields.finish()
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

impl<Yield, Input, Return, Home> Drop for Handle<'_, Yield, Input, Return, Home> {
    #[inline]
    fn drop(&mut self) {
        let head = self.head();
        if head.slot.phase() == Phase::Output && head.link.get().is_null() {
            head.slot.set_empty(Phase::Closed);
            // SAFETY: this handle owns the frame; the future was alive, and the phase is `Closed`.
            unsafe { (head.vtable.drop_suspended)(self.ptr().cast()) };
        } else {
            // SAFETY: this handle owns the frame, and `&mut self` says that it is not on the stack.
            unsafe { discard(self.ptr()) };
        }
    }
}

/// Drops a coroutine, and what it delegates to before itself.
///
/// # Safety
///
/// The caller owns the frame, and nothing of the chain is on the stack.
#[inline(never)]
unsafe fn discard<Yield, Input>(head: *const Head<Yield, Input>) {
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
