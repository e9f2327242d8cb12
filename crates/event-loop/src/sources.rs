//! Sources: descriptors that the loop watches, each with the callback it calls.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::mem;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use slab::Slab;

use crate::callback::{Callback, CallbackRef, Forget};
use crate::core::Core;
use crate::readiness::Readiness;
use crate::selector::{Event, Interest};
use crate::step::Step;
use crate::waiters;
use crate::waker::Wakeup;

struct Source {
    kind: Kind,
    /// Which source this is, as places are used again: the upper half of its key.
    serial: u32,
}

enum Kind {
    /// Calls a callback once a turn, for as long as it is ready.
    Callback {
        descriptor: Rc<dyn AsFd>,
        interest: Interest,
        callback: CallbackRef,
        /// A source of the loop's own: the program does not wait for it.
        is_background: bool,
    },
    /// Tells futures each time it becomes ready.
    Futures(Rc<Readiness>),
}

/// What is left to be done for a source that is ready.
enum Told {
    Callback(CallbackRef),
    Others(Vec<Wakeup>),
}

/// The lower half of a key: the place among the sources.
const PLACE: usize = u32::MAX as usize;

/// Serials are one bit short, so that no key is `usize::MAX`.
const SERIALS: u32 = u32::MAX >> 1;

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

    /// One more that the program waits for, or one less.
    pub(crate) fn count(&self, is_waited_for: bool) {
        let counted = self.counted.get();
        self.counted.set(if is_waited_for {
            counted + 1
        } else {
            counted.saturating_sub(1)
        });
    }

    fn add(&self, core: &Core, kind: Kind, fd: BorrowedFd<'_>, of: Interest) -> io::Result<usize> {
        if core.is_closed() {
            let text = "cannot watch a descriptor with an event loop that is closed";
            return Err(io::Error::other(text));
        }
        let serial = self.next_serial.get();
        self.next_serial.set((serial + 1) & SERIALS);
        let mut entries = self.entries.borrow_mut();
        let place = entries.vacant_entry();
        let key = (serial as usize) << 32 | place.key();
        core.selector.borrow_mut().add(fd, key, of)?;
        place.insert(Source { kind, serial });
        Ok(key)
    }

    /// Watches a descriptor for futures.
    pub(crate) fn add_readiness(
        &self,
        core: &Core,
        fd: BorrowedFd<'_>,
        interest: Interest,
        readiness: Rc<Readiness>,
    ) -> io::Result<usize> {
        self.add(core, Kind::Futures(readiness), fd, interest)
    }

    /// Calls `act` with the source of a key, if that is still there.
    fn with<R>(&self, key: usize, act: impl FnOnce(&Source) -> R) -> Option<R> {
        let entries = self.entries.borrow();
        let source = entries.get(key & PLACE)?;
        (source.serial as usize == key >> 32).then(|| act(source))
    }

    /// Takes a source away: what it holds is the caller's to drop.
    fn take(&self, key: usize) -> Option<Kind> {
        self.with(key, |_| ())?;
        let source = self.entries.borrow_mut().remove(key & PLACE);
        let is_counted =
            matches!(&source.kind, Kind::Callback { is_background, .. } if !is_background);
        if is_counted {
            self.count(false);
        }
        Some(source.kind)
    }

    /// Takes the source of a callback away; whether it was there.
    fn remove(&self, core: &Core, key: usize) -> io::Result<bool> {
        let Some(Kind::Callback { descriptor, .. }) = self.take(key) else {
            return Ok(false);
        };
        let removed = core.selector.borrow_mut().remove(descriptor.as_fd());
        removed.map(|()| true)
    }

    /// Takes the source of futures away, whose descriptor is about to be closed.
    pub(crate) fn remove_readiness(&self, core: &Core, key: usize, fd: BorrowedFd<'_>) {
        if self.take(key).is_some() {
            // An error would say that it is not watched, which is what is wanted.
            drop(core.selector.borrow_mut().remove(fd));
        }
    }

    /// Tells the source that is ready. A callback that panics is not called again.
    #[inline]
    pub(crate) fn call(&self, core: &Core, event: Event) {
        let entries = self.entries.borrow();
        let told = match entries.get(event.key & PLACE) {
            Some(source) if source.serial as usize == event.key >> 32 => match &source.kind {
                Kind::Callback { callback, .. } => Told::Callback(callback.clone()),
                Kind::Futures(readiness) => match readiness.report(core, event) {
                    Some(others) => Told::Others(others),
                    None => return,
                },
            },
            _ => return,
        };
        drop(entries);
        self.call_told(core, event.key, told);
    }

    #[inline(never)]
    fn call_told(&self, core: &Core, key: usize, told: Told) {
        match told {
            Told::Callback(callback) => self.call_back(core, key, &callback),
            Told::Others(others) => waiters::wake_each(others),
        }
    }

    fn call_back(&self, core: &Core, key: usize, callback: &CallbackRef) {
        let done = core.call_without_slot(callback).is_ready();
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
        let again = |source: &Source| match &source.kind {
            Kind::Callback {
                descriptor,
                interest,
                ..
            } => {
                let mut selector = core.selector.borrow_mut();
                selector.change(descriptor.as_fd(), key, *interest)
            }
            Kind::Futures(_) => Ok(()),
        };
        self.with(key, again).unwrap_or(Ok(()))
    }

    /// Takes all sources away: what they hold is the caller's to drop.
    pub(crate) fn take_all(&self, core: &Core) -> impl Iterator<Item = impl Sized + use<>> + use<> {
        let entries = mem::take(&mut *self.entries.borrow_mut());
        self.counted.set(0);
        let mut selector = core.selector.borrow_mut();
        for (_, source) in &entries {
            if let Kind::Callback { descriptor, .. } = &source.kind {
                // The descriptor is closed right after, which takes it from the selector in any case.
                drop(selector.remove(descriptor.as_fd()));
            }
        }
        entries.into_iter().map(|(_, source)| source.kind)
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
        let kind = Kind::Callback {
            descriptor: Rc::clone(&descriptor),
            interest,
            callback: callback.clone(),
            is_background,
        };
        let key = core.sources.add(core, kind, descriptor.as_fd(), interest)?;
        if !is_background {
            core.sources.count(true);
        }
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
