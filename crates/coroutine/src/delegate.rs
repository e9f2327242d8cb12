//! `yield_from`: passes every verb through to an inner coroutine (PEP 380).
//!
//! Two ways lead to the inner one. **Linked**: the driver resumes it directly, in constant time at
//! any depth (`drive.rs`). **Nested**: its resume runs inside the parent's poll, one level of stack
//! each. Linked needs two synchronous coroutines with frames, and this:
//!
//! - **Y1** The future that waits for a linked delegate is pinned *inside its own coroutine's
//!   frame*, and is polled under the driver's own waker.
//!
//! Y1 is what makes the short cut sound. Between two resumes of the delegate nobody polls the
//! parent, so nothing shows anew that the future which holds the delegate is still there. A future
//! on the heap might have been forgotten, and what the delegate borrows might be gone. A future
//! pinned inside the suspended frame can not: its memory is not reused before it is dropped (the
//! drop guarantee of `Pin`), its drop takes the delegation back, and as long as it is to be dropped
//! later, whatever its type borrows is alive. The last step needs that [`Linked`] has a destructor
//! for which the borrow checker makes no exception (no `may_dangle`).

use core::future::poll_fn;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll};

use crate::co::{Co, SlotRef};
use crate::error::{Interrupt, Misuse, Stop};
use crate::frame::{Head, head_of, take_value};
use crate::resume::{Act, Answer, Resume};
use crate::slot::Phase;
use crate::unit::unit;

/// How many nested delegations a resume may walk through. Each takes some stack, and the smallest
/// stacks in use have to hold this many in a debug build.
const MAX_NESTED: u32 = 200;

impl<Yield, Input> Co<'_, Yield, Input> {
    /// Delegates to an inner coroutine until it ends, and evaluates to its return value.
    ///
    /// Every verb goes to the inner one: its values come out of this coroutine, `send` and `throw`
    /// reach its yields, `close` closes it first. An error that it does not catch arrives here.
    /// When the outer coroutine is dropped, the frames of the inner one are dropped before its own,
    /// also if it was lent by `&mut`.
    ///
    /// A boxed synchronous coroutine, given by value or by `&mut`, is resumed directly by the
    /// outermost verb: the cost of an item does not grow with the depth. Its delegator is not
    /// polled meanwhile, nor is anything that it awaits beside the delegation.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future ends the delegation, and an inner coroutine that was lent
    /// goes on where it is when it is resumed again.
    ///
    /// # Errors
    ///
    /// Raises (does not return) a [`Misuse`] if the inner coroutine has ended, is running, waits
    /// for a value that `next` cannot give, or is nested too deep.
    ///
    /// # Python
    ///
    /// `yield from inner` (PEP 380). There, a finished inner generator gives `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut outer = Coroutine::new(async |mut co| {
    ///     let inner = Coroutine::new(async |mut co| co.yield_("a").await + co.yield_("b").await);
    ///     co.yield_from(inner).await * 10
    /// });
    /// assert_eq!(outer.next()?, "a");
    /// assert_eq!(outer.send(1)?, "b");
    /// assert_eq!(outer.send(2).unwrap_err().returned(), Some(30));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[doc(alias = "yield from")]
    pub async fn yield_from<D>(&mut self, inner: D) -> D::Return
    where
        D: Resume<Input, Yield = Yield>,
    {
        delegate(self, inner, None).await
    }

    /// As [`yield_from`](Self::yield_from), for an inner coroutine that is suspended: `first` is
    /// the value that its paused yield evaluates to.
    ///
    /// With `Input = ()`, plain `yield_from` does this by itself.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: as [`yield_from`](Self::yield_from).
    ///
    /// # Errors
    ///
    /// Raises a [`Misuse`] as `yield_from` does, and if the inner coroutine has not started.
    ///
    /// # Python
    ///
    /// `yield from` a generator that was advanced before; Python sends `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut inner = Coroutine::new(async |mut co| co.yield_("a").await + co.yield_("b").await);
    /// assert_eq!(inner.next()?, "a");
    /// let mut outer = Coroutine::new(async move |mut co| co.yield_from_with(inner, 1).await);
    /// assert_eq!(outer.next()?, "b");
    /// assert_eq!(outer.send(2).unwrap_err().returned(), Some(3));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    pub async fn yield_from_with<D>(&mut self, inner: D, first: Input) -> D::Return
    where
        D: Resume<Input, Yield = Yield>,
    {
        delegate(self, inner, Some(first)).await
    }
}

