//! Created, Running, Suspended, Closed, and the table of legal moves.
//!
//! |               | `next` / `send` | `throw`                  | `close`                         |
//! |---------------|-----------------|--------------------------|---------------------------------|
//! | **Created**   | runs            | closes, error comes back | closes, body never runs         |
//! | **Suspended** | runs            | runs, error at the yield | runs, `Interrupt::Close` at the yield |
//! | **Running**   | `AlreadyRunning`| `AlreadyRunning`         | `AlreadyRunning`                |
//! | **Closed**    | `Finished`      | error comes back         | nothing                         |
//!
//! Invariants
//!
//! - **C1** A body is on the stack at most once.
//! - **C2** Nothing leaves `Closed`.
//! - **C3** `close` on a created coroutine never runs its body.

use crate::slot::Phase;

/// The life of a coroutine.
///
/// # Python
///
/// `inspect.getgeneratorstate`: `GEN_CREATED`, `GEN_RUNNING`, `GEN_SUSPENDED`, `GEN_CLOSED`.
#[doc(alias = "getgeneratorstate")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Made, and not started: nothing of its body has run.
    Created,
    /// Its body is on the stack; for an asynchronous one also: it waits in an await.
    Running,
    /// Paused at a yield, or delegating to a coroutine that is.
    Suspended,
    /// It returned, raised, was closed, or panicked.
    Closed,
}

impl State {
    pub(crate) fn from_phase(phase: Phase) -> Self {
        match phase {
            Phase::Created => State::Created,
            Phase::Output | Phase::Parked | Phase::Waiting | Phase::Primed | Phase::Delegating => {
                State::Suspended
            }
            Phase::Returned | Phase::Raised | Phase::Closed => State::Closed,
            Phase::Running | Phase::Input | Phase::Interrupted | Phase::Offered | Phase::Asked => {
                State::Running
            }
        }
    }
}
