//! How a stage ended, and how that ending leaves the stage before it.

use super::push::Stage;
use crate::co::Co;
use crate::error::{BoxError, Interrupt, Stop};
use crate::resume::Act;
use crate::state::State;

/// How a stage ended: with its value, with none (a close unwound it), or with an error.
pub(super) type Ending<Return> = Result<Option<Return>, BoxError>;

/// An error, unless it is a close on its way out: that is an end without a value.
fn raised<Return>(error: BoxError) -> Ending<Return> {
    match Interrupt::from_error(error) {
        Interrupt::Close => Ok(None),
        Interrupt::Throw(error) => Err(error),
    }
}

/// What a verb's `Stop` says about a stage.
pub(super) fn ending<Return, Given>(stop: Stop<Return, Given>) -> Ending<Return> {
    match stop {
        Stop::Returned(value) => Ok(Some(value)),
        Stop::Raised(error) => raised(error),
        other => Err(other.into()),
    }
}

/// What a source's `Stop` says about it. One that had ended before is an end without a value, as
/// for an iterator.
pub(super) fn source_ending<Return>(stop: Stop<Return, Act<()>>) -> Ending<Return> {
    match stop {
        Stop::Finished(Act::Throw(error)) => raised(error),
        Stop::Finished(_) => Ok(None),
        stop => ending(stop),
    }
}

/// Runs a stage to its first yield, unless its owner did.
pub(super) fn start<Item, Return>(stage: &mut Stage<'_, Item, Return>) -> Result<(), Stop<Return>> {
    match stage.state() {
        State::Suspended => Ok(()),
        _ => stage.next(),
    }
}

/// Closes a stage.
pub(super) fn close<Item, Return>(stage: &mut Stage<'_, Item, Return>) -> Ending<Return> {
    stage.close().map_err(BoxError::from)
}

/// Throws an error into a stage; one that catches it and waits for more is closed.
pub(super) fn throw<Item, Return>(
    stage: &mut Stage<'_, Item, Return>,
    error: BoxError,
) -> Ending<Return> {
    match stage.throw(error) {
        Ok(()) => close(stage),
        Err(Stop::Finished(error) | Stop::AlreadyRunning(error)) => raised(error),
        Err(stop) => ending(stop),
    }
}

/// Ends a stage as the interrupt says that arrived in the one above it.
pub(super) fn pass_on<Item, Return>(
    stage: &mut Stage<'_, Item, Return>,
    interrupt: Interrupt,
) -> Ending<Return> {
    match interrupt {
        Interrupt::Close => close(stage),
        Interrupt::Throw(error) => throw(stage, error),
    }
}

/// Ends the body of a stage as the stage behind it ended.
pub(super) async fn leave<Yield, Input, Return>(
    co: &mut Co<'_, Yield, Input>,
    ending: Ending<Return>,
) -> Return {
    match ending {
        Ok(Some(value)) => value,
        Ok(None) => co.raise(Interrupt::Close).await,
        Err(error) => co.raise(error).await,
    }
}
