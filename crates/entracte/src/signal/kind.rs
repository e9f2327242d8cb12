//! `Signal`: which signal, by its number or its name.

use std::fmt;

use signal_hook::consts as number;
use signal_hook::low_level::signal_name;

/// A signal of the system, as `kill` sends them.
///
/// # Python
///
/// [`signal.Signals`](https://docs.python.org/3/library/signal.html#signal.Signals).
///
/// # Examples
///
/// ```
/// use entracte::signal::Signal;
///
/// assert_eq!(Signal::TERM.to_string(), "SIGTERM");
/// assert_eq!(Signal::from_raw(15), Signal::TERM);
/// ```
#[doc(alias = "signal.Signals")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(i32);

impl Signal {
    /// An alarm of the system's timer.
    pub const ALRM: Self = Self(number::SIGALRM);
    /// A child changed its state.
    pub const CHLD: Self = Self(number::SIGCHLD);
    /// Goes on after a stop.
    pub const CONT: Self = Self(number::SIGCONT);
    /// The terminal is gone; to servers, usually: read the configuration anew.
    pub const HUP: Self = Self(number::SIGHUP);
    /// Ctrl-C.
    pub const INT: Self = Self(number::SIGINT);
    /// Ends a process at once; nobody can handle it.
    pub const KILL: Self = Self(number::SIGKILL);
    /// Writing to a pipe that nobody reads.
    pub const PIPE: Self = Self(number::SIGPIPE);
    /// Ctrl-\.
    pub const QUIT: Self = Self(number::SIGQUIT);
    /// Stops a process; nobody can handle it.
    pub const STOP: Self = Self(number::SIGSTOP);
    /// Asks a process to end.
    pub const TERM: Self = Self(number::SIGTERM);
    /// Ctrl-Z.
    pub const TSTP: Self = Self(number::SIGTSTP);
    /// For programs to agree upon.
    pub const USR1: Self = Self(number::SIGUSR1);
    /// For programs to agree upon.
    pub const USR2: Self = Self(number::SIGUSR2);
    /// The size of the terminal changed.
    pub const WINCH: Self = Self(number::SIGWINCH);

    /// The signal of a number, which need not be one that the system has.
    #[must_use]
    pub const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }

    /// Its name, as `SIGTERM`; `None` for one that has none.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        signal_name(self.0)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "signal {}", self.0),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signal({self})")
    }
}