impl<Yield> Co<'_, Yield, ()> {
    /// Yields every item of an iterator. An interrupt arrives here.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the rest of the iterator is lost.
    ///
    /// # Python
    ///
    /// `yield from iterable`. It takes no values, so it is only there for coroutines whose input
    /// is `()`; Python raises `AttributeError` instead.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let co = Coroutine::new(async |mut co| co.yield_from_iter([1, 2, 3]).await);
    /// assert!(co.eq([1, 2, 3]));
    /// ```
    #[doc(alias = "yield from")]
    pub async fn yield_from_iter<I>(&mut self, items: I)
    where
        I: IntoIterator<Item = Yield>,
    {
        for item in items {
            self.yield_(item).await;
        }
    }
}

async fn delegate<Yield, Input, D>(
    co: &mut Co<'_, Yield, Input>,
    mut inner: D,
    first: Option<Input>,
) -> D::Return
where
    D: Resume<Input, Yield = Yield>,
{
    let linked = Linked {
        co: co.slot_ref(),
        inner: inner.link().map_or(ptr::null(), |link| link.head),
        first,
        asked: false,
        _pinned: PhantomPinned,
    };
    let first = match linked.await {
        // SAFETY: `Linked` says so when the delegate's phase is `Returned`, and `inner.link()`
        // promised that its values are `D::Return`s.
        Linking::Returned(head) => return unsafe { take_value(head) },
        Linking::Refused(first) => first,
    };
    nested(co, &mut inner, first).await
}

/// The delegation written out, for an inner coroutine that cannot be linked.
async fn nested<Yield, Input, D>(
    co: &mut Co<'_, Yield, Input>,
    inner: &mut D,
    first: Option<Input>,
) -> D::Return
where
    D: Resume<Input, Yield = Yield>,
{
    let mut act = first.map_or(Act::Next, Act::Send);
    loop {
        let mut closing = matches!(act, Act::Close);
        let mut pending = Some(act);
        if co.slot_ref().depth() >= MAX_NESTED {
            co.raise(Misuse::DelegatedTooDeep).await;
        }
        match resumed(co.slot_ref(), inner, &mut pending, &mut closing).await {
            Ok(_) if closing => co.raise(Misuse::IgnoredClose).await,
            Ok(value) => {
                act = match co.try_yield(value).await {
                    Ok(value) => Act::Send(value),
                    Err(Interrupt::Throw(error)) => Act::Throw(error),
                    Err(Interrupt::Close) => Act::Close,
                };
            }
            Err(Stop::Raised(error)) => co.raise(error).await,
            Err(Stop::AlreadyRunning(_)) => co.raise(Misuse::DelegatedToRunning).await,
            // A value that the inner one returned in answer to `close` is lost (rule G15).
            Err(_) if closing => co.raise(Interrupt::Close).await,
            Err(Stop::Returned(value)) => return value,
            Err(Stop::Finished(Act::Throw(error))) => co.raise(error).await,
            Err(Stop::Finished(_)) => co.raise(Misuse::DelegatedToFinished).await,
            Err(Stop::NotStarted(_)) => co.raise(Misuse::DelegatedWithInput).await,
            Err(Stop::NeedsInput) => co.raise(Misuse::DelegatedWithoutInput).await,
        }
    }
}

/// Resumes a nested delegate, and tells it how deep it is while it runs.
async fn resumed<Yield, Input, D>(
    slot: SlotRef<'_, Yield, Input>,
    inner: &mut D,
    act: &mut Option<Act<Input>>,
    closing: &mut bool,
) -> Answer<Yield, D::Return, Input>
where
    D: Resume<Input, Yield = Yield>,
{
    poll_fn(move |cx| {
        // What arrives while the inner one waits is for the inner one.
        if let Some(interrupt) = slot.take_interrupt() {
            *closing = matches!(interrupt, Interrupt::Close);
            *act = Some(match interrupt {
                Interrupt::Close => Act::Close,
                Interrupt::Throw(error) => Act::Throw(error),
            });
        }
        inner.nest(slot.depth() + 1);
        let answer = inner.poll_resume(cx, act);
        inner.nest(0);
        answer
    })
    .await
}

/// Waits for a delegate that the driver resumes directly.
struct Linked<'b, Yield, Input> {
    co: SlotRef<'b, Yield, Input>,
    /// The delegate's head, or null if it has none.
    inner: *const Head<Yield, Input>,
    first: Option<Input>,
    asked: bool,
    _pinned: PhantomPinned,
}

