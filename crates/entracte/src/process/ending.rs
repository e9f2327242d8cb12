//! Ending a process: it is asked, it has a grace period, it is killed, and it is reaped.

use std::future::poll_fn;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use entracte_event_loop::EventLoop;

use crate::process::owned::Process;
use crate::signal::Signal;
use crate::task::{Spawn, shield};
use crate::time::timeout;

/// Ends a process whose owner has gone. An unwinding that dropped the owner waits for it.
pub(super) fn end_abandoned(mut process: Process, grace: Duration) {
    if EventLoop::current().is_none_or(|event_loop| event_loop.is_closed()) {
        // Nothing can wait here: dropping it kills and reaps it.
        drop(process);
        return;
    }
    let name = format!("ending process {}", process.id());
    let ending = shield(async move { drop(end(&mut process, grace).await) });
    // As of any task whose handle is dropped, an unwinding waits for its end, which the shield has
    // come to pass whoever cancels it.
    drop(Spawn::new().name(name).eager().spawn(ending));
}

/// Asks a process to end, and kills it if it has not when the grace period is over.
pub(super) async fn end(process: &mut Process, grace: Duration) -> io::Result<ExitStatus> {
    if let Some(status) = process.try_wait()? {
        return Ok(status);
    }
    if !grace.is_zero() {
        // Errors are of no interest: what cannot be asked is killed.
        drop(process.signal(Signal::TERM));
        // So that one that is stopped hears of it.
        drop(process.signal(Signal::CONT));
        drop(timeout(grace, poll_fn(|cx| process.poll_ended(cx.waker()))).await);
    }
    // One that has ended does not mind; what is left of its group ends as well.
    drop(process.signal(Signal::KILL));
    poll_fn(|cx| process.poll_reaped(cx.waker())).await
}
