//! The driver: resumes the innermost coroutine of a delegation directly, and unwinds outwards.
//!
//! ```text
//!   root ── link ──────────────────────────────► leaf        a resume goes straight to the leaf
//!     ▲                                           │
//!     └──── link ──── parent ◄──── link ── … ◄────┘          its end goes back one by one
//! ```
//!
//! A parent is suspended in its `yield_from` (phase `Delegating`) and is not polled until its
//! delegate has ended, so a resume costs the same at any depth. Building, unwinding and dropping a
//! chain are loops here, never recursion.
//!
//! Invariants
//!
//! - **D1** A chain is owned by its root: nobody else can reach a lent coroutine while it is whole.
//! - **D2** A parent's phase is `Delegating` exactly while its delegate is in the chain.
//! - **D3** Whatever leaves a chain (an end, an error, a panic, a drop) leaves innermost first.

#![expect(
    clippy::mem_forget,
    reason = "a guard against panics that was not needed"
)]

use alloc::boxed::Box;
use core::mem;
use core::ptr;
use core::task::{Context, Poll};

use crate::error::{Interrupt, Misuse};
use crate::frame::{Head, close_body, extra};
use crate::slot::Phase;

/// How a run ended.
pub(crate) enum Step<Yield> {
    Yielded(Yield),
    /// The root returned; its value lies in its frame.
    Returned,
    Raised(Interrupt),
}

/// One run of a chain. Made only while the root's handle is borrowed exclusively.
pub(crate) struct Driver<Yield, Input> {
    root: *const Head<Yield, Input>,
    node: *const Head<Yield, Input>,
    /// The coroutine below the root that is being closed, or null.
    closing: *const Head<Yield, Input>,
    /// An await outside was raised once already.
    strayed: bool,
}

impl<Yield, Input> Driver<Yield, Input> {
    /// # Safety
    ///
    /// `root` is live, not ended, and exclusively the caller's for the life of the driver.
    pub(crate) unsafe fn new(root: *const Head<Yield, Input>) -> Self {
        // SAFETY: `root` is live.
        let link = unsafe {
            reclaim(root);
            (*root).link.get()
        };
        let node = if link.is_null() { root } else { link };
        Self {
            root,
            node,
            closing: ptr::null(),
            strayed: false,
        }
    }

    fn node(&self) -> &Head<Yield, Input> {
        // SAFETY: the node is in the chain, which by D1 is alive while the driver is.
        unsafe { &*self.node }
    }

    /// The phase of the innermost coroutine.
    pub(crate) fn phase(&self) -> Phase {
        self.node().slot.phase()
    }

    /// Sends a value to the innermost coroutine. It must be suspended.
    pub(crate) fn send(&mut self, value: Input) {
        self.node().slot.wake();
        self.node().slot.put_input(value);
    }

    /// Throws into the innermost coroutine; a close closes the chain from there outwards.
    pub(crate) fn interrupt(&mut self, interrupt: Interrupt) {
        if matches!(interrupt, Interrupt::Close) && self.node != self.root {
            self.closing = self.node;
        }
        self.node().slot.interrupt(interrupt);
    }

    /// Starts a created root.
    pub(crate) fn start(&self) {
        self.node().slot.set_empty(Phase::Running);
    }

    /// Runs until the root yields, ends, or (asynchronous) waits.
    pub(crate) fn run(&mut self, cx: &mut Context<'_>) -> Poll<Step<Yield>> {
        let guard = CloseChainOnPanic { root: self.root };
        self.poll_node(cx);
        let step = self.settle(cx);
        mem::forget(guard);
        step
    }

    /// As [`run`](Self::run), when the innermost coroutine was polled just now.
    #[cold]
    pub(crate) fn run_polled(&mut self, cx: &mut Context<'_>) -> Poll<Step<Yield>> {
        let guard = CloseChainOnPanic { root: self.root };
        let step = self.settle(cx);
        mem::forget(guard);
        step
    }

    fn settle(&mut self, cx: &mut Context<'_>) -> Poll<Step<Yield>> {
        loop {
            if let Some(step) = self.judge() {
                return step;
            }
            self.poll_node(cx);
        }
    }