// SAFETY: it stands for `&mut D`, which lies beside it in the same future: that future is `Send`
// only if `D` is. The rest are a `SlotRef` and an `Input`.
unsafe impl<Yield: Send, Input: Send> Send for Linked<'_, Yield, Input> {}

enum Linking<Yield, Input> {
    /// The delegate returned, its value lies in its frame.
    Returned(*const Head<Yield, Input>),
    /// It has to be nested, with this first value.
    Refused(Option<Input>),
}

// SAFETY: as for `Linked`.
unsafe impl<Yield: Send, Input: Send> Send for Linking<Yield, Input> {}

impl<Yield, Input> Future for Linked<'_, Yield, Input> {
    type Output = Linking<Yield, Input>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: nothing is moved out of the pinned place but `first`, which is not pinned.
        let this = unsafe { self.get_unchecked_mut() };
        if !this.asked {
            if !this.may_link(cx) {
                return Poll::Ready(Linking::Refused(this.first.take()));
            }
            this.ask();
            return Poll::Pending;
        }
        if this.co.phase() != Phase::Running {
            return Poll::Pending;
        }
        // SAFETY: the delegate is held by the future around this one.
        let returned = unsafe { (*this.inner).slot.phase() } == Phase::Returned;
        if returned {
            Poll::Ready(Linking::Returned(this.inner))
        } else {
            Poll::Pending
        }
    }
}

impl<Yield, Input> Linked<'_, Yield, Input> {
    /// Whether Y1 holds, and the delegate is in a state to go on.
    fn may_link(&self, cx: &Context<'_>) -> bool {
        if self.inner.is_null() || !self.co.framed() || !self.co.is_drivers(cx.waker()) {
            return false;
        }
        // SAFETY: `framed` was asked, so a head stands around the slot; the delegate is live,
        // exclusively held, and so is the leaf of what it delegates to itself.
        let (leaf, synchronous, inside) = unsafe {
            let parent = head_of(self.co.raw());
            let here = ptr::from_ref(self).addr();
            let frame = parent.addr();
            let vtable = (*parent).vtable;
            let inside = here >= frame && here + size_of::<Self>() <= frame + vtable.size;
            let synchronous = vtable.extra_offset == 0 && (*self.inner).vtable.extra_offset == 0;
            let link = (*self.inner).link.get();
            let lent = (*self.inner).slot.lent.get();
            (
                if link.is_null() || lent {
                    self.inner
                } else {
                    link
                },
                synchronous,
                inside && !lent,
            )
        };
        // SAFETY: as above.
        let phase = unsafe { (*leaf).slot.phase() };
        let ready = match phase {
            Phase::Created => self.first.is_none(),
            Phase::Output => self.first.is_some() || unit::<Input>().is_some(),
            _ => false,
        };
        inside && synchronous && ready
    }

    /// Asks the driver to resume the delegate from now on.
    fn ask(&mut self) {
        // SAFETY: as in `may_link`.
        let leaf = unsafe {
            let link = (*self.inner).link.get();
            &*(if link.is_null() { self.inner } else { link })
        };
        if self.co.ask(self.inner.cast()) {
            self.asked = true;
            if leaf.slot.phase() == Phase::Output
                && let Some(first) = self.first.take().or_else(unit)
            {
                leaf.slot.prime(first);
            }
        }
    }
}

impl<Yield, Input> Drop for Linked<'_, Yield, Input> {
    fn drop(&mut self) {
        if !self.asked {
            return;
        }
        if self.co.inner() == Some(self.inner.cast()) {
            if self.co.phase() == Phase::Delegating {
                // The frame around this future is suspended, so no safe code can reach it to drop
                // it, and a frame that is dropped as a whole is closed first. Going on would free
                // the delegate while it may be on the stack.
                abort();
            }
            self.co.unask();
        }
        // SAFETY: the delegate lies beside this future, and is alive.
        unsafe {
            let link = (*self.inner).link.get();
            let lent = (*self.inner).slot.lent.get();
            (*(if link.is_null() || lent {
                self.inner
            } else {
                link
            }))
            .slot
            .unprime();
        }
    }
}

/// Ends the process: a panic may not leave an `extern "C"` function.
#[cold]
extern "C" fn abort() -> ! {
    panic!(
        "internal error in entracte: a delegation was dropped while it runs (please report this)"
    );
}
