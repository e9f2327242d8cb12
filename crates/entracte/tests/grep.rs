//! The example grep: the outputs that GNU grep wrote, long lines, binary files, pipes, growing files.

#[path = "support/scratch.rs"]
mod scratch;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::scratch::Scratch;

/// Longer than any of this takes; who waits as long has hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program that cargo made of the example.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("tests are built in a folder");
    let path = profile
        .join("examples")
        .join(format!("grep{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{path:?} is not there: run `cargo build -p entracte --example grep`, or all tests"
    );
    path
}

/// A program that Ctrl-C reaches, also where a shell that runs this in the background has it ignored.
fn reached_by_ctrl_c(program: impl AsRef<OsStr>) -> Command {
    if cfg!(target_os = "linux") {
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// The example in a locale, without what else the environment might say.
fn grep(locale: &str) -> Command {
    let mut command = reached_by_ctrl_c(program());
    for name in ["LC_CTYPE", "LANG", "TERM"] {
        command.env_remove(name);
    }
    command.env("LC_ALL", locale).stdin(Stdio::null());
    command
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/grep/fixtures")
}

/// An empty folder for one test.
fn scratch(name: &str) -> Scratch {
    Scratch::new("grep", name)
}

/// Runs a line of `cases.txt`, and gives the block that `expected.out` has for it.
fn run_case(case: &str) -> Vec<u8> {
    let mut arguments = Vec::new();
    let (mut locale, mut input, mut sorted) = ("C.UTF-8", None, false);
    for word in case.split_whitespace() {
        match word {
            "sorted:" => sorted = true,
            "C:" => locale = "C",
            "''" => arguments.push(""),
            _ => match word.strip_prefix('<') {
                Some(file) => input = Some(file),
                None => arguments.push(word),
            },
        }
    }
    let mut command = grep(locale);
    command.args(arguments).current_dir(fixtures());
    if let Some(file) = input {
        command.stdin(File::open(fixtures().join(file)).expect("the case names a file"));
    }
    let ran = command.output().expect("cannot run grep");
    let mut block = format!("$ grep {case}\n").into_bytes();
    block.extend(if sorted {
        sort(&ran.stdout)
    } else {
        ran.stdout
    });
    for line in ran.stderr.split_inclusive(|byte| *byte == b'\n') {
        block.extend(b"! ");
        block.extend(line);
    }
    block.extend(format!("? {}\n", ran.status.code().expect("it exited")).bytes());
    block
}

fn sort(text: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}

#[test]
fn prints_what_gnu_grep_printed() {
    let cases = fs::read_to_string(fixtures().join("cases.txt")).expect("no cases");
    let expected = fs::read(fixtures().join("expected.out")).expect("no expected output");
    let mut rest = &expected[..];
    let mut count = 0;
    for case in cases.lines().filter(|line| !line.starts_with('#')) {
        let block = run_case(case);
        assert!(
            rest.starts_with(&block),
            "grep prints\n{}\nbut expected.out goes on with\n{}",
            block.escape_ascii(),
            rest[..rest.len().min(block.len() + 200)].escape_ascii()
        );
        rest = &rest[block.len()..];
        count += 1;
    }
    assert!(rest.is_empty(), "expected.out has more cases");
    assert!(count > 100, "only {count} cases");
}

fn run(arguments: &[&str], file: &Path) -> Output {
    grep("C.UTF-8")
        .args(arguments)
        .arg(file)
        .output()
        .expect("cannot run grep")
}

#[test]
fn lines_longer_than_many_chunks_are_found_and_printed_whole() {
    let folder = scratch("long");
    let file = folder.join("long.txt");
    let long = format!("{}rain{}", "a".repeat(300_000), "b".repeat(700_000));
    let text = format!("short\n{long}\nshort rain\n{}", "c".repeat(500_000));
    fs::write(&file, &text).expect("cannot write");
    assert_eq!(
        run(&["-n", "rain"], &file).stdout,
        format!("2:{long}\n3:short rain\n").as_bytes()
    );
    assert_eq!(
        run(&["-vn", "s"], &file).stdout,
        format!("2:{long}\n4:{}\n", "c".repeat(500_000)).as_bytes()
    );
}

#[test]
fn every_line_counts_wherever_the_chunks_end() {
    let folder = scratch("chunks");
    let file = folder.join("chunks.txt");
    let mut text = String::new();
    let mut expected = String::new();
    for number in 1..=60_000 {
        let line = format!(
            "{number} {}{}",
            "-".repeat(number % 41),
            if number % 7 == 0 { "rain" } else { "" }
        );
        if number % 7 == 0 {
            expected.push_str(&format!("{number}:{line}\n"));
        }
        text.push_str(&line);
        text.push('\n');
    }
    fs::write(&file, &text).expect("cannot write");
    assert_eq!(run(&["-n", "rain"], &file).stdout, expected.as_bytes());
    // Several strings go through the matcher line by line.
    assert_eq!(
        run(&["-n", "-e", "rain", "-e", "zebra"], &file).stdout,
        expected.as_bytes()
    );
    assert_eq!(run(&["-vc", "rain"], &file).stdout, b"51429\n");
}

#[test]
fn a_nul_byte_hides_the_lines_of_its_chunk_and_after_but_not_before() {
    let folder = scratch("late-nul");
    let file = folder.join("late.bin");
    let text = format!("rain\n{}\nrain\n\0rain\n", "-".repeat(200_000));
    fs::write(&file, text).expect("cannot write");
    let ran = run(&["rain"], &file);
    assert_eq!(ran.stdout, b"rain\n");
    assert!(String::from_utf8_lossy(&ran.stderr).ends_with("late.bin: binary file matches\n"));
    assert_eq!(run(&["-c", "rain"], &file).stdout, b"3\n");
}

#[test]
fn a_pipe_that_is_closed_ends_it_quietly() {
    let folder = scratch("pipe");
    let file = folder.join("many.txt");
    fs::write(&file, "rain\n".repeat(1_000_000)).expect("cannot write");
    let mut command = grep("C.UTF-8");
    command
        .arg("rain")
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("cannot run grep");
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    out.read_line(&mut first).expect("cannot read");
    drop(out);
    let ended = child.wait_with_output().expect("cannot wait");
    assert_eq!(first, "rain\n");
    assert_eq!(ended.stderr, b"");
    assert_eq!(ended.status.code(), Some(141));
}

#[cfg(unix)]
#[test]
fn a_file_that_is_also_the_output_is_not_searched() {
    let folder = scratch("output");
    let file = folder.join("self.txt");
    fs::write(&file, "rain\n").expect("cannot write");
    let append = || {
        File::options()
            .append(true)
            .open(&file)
            .expect("cannot open")
    };
    let ran = grep("C.UTF-8")
        .arg("rain")
        .arg(&file)
        .stdout(append())
        .output()
        .expect("cannot run");
    assert_eq!(ran.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&ran.stderr).ends_with("self.txt: input file is also the output\n")
    );
    assert_eq!(fs::read(&file).expect("cannot read"), b"rain\n");
}

#[test]
fn a_command_line_that_makes_no_sense_exits_with_2() {
    for arguments in [
        &[][..],
        &["-e"],
        &["-m", "x", "rain"],
        &["--color=pink", "rain"],
        &["--zebra", "rain"],
        &["-Z", "rain"],
        &["--follow", "rain"],
        &["--follow", "-c", "rain", "file"],
    ] {
        let ran = grep("C").args(arguments).output().expect("cannot run grep");
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}");
        assert!(
            ran.stdout.is_empty() && ran.stderr.starts_with(b"grep: "),
            "{arguments:?}"
        );
    }
    let help = grep("C").arg("--help").output().expect("cannot run grep");
    assert!(help.status.success() && help.stdout.starts_with(b"Usage: grep"));
}

