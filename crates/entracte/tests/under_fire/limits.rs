//! What the process holds: descriptors, memory, and how many descriptors it may have.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many descriptors are open.
pub(crate) fn descriptors() -> usize {
    let folder = fs::read_dir("/proc/self/fd").expect("a process may look at its descriptors");
    folder.count()
}

/// How many kilobytes of memory are in use.
pub(crate) fn resident_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a process may look at itself");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.expect("it says how much memory is in use")
}

/// Lets the process have so many descriptors.
pub(crate) fn raise_descriptors(wanted: u64) {
    let limits = getrlimit(Resource::Nofile);
    if limits.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let most = limits.maximum.unwrap_or(u64::MAX);
    let raised = Rlimit {
        current: Some(wanted),
        // Only a privileged process may have more than its maximum.
        maximum: Some(most.max(wanted)),
    };
    setrlimit(Resource::Nofile, raised)
        .unwrap_or_else(|error| panic!("cannot have {wanted} descriptors: {error}"));
}
