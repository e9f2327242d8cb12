//! Standard input and output of programs that are given pipes, files, sockets and terminals.
//!
//! Such a program is this test binary once more, told to run the test `program_of_a_test`, which is ignored
//! otherwise. What the test harness prints around it is passed over.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use entracte::io::copy;
use entracte::stdio::{stderr, stdin, stdout};
use entracte::{run, timeout};
use rustix::fs::{OFlags, fcntl_getfl};

/// Names the program that the test is to be.
const PROGRAM: &str = "ENTRACTE_TEST_PROGRAM";
const AS_A_PROGRAM: [&str; 5] = [
    "program_of_a_test",
    "--exact",
    "--ignored",
    "--nocapture",
    "-q",
];

fn program(name: &str) -> Command {
    let myself = env::current_exe().expect("a test knows its binary");
    let mut command = Command::new(myself);
    command.args(AS_A_PROGRAM).env(PROGRAM, name);
    command
}

fn succeeds(mut child: Child) {
    let status = child.wait().expect("it is ours");
    assert!(status.success(), "{status}");
}

/// Whether somebody has set what is open here not to block.
fn is_changed(fd: impl AsFd) -> bool {
    let flags = fcntl_getfl(fd).expect("it is open");
    flags.contains(OFlags::NONBLOCK)
}

/// Reads on until a line has this in it.
fn expect(from: &mut impl BufRead, what: &str) {
    let mut line = String::new();
    while !line.contains(what) {
        line.clear();
        let count = from.read_line(&mut line).expect("it can be read");
        assert!(count > 0, "the program never said {what:?}");
    }
}

/// A path of its own for a test.
fn scratch(name: &str) -> PathBuf {
    env::temp_dir().join(format!("entracte-stdio-{}-{name}", std::process::id()))
}

/// Talks to the program `answers` line by line, then ends its input.
fn talk(mut input: impl Write, output: impl Read) -> impl BufRead {
    let mut output = BufReader::new(output);
    for number in 0..3 {
        writeln!(input, "{number}").expect("the program reads");
        expect(&mut output, &format!("<{number}>"));
    }
    drop(input);
    expect(&mut output, "end");
    // Kept by the caller: the test harness has more to say.
    output
}

#[test]
fn pipes() {
    let (their_input, input) = io::pipe().unwrap();
    let (output, their_output) = io::pipe().unwrap();
    let watched = [
        OwnedFd::from(their_input.try_clone().unwrap()),
        OwnedFd::from(their_output.try_clone().unwrap()),
    ];
    let mut command = program("answers");
    let child = command.stdin(their_input).stdout(their_output).spawn();
    drop(command);
    let _output = talk(input, output);
    assert!(!watched.iter().any(is_changed));
    succeeds(child.unwrap());
}

#[test]
fn a_socket() {
    let (near, far) = UnixStream::pair().unwrap();
    let watched = far.try_clone().unwrap();
    let mut command = program("answers");
    command.stdin(OwnedFd::from(far.try_clone().unwrap()));
    let child = command.stdout(OwnedFd::from(far)).spawn().unwrap();
    drop(command);
    let mut output = BufReader::new(near.try_clone().unwrap());
    for number in 0..3 {
        writeln!(&near, "{number}").unwrap();
        expect(&mut output, &format!("<{number}>"));
    }
    assert!(!is_changed(&watched));
    near.shutdown(std::net::Shutdown::Write).unwrap();
    expect(&mut output, "end");
    succeeds(child);
}

#[test]
fn plain_files() {
    let (from, to) = (scratch("from"), scratch("to"));
    let text: String = (0..50_000).map(|number| format!("{number}\n")).collect();
    fs::write(&from, &text).unwrap();
    let mut command = program("copies");
    command.stdin(File::open(&from).unwrap());
    succeeds(command.stdout(File::create(&to).unwrap()).spawn().unwrap());
    let copied = fs::read_to_string(&to).unwrap();
    fs::remove_file(&from).unwrap();
    fs::remove_file(&to).unwrap();
    assert!(copied.contains(&text));
}

#[test]
fn more_than_a_pipe_holds_to_a_slow_reader() {
    let mut command = program("copies");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes: Vec<u8> = (0..4 << 20).map(|n| b'a' + (n % 23) as u8).collect();
    let sent = bytes.clone();
    let sender = std::thread::spawn(move || input.write_all(&sent));
    let mut output = child.stdout.take().unwrap();
    let mut copied = Vec::new();
    output.read_to_end(&mut copied).unwrap();
    sender.join().unwrap().unwrap();
    assert!(copied.windows(bytes.len()).any(|part| part == bytes));
    succeeds(child);
}

#[test]
fn an_input_of_nothing_ends_at_once() {
    let output = program("copies").stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success());
}

#[test]
fn what_is_always_full_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = program("fails to write").stderr(full).output().unwrap();
    assert!(output.status.success());
}

