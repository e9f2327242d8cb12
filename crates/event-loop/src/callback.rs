//! Callbacks: what a loop calls, each in one allocation behind a thin, counted pointer.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::Poll;

use crate::step::Step;
use crate::token::Token;

/// Something that a loop calls whenever it was woken, until it is done.
///
/// A front end implements this for its tasks; `call_soon` wraps a closure in one. The loop calls it
/// on its own thread only, and never while it is being called.
pub trait Callback: 'static {
    /// Goes on with the work; `Ready` when it is done and must not be called again.
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()>;

    /// What the front end keeps in front of the callback, for those who hold a [`CallbackRef`].
    fn front(&self) -> &dyn Any {
        &()
    }

    /// Answers a question of the front end, of a type that both know.
    fn ask(self: Pin<&Self>, question: &mut dyn Any) {
        let _ = question;
    }

    /// The loop is closed, and does not call this any more: what it holds may go.
    fn closed(self: Pin<&Self>) {}

    /// Takes the payload of the panic with which `call` ended; gives it back to have it reported.
    fn panicked(
        self: Pin<&Self>,
        step: &Step<'_>,
        payload: Box<dyn Any + Send>,
    ) -> Option<Box<dyn Any + Send>> {
        let _ = step;
        Some(payload)
    }
}

/// The bit of a front end's word which says that the awaiter is only noted, and not woken.
pub const QUIET: u32 = 1 << 31;

/// What a panic carries.
type Payload = Box<dyn Any + Send>;

/// The head of every block, at its start whatever stands behind it.
struct Head {
    vtable: &'static VTable,
    origin: &'static Location<'static>,
    count: Cell<u32>,
    /// The front end's own.
    word: Cell<u32>,
    /// Who is woken when the callback is done.
    awaiter: Cell<Token>,
}

#[repr(C)]
struct Block<C> {
    head: Head,
    callback: C,
}

struct VTable {
    call: unsafe fn(NonNull<Head>, &Step<'_>) -> Poll<()>,
    front: unsafe fn(NonNull<Head>) -> NonNull<dyn Any>,
    ask: unsafe fn(NonNull<Head>, &mut dyn Any),
    closed: unsafe fn(NonNull<Head>),
    panicked: unsafe fn(NonNull<Head>, &Step<'_>, Payload) -> Option<Payload>,
    free: unsafe fn(NonNull<Head>),
}

/// A shared handle to a callback: one pointer wide, cloned without atomics.
///
/// The callback is pinned, and dropped with its last handle.
pub struct CallbackRef {
    head: NonNull<Head>,
    /// Owns a `Block` of some callback, and stays on its thread.
    owns: PhantomData<*mut Head>,
}

struct Erased<C>(PhantomData<C>);

impl<C: Callback> Erased<C> {
    const VTABLE: &'static VTable = &VTable {
        call: Self::call,
        front: Self::front,
        ask: Self::ask,
        closed: Self::closed,
        panicked: Self::panicked,
        free: Self::free,
    };

    /// # Safety
    ///
    /// `head` is that of a `Block<C>` which lives for `'a`.
    unsafe fn callback<'a>(head: NonNull<Head>) -> Pin<&'a C> {
        // SAFETY: the caller's promise; `Head` comes first in a `repr(C)` block, and the pointer
        // was made from that of the whole block. Pinned, as a block never moves: it is only
        // reached through `CallbackRef`, which gives out no `&mut C`, and is dropped where it is.
        unsafe { Pin::new_unchecked(&head.cast::<Block<C>>().as_ref().callback) }
    }

    /// # Safety
    ///
    /// As for `callback`.
    unsafe fn call(head: NonNull<Head>, step: &Step<'_>) -> Poll<()> {
        // SAFETY: called through the vtable of this very block, by a `CallbackRef` that owns it.
        unsafe { Self::callback(head) }.call(step)
    }

    /// # Safety
    ///
    /// As for `callback`.
    unsafe fn front(head: NonNull<Head>) -> NonNull<dyn Any> {
        // SAFETY: as for `call`.
        let callback = unsafe { Self::callback(head) };
        NonNull::from(callback.get_ref().front())
    }

    /// # Safety
    ///
    /// As for `callback`.
    unsafe fn ask(head: NonNull<Head>, question: &mut dyn Any) {
        // SAFETY: as for `call`.
        unsafe { Self::callback(head) }.ask(question);
    }

    /// # Safety
    ///
    /// As for `callback`.
    unsafe fn closed(head: NonNull<Head>) {
        // SAFETY: as for `call`.
        unsafe { Self::callback(head) }.closed();
    }

    /// # Safety
    ///
    /// As for `callback`.
    unsafe fn panicked(head: NonNull<Head>, step: &Step<'_>, payload: Payload) -> Option<Payload> {
        // SAFETY: as for `call`.
        unsafe { Self::callback(head) }.panicked(step, payload)
    }

    /// # Safety
    ///
    /// As for `callback`.
    unsafe fn free(head: NonNull<Head>) {
        // SAFETY: called once, by the last handle; `new` made the block with `Box`.
        drop(unsafe { Box::from_raw(head.cast::<Block<C>>().as_ptr()) });
    }
}

impl CallbackRef {
    /// Allocates a callback. The caller is noted as its origin.
    #[must_use]
    #[track_caller]
    pub fn new<C: Callback>(callback: C) -> Self {
        Self::with_origin(Location::caller(), callback)
    }

