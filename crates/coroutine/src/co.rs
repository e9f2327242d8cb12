//! `Co`, the body's side: yields, catches interrupts, raises errors.

use core::convert::Infallible;
use core::fmt;
use core::future::poll_fn;
use core::marker::PhantomData;
use core::pin::pin;
use core::ptr::NonNull;
use core::task::{Poll, Waker};

use crate::error::{BoxError, Interrupt};
use crate::frame::{extra, head_of};
use crate::slot::{Phase, Slot};
use crate::waker::is_idle;
use crate::yielding::{TryYield, YieldFuture};

/// Where a body's handle points: the slot of its coroutine.
pub(crate) struct SlotRef<'a, Yield, Input> {
    slot: NonNull<Slot<Yield, Input>>,
    life: PhantomData<&'a ()>,
}

impl<Yield, Input> Clone for SlotRef<'_, Yield, Input> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Yield, Input> Copy for SlotRef<'_, Yield, Input> {}

// SAFETY: a slot is reached by one party at a time: by its body, while the caller is blocked in a
// poll, and by its caller, who holds the coroutine exclusively, otherwise. The body's side is
// reached through `&mut Co` alone, so it is one thread's at a time. What crosses threads with it
// are values of `Yield` and `Input`.
unsafe impl<Yield: Send, Input: Send> Send for SlotRef<'_, Yield, Input> {}

impl<Yield, Input> SlotRef<'_, Yield, Input> {
    #[inline]
    pub(crate) fn get(&self) -> &Slot<Yield, Input> {
        // SAFETY: `'a` is inside the life of the coroutine: `Co` is branded with it and cannot
        // leave the body, and the slot outlives the body's future.
        unsafe { self.slot.as_ref() }
    }

    /// Whether a waker is the one with which the driver polls this coroutine.
    pub(crate) fn is_drivers(self, waker: &Waker) -> bool {
        if is_idle(waker) {
            return true;
        }
        if !self.get().framed {
            return false;
        }
        // SAFETY: a framed slot stands in a head; the resumer is set for the time of the poll that is
        // under way, and outlives it.
        unsafe {
            match extra(head_of(self.slot)) {
                Some(extra) if !extra.resumer.get().is_null() => {
                    (*extra.resumer.get()).will_wake(waker)
                }
                _ => false,
            }
        }
    }

    pub(crate) fn raw(self) -> NonNull<Slot<Yield, Input>> {
        self.slot
    }
    pub(crate) fn framed(self) -> bool {
        self.get().framed
    }
    pub(crate) fn phase(self) -> Phase {
        self.get().phase()
    }
    pub(crate) fn depth(self) -> u32 {
        self.get().depth.get()
    }
    pub(crate) fn inner(self) -> Option<*const ()> {
        self.get().inner()
    }
    pub(crate) fn ask(self, inner: *const ()) -> bool {
        self.get().ask(inner)
    }
    pub(crate) fn take_interrupt(self) -> Option<Interrupt> {
        self.get().take_interrupt()
    }
    pub(crate) fn unask(self) {
        self.get().set_empty(Phase::Running);
    }
}

/// A body's handle to its own coroutine.
///
/// The brand `'a` keeps it inside the body: it cannot be returned, stored outside, or swapped with
/// another coroutine's. Helper functions take `&mut Co<'_, Yield, Input>`.
///
/// # Python
///
/// What `yield` does by being a keyword.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::{Co, Coroutine};
///
/// async fn twice(co: &mut Co<'_, u32, u32>, value: u32) -> u32 {
///     co.yield_(value).await + co.yield_(value).await
/// }
///
/// let mut co = Coroutine::new(async |mut co| twice(&mut co, 7).await);
/// assert_eq!(co.next()?, 7);
/// assert_eq!(co.send(10)?, 7);
/// assert_eq!(co.send(20).unwrap_err().returned(), Some(30));
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
pub struct Co<'a, Yield, Input> {
    slot: SlotRef<'a, Yield, Input>,
    brand: PhantomData<fn(&'a ()) -> &'a ()>,
}

