//! `echo`, asked by netcat, bash and curl, and asking a server in Python.

use std::io::{Read, Write};
use std::process::Command;

use crate::program::{Program, bytes, client, example, nc_to, output_of, python, read_all, tool};

fn server() -> Program {
    Program::start("echo", ["serve", "127.0.0.1:0"])
}

#[test]
fn netcat_gets_back_what_it_sent() {
    let server = server();
    let sent = bytes(5_000_000);
    let Some(nc) = nc_to(server.address()) else {
        return;
    };
    assert!(output_of(nc, &sent) == sent, "other bytes came back");
    server.interrupted();
}

#[test]
fn bash_gets_back_what_it_sent() {
    let server = server();
    let Some(mut bash) = tool("bash", "bash") else {
        return;
    };
    let script = "exec 3<>\"/dev/tcp/$0/$1\"; echo hello >&3; head -n 1 <&3";
    let address = server.address();
    bash.args([
        "-c",
        script,
        &address.ip().to_string(),
        &address.port().to_string(),
    ]);
    assert_eq!(output_of(bash, b""), b"hello\n");
    server.interrupted();
}

#[test]
fn curl_gets_back_what_it_sent() {
    let server = server();
    let Some(mut curl) = tool("curl", "curl") else {
        return;
    };
    curl.args([
        "--silent",
        "--no-buffer",
        &format!("telnet://{}", server.address()),
    ]);
    let mut curl = Program::of(&mut curl);
    curl.tell("hello\n");
    assert_eq!(curl.line(), "hello\n");
    server.interrupted();
    assert_eq!(curl.succeeds(), "");
}

#[test]
fn a_client_that_does_not_read_makes_nobody_else_wait() {
    let server = server();
    let address = server.address();
    let mut rude = client(address);
    rude.set_nonblocking(true).expect("it is a socket");
    while rude.write(&[0; 65_536]).is_ok() {}
    let mut polite = client(address);
    polite.write_all(b"hello").expect("it is read");
    let mut answer = [0; 5];
    polite.read_exact(&mut answer).expect("it comes back");
    assert_eq!(&answer, b"hello");
    server.interrupted();
}

#[test]
fn ctrl_c_ends_the_server_and_its_connections() {
    let server = server();
    let mut idle = client(server.address());
    idle.write_all(b"x").expect("it is read");
    idle.read_exact(&mut [0]).expect("it comes back");
    server.interrupted();
    assert_eq!(read_all(idle).0, b"");
}

/// Serves one connection, and prints its port at first.
const SERVER: &str = "
import socket
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1])
connection, _ = listener.accept()
while data := connection.recv(4096):
    connection.sendall(ANSWER)
";

#[test]
fn a_server_in_python_is_asked() {
    let Some(mut server) = python(&SERVER.replace("ANSWER", "data")) else {
        return;
    };
    let server = Program::of(&mut server);
    let address = format!("127.0.0.1:{}", server.line().trim());
    let client = Program::start(
        "echo",
        ["ask", &address, "one", "two and three", "", "vier€"],
    );
    assert_eq!(client.succeeds(), "one\ntwo and three\n\nvier€\n");
    server.succeeds();
}

#[test]
fn a_server_that_gives_back_something_else_is_found_out() {
    let Some(mut server) = python(&SERVER.replace("ANSWER", "data.upper()")) else {
        return;
    };
    let server = Program::of(&mut server);
    let address = format!("127.0.0.1:{}", server.line().trim());
    let (status, output, errors) = Program::start("echo", ["ask", &address, "1", "b"]).end();
    assert_eq!((status.code(), output.as_str()), (Some(1), "1\n"));
    assert!(errors.contains(r#""b\n" came back as "B\n""#), "{errors}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let server = server();
    let taken = server.address().to_string();
    let cases: [(&[&str], i32, &str); 4] = [
        (&["serve", &taken], 1, "Address already in use"),
        (
            &["ask", "127.0.0.1:1", "x"],
            1,
            "cannot connect to 127.0.0.1:1",
        ),
        (&["serve", "nonsense"], 1, "it is not of the form host:port"),
        (&["sing"], 2, "Usage: echo"),
    ];
    for (args, code, says) in cases {
        let ended = Command::new(example("echo"))
            .args(args)
            .output()
            .expect("it runs");
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {errors}");
        assert!(errors.contains(says), "{args:?}: {errors}");
    }
}
