//! `signal::stream` and `signal::wait`: signals as something to wait for.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll};

use entracte_event_loop::{Direction, Interest, Watched};
use futures_core::Stream;

use crate::signal::Signal;
use crate::signal::registered::Registered;
use crate::task::waiting::{Wait, waits_for};

/// Listens to signals from now on, and gives them one by one.
///
/// While somebody listens, the signal does not do what it does by default; when the last listener is
/// dropped, it does so again. There may be any number of listeners, in any number of loops, and each
/// gets every signal.
///
/// Signals coalesce: those of one kind that come before the listener looks are one. Of several kinds
/// that came meanwhile, the one that stands first in `signals` is given first.
///
/// Ctrl-C is a matter of [`run`](crate::run()): it cancels the main task, whoever else listens. A
/// program that listens to [`Signal::INT`] itself does so before its first run, or begins with
/// [`Runner::set_ctrl_c(false)`](crate::Runner::set_ctrl_c); when it does not listen any more,
/// Ctrl-C does nothing.
///
/// # Errors
///
/// Returns an error if there is no such signal, if the system lets nobody handle it, or if there is
/// no descriptor left.
///
/// # Python
///
/// [`loop.add_signal_handler`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.add_signal_handler)
/// with a queue. There a signal has one handler.
///
/// # Examples
///
/// ```
/// use entracte::signal::{self, Signal};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut signals = signal::stream([Signal::HUP, Signal::TERM])?;
/// let came = entracte::run(async move {
///     rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::HUP)?;
///     Ok::<_, std::io::Error>(signals.next().await)
/// })??;
/// assert_eq!(came, Signal::HUP);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "asyncio.loop.add_signal_handler")]
pub fn stream(signals: impl IntoIterator<Item = Signal>) -> io::Result<Signals> {
    let (bell, ring) = UnixStream::pair()?;
    bell.set_nonblocking(true)?;
    let kinds = signals.into_iter();
    let kinds = kinds.map(|signal| Registered::new(signal, &ring));
    Ok(Signals {
        kinds: kinds.collect::<Result<_, _>>()?,
        bell: Watched::new(bell, Interest::READABLE),
    })
}

/// Waits for a signal, which does not do what it does by default meanwhile.
///
/// It listens from when it is first polled until it is done or dropped. To hear of every signal, and
/// not only of those that come while somebody waits, make a [`stream`].
///
/// # Cancel safety
///
/// Cancel safe, but a signal that came and was not given yet is lost.
///
/// # Errors
///
/// As [`stream`].
///
/// # Python
///
/// [`signal.sigwait`](https://docs.python.org/3/library/signal.html#signal.sigwait), which blocks.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::signal::{self, Signal};
///
/// # entracte::run(async {
/// let told = entracte::timeout(Duration::from_millis(1), signal::wait(Signal::HUP)).await;
/// assert!(told.is_err()); // nobody sent it
/// # }).unwrap();
/// ```
pub async fn wait(signal: Signal) -> io::Result<()> {
    stream([signal])?.next().await;
    Ok(())
}

/// The signals that [`stream`] listens to.
///
/// As a [`Stream`] it never ends.
pub struct Signals {
    kinds: Vec<Registered>,
    bell: Watched<UnixStream>,
}

impl Signals {
    /// Waits for the next signal.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a signal is given or still there.
    ///
    /// # Panics
    ///
    /// Panics outside an event loop, and if the loop cannot watch a descriptor more.
    pub async fn next(&mut self) -> Signal {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next signal that came already, without waiting.
    pub fn try_next(&mut self) -> Option<Signal> {
        self.kinds.iter().find_map(Registered::take)
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<Signal> {
        loop {
            if let Some(signal) = self.try_next() {
                return Poll::Ready(signal);
            }
            let hear = |mut bell: &UnixStream| bell.read(&mut [0; 64]);
            match self.bell.poll(Direction::Read, cx.waker(), hear) {
                // Nobody can ring: it listens to no signal at all.
                Poll::Ready(Ok(0)) => return Poll::Pending,
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => panic!("cannot wait for a signal: {error}"),
                Poll::Pending => {
                    waits_for(Wait::Signal);
                    return Poll::Pending;
                }
            }
        }
    }
}

impl Stream for Signals {
    type Item = Signal;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Signal>> {
        self.poll(cx).map(Some)
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.kinds.iter().map(Registered::signal);
        f.debug_tuple("Signals")
            .field(&kinds.collect::<Vec<_>>())
            .finish()
    }
}
