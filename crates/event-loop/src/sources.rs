//! Sources: descriptors that the loop watches, each with the callback it calls.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use slab::Slab;

use crate::callback::{Callback, CallbackRef, Forget};
use crate::core::Core;
use crate::selector::{Event, Interest};
use crate::step::Step;

struct Source {
    descriptor: Rc<dyn AsFd>,
    interest: Interest,
    callback: CallbackRef,
    /// Which source this is, as places are used again: the upper half of its key.
    serial: u32,
    /// A source of the loop's own: the program does not wait for it.
    is_background: bool,
}

/// The lower half of a key: the place among the sources.
const PLACE: usize = u32::MAX as usize;

/// Every source of a loop; its key at the selector is its place here.
pub(crate) struct Sources {
    entries: RefCell<Slab<Source>>,
    next_serial: Cell<u32>,
    /// How many the program waits for.
    counted: Cell<usize>,
}

impl Sources {
    pub(crate) const fn new() -> Self {
        Self {
            entries: RefCell::new(Slab::new()),
            next_serial: Cell::new(0),
            counted: Cell::new(0),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    /// Whether a source is there that the program waits for.
    pub(crate) const fn counts(&self) -> bool {
        self.counted.get() > 0
    }

    fn add(&self, core: &Core, mut source: Source) -> io::Result<usize> {
        if core.is_closed() {
            let text = "cannot watch a descriptor with an event loop that is closed";
            return Err(io::Error::other(text));
        }
        source.serial = self
            .next_serial
            .replace(self.next_serial.get().wrapping_add(1))
            >> 1;
        let mut entries = self.entries.borrow_mut();
        let place = entries.vacant_entry();
        let key = (source.serial as usize) << 32 | place.key();
        core.selector
            .borrow_mut()
            .add(source.descriptor.as_fd(), key, source.interest)?;
        let counts = usize::from(!source.is_background);
        self.counted.set(self.counted.get() + counts);
        place.insert(source);
        Ok(key)
    }

    /// Calls `act` with the source of a key, if that is still there.
    fn with<R>(&self, key: usize, act: impl FnOnce(&Source) -> R) -> Option<R> {
        let entries = self.entries.borrow();
        let source = entries.get(key & PLACE)?;
        (source.serial as usize == key >> 32).then(|| act(source))
    }

    /// Takes a source away; whether it was there.
    fn remove(&self, core: &Core, key: usize) -> io::Result<bool> {
        if self.with(key, |_| ()).is_none() {
            return Ok(false);
        }
        let source = self.entries.borrow_mut().remove(key & PLACE);
        let counts = usize::from(!source.is_background);
        self.counted.set(self.counted.get() - counts);
        let removed = core.selector.borrow_mut().remove(source.descriptor.as_fd());
        removed.map(|()| true)
    }

    /// Calls the callback of a source that is ready. One that panics is not called again.
    pub(crate) fn call(&self, core: &Core, event: Event) {
        let key = event.key;
        let Some(callback) = self.with(key, |source| source.callback.clone()) else {
            return;
        };
        let done = core.call_without_slot(&callback).is_ready();
        let outcome = if done {
            self.remove(core, key).map(drop)
        } else {
            self.watch_again(core, key)
        };
        if let Err(error) = outcome {
            let report = crate::Report::new("cannot watch a descriptor any longer");
            core.report(&report.at(callback.origin()).with(&error));
        }
    }

    fn watch_again(&self, core: &Core, key: usize) -> io::Result<()> {
        let again = |source: &Source| {
            let mut selector = core.selector.borrow_mut();
            selector.change(source.descriptor.as_fd(), key, source.interest)
        };
        self.with(key, again).unwrap_or(Ok(()))
    }

    /// Takes any source away: what it holds is the caller's to drop.
    pub(crate) fn take_one(&self, core: &Core) -> Option<(Rc<dyn AsFd>, CallbackRef)> {
        let mut entries = self.entries.borrow_mut();
        let place = entries.iter().next().map(|(place, _)| place)?;
        let source = entries.remove(place);
        drop(entries);
        self.counted.set(0);
        // The descriptor is closed right after, which takes it from the selector in any case.
        let mut selector = core.selector.borrow_mut();
        drop(selector.remove(source.descriptor.as_fd()));
        Some((source.descriptor, source.callback))
    }
}

/// A closure that is called again and again.
struct Repeated<F> {
    /// Out of its cell while it runs: it may cancel its own handle.
    act: Cell<Option<F>>,
    is_cancelled: Cell<bool>,
}

impl<F: FnMut() + 'static> Callback for Repeated<F> {
    fn call(self: Pin<&Self>, _: &Step<'_>) -> Poll<()> {
        let Some(mut act) = self.act.take() else {
            return Poll::Ready(());
        };
        act();
        if self.is_cancelled.get() {
            return Poll::Ready(());
        }
        self.act.set(Some(act));
        Poll::Pending
    }

    fn ask(self: Pin<&Self>, question: &mut dyn std::any::Any) {
        if question.is::<Forget>() {
            self.is_cancelled.set(true);
            drop(self.act.take());
        }
    }
}

/// A handle to a descriptor that a loop watches. Dropping it changes nothing.
///
/// # Python
///
/// `remove_reader` and `remove_writer` of the loop are `cancel` of this handle.
pub struct WatchHandle {
    core: Weak<Core>,
    key: usize,
    callback: CallbackRef,
}

impl WatchHandle {
    /// Watches a descriptor. With `is_level`, what stays ready is reported once a turn.
    pub(crate) fn new(
        core: &Core,
        descriptor: Rc<dyn AsFd>,
        interest: Interest,
        is_background: bool,
        callback: CallbackRef,
    ) -> io::Result<Self> {
        let source = Source {
            descriptor,
            interest,
            callback: callback.clone(),
            is_background,
            serial: 0,
        };
        let key = core.sources.add(core, source)?;
        Ok(Self {
            core: core.to_weak(),
            key,
            callback,
        })
    }

    /// Ends the watch; whether it was still on. Its callback is not called again.
    ///
    /// # Errors
    ///
    /// Returns the system's error if it does not let go of the descriptor.
    #[doc(alias = "asyncio.loop.remove_reader")]
    #[doc(alias = "asyncio.loop.remove_writer")]
    pub fn cancel(&self) -> io::Result<bool> {
        self.callback.ask(&mut Forget);
        match self.core.upgrade() {
            Some(core) => core.sources.remove(&core, self.key),
            None => Ok(false),
        }
    }
}

impl fmt::Debug for WatchHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchHandle").finish_non_exhaustive()
    }
}

/// The callback of a watched descriptor.
#[track_caller]
pub(crate) fn repeated(act: impl FnMut() + 'static) -> CallbackRef {
    CallbackRef::new(Repeated {
        act: Cell::new(Some(act)),
        is_cancelled: Cell::new(false),
    })
}
