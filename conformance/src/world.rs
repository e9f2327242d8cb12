//! What the bodies of one program share in Rust: the trace, the errors, the shared coroutines.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt;

use entracte_coroutine::{BoxError, Interrupt, Misuse, SharedCoroutine};

use crate::asynchronous::Turns;
use crate::input::Input;
use crate::program::{Failure, Filter, Program, Value};

/// More events than any valid program makes: an endless loop.
const MOST_EVENTS: usize = 100_000;

/// The names that coroutines have on both sides.
pub(crate) const NAMES: [&str; 8] = ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"];

/// One run of one program.
pub(crate) struct World<S: Input> {
    pub(crate) program: Program,
    /// As `close` of this Python does (rule E04): otherwise what it gives is always `None`.
    pub(crate) close_gives_value: bool,
    /// Whether the coroutines are asynchronous ones, and where they wait.
    pub(crate) asynchronous: bool,
    pub(crate) turns: Turns,
    pub(crate) shared: RefCell<Vec<Option<SharedCoroutine<'static, Value, S, Value>>>>,
    trace: RefCell<String>,
    events: Cell<usize>,
}

impl<S: Input> World<S> {
    pub(crate) fn new(program: Program, close_gives_value: bool, asynchronous: bool) -> Self {
        Self {
            program,
            close_gives_value,
            asynchronous,
            turns: Turns::default(),
            shared: RefCell::new(Vec::new()),
            trace: RefCell::new(String::new()),
            events: Cell::new(0),
        }
    }

    /// Logs one event.
    pub(crate) fn log(&self, event: fmt::Arguments<'_>) {
        let events = self.events.get() + 1;
        assert!(events < MOST_EVENTS, "the program does not end");
        self.events.set(events);
        let mut trace = self.trace.borrow_mut();
        if !trace.is_empty() {
            trace.push(' ');
        }
        fmt::write(&mut *trace, event).expect("writing to a string never fails");
    }

    pub(crate) fn trace(&self) -> String {
        self.trace.borrow().clone()
    }

    pub(crate) fn shared(&self, index: usize) -> SharedCoroutine<'static, Value, S, Value> {
        let shared = self.shared.borrow()[index].clone();
        shared.expect("a valid program reaches shared coroutines only")
    }
}

/// A value as Python prints it.
pub(crate) struct Shown(pub(crate) Value);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => number.fmt(f),
            None => f.write_str("None"),
        }
    }
}

/// What an error is, seen from Python. Raised as an error itself where Rust has no type for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boom(i64),
    Bang(i64),
    /// `GeneratorExit`; in Rust always `Interrupt::Close`.
    Exit,
    /// `ValueError: generator already executing`.
    Running,
    /// `RuntimeError: generator ignored GeneratorExit`.
    Ignored,
    /// `TypeError: can't send non-None value to a just-started generator`.
    NotStarted,
    /// `AttributeError: 'list_iterator' object has no attribute 'send'`.
    NoSend,
    /// Nothing that Python has: always a divergence.
    Other(String),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Boom(number) => write!(f, "Boom:{number}"),
            Kind::Bang(number) => write!(f, "Bang:{number}"),
            Kind::Exit => f.write_str("GE"),
            Kind::Running => f.write_str("VE"),
            Kind::Ignored => f.write_str("RE"),
            Kind::NotStarted => f.write_str("TE"),
            Kind::NoSend => f.write_str("AE"),
            Kind::Other(what) => write!(f, "OTHER:{}", what.replace(' ', "-")),
        }
    }
}

impl Error for Kind {}

impl Kind {
    pub(crate) fn of_failure(failure: Failure) -> Self {
        match failure {
            Failure::Boom(number) => Kind::Boom(number),
            Failure::Bang(number) => Kind::Bang(number),
            Failure::Exit => Kind::Exit,
        }
    }

    pub(crate) fn of_interrupt(interrupt: &Interrupt) -> Self {
        match interrupt {
            Interrupt::Close => Kind::Exit,
            Interrupt::Throw(error) if error.is::<Interrupt>() => {
                Kind::Other("an interrupt inside an interrupt".to_owned())
            }
            Interrupt::Throw(error) => Self::of_error(error),
        }
    }

    pub(crate) fn of_error(error: &BoxError) -> Self {
        if let Some(kind) = error.downcast_ref::<Kind>() {
            return kind.clone();
        }
        if let Some(interrupt) = error.downcast_ref::<Interrupt>() {
            return match interrupt {
                Interrupt::Close => Kind::Exit,
                Interrupt::Throw(_) => Kind::Other("a wrapped error".to_owned()),
            };
        }
        match error.downcast_ref::<Misuse>() {
            Some(Misuse::DelegatedToRunning) => Kind::Running,
            Some(Misuse::IgnoredClose) => Kind::Ignored,
            Some(Misuse::DelegatedWithInput) => Kind::NotStarted,
            _ => Kind::Other(error.to_string()),
        }
    }

    /// The error to raise or to throw.
    pub(crate) fn into_error(self) -> BoxError {
        match self {
            Kind::Exit => Box::new(Interrupt::Close),
            other => Box::new(other),
        }
    }

    /// Whether an `except` clause catches it.
    pub(crate) fn is_caught_by(&self, filter: Filter) -> bool {
        match filter {
            Filter::Boom => matches!(self, Kind::Boom(_)),
            Filter::Bang => matches!(self, Kind::Bang(_)),
            Filter::Exit => *self == Kind::Exit,
            Filter::Running => *self == Kind::Running,
            Filter::Ignored => *self == Kind::Ignored,
            Filter::Exception => *self != Kind::Exit,
            Filter::Any => true,
        }
    }
}
