//! No descriptor and no process is left behind: counted, so in a process of its own, in one test.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use entracte::fs::{AtomicFile, File};
use entracte::process::{Command, exec, shell};
use entracte::signal::{self, Signal};
use entracte::sync::Semaphore;
use entracte::{checkpoint, run, sleep, spawn, task_group};

/// Every descriptor that is open here, with what it is.
fn descriptors() -> BTreeSet<String> {
    let entries = fs::read_dir("/proc/self/fd").expect("Linux has it");
    let entries = entries.map(|entry| entry.expect("it can be listed").path());
    // What lists them is gone by now.
    let open = entries.filter_map(|path| {
        let target = fs::read_link(&path).ok()?;
        Some(format!("{} {}", path.display(), target.display()))
    });
    open.collect()
}

/// Every child of this process, be it one that was not reaped.
fn children() -> Vec<String> {
    let own = std::process::id().to_string();
    let processes = fs::read_dir("/proc").expect("Linux has it");
    let stats =
        processes.filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    stats
        .filter(|stat| {
            // After the name, which may have anything in it: the state, the parent.
            let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            rest.split(' ').nth(1) == Some(&own)
        })
        .collect()
}

/// Calls `act` in a loop of its own, and compares what is there before and after.
fn leaves_nothing(what: &str, act: impl AsyncFn()) {
    let before = descriptors();
    run(async { act().await }).expect("it runs to its end");
    assert_eq!(children(), [""; 0], "{what}: processes are left");
    // A thread that woke the loop lets go of its end a moment later.
    let mut looks = 0;
    while descriptors() != before && looks < 100_000 {
        looks += 1;
        thread::yield_now();
    }
    assert_eq!(descriptors(), before, "{what}: descriptors are left");
}

#[test]
fn nothing_is_left_behind() {
    // Ctrl-C has descriptors of its own from the first run on.
    run(async {}).expect("it runs");
    leaves_nothing("a thousand short ones", a_thousand);
    leaves_nothing("those that are cancelled at any step", cancelled_anywhere);
    leaves_nothing("those that cannot be started", not_startable);
    leaves_nothing("one that ignores SIGTERM", stubborn);
    leaves_nothing("those that end when nobody waits", unwatched);
    leaves_nothing("pipes that were not used", unused_pipes);
    leaves_nothing("signals that were listened to", listened);
    leaves_nothing("files that were cancelled at any step", cancelled_files);
    // Only now, as threads may have gone on with them.
    drop(fs::remove_file(scratch()));
    detached_ones_are_reaped_later();
}

async fn a_thousand() {
    let slots = Semaphore::new(20);
    let ended = task_group(async |group| {
        for number in 0..1000 {
            let slots = slots.clone();
            group.spawn(async move {
                let permit = slots.acquire().await;
                let line = format!("exit {}", number % 100);
                let output = shell(line).output().await?;
                drop(permit);
                assert_eq!(output.status.code(), Some(number % 100));
                Ok::<_, io::Error>(())
            });
        }
    });
    ended.await.expect("all of them end well");
}

async fn cancelled_anywhere() {
    for steps in 0..40 {
        let command = exec("cat", None::<&str>).piped();
        let task = spawn(async move { command.spawn()?.communicate(vec![0; 100_000]).await });
        for _ in 0..steps {
            checkpoint().await;
        }
        task.cancel();
        drop(task.await);
        assert_eq!(children(), [""; 0], "after {steps} steps");
    }
}

async fn not_startable() {
    for _ in 0..50 {
        let error = Command::new("no-such-program").piped().spawn();
        assert!(error.is_err());
    }
}

async fn stubborn() {
    let command = shell("trap '' TERM; echo there; while :; do sleep 3600; done").own_group();
    let command = command.grace(Duration::from_millis(20));
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let stdout = child.stdout.as_mut().expect("it is piped");
    let said = stdout.read_line().await.expect("it can be read");
    assert_eq!(said.as_deref(), Some("there"));
    let status = child.end().await.expect("it ends");
    assert_eq!(status.signal(), Some(9));
}

async fn unwatched() {
    let start = || {
        exec("true", None::<&str>)
            .piped()
            .spawn()
            .expect("it starts")
    };
    let mut children: Vec<_> = (0..20).map(|_| start()).collect();
    for child in children.iter_mut().take(10) {
        child.wait().await.expect("it ends");
    }
}

async fn unused_pipes() {
    for _ in 0..20 {
        drop(entracte::io::pipe().expect("there are pipes"));
        let mut child = exec("true", None::<&str>)
            .piped()
            .spawn()
            .expect("it starts");
        drop(child.stdin.take());
        child.wait().await.expect("it ends");
    }
}

async fn listened() {
    for _ in 0..20 {
        let stream = signal::stream([Signal::USR1, Signal::USR2]);
        drop(stream.expect("there are descriptors"));
        let handler = signal::on(Signal::USR1, || {}).expect("there are descriptors");
        handler.cancel();
        drop(signal::on(Signal::USR2, || {}).expect("there are descriptors"));
        let task = spawn(signal::wait(Signal::USR1));
        checkpoint().await;
        task.cancel();
        drop(task.await);
    }
}

async fn cancelled_files() {
    for steps in 0..40 {
        let own = scratch();
        let task = spawn(async move {
            let mut file = AtomicFile::create(&own).await?;
            file.write_all(b"text").await?;
            file.commit().await?;
            File::open(&own).await?.read_to_end().await
        });
        for _ in 0..steps * 20 {
            checkpoint().await;
        }
        task.cancel();
        drop(task.await);
    }
}

fn scratch() -> PathBuf {
    std::env::temp_dir().join(format!("entracte-leak-{}", std::process::id()))
}

/// A child that was detached is reaped by the next start after its end.
fn detached_ones_are_reaped_later() {
    run(async {
        let command = exec("true", None::<&str>).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut stdout = child.stdout.take().expect("it is piped");
        child.detach();
        assert_eq!(stdout.read_to_end().await.expect("it can be read"), b"");
        // Its pipe is closed a moment before the process has ended.
        while children().iter().any(|stat| !stat.contains(") Z ")) {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(children().len(), 1, "it has ended, and was not reaped");
        assert!(shell("exit").status().await.expect("it starts").success());
    })
    .expect("it runs");
    assert_eq!(children(), [""; 0], "nothing is left of it");
}
