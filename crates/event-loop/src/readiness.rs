//! Readiness: what a selector said of a descriptor last, and whom to wake when it says more.

use std::cell::Cell;
use std::ptr;
use std::rc::{Rc, Weak};
use std::task::Waker;

use crate::core::Core;
use crate::selector::Event;
use crate::waiters::{Others, Place, Waiters};

/// Says whether a future waits to read or to write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// Until reading gives something: data, the end, or an error.
    Read,
    /// Until writing takes something, or gives an error.
    Write,
}

const READ: u8 = 1;
const WRITE: u8 = 2;
const ENDED: u8 = 4;
/// The loop counts it among what the program waits for.
const COUNTED: u8 = 8;
/// A use may be short although the next one would not block.
const SHORT_MEANS_NOTHING: u8 = 16;

/// After so many uses in a row that did not wait, a descriptor makes way for others once.
const USES_IN_A_ROW: u8 = 64;

pub(crate) struct Readiness {
    bits: Cell<u8>,
    uses: Cell<u8>,
    /// The number of the future that came last and has one.
    last_number: Cell<u32>,
    /// The loop that watches it, to compare with, and never to be followed.
    home: Cell<*const Core>,
    readers: Waiters,
    writers: Waiters,
    /// That loop again, and the key under which it does.
    watch: Cell<(Weak<Core>, usize)>,
}

impl Readiness {
    /// Of a descriptor that was not tried yet.
    pub(crate) const fn new() -> Self {
        Self {
            bits: Cell::new(READ | WRITE),
            uses: Cell::new(0),
            last_number: Cell::new(0),
            home: Cell::new(ptr::null()),
            readers: Waiters::new(),
            writers: Waiters::new(),
            watch: Cell::new((Weak::new(), 0)),
        }
    }

    #[inline]
    pub(crate) fn is_ready(&self, direction: Direction) -> bool {
        self.bits.get() & bit(direction) != 0
    }

    /// To be called when the system had nothing, or less than was asked for.
    #[inline]
    pub(crate) fn clear(&self, direction: Direction) {
        self.bits.set(self.bits.get() & !bit(direction));
    }

    /// As `clear`, for a use that was merely short: at the end no other report will follow.
    #[inline]
    pub(crate) fn clear_unless_ended(&self, direction: Direction) {
        if self.bits.get() & (ENDED | SHORT_MEANS_NOTHING) == 0 {
            self.clear(direction);
        }
    }

    pub(crate) fn ignore_short(&self) {
        self.bits.set(self.bits.get() | SHORT_MEANS_NOTHING);
    }

    /// Whether it is time to make way for others.
    #[inline]
    pub(crate) fn must_make_way(&self) -> bool {
        let uses = self.uses.get() + 1;
        self.uses.set(if uses > USES_IN_A_ROW { 0 } else { uses });
        uses > USES_IN_A_ROW
    }

    /// Takes out which loop watches it, and under which key.
    pub(crate) fn take_watch(&self) -> (Weak<Core>, usize) {
        self.home.set(ptr::null());
        self.watch.take()
    }

    #[inline]
    pub(crate) fn is_watched_by(&self, core: &Core) -> bool {
        ptr::eq(self.home.get(), core)
    }

    pub(crate) fn set_watch(&self, home: Weak<Core>, key: usize) {
        self.bits.set(self.bits.get() & !(COUNTED | ENDED));
        self.home.set(home.as_ptr());
        // Kept as well, so that no other loop comes to lie at its address.
        self.watch.replace((home, key));
    }

    /// Wakes this waker when the direction is ready.
    #[inline]
    pub(crate) fn wait(&self, core: &Core, direction: Direction, waker: &Waker, place: Place) {
        self.uses.set(0);
        self.waiters(direction).add(core, waker, place);
        if self.bits.get() & COUNTED == 0 {
            self.bits.set(self.bits.get() | COUNTED);
            core.sources.count(true);
        }
    }

    /// A place of its own for a future.
    pub(crate) fn new_place(&self) -> Place {
        let number = self.last_number.get().wrapping_add(1);
        self.last_number.set(number);
        Place::Future(number)
    }

    /// The future of this place does not wait any more.
    pub(crate) fn forget(&self, direction: Direction, place: Place) {
        let waker = self.waiters(direction).forget(place);
        if self.has_no_waiters()
            && let Some(core) = self.home()
        {
            self.leave(&core);
            core.tell_host();
        }
        // Last, as it may come back here.
        drop(waker);
    }

    /// The loop that watches it, which need not be the one that runs here.
    fn home(&self) -> Option<Rc<Core>> {
        let watch = self.watch.take();
        let home = watch.0.upgrade();
        self.watch.set(watch);
        home
    }

    fn has_no_waiters(&self) -> bool {
        self.readers.is_empty() && self.writers.is_empty()
    }

    /// Nobody waits for it here any more.
    #[inline]
    pub(crate) fn leave(&self, core: &Core) {
        if self.bits.get() & COUNTED != 0 {
            self.bits.set(self.bits.get() & !COUNTED);
            core.sources.count(false);
        }
    }

    /// Notes what the selector says, and wakes who waits for it; those are the caller's to wake
    /// that may come back here.
    #[inline]
    pub(crate) fn report(&self, core: &Core, event: Event) -> Option<Others> {
        let told = [
            u8::from(event.readable) * READ,
            u8::from(event.writable) * WRITE,
            u8::from(event.ended) * ENDED,
        ];
        let told = told[0] | told[1] | told[2];
        self.bits.set(self.bits.get() | told);
        let mut has_others = false;
        if event.readable {
            has_others |= self.readers.wake_first(core);
        }
        if event.writable {
            has_others |= self.writers.wake_first(core);
        }
        let others = has_others.then(|| self.take_others(event));
        if self.has_no_waiters() {
            self.leave(core);
        }
        others
    }

    #[cold]
    fn take_others(&self, event: Event) -> Others {
        let mut others = Others::new();
        if event.readable {
            others.extend(self.readers.take_others());
        }
        if event.writable {
            others.extend(self.writers.take_others());
        }
        others
    }

    /// Wakes everybody, whatever their loop: they are to try again.
    pub(crate) fn wake_all(&self) {
        self.readers.wake_all();
        self.writers.wake_all();
    }

    #[inline]
    const fn waiters(&self, direction: Direction) -> &Waiters {
        match direction {
            Direction::Read => &self.readers,
            Direction::Write => &self.writers,
        }
    }
}

#[inline]
const fn bit(direction: Direction) -> u8 {
    match direction {
        Direction::Read => READ,
        Direction::Write => WRITE,
    }
}