    /// Acts on how the innermost coroutine was left: an answer for the caller, or `None` when the
    /// node is to be polled.
    fn judge(&mut self) -> Option<Poll<Step<Yield>>> {
        match self.phase() {
            Phase::Output | Phase::Parked => self.yielded().map(Poll::Ready),
            Phase::Asked => {
                self.descend();
                None
            }
            Phase::Returned if self.node == self.root => Some(Poll::Ready(Step::Returned)),
            Phase::Returned => {
                self.pop_returned();
                None
            }
            Phase::Interrupted => self.unwind().map(Poll::Ready),
            _ => self.waits(),
        }
    }

    /// The node yielded: for the caller, or (while it is closed) in spite of `close`.
    fn yielded(&mut self) -> Option<Step<Yield>> {
        let slot = &self.node().slot;
        let value = if slot.phase() == Phase::Parked {
            slot.take_parked()
        } else {
            slot.take_output()
        };
        if self.closing.is_null() {
            return Some(Step::Yielded(value));
        }
        drop(value);
        self.ignored_close();
        None
    }

    #[inline]
    fn poll_node(&mut self, cx: &mut Context<'_>) {
        // SAFETY: the node has not ended (F1), and by C1 it is not on the stack.
        unsafe {
            match extra(self.node) {
                None => ((*self.node).vtable.poll)(self.node.cast(), cx),
                Some(extra) => {
                    let before = extra.resumer.replace(cx.waker());
                    ((*self.node).vtable.poll)(self.node.cast(), cx);
                    extra.resumer.set(before);
                }
            }
        }
    }

    /// The node asked to delegate: its delegate becomes the leaf.
    fn descend(&mut self) {
        let parent = self.node;
        let Some(inner) = self.node().slot.inner() else {
            return;
        };
        let inner = inner.cast::<Head<Yield, Input>>();
        // SAFETY: `Linked` asked, so it is alive, pinned inside the parent's frame, and holds the
        // delegate exclusively until the delegation ends (see `delegate.rs`).
        unsafe {
            (*parent).slot.set_empty(Phase::Delegating);
            let deeper = (*inner).link.get();
            let leaf = if deeper.is_null() { inner } else { deeper };
            (*inner).slot.lent.set(true);
            (*inner).slot.depth.set((*parent).slot.depth.get());
            (*inner).link.set(parent);
            (*self.root).link.set(leaf);
            if (*leaf).slot.phase() == Phase::Created {
                (*leaf).slot.set_empty(Phase::Running);
            }
            (*leaf).slot.fire();
            self.node = leaf;
        }
    }

    /// Takes the node out of the chain; its parent becomes the leaf and goes on.
    fn pop(&mut self, interrupt: Option<Interrupt>) {
        let child = self.node;
        // SAFETY: the child is below the root, so it is lent and its link is its parent.
        unsafe {
            let parent = (*child).link.get();
            (*child).slot.lent.set(false);
            (*child).link.set(ptr::null());
            (*self.root).link.set(if parent == self.root {
                ptr::null()
            } else {
                parent
            });
            self.node = parent;
            (*parent).slot.depth.set((*child).slot.depth.get());
            (*parent).slot.set_empty(Phase::Running);
        }
        if self.closing == child {
            self.closing = if self.node == self.root {
                ptr::null()
            } else {
                self.node
            };
        }
        if let Some(interrupt) = interrupt {
            self.node().slot.interrupt(interrupt);
        }
    }

    /// A delegate returned. One that was being closed has its value dropped, and the close goes on
    /// (CPython rule G15).
    fn pop_returned(&mut self) {
        let child = self.node;
        let close = self.closing == child;
        if close {
            self.node().slot.set_empty(Phase::Closed);
            // SAFETY: the phase was `Returned` (F2).
            unsafe { ((*child).vtable.drop_value)(child.cast()) };
        }
        self.pop(close.then_some(Interrupt::Close));
    }

