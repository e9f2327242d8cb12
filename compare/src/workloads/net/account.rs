//! What the kernel knows of a process: its processor time and its memory; and where and how it may run.

use std::fs;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Which of the processors a process runs on, when there is more than one.
#[derive(Clone, Copy)]
pub enum Seat {
    Client,
    Server,
}

/// The nanoseconds that all threads of a process have run, the kernel's workers for it included as
/// far as they are its threads.
pub fn processor_time(pid: u32) -> Result<u64, String> {
    let folder = format!("/proc/{pid}/task");
    let failed = |error| format!("cannot read {folder} ({error})");
    let mut sum = 0;
    for thread in fs::read_dir(&folder).map_err(failed)? {
        let file = thread.map_err(failed)?.path().join("schedstat");
        // A thread may have ended since the folder was read.
        let Ok(text) = fs::read_to_string(file) else {
            continue;
        };
        let first = text
            .split_whitespace()
            .next()
            .and_then(|word| word.parse::<u64>().ok());
        sum += first.ok_or_else(|| format!("cannot understand schedstat: `{}`", text.trim()))?;
    }
    Ok(sum)
}

/// The resident bytes of a process.
pub fn resident(pid: u32) -> Result<u64, String> {
    let file = format!("/proc/{pid}/smaps_rollup");
    let text =
        fs::read_to_string(&file).map_err(|error| format!("cannot read {file} ({error})"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.map(|kib| kib * 1024)
        .ok_or_else(|| format!("{file} does not say what is resident"))
}

/// Keeps this process to its processor, lets it open as many files as it may, and ends it when the
/// one that started it ends. Answers whether there is a processor for each of the two.
pub fn settle(seat: Seat) -> Result<bool, String> {
    let failed = |error| format!("cannot settle a process ({error})");
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed)?;
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, most).map_err(failed)?;
    let allowed = sched_getaffinity(None).map_err(failed)?;
    let processors: Vec<usize> = (0..CpuSet::MAX_CPU)
        .filter(|number| allowed.is_set(*number))
        .collect();
    let [.., client, server] = processors[..] else {
        return Ok(false);
    };
    let mut one = CpuSet::new();
    one.set(match seat {
        Seat::Client => client,
        Seat::Server => server,
    });
    sched_setaffinity(None, &one).map_err(failed)?;
    Ok(true)
}
