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

/// Asks for so many descriptors, and says how many the process may have.
pub(crate) fn raise_descriptors(wanted: u64) -> u64 {
    let limits = getrlimit(Resource::Nofile);
    let most = limits.maximum.unwrap_or(u64::MAX);
    let all = Rlimit {
        current: Some(wanted),
        maximum: Some(most.max(wanted)),
    };
    let fitting = Rlimit {
        current: Some(wanted.min(most)),
        maximum: limits.maximum,
    };
    if limits.current.is_some_and(|current| current < wanted) {
        // Only a privileged process may have more than its maximum.
        setrlimit(Resource::Nofile, all)
            .or_else(|_| setrlimit(Resource::Nofile, fitting))
            .expect("a limit may be raised to its maximum");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
