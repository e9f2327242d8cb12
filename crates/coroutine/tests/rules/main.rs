//! One test for each rule of CPython that has a meaning here; its name begins with the rule's id.

mod async_delegation;
mod async_generators;
mod closing;
mod context_managers;
mod coroutines;
mod creation;
mod delegation;
mod dropping;
mod ending;
mod exceptions;
mod forms;
mod inner_coroutines;
mod kinds;
mod reentrancy;
mod resume;
mod stop_iteration;
mod throwing;
mod waiting;

use std::cell::RefCell;
use std::error::Error;
use std::fmt::{self, Debug};

use entracte_coroutine::{BoxError, CloseError, Co, Interrupt, Stop};

/// The error that is thrown and raised all over the rules.
#[derive(Debug, PartialEq)]
struct Boom(&'static str);

impl fmt::Display for Boom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Boom: {}", self.0)
    }
}

impl Error for Boom {}

/// What `next`, `send` or `throw` answered, in words.
fn said<Y: Debug, R: Debug, G: Debug>(answer: Result<Y, Stop<R, G>>) -> String {
    match answer {
        Ok(value) => format!("yielded {value:?}"),
        Err(Stop::Returned(value)) => format!("returned {value:?}"),
        Err(Stop::Raised(error)) => format!("raised {error}"),
        Err(Stop::Finished(given)) => format!("finished {given:?}"),
        Err(Stop::NotStarted(given)) => format!("not started {given:?}"),
        Err(Stop::AlreadyRunning(given)) => format!("already running {given:?}"),
        Err(other) => format!("{other:?}"),
    }
}

/// What `close` answered, in words.
fn closed<Y: Debug, R: Debug>(answer: Result<Option<R>, CloseError<Y>>) -> String {
    match answer {
        Ok(Some(value)) => format!("returned {value:?}"),
        Ok(None) => "closed".to_owned(),
        Err(CloseError::Ignored(value)) => format!("ignored, yielded {value:?}"),
        Err(CloseError::Raised(error)) => format!("raised {error}"),
        Err(other) => format!("{other:?}"),
    }
}

/// What went by, in order.
#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn add(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    /// The lines since the last call.
    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// Notes in a log that it is dropped.
struct Guard<'a>(&'a Log, &'static str);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.add(self.1);
    }
}

/// `except Boom as boom:`, which lets everything else go on.
async fn except_boom<T, Y, S>(
    co: &mut Co<'_, Y, S>,
    tried: Result<T, Interrupt>,
) -> Result<T, Boom> {
    match tried {
        Ok(value) => Ok(value),
        Err(Interrupt::Throw(error)) => match error.downcast::<Boom>() {
            Ok(boom) => Err(*boom),
            Err(error) => co.raise(error).await,
        },
        Err(close) => co.raise(close).await,
    }
}

/// `except GeneratorExit:`, which lets everything else go on: whether it was a close.
async fn except_close<T, Y, S>(co: &mut Co<'_, Y, S>, tried: Result<T, Interrupt>) -> Option<T> {
    match tried {
        Ok(value) => Some(value),
        Err(Interrupt::Close) => None,
        Err(other) => co.raise(other).await,
    }
}

/// The error itself, of a verb that raised one.
fn error(stop: Stop<impl Sized, impl Sized>) -> BoxError {
    match stop {
        Stop::Raised(error) => error,
        other => panic!("no error was raised: {other:?}"),
    }
}

/// Fails to compile if the type implements the trait: then both blanket impls apply.
macro_rules! does_not_implement {
    ($type:ty: $trait:path) => {{
        trait Ambiguous<Marker> {
            fn check() {}
        }
        struct Implements;
        impl<T: ?Sized> Ambiguous<()> for T {}
        impl<T: ?Sized + $trait> Ambiguous<Implements> for T {}
        <$type as Ambiguous<_>>::check();
    }};
}
use does_not_implement;
