//! Descriptors: callbacks that are called when one can be read or written.

use std::io;
use std::os::fd::AsFd;
use std::rc::Rc;

use crate::callback::CallbackRef;
use crate::event_loop::EventLoop;
use crate::selector::Interest;
use crate::sources::{self, WatchHandle};

impl EventLoop {
    /// Calls `act` once a turn while a descriptor can be read, its end included.
    ///
    /// The loop watches a duplicate, so the caller may close its own at any time; the open file
    /// is closed once the watch is cancelled as well.
    ///
    /// # Errors
    ///
    /// Returns the system's error if the descriptor cannot be duplicated or watched.
    #[doc(alias = "asyncio.loop.add_reader")]
    #[track_caller]
    pub fn add_reader(
        &self,
        descriptor: &impl AsFd,
        act: impl FnMut() + 'static,
    ) -> io::Result<WatchHandle> {
        self.watch(
            descriptor,
            Interest::READABLE,
            false,
            sources::repeated(act),
        )
    }

    /// Calls `act` once a turn while a descriptor can be written.
    ///
    /// # Errors
    ///
    /// As [`add_reader`](Self::add_reader).
    #[doc(alias = "asyncio.loop.add_writer")]
    #[track_caller]
    pub fn add_writer(
        &self,
        descriptor: &impl AsFd,
        act: impl FnMut() + 'static,
    ) -> io::Result<WatchHandle> {
        self.watch(
            descriptor,
            Interest::WRITABLE,
            false,
            sources::repeated(act),
        )
    }

    /// As [`add_reader`](Self::add_reader), for what the program does not wait for: a source of
    /// signals, say. Such a one does not keep a stuck program from being found stuck.
    ///
    /// # Errors
    ///
    /// As [`add_reader`](Self::add_reader).
    #[track_caller]
    pub fn add_background_reader(
        &self,
        descriptor: &impl AsFd,
        act: impl FnMut() + 'static,
    ) -> io::Result<WatchHandle> {
        self.watch(descriptor, Interest::READABLE, true, sources::repeated(act))
    }

    fn watch(
        &self,
        descriptor: &impl AsFd,
        interest: Interest,
        is_background: bool,
        callback: CallbackRef,
    ) -> io::Result<WatchHandle> {
        let own = Rc::new(descriptor.as_fd().try_clone_to_owned()?);
        WatchHandle::new(&self.core, own, interest, is_background, callback)
    }
}
