//! The example `hello_http`, driven by curl and by our own client, and ended by Ctrl-C.

#[path = "support/scratch.rs"]
mod scratch;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use entracte::net::connect;
use entracte::{gather, run, spawn};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;

use crate::scratch::Scratch;

/// The program that cargo made of the example.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test.parent().and_then(Path::parent);
    let profile = profile.expect("tests are built in a folder");
    let path = profile.join("examples/hello_http");
    assert!(
        path.is_file(),
        "{path:?} is not there: run `cargo build -p entracte --all-features --examples`, or all tests"
    );
    path
}

/// The example, and where it listens.
struct Hello {
    child: Child,
    address: String,
}

impl Hello {
    fn start(address: &str) -> Self {
        // Ctrl-C reaches it, also where a shell that runs this in the background has it ignored.
        let mut command = Command::new("env");
        command
            .arg("--default-signal=INT")
            .arg(program())
            .arg(address);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdout = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it speaks");
        let address = line.trim_end().strip_prefix("listening on ");
        let address = address.expect("it says where it listens").to_owned();
        Self { child, address }
    }

    fn on_any_port() -> Self {
        Self::start("127.0.0.1:0")
    }

    fn host_and_port(&self) -> String {
        let stripped = self.address.strip_prefix("http://");
        stripped.expect("it listens on a port").to_owned()
    }

    fn press_ctrl_c(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// Ends it; what it wrote to its standard error.
    fn end(mut self) -> (ExitStatus, String) {
        self.press_ctrl_c();
        self.wait()
    }

    fn wait(&mut self) -> (ExitStatus, String) {
        let mut errors = String::new();
        let stderr = self.child.stderr.as_mut().expect("it is piped");
        stderr.read_to_string(&mut errors).expect("it is text");
        (self.child.wait().expect("it ends"), errors)
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        // Fails if it has ended, as it should have.
        if self.child.kill().is_ok() {
            self.child.wait().expect("it was started");
        }
    }
}

/// curl with a limit of time, silent but for errors.
fn curl(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--max-time", "60"])
        // Whatever stands between this machine and others.
        .args(["--noproxy", "*"])
        .args(arguments)
        .stdin(Stdio::null());
    command
}

fn printed(mut command: Command) -> Vec<u8> {
    let output = command.output().expect("there is a curl");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}: {errors}", output.status);
    output.stdout
}

/// A file of so many bytes that do not repeat soon.
fn file(folder: &Path, length: usize) -> PathBuf {
    let path = folder.join("file");
    let bytes: Vec<u8> = (0..length).map(|at| (at * at % 251) as u8).collect();
    fs::write(&path, bytes).expect("it can be written");
    path
}

const PROTOCOLS: [&str; 2] = ["--http1.1", "--http2-prior-knowledge"];

#[test]
fn curl_is_greeted_in_both_protocols() {
    let hello = Hello::on_any_port();
    for (option, version) in PROTOCOLS.into_iter().zip(["1.1", "2"]) {
        let format = "%{http_version} %{response_code} %header{content-length}";
        let asked = curl([option, "--write-out", format, &hello.address]);
        let expected = format!("Hello, world!\n{version} 200 14");
        assert_eq!(String::from_utf8_lossy(&printed(asked)), expected);
    }
    let (status, errors) = hello.end();
    assert!(status.success());
    // It may not have heard yet that the last of them has gone.
    let left = [
        "closing, with 0 clients left\n",
        "closing, with 1 clients left\n",
    ];
    assert!(left.contains(&errors.as_str()), "{errors}");
}

#[test]
fn curl_keeps_its_connection() {
    let hello = Hello::on_any_port();
    // Not with HTTP/2: the curl of Debian 12 says its preface again, to other servers as well.
    let mut asked = curl(["--http1.1", "--write-out", "%{num_connects} "]);
    asked.args(vec![&hello.address; 20]);
    let text = String::from_utf8(printed(asked)).expect("text");
    let connects = text.matches("Hello, world!\n1 ").count();
    let kept = text.matches("Hello, world!\n0 ").count();
    assert_eq!((connects, kept), (1, 19), "{text}");
    assert!(hello.end().0.success());
}

#[test]
fn curl_has_a_large_body_back() {
    let hello = Hello::on_any_port();
    let folder = Scratch::new("hello_http", "large");
    let path = file(&folder, 10_000_000);
    let data = format!("@{}", path.display());
    let url = format!("{}/echo", hello.address);
    for option in PROTOCOLS {
        let back = printed(curl([option, "--data-binary", &data, &url]));
        assert!(back == fs::read(&path).expect("it is there"), "{option}");
        let chunked = ["--header", "transfer-encoding: chunked", "--data-binary"];
        let back = curl([option].into_iter().chain(chunked).chain([&*data, &*url]));
        assert!(
            printed(back) == fs::read(&path).expect("it is there"),
            "{option}"
        );
    }
    assert!(hello.end().0.success());
}

#[test]
fn curl_has_a_body_back_that_it_reads_bit_by_bit() {
    let hello = Hello::on_any_port();
    let url = format!("{}/echo", hello.address);
    for option in PROTOCOLS {
        let options = ["--request", "POST", "--upload-file", "-"];
        let mut child = curl([option].into_iter().chain(options))
            .arg(&url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a curl");
        let mut to = child.stdin.take().expect("it is piped");
        let lines: Vec<String> = (0..100).map(|nth| format!("line {nth}\n")).collect();
        for line in &lines {
            to.write_all(line.as_bytes()).expect("curl reads");
        }
        drop(to);
        let output = child.wait_with_output().expect("curl ends");
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), lines.concat());
    }
    assert!(hello.end().0.success());
}

