//! `download`, from our file server, Python's, nginx, and servers that break off.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::program::{Program, bytes, example, python, reached, scratch, server};
use crate::source::{Act, Source, answer};
use crate::support::{Site, names, printed, until, write};

pub(crate) fn start(folder: &Path, args: &[&str]) -> Program {
    let folder = ["-d".as_ref(), folder.as_os_str()];
    let args = args.iter().map(AsRef::as_ref);
    Program::start("download", folder.into_iter().chain(args))
}

pub(crate) fn download(folder: &Path, args: &[&str]) -> (ExitStatus, String, String) {
    start(folder, args).end()
}

#[test]
fn several_files_come_from_our_own_server() {
    let folder = scratch("download-own");
    let (from, to) = (folder.join("from"), folder.join("to"));
    fs::create_dir(&from).expect("a test may write");
    for number in 0..12_usize {
        write(&from, &format!("file {number}"), bytes(number * 700_000));
    }
    let site = Site::of(&from, &[]);
    let urls: Vec<String> = (0..12)
        .map(|it| site.url(&format!("file%20{it}")))
        .collect();
    let mut args = vec!["-j", "3"];
    args.extend(urls.iter().map(String::as_str));
    let said = start(&to, &args).succeeds();
    assert_eq!(said.lines().count(), 12, "{said}");
    printed(Command::new("diff").arg("-r").arg(&from).arg(&to));
    // Once more: nothing is fetched.
    let said = start(&to, &args).succeeds();
    assert_eq!(said.matches("is there already").count(), 12, "{said}");
    site.end();
}

#[test]
fn files_come_from_the_server_of_python() {
    let folder = scratch("download-python");
    let (from, to) = (folder.join("from"), folder.join("to"));
    fs::create_dir(&from).expect("a test may write");
    let content = bytes(3_000_000);
    write(&from, "big", &content);
    let Some(mut python) = server("python3", "python3") else {
        return;
    };
    python.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "-d"]);
    let serving = Program::of(python.arg(&from));
    let line = serving.expect("Serving HTTP on 127.0.0.1 port ");
    let port = line.split(' ').nth(5).expect("it says so");
    let url = format!("http://127.0.0.1:{port}/big");
    start(&to, &[&url]).succeeds();
    assert!(fs::read(to.join("big")).expect("it is there") == content);
    assert_eq!(names(&to), ["big"]);
}

