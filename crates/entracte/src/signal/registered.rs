//! A listener's part in the handler of a signal: a flag that is set, and a bell that is rung.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signal_hook::consts::FORBIDDEN;
use signal_hook::{SigId, flag, low_level};

use crate::signal::Signal;

/// Who listens to a signal in this process.
struct Listeners {
    count: usize,
    /// Whether nobody does, so that the signal does what the system has it do.
    are_gone: Arc<AtomicBool>,
}

static LISTENERS: Mutex<BTreeMap<Signal, Listeners>> = Mutex::new(BTreeMap::new());

fn listeners() -> MutexGuard<'static, BTreeMap<Signal, Listeners>> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One listener of one signal; it listens for as long as it lives.
pub(super) struct Registered {
    signal: Signal,
    has_come: Arc<AtomicBool>,
    ids: [SigId; 2],
}

impl Registered {
    /// Has the signal ring the bell: a byte is written to it.
    pub(super) fn new(signal: Signal, bell: &UnixStream) -> io::Result<Self> {
        check(signal)?;
        let has_come = Arc::new(AtomicBool::new(false));
        let bell = bell.try_clone()?;
        let mut listeners = listeners();
        let others = match listeners.get_mut(&signal) {
            Some(others) => others,
            None => listeners.entry(signal).or_insert(first(signal)?),
        };
        // The flag before the bell: who hears the bell finds the flag set.
        let flag = flag::register(signal.as_raw(), Arc::clone(&has_come))?;
        let bell = match low_level::pipe::register(signal.as_raw(), bell) {
            Ok(bell) => bell,
            Err(error) => {
                low_level::unregister(flag);
                return Err(error);
            }
        };
        others.count += 1;
        others.are_gone.store(false, Ordering::SeqCst);
        Ok(Self {
            signal,
            has_come,
            ids: [flag, bell],
        })
    }

    /// The signal, if it came since this was last asked.
    pub(super) fn take(&self) -> Option<Signal> {
        self.has_come
            .swap(false, Ordering::SeqCst)
            .then_some(self.signal)
    }

    pub(super) const fn signal(&self) -> Signal {
        self.signal
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut listeners = listeners();
        for id in self.ids {
            low_level::unregister(id);
        }
        if let Some(others) = listeners.get_mut(&self.signal) {
            others.count -= 1;
            others.are_gone.store(others.count == 0, Ordering::SeqCst);
        }
    }
}

fn check(signal: Signal) -> io::Result<()> {
    let problem = if FORBIDDEN.contains(&signal.as_raw()) {
        "the system lets nobody"
    } else if signal.name().is_none() {
        "there is no such signal"
    } else {
        return Ok(());
    };
    let message = format!("cannot listen to {signal}: {problem}");
    Err(io::Error::new(ErrorKind::InvalidInput, message))
}

/// The first listener of a signal: from now on its default is for us to bring about.
fn first(signal: Signal) -> io::Result<Listeners> {
    let are_gone = Arc::new(AtomicBool::new(false));
    // What Ctrl-C does by default is a matter of `run`.
    if signal != Signal::INT {
        flag::register_conditional_default(signal.as_raw(), Arc::clone(&are_gone))?;
    }
    Ok(Listeners { count: 0, are_gone })
}