/// A grep that follows files; what it prints arrives line by line.
struct Follower {
    child: Child,
    lines: Receiver<String>,
}

impl Follower {
    fn new(arguments: &[&OsStr]) -> Self {
        let mut command = grep("C.UTF-8");
        command
            .arg("--follow")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("cannot run grep");
        let (sender, lines) = mpsc::channel();
        let out = child.stdout.take().expect("it is piped");
        let errors = child.stderr.take().expect("it is piped");
        let error_sender = sender.clone();
        thread::spawn(move || send_lines(out, &sender));
        thread::spawn(move || send_lines(errors, &error_sender));
        Self { child, lines }
    }

    #[track_caller]
    fn expect(&self, line: &str) {
        let printed = self.lines.recv_timeout(PATIENCE);
        assert_eq!(printed.as_deref(), Ok(line));
    }

    /// Waits until it has ended by itself and nothing more was printed.
    #[track_caller]
    fn expect_end(mut self, code: Option<i32>) {
        let printed = self.lines.recv_timeout(PATIENCE);
        assert_eq!(printed, Err(mpsc::RecvTimeoutError::Disconnected));
        assert_eq!(self.child.wait().expect("cannot wait").code(), code);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        // If it has ended, there is nothing to stop.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn send_lines(out: impl std::io::Read, sender: &mpsc::Sender<String>) {
    for line in BufReader::new(out).lines() {
        if sender.send(line.expect("cannot read")).is_err() {
            break;
        }
    }
}

fn append(file: &Path, text: &str) {
    let mut file = File::options()
        .append(true)
        .open(file)
        .expect("cannot open");
    file.write_all(text.as_bytes()).expect("cannot write");
}

#[test]
fn follow_prints_lines_when_they_are_whole_and_ends_after_as_many_as_were_asked_for() {
    let folder = scratch("follow");
    let file = folder.join("log.txt");
    fs::write(&file, "dry\nrain 1\nrain, but not yet").expect("cannot write");
    let follower = Follower::new(&["-nm".as_ref(), "3".as_ref(), "rain".as_ref(), file.as_ref()]);
    follower.expect("2:rain 1");
    append(&file, " whole");
    append(&file, ": 2\ndry\n");
    follower.expect("3:rain, but not yet whole: 2");
    append(&file, "rain 3\nrain 4\n");
    follower.expect("5:rain 3");
    follower.expect_end(Some(0));
}

#[test]
fn follow_starts_anew_when_a_file_is_cut_off() {
    let folder = scratch("cut");
    let file = folder.join("log.txt");
    fs::write(&file, "rain, a long line that is gone later\n").expect("cannot write");
    let follower = Follower::new(&["-nm2".as_ref(), "rain".as_ref(), file.as_ref()]);
    follower.expect("1:rain, a long line that is gone later");
    fs::write(&file, "dry\n").expect("cannot write");
    follower.expect(&format!("grep: {}: file was cut off", file.display()));
    append(&file, "rain anew\n");
    follower.expect("2:rain anew");
    follower.expect_end(Some(0));
}

#[cfg(unix)]
#[test]
fn follow_goes_on_with_the_file_that_has_taken_the_place() {
    let folder = scratch("rotate");
    let (file, old) = (folder.join("log.txt"), folder.join("log.1"));
    fs::write(&file, "rain 1\n").expect("cannot write");
    let follower = Follower::new(&["-n".as_ref(), "rain".as_ref(), file.as_ref()]);
    follower.expect("1:rain 1");
    fs::rename(&file, &old).expect("cannot rename");
    append(&old, "rain 2\nrain at the end");
    fs::write(&file, "dry\nrain in the new one\n").expect("cannot write");
    follower.expect("2:rain 2");
    follower.expect("3:rain at the end");
    follower.expect("2:rain in the new one");
    let id = follower.child.id().to_string();
    let stopped = Command::new("kill")
        .args(["-s", "INT", &id])
        .status()
        .expect("cannot run kill");
    assert!(stopped.success());
    follower.expect_end(None);
}

#[test]
fn follow_gives_several_files_turns() {
    let folder = scratch("several");
    let (one, two) = (folder.join("one.txt"), folder.join("two.txt"));
    fs::write(&one, "rain 1\n").expect("cannot write");
    fs::write(&two, "dry\n").expect("cannot write");
    let follower = Follower::new(&["-hm2".as_ref(), "rain".as_ref(), one.as_ref(), two.as_ref()]);
    follower.expect("rain 1");
    append(&two, "rain 2\n");
    follower.expect("rain 2");
    append(&one, "rain 3\n");
    follower.expect("rain 3");
    append(&two, "rain 4\n");
    follower.expect("rain 4");
    follower.expect_end(Some(0));
}
