//! Processes: started, talked to, ended; with real programs of the system.

mod communicating;
mod ending;
mod starting;

use std::process::Stdio;
use std::time::Duration;

use entracte::process::{Child, Command, shell};

/// Longer than any test takes.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// As long as it takes until something else has surely had its chance.
const SHORT: Duration = Duration::from_millis(20);

/// A shell that says a line when it is there, and then does not end by itself.
///
/// With `trap`, it ignores SIGTERM, or takes its time.
fn waiting(line: &str) -> Command {
    // It looks at its signals in between, as it does not while a program of its own runs.
    let line = format!("{line} echo there; while :; do sleep 0.02; done");
    shell(line).own_group().stdout(Stdio::piped())
}

/// Starts what [`waiting`] makes, and waits until it is there.
async fn started(command: Command) -> Child {
    let mut child = command.spawn().expect("there is a shell");
    let stdout = child.stdout.as_mut().expect("it is piped");
    let said = stdout.read_line().await.expect("it can be read");
    assert_eq!(said.as_deref(), Some("there"));
    child
}

/// Whether a process is there, be it as one that has ended and was not reaped.
fn is_there(id: u32) -> bool {
    std::path::Path::new("/proc").join(id.to_string()).exists()
}
