//! The slots in which a loop keeps its callbacks, and the ready queue that runs through them.

use std::cell::{Cell, UnsafeCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use crate::callback::CallbackRef;
use crate::token::{GENERATIONS, SLOTS};

/// No slot: the end of a list.
const NONE: u32 = u32::MAX;
/// Slots are allocated together in chunks of this many, and never move.
const CHUNK: u32 = 512;

const QUEUED: u32 = 1;
/// Done while it was still queued: free once it leaves the ready queue.
const DONE: u32 = 2;
/// Its callback is being called, so it stays where it is.
const CALLED: u32 = 4;
/// To be removed as soon as its callback returns.
const ABANDONED: u32 = 8;
/// Its turn came while its callback was being called already.
const MISSED: u32 = 16;
/// It has a callback: only such a slot can be made ready.
const TAKEN: u32 = 32;
const FLAG_BITS: u32 = 6;

/// What came of calling the callback of a slot.
pub(crate) enum Called {
    /// There was none, or it was being called already.
    Nothing,
    /// It is not done, and waits to be woken.
    Waits,
    /// It is not done, and ready again.
    IsReady,
    /// It is not done, and missed a turn meanwhile.
    Missed,
    /// It is done; the slot is to be removed.
    Gone(CallbackRef),
}

/// One slot: sixteen bytes.
#[derive(Default)]
pub(crate) struct Slot {
    /// The generation, above the flags.
    word: Cell<u32>,
    /// The next in the ready queue, or in the list of free slots. In neither, while the callback
    /// waits, the loop's time in milliseconds when it was last called.
    next: Cell<u32>,
    callback: Cell<Option<CallbackRef>>,
}

impl Slot {
    pub(crate) fn generation(&self) -> u32 {
        self.word.get() >> FLAG_BITS
    }

    fn has(&self, flag: u32) -> bool {
        self.word.get() & flag != 0
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.has(QUEUED)
    }

    fn set_flag(&self, flag: u32) {
        self.word.set(self.word.get() | flag);
    }

    /// Takes the callback out, unless it is being called: then it goes once it returns.
    pub(crate) fn take(&self) -> Option<CallbackRef> {
        if self.has(CALLED) {
            self.set_flag(ABANDONED);
            return None;
        }
        self.callback.take()
    }

    /// Calls `act` with the callback, which says whether that is done.
    #[inline]
    pub(crate) fn call(&self, act: impl FnOnce(&CallbackRef) -> bool) -> Called {
        if self.has(CALLED) {
            self.set_flag(MISSED);
            return Called::Nothing;
        }
        // SAFETY: for a read only, during which nothing else runs.
        let callback = unsafe { &*self.callback.as_ptr() };
        let Some(callback) = callback else {
            return Called::Nothing;
        };
        // SAFETY: the slot keeps its own handle until this one is gone: `take` leaves a slot alone
        // that is being called, and `insert` is for slots that are not taken. Were `act` to panic,
        // the slot would stay CALLED, and its handle with it.
        let callback = unsafe { callback.uncounted() };
        self.set_flag(CALLED);
        let is_done = act(&callback);
        let word = self.word.get();
        self.word.set(word & !(CALLED | ABANDONED | MISSED));
        if is_done || word & ABANDONED != 0 {
            return self.callback.take().map_or(Called::Nothing, Called::Gone);
        }
        match word & (MISSED | QUEUED) {
            0 => Called::Waits,
            QUEUED => Called::IsReady,
            _ => Called::Missed,
        }
    }

    /// Notes when the callback was last called, which waits: it is in no list.
    #[inline]
    pub(crate) fn set_last_called(&self, millis: u32) {
        debug_assert!(self.has(TAKEN) && !self.has(QUEUED), "it is in a list");
        self.next.set(millis);
    }

    /// When the callback was last called, unless it is ready.
    pub(crate) fn last_called(&self) -> Option<u32> {
        (!self.has(QUEUED | CALLED)).then(|| self.next.get())
    }

    /// The callback, unless the slot is free.
    pub(crate) fn get(&self) -> Option<CallbackRef> {
        // SAFETY: for a clone only, which calls nothing.
        unsafe { &*self.callback.as_ptr() }.clone()
    }
}

/// All slots of a loop, the free ones among them in a list, the ready ones in a queue.
pub(crate) struct Slots {
    chunks: UnsafeCell<Vec<NonNull<Slot>>>,
    first_free: Cell<u32>,
    /// How many callbacks were ever kept, and how many of them are gone.
    added: Cell<u64>,
    removed: Cell<u64>,
    first_ready: Cell<u32>,
    /// The last of the ready queue, while that is not empty.
    last_ready: Cell<NonNull<Slot>>,
    ready: Cell<u32>,
}

impl Slots {
    pub(crate) const fn new() -> Self {
        Self {
            chunks: UnsafeCell::new(Vec::new()),
            first_free: Cell::new(NONE),
            added: Cell::new(0),
            removed: Cell::new(0),
            first_ready: Cell::new(NONE),
            last_ready: Cell::new(NonNull::dangling()),
            ready: Cell::new(0),
        }
    }

    #[inline]
    pub(crate) fn slot(&self, index: u32) -> Option<&Slot> {
        // SAFETY: the vector is only borrowed within this function, `used` and `grow`, none of which
        // calls anything while it is that could come back here. A chunk has `CHUNK` slots, is initialized whole,
        // does not move when the vector grows, and lives as long as `self`.
        unsafe {
            let chunks = &*self.chunks.get();
            let chunk = *chunks.get((index / CHUNK) as usize)?;
            Some(chunk.add((index % CHUNK) as usize).as_ref())
        }
    }

    /// The slot, if its callback is still that of this generation.
    #[inline]
    pub(crate) fn live(&self, index: u32, generation: u32) -> Option<&Slot> {
        self.slot(index)
            .filter(|slot| slot.generation() == generation && slot.has(TAKEN))
    }

    /// Adds a chunk of free slots to a list that is empty; does nothing if there are all.
    #[cold]
    fn grow(&self) {
        let first = self.used();
        // The last slot stays unused: it is nobody's.
        let end = (first + CHUNK).min(SLOTS - 1);
        if first >= end {
            return;
        }
        let next = |slot| if slot + 1 < end { slot + 1 } else { NONE };
        let free = |slot| Slot {
            next: Cell::new(next(slot)),
            ..Slot::default()
        };
        let chunk: Box<[Slot]> = (first..first + CHUNK).map(free).collect();
        let chunk = NonNull::from(Box::leak(chunk)).cast::<Slot>();
        // SAFETY: nobody else borrows the vector: see `slot`.
        unsafe { (*self.chunks.get()).push(chunk) };
        self.first_free.set(first);
    }

    /// Keeps a callback; gives it back if there are as many as a token can count.
    #[inline]
    pub(crate) fn insert(&self, callback: CallbackRef) -> Result<(u32, &Slot), CallbackRef> {
        let index = self.first_free.get();
        match self.slot(index) {
            Some(slot) => Ok(self.fill(index, slot, callback)),
            None => self.grow_and_insert(callback),
        }
    }

    #[cold]
    fn grow_and_insert(&self, callback: CallbackRef) -> Result<(u32, &Slot), CallbackRef> {
        self.grow();
        let index = self.first_free.get();
        match self.slot(index) {
            Some(slot) => Ok(self.fill(index, slot, callback)),
            None => Err(callback),
        }
    }

    /// Puts a callback into the first of the free slots.
    #[inline]
    fn fill<'a>(&self, index: u32, slot: &'a Slot, callback: CallbackRef) -> (u32, &'a Slot) {
        self.first_free.set(slot.next.get());
        slot.set_flag(TAKEN);
        // There is nothing to drop in a slot that is free.
        let _none = ManuallyDrop::new(slot.callback.replace(Some(callback)));
        self.added.set(self.added.get() + 1);
        (index, slot)
    }

    /// Frees the slot of a callback that is done. Its tokens are stale from now on.
    pub(crate) fn remove(&self, index: u32) {
        let Some(slot) = self.slot(index) else {
            return;
        };
        let generation = (slot.generation() + 1) % GENERATIONS;
        self.removed.set(self.removed.get() + 1);
        if slot.has(QUEUED) {
            slot.word.set(generation << FLAG_BITS | QUEUED | DONE);
        } else {
            slot.word.set(generation << FLAG_BITS);
            self.free(index, slot);
        }
    }

    fn free(&self, index: u32, slot: &Slot) {
        slot.next.set(self.first_free.get());
        self.first_free.set(index);
    }

    /// Puts a slot at the end of the ready queue, unless it is in it.
    #[inline]
    pub(crate) fn make_ready(&self, index: u32, slot: &Slot) {
        let word = slot.word.get();
        if word & QUEUED == 0 {
            self.push_ready(index, slot, word);
        }
    }

    /// Makes the callback of a token ready, unless it is ready or done.
    #[inline]
    pub(crate) fn wake(&self, index: u32, generation: u32) {
        let Some(slot) = self.slot(index) else {
            return;
        };
        let word = slot.word.get();
        // All in one comparison: of this generation, taken, neither queued nor done.
        if word & !(CALLED | ABANDONED | MISSED) == generation << FLAG_BITS | TAKEN {
            self.push_ready(index, slot, word);
        }
    }

    #[inline]
    fn push_ready(&self, index: u32, slot: &Slot, word: u32) {
        slot.word.set(word | QUEUED);
        let last = self.last_ready.replace(NonNull::from(slot));
        let ready = self.ready.get();
        if ready > 0 {
            // SAFETY: the queue is not empty, so `last` is its last slot, put there by an earlier
            // call of this. Slots neither move nor go while `self` is there.
            unsafe { last.as_ref() }.next.set(index);
        } else {
            self.first_ready.set(index);
        }
        self.ready.set(ready + 1);
    }

    /// Takes the slot out that is first in the ready queue.
    #[inline]
    pub(crate) fn pop_ready(&self) -> Option<(u32, &Slot)> {
        if self.ready.get() == 0 {
            return None;
        }
        let index = self.first_ready.get();
        // SAFETY: the queue is not empty, and `make_ready` put only slots into it.
        let slot = unsafe { self.slot(index).unwrap_unchecked() };
        self.unlink(slot);
        self.leave(index, slot);
        Some((index, slot))
    }

    #[inline]
    fn unlink(&self, first: &Slot) {
        self.first_ready.set(first.next.get());
        self.ready.set(self.ready.get() - 1);
    }

    #[inline]
    fn leave(&self, index: u32, slot: &Slot) {
        let word = slot.word.get();
        slot.word.set(word & !(QUEUED | DONE));
        if word & DONE != 0 {
            self.free(index, slot);
        }
    }

    /// Unlinks the first of the ready queue, which still counts as queued: waking it does nothing.
    pub(crate) fn unlink_ready(&self) -> Option<u32> {
        let index = self.first_ready.get();
        self.unlink(self.slot(index).filter(|_| self.ready.get() > 0)?);
        Some(index)
    }

    /// From now on a slot that was unlinked can be made ready again.
    pub(crate) fn leave_ready(&self, index: u32) -> Option<&Slot> {
        let slot = self.slot(index)?;
        self.leave(index, slot);
        Some(slot)
    }

    #[inline]
    pub(crate) fn ready(&self) -> usize {
        self.ready.get() as usize
    }

    pub(crate) fn alive(&self) -> usize {
        (self.added.get() - self.removed.get()) as usize
    }

    /// How many callbacks were ever kept.
    pub(crate) fn added(&self) -> u64 {
        self.added.get()
    }

    /// One more than the highest slot there is.
    pub(crate) fn used(&self) -> u32 {
        // SAFETY: for this read only; see `slot`.
        unsafe { (*self.chunks.get()).len() as u32 * CHUNK }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        for chunk in self.chunks.get_mut().drain(..) {
            let slots = NonNull::slice_from_raw_parts(chunk, CHUNK as usize);
            // SAFETY: `grow` leaked a boxed slice of `CHUNK` slots, and this takes it back once.
            drop(unsafe { Box::from_raw(slots.as_ptr()) });
        }
    }
}
