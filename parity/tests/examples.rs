//! The examples that run on the clock of the machine: what they print, and how they end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that Ctrl-C reaches, also where a shell that runs this in the background has it ignored.
fn reached_by_ctrl_c(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if cfg!(target_os = "linux") {
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn start(program: &str) -> Child {
    reached_by_ctrl_c(program)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {program}: {error}"))
}

/// Does to the process what Ctrl-C in a terminal would.
fn interrupt(child: &Child) {
    let kill = format!("kill -INT {}", child.id());
    let status = Command::new("sh").args(["-c", &kill]).status();
    assert!(status.expect("there is a shell").success());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "that a second goes by is what is tested; a slow machine changes nothing"
)]
fn a_coroutine_starts_sleeps_a_second_and_resumes() {
    let before = Instant::now();
    let output = start(env!("CARGO_BIN_EXE_sleep"))
        .wait_with_output()
        .expect("it was started");
    assert!(before.elapsed() >= Duration::from_secs(1));
    assert!(output.status.success());
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed, "Coroutine started\nCoroutine resumed\n");
}

#[test]
fn a_consumer_that_waits_for_ever_cleans_up_on_ctrl_c_as_in_python() {
    let mut child = start(env!("CARGO_BIN_EXE_producer_consumer"));
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut printed = String::new();
    for _ in 0..5 {
        stdout.read_line(&mut printed).expect("it prints text");
    }
    interrupt(&child);
    stdout.read_to_string(&mut printed).expect("it prints text");
    assert_eq!(
        printed,
        include_str!("../../examples/producer_consumer.out")
    );
    let output = child.wait_with_output().expect("it was started");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "interrupted\n");
    assert_eq!(output.status.code(), Some(130));
}

#[test]
fn philosophers_with_a_fork_each_are_shown_with_what_they_wait_for() {
    let output = start(env!("CARGO_BIN_EXE_deadlock"))
        .wait_with_output()
        .expect("it was started");
    assert!(output.status.success());
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut lines = printed.lines();
    assert_eq!(lines.next(), Some("Nobody eats:"));
    for name in ["main", "Aristotle", "Hypatia", "Laozi", "Plato", "Seneca"] {
        let line = lines.next().unwrap_or_default();
        let waits_for = if name == "main" {
            "a task"
        } else {
            "Lock::acquire"
        };
        assert!(line.contains(&format!("{name} (task ")), "{printed}");
        assert!(
            line.contains(&format!("waits for {waits_for} ")),
            "{printed}"
        );
        assert!(line.contains("examples/deadlock.rs:"), "{printed}");
    }
    assert_eq!(lines.next(), None, "{printed}");
}
