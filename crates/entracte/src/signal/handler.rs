//! `signal::on`: a callback that is called when a signal came.

use std::fmt;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use entracte_event_loop::{EventLoop, WatchHandle};

use crate::signal::Signal;
use crate::signal::registered::Registered;

/// Has the loop that runs here call `act` whenever a signal came, until the handle is cancelled or
/// the loop closes.
///
/// `act` is called between two steps of the tasks, as any callback, and not as a handler of the
/// system's: it may do what it likes. What holds for listeners of [`stream`](super::stream()) holds
/// for it: there may be several, and signals coalesce. A program that has one is not found to be
/// stuck, as it waits for the signal.
///
/// # Errors
///
/// As [`stream`](super::stream()), and if the loop cannot watch a descriptor more.
///
/// # Panics
///
/// Panics outside an event loop.
///
/// # Python
///
/// [`loop.add_signal_handler`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.add_signal_handler).
/// There another handler takes the place of the first.
///
/// # Examples
///
/// ```
/// use entracte::signal::{self, Signal};
/// use entracte::sync::Event;
///
/// # entracte::run(async {
/// let reload = Event::new();
/// let told = reload.clone();
/// let handler = signal::on(Signal::HUP, move || told.set())?;
/// rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::HUP)?;
/// reload.wait().await;
/// handler.cancel();
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.loop.add_signal_handler")]
#[track_caller]
pub fn on(signal: Signal, mut act: impl FnMut() + 'static) -> io::Result<SignalHandle> {
    let Some(event_loop) = EventLoop::current() else {
        panic!("cannot handle a signal outside an event loop");
    };
    let (bell, ring) = UnixStream::pair()?;
    bell.set_nonblocking(true)?;
    let bell = Rc::new(bell);
    let source = Rc::clone(&bell);
    let registered = Registered::new(signal, &ring)?;
    let watch = event_loop.add_reader(&source, move || {
        empty(&bell);
        if registered.take().is_some() {
            act();
        }
    })?;
    Ok(SignalHandle { signal, watch })
}

fn empty(mut bell: &UnixStream) {
    let mut bytes = [0; 64];
    while bell.read(&mut bytes).is_ok_and(|count| count > 0) {}
}

/// A handle to a callback of [`on`]. Dropping it changes nothing.
pub struct SignalHandle {
    signal: Signal,
    watch: WatchHandle,
}

impl SignalHandle {
    /// Ends it: the callback is dropped. Returns whether it was still on.
    #[doc(alias = "asyncio.loop.remove_signal_handler")]
    pub fn cancel(&self) -> bool {
        self.watch.cancel().unwrap_or(false)
    }
}

impl fmt::Debug for SignalHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalHandle")
            .field("signal", &self.signal)
            .finish_non_exhaustive()
    }
}