impl<Yield, Input> fmt::Debug for Co<'_, Yield, Input> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Co").finish_non_exhaustive()
    }
}

impl<Yield, Input> Co<'_, Yield, Input> {
    /// # Safety
    ///
    /// The slot outlives the future that is made with this handle, and `'a` is not longer.
    #[inline]
    pub(crate) unsafe fn new(slot: NonNull<Slot<Yield, Input>>) -> Self {
        Self {
            slot: SlotRef {
                slot,
                life: PhantomData,
            },
            brand: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn slot(&self) -> &Slot<Yield, Input> {
        self.slot.get()
    }

    #[inline]
    pub(crate) fn slot_ref(&self) -> SlotRef<'_, Yield, Input> {
        self.slot
    }

    /// Gives a value out and waits for the next `send`, whose value it evaluates to.
    ///
    /// An interrupt that arrives here drops the frames of the body, up to the innermost block that
    /// catches it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its coroutine suspends yields nothing. Once the
    /// value is out, dropping the future drops the value that is sent in answer.
    ///
    /// # Python
    ///
    /// `yield value`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut least = Coroutine::new(async |mut co| {
    ///     let mut least = co.yield_(None).await;
    ///     loop {
    ///         let value: i32 = co.yield_(Some(least)).await;
    ///         least = least.min(value);
    ///     }
    /// });
    /// least.next()?;
    /// assert_eq!(least.send(10)?, Some(10));
    /// assert_eq!(least.send(4)?, Some(4));
    /// assert_eq!(least.send(22)?, Some(4));
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[doc(alias = "yield")]
    #[inline]
    pub fn yield_(&mut self, value: Yield) -> YieldFuture<'_, Yield, Input> {
        YieldFuture::offer(self.slot, value)
    }

    /// As [`yield_`](Self::yield_), and gives an interrupt as a value.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: as [`yield_`](Self::yield_).
    ///
    /// # Errors
    ///
    /// Returns the [`Interrupt`] if one arrives instead of a value.
    ///
    /// # Python
    ///
    /// A `try` around one `yield`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Coroutine;
    /// let mut co = Coroutine::new(async |mut co| match co.try_yield(1).await {
    ///     Ok(()) => String::from("went on"),
    ///     Err(interrupt) => format!("caught: {interrupt}"),
    /// });
    /// co.next()?;
    /// assert_eq!(co.throw("boom").unwrap_err().returned().unwrap(), "caught: boom");
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[inline]
    pub fn try_yield(&mut self, value: Yield) -> TryYield<'_, Yield, Input> {
        TryYield::new(self.yield_(value))
    }

    /// Runs a block, and gives an interrupt that arrives in it as a value: a close too.
    ///
    /// The block's frames are dropped, innermost first, before the interrupt is given. To let it
    /// go on, [`raise`](Self::raise) it again.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropping the future drops the block.
    ///
    /// # Errors
    ///
    /// Returns the [`Interrupt`] that arrived at a yield of the block, or that the block raised.
    ///
    /// # Python
    ///
    /// `try: … except BaseException as interrupt:`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::{Coroutine, Interrupt};
    /// let mut seen = Vec::new();
    /// let mut co = Coroutine::new(async |mut co| {
    ///     let caught = co
    ///         .catch(async |co| loop {
    ///             let line: &str = co.yield_(()).await;
    ///             seen.push(line);
    ///         })
    ///         .await;
    ///     matches!(caught, Err::<(), _>(Interrupt::Close))
    /// });
    /// co.next()?;
    /// co.send("first")?;
    /// assert_eq!(co.close()?, Some(true));
    /// drop(co);
    /// assert_eq!(seen, ["first"]);
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    #[doc(alias = "try")]
    #[doc(alias = "except")]
    pub async fn catch<T, F>(&mut self, block: F) -> Result<T, Interrupt>
    where
        F: for<'x, 'y> AsyncFnOnce(&'x mut Co<'y, Yield, Input>) -> T,
    {
        let slot = self.slot;
        let mut block = pin!(Some(block(self)));
        poll_fn(move |cx| {
            let Some(running) = block.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            if let Poll::Ready(value) = running.poll(cx) {
                return Poll::Ready(Ok(value));
            }
            if slot.get().phase() != Phase::Interrupted {
                return Poll::Pending;
            }
            // The frames go first: a yield in one of their destructors finds the interrupt still
            // there and does nothing.
            block.set(None);
            match slot.get().take_interrupt() {
                Some(interrupt) => Poll::Ready(Err(interrupt)),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Runs a block and then, however the block ended, the clean-up, which may yield.
    ///
    /// After an interrupt the clean-up runs and the interrupt goes on. Block and clean-up are two
    /// closures and cannot both borrow one thing mutably; where they have to, write
    /// [`catch`](Self::catch), the clean-up, and [`raise`](Self::raise).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped future runs no clean-up. Use a destructor instead for what must
    /// happen even when the coroutine is dropped.
    ///
    /// # Python
    ///
    /// `try: … finally: …`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Generator;
    /// # use std::cell::Cell;
    /// let cleaned = Cell::new(false);
    /// let mut co = Generator::new(async |mut co| {
    ///     co.finally(async |co| co.yield_(1).await, async |_| cleaned.set(true)).await;
    /// });
    /// co.next()?;
    /// co.close()?;
    /// assert!(cleaned.get());
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    pub async fn finally<T, F, C>(&mut self, block: F, clean_up: C) -> T
    where
        F: for<'x, 'y> AsyncFnOnce(&'x mut Co<'y, Yield, Input>) -> T,
        C: for<'x, 'y> AsyncFnOnce(&'x mut Co<'y, Yield, Input>),
    {
        let ended = self.catch(block).await;
        clean_up(self).await;
        match ended {
            Ok(value) => value,
            Err(interrupt) => self.raise(interrupt).await,
        }
    }

    /// The value of a result; an error is raised here.
    ///
    /// In a body `?` returns, and the error becomes (part of) the return value; this raises it, so
    /// that it unwinds and comes out of the verb as [`Stop::Raised`](crate::Stop::Raised).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it never waits for anything.
    ///
    /// # Python
    ///
    /// Calling what may raise.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::Generator;
    /// let mut numbers = Generator::new(async |mut co| {
    ///     for word in ["1", "2", "three"] {
    ///         let number: i32 = co.check(word.parse()).await;
    ///         co.yield_(number).await;
    ///     }
    /// });
    /// let items: Result<Vec<_>, _> = numbers.results().collect();
    /// assert!(items.unwrap_err().is::<std::num::ParseIntError>());
    /// ```
    pub async fn check<T, E: Into<BoxError>>(&mut self, result: Result<T, E>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => self.raise(error).await,
        }
    }

    /// Raises an error here: it unwinds as one that was thrown in.
    ///
    /// An [`Interrupt`] is an error too; raising it again lets it go on.
    ///
    /// # Cancel safety
    ///
    /// Cannot be cancelled: it never gives a value, and the error stays raised.
    ///
    /// # Python
    ///
    /// `raise error`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use entracte_coroutine::{Generator, Stop};
    /// let mut co = Generator::new(async |mut co| {
    ///     co.yield_(1).await;
    ///     co.raise("out of numbers").await
    /// });
    /// co.next()?;
    /// let stop: Stop<()> = co.next().unwrap_err();
    /// assert_eq!(stop.to_string(), "out of numbers");
    /// # Ok::<(), entracte_coroutine::BoxError>(())
    /// ```
    pub async fn raise(&mut self, error: impl Into<BoxError>) -> ! {
        self.slot().raise(Interrupt::from_error(error.into()));
        match poll_fn(|_| Poll::<Infallible>::Pending).await {}
    }
}