    /// A delegate answered `close` with one more value: its parent hears of it (rule G14).
    fn ignored_close(&mut self) {
        let (leaf, child) = (self.node, self.closing);
        self.node = child;
        self.pop(Some(Interrupt::Throw(Box::new(Misuse::IgnoredClose))));
        if leaf != child {
            // SAFETY: the child is live; it is the root of what it delegates to again.
            unsafe { (*child).link.set(leaf) };
        }
    }

    /// Drops the frames that did not catch the interrupt. It goes on to the parent, or, from the
    /// root, to the caller.
    fn unwind(&mut self) -> Option<Step<Yield>> {
        let interrupt = self
            .node()
            .slot
            .take_interrupt()
            .unwrap_or(Interrupt::Close);
        // SAFETY: the node is suspended, and not ended.
        unsafe { close_body(self.node) };
        if self.node == self.root {
            return Some(Step::Raised(interrupt));
        }
        self.pop(Some(interrupt));
        None
    }

    /// The node waits for something that is not its own yield: waits with it (asynchronous), or
    /// raises an error there (synchronous).
    #[cold]
    fn waits(&mut self) -> Option<Poll<Step<Yield>>> {
        // SAFETY: the root is live.
        if unsafe { extra(self.root) }.is_some() {
            return Some(Poll::Pending);
        }
        self.node()
            .slot
            .interrupt(Interrupt::Throw(Box::new(Misuse::AwaitedOutside)));
        if mem::replace(&mut self.strayed, true) {
            // It caught the first error and awaits outside again: it gets no second chance to
            // catch, or it might never end.
            return self.unwind().map(Poll::Ready);
        }
        None
    }
}

/// Makes a coroutine whose delegator was leaked its own root again.
///
/// # Safety
///
/// `head` is live and exclusively the caller's, and no chain above it will ever run again.
unsafe fn reclaim<Yield, Input>(head: *const Head<Yield, Input>) {
    // SAFETY: a lent coroutine can be reached through its own handle only if the future that held
    // it was forgotten, and then the memory that the pointers lead to is leaked, not freed.
    unsafe {
        if !(*head).slot.lent.replace(false) {
            return;
        }
        let mut leaf = head;
        while let (Phase::Delegating, Some(inner)) = ((*leaf).slot.phase(), (*leaf).slot.inner()) {
            leaf = inner.cast();
        }
        (*head)
            .link
            .set(if leaf == head { ptr::null() } else { leaf });
    }
}

/// Drops the bodies of a whole chain, innermost first, and leaves every member closed.
///
/// # Safety
///
/// `root` is live, exclusively the caller's, and nothing of the chain is on the stack.
pub(crate) unsafe fn close_chain<Yield, Input>(root: *const Head<Yield, Input>) {
    /// Goes on with the rest also when a destructor panics.
    struct Rest<Yield, Input>(*const Head<Yield, Input>);
    impl<Yield, Input> Drop for Rest<Yield, Input> {
        fn drop(&mut self) {
            // SAFETY: as `close_chain`.
            unsafe { close_chain(self.0) };
        }
    }
    // SAFETY: by contract; each member below the root is lent and links to its parent (D1, D2).
    unsafe {
        reclaim(root);
        loop {
            let leaf = (*root).link.get();
            if leaf.is_null() {
                return close_body(root);
            }
            let parent = (*leaf).link.get();
            (*leaf).slot.lent.set(false);
            (*leaf).link.set(ptr::null());
            (*root)
                .link
                .set(if parent == root { ptr::null() } else { parent });
            let rest = Rest(root);
            close_body(leaf);
            mem::forget(rest);
        }
    }
}

/// Closes what is left of a chain when a body in it panics: the panic passes through every frame.
pub(crate) struct CloseChainOnPanic<Yield, Input> {
    pub(crate) root: *const Head<Yield, Input>,
}

impl<Yield, Input> Drop for CloseChainOnPanic<Yield, Input> {
    fn drop(&mut self) {
        // SAFETY: the panicked body is off the stack and closed; the rest is suspended.
        unsafe { close_chain(self.root) };
    }
}
