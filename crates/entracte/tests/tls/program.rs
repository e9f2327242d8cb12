//! The example `tls_echo`: its server asked by `openssl s_client` and by itself, its client trusting.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::certificates::path;

/// The program that cargo made of the example.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("tests are built in a folder");
    let path = profile.join("examples/tls_echo");
    assert!(
        path.is_file(),
        "{path:?} is not there: run `cargo build -p entracte --features tls --example tls_echo`"
    );
    path
}

/// The server, which ends with the test.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start() -> Self {
        let mut child = Command::new(program())
            .args(["serve", "localhost:0", &path("leaf.pem"), &path("leaf.key")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it is text");
        let address = line.trim_end().strip_prefix("listening on ");
        let address = address.expect("it says where").to_owned();
        Self { child, address }
    }

    fn port(&self) -> &str {
        self.address.rsplit(':').next().expect("it has a port")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn ask(host: &str, port: &str, roots: &str, texts: &[&str]) -> Output {
    Command::new(program())
        .args(["ask", &format!("{host}:{port}"), roots])
        .args(texts)
        .output()
        .expect("the program starts")
}

#[test]
fn the_program_asks_itself_and_prints_what_comes_back() {
    let server = Serving::start();
    let output = ask(
        "localhost",
        server.port(),
        &path("root.pem"),
        &["one", "two"],
    );
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"one\ntwo\n");
}

#[test]
fn the_program_says_whom_it_does_not_trust() {
    let server = Serving::start();
    let output = ask("localhost", server.port(), &path("other.pem"), &["one"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let said =
        "tls_echo: cannot finish the TLS handshake: invalid peer certificate: UnknownIssuer\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), said);
}

#[test]
fn the_program_goes_on_after_garbage_and_serves_s_client() {
    let server = Serving::start();
    let mut plain = TcpStream::connect(&server.address).expect("it listens");
    plain.write_all(b"no handshake\n").expect("it reads");
    // An alert, or nothing if the server has gone before it was read.
    drop(plain.read_to_end(&mut Vec::new()));
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-no_ign_eof", "-verify_return_error"])
        .args(["-CAfile", &path("root.pem"), "-connect", &server.address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command openssl is installed");
    let mut input = client.stdin.take().expect("it is piped");
    let mut output = BufReader::new(client.stdout.take().expect("it is piped"));
    input.write_all(b"over there\n").expect("it reads");
    let mut line = String::new();
    output.read_line(&mut line).expect("it is text");
    assert_eq!(line, "over there\n");
    drop(input);
    assert!(client.wait().expect("it ends").success());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let output = ask("localhost", "1", "/nowhere.pem", &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("tls_echo: cannot read /nowhere.pem: "),
        "{said}"
    );
}