#[test]
fn a_file_in_chunks_is_put_together_and_a_redirection_followed() {
    let folder = scratch("download-chunks");
    let content = bytes(200_000);
    let mut body = Vec::new();
    for (number, chunk) in content.chunks(7001).enumerate() {
        body.extend(format!("{:X};n={number}\r\n", chunk.len()).bytes());
        body.extend(chunk);
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\nTrailer: x\r\n\r\n");
    let chunked = answer("200 OK", "transfer-encoding: Chunked\r\n", &body);
    let moved = answer("302 Found", "Location: b/c?d\r\nContent-Length: 0\r\n", b"");
    let source = Source::of(vec![vec![Act::Send(moved)], vec![Act::Send(chunked)]]);
    let url = source.url("a/file?x#y");
    start(&folder, &[&url]).succeeds();
    assert!(source.asked().starts_with("GET /a/file?x HTTP/1.1\r\n"));
    assert!(source.asked().starts_with("GET /a/b/c?d HTTP/1.1\r\n"));
    assert!(fs::read(folder.join("file")).expect("it is there") == content);
    assert_eq!(names(&folder), ["file"]);
}

#[test]
fn what_a_server_does_not_send_whole_gets_no_name() {
    let folder = scratch("download-torn");
    for (fields, body) in [
        ("Content-Length: 10\r\n", "hello"),
        ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"),
        ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n"),
        ("Transfer-Encoding: chunked\r\n", "5\r\nhello!\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "x\r\nhello\r\n0\r\n\r\n"),
        ("Transfer-Encoding: gzip\r\n", "hello"),
        ("Content-Length: many\r\n", "hello"),
    ] {
        let sent = answer("200 OK", fields, body.as_bytes());
        let source = Source::of(vec![vec![Act::Send(sent)]]);
        let url = source.url("file");
        let (status, said, errors) = download(&folder, &["--tries", "1", &url]);
        assert_eq!(status.code(), Some(1), "{fields}{body}: {said}{errors}");
        assert!(
            errors.starts_with("download: file: "),
            "{fields}{body}: {errors}"
        );
        assert!(!folder.join("file").exists(), "{fields}{body}");
    }
}

#[test]
fn what_cannot_be_fetched_is_said_and_leaves_nothing_behind() {
    let folder = scratch("download-none");
    let (from, to) = (folder.join("from"), folder.join("to"));
    fs::create_dir(&from).expect("a test may write");
    write(&from, "a", "a");
    let site = Site::of(&from, &[]);
    let urls = [site.url("none"), site.url("a")];
    let (status, said, errors) = download(&to, &[&urls[0], &urls[1]]);
    assert_eq!(status.code(), Some(1));
    assert!(said.starts_with("a: 1 B"), "the other is fetched: {said}");
    assert_eq!(errors, "download: none: 404 Not Found\n");
    assert_eq!(names(&to), ["a"]);
    site.end();

    let (status, _, errors) = download(&to, &["--tries", "2", "http://127.0.0.1:1/x"]);
    assert_eq!(status.code(), Some(1));
    assert!(errors.contains("refused"), "{errors}");
    for wrong in [
        &["ftp://here/x"][..],
        &["http://"],
        &["http://a b/"],
        &["http://me@here/"],
        &["http://here/x", "http://there/x"],
        &["http://here/x", "http://there/x.part"],
        &["-o", "y", "http://here/x", "http://there/z"],
        &["-j", "0", "http://here/x"],
        &[],
    ] {
        let (status, said, errors) = download(&to, wrong);
        assert_eq!(status.code(), Some(2), "{wrong:?}: {said}{errors}");
    }
    assert_eq!(names(&to), ["a"]);
}

#[test]
fn names_that_lead_elsewhere_do_not() {
    let folder = scratch("download-names");
    let send = || vec![Act::Send(answer("200 OK", "Content-Length: 1\r\n", b"x"))];
    let source = Source::of(vec![send(), send(), send(), send()]);
    for path in ["..%2F..%2Fup", "a/%2e%2e", "", "%C3%BC"] {
        start(&folder, &[&source.url(path)]).succeeds();
    }
    assert_eq!(names(&folder), [".._.._up", "index.html", "\u{fc}"]);
}

/// Runs a program at a terminal of 100 by 30, and prints what it writes there.
const AT_A_TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

#[test]
fn bars_are_drawn_at_a_terminal_and_nowhere_else() {
    let folder = scratch("download-bars");
    let half = answer(
        "200 OK",
        "ETag: \"1\"\r\nContent-Length: 200000\r\n",
        &bytes(100_000),
    );
    let source = Source::of(vec![vec![Act::Send(half), Act::Stall]]);
    let Some(mut python) = python(AT_A_TERMINAL) else {
        return;
    };
    python
        .arg(example("download"))
        .args(["--tries", "1", "-t", "2", "-d"]);
    python.arg(&*folder).arg(source.url("file"));
    python.stdin(Stdio::null());
    let ran = python.output().expect("it runs");
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(ran.status.code(), Some(1), "{text}");
    assert!(
        text.contains(&format!("{:24} [===========", "file")),
        "{text:?}"
    );
    assert!(
        text.contains("          ]  50%  97.7 KiB of 195.3 KiB  "),
        "{text:?}"
    );
    let last = "\x1b[1A\r\x1b[Jdownload: file: the server said nothing for 2 seconds\r\n";
    assert!(text.ends_with(last), "the bars are taken away: {text:?}");
}

#[test]
fn two_programs_do_not_write_the_same_file() {
    let folder = scratch("download-twice");
    let half = answer("200 OK", "ETag: \"1\"\r\nContent-Length: 10\r\n", b"hello");
    let source = Source::of(vec![vec![Act::Send(half), Act::Stall]]);
    let url = source.url("file");
    let first = start(&folder, &[&url]);
    let part = folder.join("file.part");
    until("a part is there", || {
        crate::support::length(&part) == Some(5)
    });
    let mut second = reached("download", ["-d".as_ref(), folder.as_os_str()]);
    let ran = second.arg(&url).output().expect("it runs");
    assert_eq!(ran.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(errors.contains("another program does"), "{errors}");
    first.signal("INT");
    assert_eq!(first.end().0.code(), Some(130));
    assert_eq!(fs::read(part).expect("it stays"), b"hello");
}