    /// Allocates a callback that was asked for at `origin`.
    #[must_use]
    pub fn with_origin<C: Callback>(origin: &'static Location<'static>, callback: C) -> Self {
        // Allocated first, so that the block is written where it stays, and not copied there.
        let place = Box::new_uninit();
        let block = Box::write(
            place,
            Block {
                head: Head {
                    vtable: Erased::<C>::VTABLE,
                    origin,
                    count: Cell::new(1),
                    word: Cell::new(0),
                    awaiter: Cell::new(Token::NOBODY),
                },
                callback,
            },
        );
        Self {
            head: NonNull::from(Box::leak(block)).cast(),
            owns: PhantomData,
        }
    }

    fn head(&self) -> &Head {
        // SAFETY: this handle is counted, so the block is there. Nobody has a `&mut` to it.
        unsafe { self.head.as_ref() }
    }

    #[inline]
    pub(crate) fn call(&self, step: &Step<'_>) -> Poll<()> {
        // SAFETY: the vtable is that of the block, and the block is there while `self` is.
        unsafe { (self.head().vtable.call)(self.head, step) }
    }

    pub(crate) fn closed(&self) {
        // SAFETY: as for `call`.
        unsafe { (self.head().vtable.closed)(self.head) }
    }

    pub(crate) fn panicked(&self, step: &Step<'_>, payload: Payload) -> Option<Payload> {
        // SAFETY: as for `call`.
        unsafe { (self.head().vtable.panicked)(self.head, step, payload) }
    }

    /// What the front end keeps in front of the callback.
    #[inline]
    #[must_use]
    pub fn front(&self) -> &dyn Any {
        // SAFETY: as for `call`. The reference points into the callback, which `self` keeps alive
        // and which is never borrowed mutably.
        unsafe { (self.head().vtable.front)(self.head).as_ref() }
    }

    /// Puts a question to the callback: [`Callback::ask`].
    #[inline]
    pub fn ask(&self, question: &mut dyn Any) {
        // SAFETY: as for `call`.
        unsafe { (self.head().vtable.ask)(self.head, question) }
    }

    /// Where the callback was asked for.
    #[must_use]
    pub fn origin(&self) -> &'static Location<'static> {
        self.head().origin
    }

    /// Thirty-two bits that the front end may use as it likes, but for [`QUIET`]; zero at first.
    #[inline]
    #[must_use]
    pub fn word(&self) -> &Cell<u32> {
        &self.head().word
    }

    /// Who is woken when the callback is done, or [`Token::NOBODY`].
    #[inline]
    #[must_use]
    pub fn awaiter(&self) -> Token {
        self.head().awaiter.get()
    }

    /// Has the loop wake this one when the callback is done, in place of whoever it was.
    #[inline]
    pub fn set_awaiter(&self, awaiter: Token) {
        self.head().awaiter.set(awaiter);
    }

    /// A handle that is not counted.
    ///
    /// # Safety
    ///
    /// It is used only while a counted one is there.
    #[inline]
    pub(crate) unsafe fn uncounted(&self) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self {
            head: self.head,
            owns: PhantomData,
        })
    }

    /// Whether both are handles to the same callback.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.head == other.head
    }
}

impl Clone for CallbackRef {
    #[inline]
    fn clone(&self) -> Self {
        let count = &self.head().count;
        // Leaked handles count for ever; a count that wrapped would free the block under the rest.
        assert!(count.get() < u32::MAX, "too many handles to one callback");
        count.set(count.get() + 1);
        Self {
            head: self.head,
            owns: PhantomData,
        }
    }
}

impl Drop for CallbackRef {
    #[inline]
    fn drop(&mut self) {
        let count = &self.head().count;
        count.set(count.get() - 1);
        if count.get() == 0 {
            let free = self.head().vtable.free;
            // SAFETY: the vtable is that of the block, and this was the last handle.
            unsafe { free(self.head) }
        }
    }
}

impl fmt::Debug for CallbackRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackRef")
            .field("origin", &format_args!("{}", self.origin()))
            .finish_non_exhaustive()
    }
}

/// A closure that is called once.
pub(crate) struct Once<F>(Cell<Option<F>>);

/// The question that makes a closure forget what it was to do.
pub(crate) struct Forget;

impl<F: FnOnce() + 'static> Once<F> {
    pub(crate) const fn new(act: F) -> Self {
        Self(Cell::new(Some(act)))
    }
}

impl<F: FnOnce() + 'static> Callback for Once<F> {
    fn closed(self: Pin<&Self>) {
        drop(self.0.take());
    }

    fn call(self: Pin<&Self>, _: &Step<'_>) -> Poll<()> {
        if let Some(act) = self.0.take() {
            act();
        }
        Poll::Ready(())
    }

    fn ask(self: Pin<&Self>, question: &mut dyn Any) {
        if question.is::<Forget>() {
            drop(self.0.take());
        }
    }
}