#[test]
fn a_reader_that_is_gone_is_an_error() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let mut command = program("fails to write");
    let output = command.stderr(writer).output().unwrap();
    assert!(output.status.success());
}

#[test]
fn a_program_that_waits_for_input_goes_on_and_ends_when_it_likes() {
    let mut command = program("does not wait for ever");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    expect(&mut output, "nothing yet");
    input.write_all(b"half of ").unwrap();
    expect(&mut output, "half");
    input.write_all(b"a line\n").unwrap();
    expect(&mut output, "<half of a line>");
    // Its input is still open.
    succeeds(child);
    drop(input);
}

/// Starts a program with a terminal, types, and says whether the terminal was changed.
const TERMINAL: &str = r#"
import fcntl, os, pty, sys, termios
who, *program = sys.argv[1:]
master, slave = pty.openpty()
settings = termios.tcgetattr(slave)
settings[3] &= ~termios.ECHO
termios.tcsetattr(slave, termios.TCSANOW, settings)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(slave, number)
    if who == "nobody":
        os.fchmod(slave, 0o600)
        os.setuid(65534)
    os.execv(program[0], program)
output = b""
def expect(what):
    global output
    while what not in output:
        output += os.read(master, 1000)
    output = output.split(what, 1)[1]
for number in range(3):
    os.write(master, b"%d\n" % number)
    expect(b"<%d>" % number)
    assert not fcntl.fcntl(slave, fcntl.F_GETFL) & os.O_NONBLOCK, "it was changed"
os.write(master, b"\x04") # Ctrl-D
expect(b"end")
_, status = os.waitpid(child, 0)
assert not fcntl.fcntl(slave, fcntl.F_GETFL) & os.O_NONBLOCK, "it was changed"
print("status", os.waitstatus_to_exitcode(status))
"#;

fn with_a_terminal(who: &str) {
    let mut python = Command::new("python3");
    python.args(["-c", TERMINAL, who]);
    python
        .arg(env::current_exe().expect("the test has a path"))
        .args(AS_A_PROGRAM);
    let Ok(output) = python.env(PROGRAM, "answers").output() else {
        println!("not tested: there is no python3");
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("status 0"), "{text}{errors}");
}

#[test]
fn a_terminal() {
    with_a_terminal("me");
}

#[test]
fn a_terminal_that_cannot_be_opened_once_more() {
    let may_become_nobody = rustix::process::geteuid().is_root();
    let binary = env::current_exe().unwrap();
    let others_may_run_it = Command::new("setpriv")
        .args(["--reuid=65534", "--clear-groups"])
        .arg(binary)
        .arg("--list")
        .output()
        .is_ok_and(|output| output.status.success());
    if may_become_nobody && others_may_run_it {
        with_a_terminal("nobody");
    } else {
        println!("not tested: this needs root");
    }
}

async fn answers() {
    let (mut stdin, mut stdout) = (stdin(), stdout());
    while let Some(line) = stdin.read_line().await.expect("it can be read") {
        let answer = format!("<{line}>\n");
        let written = stdout.write_all(answer.as_bytes()).await;
        written.expect("it can be written");
    }
    stdout.write(b"end\n").expect("it can be written");
    stdout.flush().await.expect("it can be written");
}

async fn does_not_wait_for_ever() {
    let (mut stdin, mut stdout) = (stdin(), stdout());
    let short = Duration::from_millis(20);
    assert!(timeout(short, stdin.read_line()).await.is_err());
    stdout
        .write_all(b"nothing yet\n")
        .await
        .expect("it can be written");
    while stdin.buffered().is_empty() {
        assert!(timeout(short, stdin.read_line()).await.is_err());
    }
    stdout
        .write_all(b"half\n")
        .await
        .expect("it can be written");
    let line = stdin.read_line().await.expect("it can be read");
    let answer = format!("<{}>\n", line.expect("it is not the end"));
    stdout
        .write_all(answer.as_bytes())
        .await
        .expect("it can be written");
    assert!(timeout(short, stdin.read_line()).await.is_err());
}

async fn copies() {
    let (mut stdin, mut stdout) = (stdin(), stdout());
    copy(&mut stdin, &mut stdout)
        .await
        .expect("it can be copied");
    stdout.close().await.expect("it can be written");
}

async fn fails_to_write() {
    let mut stderr = stderr();
    let written = stderr.write_all(b"x").await;
    let flushed = stderr.flush().await;
    assert!(written.and(flushed).is_err());
    // Nothing of this is to be written there.
    std::process::exit(0);
}

#[test]
#[ignore = "a program that other tests start"]
fn program_of_a_test() {
    let Ok(name) = env::var(PROGRAM) else {
        return;
    };
    let ran = match name.as_str() {
        "answers" => run(answers()),
        "copies" => run(copies()),
        "does not wait for ever" => run(does_not_wait_for_ever()),
        "fails to write" => run(fails_to_write()),
        other => panic!("there is no program {other:?}"),
    };
    ran.expect("it runs to its end");
}
