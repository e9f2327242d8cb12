//! Our `nc` against Debian's, over TCP, UDP and Unix sockets.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::program::{Program, bytes, example, nc, nc_to, output_of, python, scratch};

/// Our `nc` that listens, and where, as it says on its standard error.
fn listening(args: &[&str]) -> (Program, String) {
    let ours = Program::start("nc", args);
    let line = ours.error();
    let place = line
        .strip_prefix("listening on ")
        .expect("it listens")
        .trim()
        .to_owned();
    (ours, place)
}

/// The port that Debian's says it has.
fn port(theirs: &Program) -> String {
    let line = theirs.error();
    line.trim()
        .rsplit(' ')
        .next()
        .expect("it has a port")
        .to_owned()
}

fn ours(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("timeout");
    command.arg("60").arg(example("nc")).args(args);
    output_of(command, input)
}

#[test]
fn a_file_is_received_from_theirs() {
    let folder = scratch("nc_receive");
    let sent = bytes(3_000_000);
    let received = File::create(folder.join("received")).expect("it can be written");
    let Some(_) = nc() else { return };
    let mut command = Command::new(example("nc"));
    command.args(["-lv", "127.0.0.1", "0"]).stdin(Stdio::null());
    command.stdout(received).stderr(Stdio::piped());
    let mut ours = command.spawn().expect("it runs");
    let mut said = std::io::BufReader::new(ours.stderr.take().expect("it is piped"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).expect("it says where it listens");
    let address = line
        .trim()
        .strip_prefix("listening on ")
        .expect("it listens");
    let theirs = nc_to(address.parse().expect("it is an address")).expect("it was there");
    assert_eq!(output_of(theirs, &sent), b"");
    assert!(ours.wait().expect("it is ours").success());
    assert!(std::fs::read(folder.join("received")).expect("it is there") == sent);
}

#[test]
fn a_file_is_sent_to_theirs() {
    let folder = scratch("nc_send");
    let sent = bytes(3_000_000);
    std::fs::write(folder.join("sent"), &sent).expect("it can be written");
    let Some(mut theirs) = nc() else { return };
    let received = File::create(folder.join("received")).expect("it can be written");
    theirs
        .args(["-l", "-v", "127.0.0.1", "0"])
        .stdin(Stdio::null());
    theirs.stdout(received).stderr(Stdio::piped());
    let mut theirs = theirs.spawn().expect("it runs");
    let mut said = std::io::BufReader::new(theirs.stderr.take().expect("it is piped"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).expect("it says where it listens");
    let port = line.trim().rsplit(' ').next().expect("it has a port");
    let mut ours = Command::new(example("nc"));
    ours.args(["127.0.0.1", port]);
    ours.stdin(File::open(folder.join("sent")).expect("it is there"));
    assert!(ours.status().expect("it runs").success());
    assert!(theirs.wait().expect("it is ours").success());
    assert!(std::fs::read(folder.join("received")).expect("it is there") == sent);
}

#[test]
fn both_talk_at_once() {
    let (mut ours, address) = listening(&["-lv", "127.0.0.1", "0"]);
    let Some(mut theirs) = nc_to(address.parse().expect("it is an address")) else {
        return;
    };
    let mut theirs = Program::of(&mut theirs);
    assert!(ours.error().starts_with("connection from 127.0.0.1:"));
    for word in ["one\n", "two\n"] {
        ours.tell(word);
        assert_eq!(theirs.line(), word);
        theirs.tell(word);
        assert_eq!(ours.line(), word);
    }
    ours.tell("last words\n");
    drop(ours.input.take());
    assert_eq!(theirs.line(), "last words\n");
    theirs.tell("is anybody there?\n");
    assert_eq!(
        ours.line(),
        "is anybody there?\n",
        "a half is closed, and no more"
    );
    assert_eq!(theirs.succeeds(), "");
    assert_eq!(ours.succeeds(), "");
}

#[test]
fn a_unix_socket_is_talked_over() {
    let folder = scratch("nc_unix");
    let path = folder.join("socket");
    let path = path.to_str().expect("a test has a plain path");
    let sent = bytes(1_000_000);
    let Some(mut theirs) = nc() else { return };
    let (mut ours_listens, place) = listening(&["-lvU", path]);
    drop(ours_listens.input.take());
    assert_eq!(place, path);
    theirs.args(["-N", "-U", path]);
    let text = "over a path\n";
    assert_eq!(output_of(theirs, text.as_bytes()), b"");
    assert_eq!(ours_listens.succeeds(), text);
    assert!(
        !std::path::Path::new(path).exists(),
        "the path is free again"
    );

    let mut theirs = nc().expect("it was there before");
    theirs.args(["-l", "-v", "-N", "-U", path]);
    let mut command = Program::of(&mut theirs);
    command.error();
    command.tell(text);
    drop(command.input.take());
    assert_eq!(ours(&["-U", path], &sent), text.as_bytes());
    drop(command);
}

#[test]
fn datagrams_go_both_ways() {
    let Some(mut theirs) = nc() else { return };
    let (mut ours_listens, address) = listening(&["-luv", "127.0.0.1", "0"]);
    let (host, port_of_ours) = address.rsplit_once(':').expect("it is an address");
    theirs.args(["-u", host, port_of_ours]);
    let mut theirs = Program::of(&mut theirs);
    theirs.tell("ping\n");
    assert_eq!(ours_listens.line(), "ping\n");
    ours_listens.tell("pong\n");
    assert_eq!(theirs.line(), "pong\n");
    ours_listens.interrupted();

    let mut theirs = nc().expect("it was there before");
    theirs.args(["-u", "-l", "-v", "127.0.0.1", "0"]);
    let mut theirs = Program::of(&mut theirs);
    let port = port(&theirs);
    let mut ours_asks = Program::start("nc", ["-u", "127.0.0.1", &port]);
    ours_asks.tell("ping\n");
    assert_eq!(theirs.line(), "ping\n");
    theirs.tell("pong\n");
    assert_eq!(ours_asks.line(), "pong\n");
    ours_asks.interrupted();

    let mut theirs = nc().expect("it was there before");
    theirs.args(["-u", "-l", "-v", "127.0.0.1", "0"]);
    let theirs = Program::of(&mut theirs);
    let port = self::port(&theirs);
    let waits_a_second = ours(&["-u", "-w", "1", "127.0.0.1", &port], b"no answer\n");
    assert_eq!(
        (waits_a_second.as_slice(), theirs.line().as_str()),
        (&b""[..], "no answer\n")
    );
}

#[test]
fn who_sits_at_a_terminal_is_let_go_when_the_other_side_is_gone() {
    let program = "
import os, pty, socket, sys
listener = socket.create_server(('127.0.0.1', 0))
port = str(listener.getsockname()[1])
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[1], [sys.argv[1], '127.0.0.1', port])
connection, _ = listener.accept()
os.write(terminal, b'typed\\n')
print(connection.makefile('r').readline(), end='')
connection.sendall(b'hello\\n')
connection.shutdown(socket.SHUT_RDWR)
seen = b''
while b'hello' not in seen:
    seen += os.read(terminal, 100)
_, status = os.waitpid(process, 0)
print(os.waitstatus_to_exitcode(status))
";
    let Some(mut python) = python(program) else {
        return;
    };
    python.arg(example("nc"));
    assert_eq!(output_of(python, b""), b"typed\n0\n");
}

#[test]
fn ctrl_c_ends_it_wherever_it_waits() {
    let (listens, _) = listening(&["-lv", "127.0.0.1", "0"]);
    listens.interrupted();
    let echo = Program::start("echo", ["serve", "127.0.0.1:0"]);
    let port = echo.address().port().to_string();
    let mut talks = Program::start("nc", ["localhost", &port]);
    talks.tell("hello\n");
    assert_eq!(talks.line(), "hello\n");
    talks.interrupted();
}

#[test]
fn what_cannot_be_done_is_said() {
    for (args, code, says) in [
        (
            ["127.0.0.1", "1"],
            1,
            "nc: cannot connect to 127.0.0.1:1: Connection refused",
        ),
        (["127.0.0.1", "http"], 2, "nc: \"http\" is not a port"),
        (
            ["-U", "/nowhere/at/all"],
            1,
            "nc: cannot connect to /nowhere/at/all",
        ),
        (["-x", "1"], 2, "nc: invalid option '-x'"),
    ] {
        let ended = Command::new(example("nc"))
            .args(args)
            .output()
            .expect("it runs");
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {errors}");
        assert!(errors.starts_with(says), "{args:?}: {errors}");
    }
}

#[test]
fn output_that_nobody_reads_any_more_is_an_error() {
    let echo = Program::start("echo", ["serve", "127.0.0.1:0"]);
    let port = echo.address().port().to_string();
    let mut ours = Command::new(example("nc"));
    ours.args(["127.0.0.1", &port]).stdin(Stdio::piped());
    ours.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut ours = ours.spawn().expect("it runs");
    drop(ours.stdout.take());
    let mut to = ours.stdin.take().expect("it is piped");
    while to.write_all(&[b'x'; 1000]).is_ok() {}
    assert_eq!(ours.wait().expect("it is ours").code(), Some(1));
}