/// curl does not read while it waits for more to send; a socket does.
#[test]
fn a_slow_body_comes_back_piece_by_piece() {
    let hello = Hello::on_any_port();
    let mut to = TcpStream::connect(hello.host_and_port()).expect("it listens");
    let mut from = BufReader::new(to.try_clone().expect("a descriptor"));
    let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    to.write_all(head).expect("it goes");
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        from.read_line(&mut line).expect("the head");
    }
    for nth in 0..10 {
        let chunk = format!("7\r\nline {nth}\n\r\n");
        to.write_all(chunk.as_bytes()).expect("it goes");
        // It is back before the next is sent.
        let mut back = vec![0; chunk.len()];
        from.read_exact(&mut back).expect("a chunk");
        assert_eq!(String::from_utf8_lossy(&back), chunk);
    }
    to.write_all(b"0\r\n\r\n").expect("it goes");
    let mut end = [0; 5];
    from.read_exact(&mut end).expect("the end");
    assert_eq!(&end, b"0\r\n\r\n");
    assert!(hello.end().0.success());
}

#[test]
fn curl_is_told_what_is_wrong() {
    let hello = Hello::on_any_port();
    for option in PROTOCOLS {
        for (method, path, code) in [
            ("GET", "/no", "404"),
            ("PUT", "/", "405"),
            ("GET", "/echo", "405"),
        ] {
            let url = format!("{}{path}", hello.address);
            let asked = [
                option,
                "--request",
                method,
                "--write-out",
                "%{response_code}",
                &url,
            ];
            let text = String::from_utf8(printed(curl(asked))).expect("text");
            assert!(text.ends_with(code), "{method} {path}: {text}");
        }
    }
    assert!(hello.end().0.success());
}

#[test]
fn curl_reaches_it_by_the_path_of_a_socket() {
    let folder = Scratch::new("hello_http", "socket");
    let path = folder.join("socket");
    let path = path.to_str().expect("a plain path");
    let hello = Hello::start(path);
    for option in PROTOCOLS {
        let asked = curl([option, "--unix-socket", path, "http://localhost/"]);
        assert_eq!(printed(asked), b"Hello, world!\n");
    }
    assert!(hello.end().0.success());
}

async fn greeted(address: String) {
    let stream = connect(address).await.expect("it listens");
    let (mut client, connection) = handshake(stream).await.expect("a client");
    let connection = spawn(connection);
    for _ in 0..10 {
        let request = Request::get("/").body(Empty::<Bytes>::new());
        let response = client.send_request(request.expect("a request")).await;
        let body = response.expect("an answer").into_body().collect().await;
        assert_eq!(body.expect("it is whole").to_bytes(), "Hello, world!\n");
    }
    drop(client);
    connection.await.expect("no panic").expect("a good end");
}

#[test]
fn our_own_client_is_greeted_many_times_at_once() {
    let hello = Hello::on_any_port();
    let address = hello.host_and_port();
    run(async {
        let clients = (0..50).map(|_| greeted(address.clone()));
        gather(clients.collect::<Vec<_>>())
            .await
            .expect("none fails");
    })
    .expect("it runs");
    assert!(hello.end().0.success());
}

#[test]
fn ctrl_c_lets_a_request_under_way_end() {
    let mut hello = Hello::on_any_port();
    let address = hello.host_and_port();
    run(async {
        let mut idle = connect(&address).await.expect("it listens");
        let mut slow = connect(&address).await.expect("it listens");
        let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nfirst";
        slow.writer.write_all(head).await.expect("it goes");
        let line = slow.reader.read_line().await.expect("an answer");
        assert_eq!(line.as_deref(), Some("HTTP/1.1 200 OK"));
        hello.press_ctrl_c();
        // The other ends at once: the server has heard of it.
        assert!(idle.reader.read_to_end().await.expect("an end").is_empty());
        slow.writer.write_all(b"other").await.expect("it goes");
        let rest = slow.reader.read_to_end().await.expect("the end");
        assert!(
            rest.ends_with(b"\r\n\r\nfirstother"),
            "{}",
            rest.escape_ascii()
        );
    })
    .expect("it runs");
    let (status, errors) = hello.wait();
    assert!(status.success());
    assert_eq!(errors, "closing, with 2 clients left\n");
}

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let mut hello = Hello::on_any_port();
    let address = hello.host_and_port();
    run(async {
        let mut idle = connect(&address).await.expect("it listens");
        let mut slow = connect(&address).await.expect("it listens");
        let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nfirst";
        slow.writer.write_all(head).await.expect("it goes");
        slow.reader.read_line().await.expect("an answer");
        hello.press_ctrl_c();
        assert!(idle.reader.read_to_end().await.expect("an end").is_empty());
        hello.press_ctrl_c();
        let (status, _) = hello.wait();
        assert!(!status.success());
    })
    .expect("it runs");
}

#[test]
fn a_command_line_that_is_wrong_is_an_error() {
    for arguments in [&["--no"][..], &["nowhere"], &["127.0.0.1:0", "--what"]] {
        let output = Command::new(program()).args(arguments).output();
        let output = output.expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = String::from_utf8(output.stderr).expect("text");
        assert!(errors.starts_with("hello_http: "), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
    let help = Command::new(program())
        .arg("--help")
        .output()
        .expect("it starts");
    assert!(help.status.success() && help.stdout.starts_with(b"Usage: "));
}
