//! Runs one test at a time, and counts the descriptors and tasks that it leaves behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use entracte::{EventLoop, checkpoint, run, task_tree, timeout};

/// Longer than any test takes, on any machine.
const LIMIT: Duration = Duration::from_secs(60);

static ALONE: Mutex<()> = Mutex::new(());

/// Every descriptor that is open here, with what it is.
pub(crate) fn descriptors() -> BTreeSet<String> {
    let entries = fs::read_dir("/proc/self/fd").expect("Linux has it");
    let entries = entries.map(|entry| entry.expect("it can be listed").path());
    // What lists them is gone by now.
    let open = entries.filter_map(|path| {
        let target = fs::read_link(&path).ok()?;
        Some(format!("{} {}", path.display(), target.display()))
    });
    open.collect()
}

/// Runs a test, while no other runs.
pub(crate) fn alone(test: impl Future<Output = ()>) {
    let _lock = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // Ctrl-C has descriptors of its own from the first run on.
    run(async {}).expect("it runs");
    let before = descriptors();
    let ran = run(async {
        let limited = timeout(LIMIT, async {
            test.await;
            // What was left behind on a thread, by a resolver say, ends when the thread is done.
            let event_loop = EventLoop::current().expect("it runs");
            while event_loop.alive() > 1 {
                checkpoint().await;
            }
        });
        limited
            .await
            .unwrap_or_else(|_| panic!("it does not end: {}", task_tree()));
    });
    ran.expect("it runs to its end");
    // A thread that woke the loop lets go of its end a moment later.
    let mut looks = 0;
    while descriptors() != before && looks < 100_000 {
        looks += 1;
        thread::yield_now();
    }
    assert_eq!(descriptors(), before, "descriptors are left behind");
}

/// A path for a socket, that nothing is at.
pub(crate) fn path(name: &str) -> PathBuf {
    let name = format!("entracte-net-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(name);
    drop(fs::remove_file(&path));
    path
}
