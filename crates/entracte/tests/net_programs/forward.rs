//! `forward`, between clients and servers that must not notice it.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use rustix::net::sockopt;

use crate::program::{Program, bytes, client, nc_to, output_of, python, read_all, scratch, tool};
use crate::reserved::reserved;

fn forward_to(target: SocketAddr) -> (Program, SocketAddr) {
    let forward = Program::start("forward", ["127.0.0.1:0", &target.to_string()]);
    let address = forward.address();
    (forward, address)
}

/// Both ends of a connection through a new forwarder.
fn connected() -> (Program, TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let (forward, address) = forward_to(listener.local_addr().expect("it listens"));
    let near = client(address);
    let (far, _) = listener.accept().expect("it is passed on");
    far.set_read_timeout(Some(crate::program::PATIENCE))
        .expect("it is a socket");
    (forward, near, far)
}

fn reset(socket: TcpStream) {
    sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).expect("it is a socket");
    drop(socket);
}

fn assert_is_reset(socket: TcpStream) {
    let (_, ended) = read_all(socket);
    let ended = ended.map_err(|error| error.kind());
    assert_eq!(ended, Err(ErrorKind::ConnectionReset));
}

#[test]
fn curl_gets_a_file_from_a_server_in_python() {
    let folder = scratch("forward");
    let file = bytes(3_000_000);
    fs::write(folder.join("file"), &file).expect("it can be written");
    let program = "
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
print('listening on 127.0.0.1:%d' % server.server_port)
server.serve_forever()
";
    let (Some(mut python), Some(mut curl)) = (python(program), tool("curl", "curl")) else {
        return;
    };
    let python = Program::of(python.arg(&*folder));
    let (forward, address) = forward_to(python.address());
    curl.args(["--silent", "--fail", &format!("http://{address}/file")]);
    assert!(output_of(curl, b"") == file, "other bytes came");
    forward.interrupted();
}

#[test]
fn netcat_is_echoed_through_two_forwarders() {
    let echo = Program::start("echo", ["serve", "127.0.0.1:0"]);
    let (_first, address) = forward_to(echo.address());
    let (_second, address) = forward_to(address);
    let Some(nc) = nc_to(address) else { return };
    let sent = bytes(5_000_000);
    assert!(output_of(nc, &sent) == sent, "other bytes came back");
}

#[test]
fn a_half_close_is_passed_on_and_the_other_half_goes_on() {
    let (forward, mut near, mut far) = connected();
    near.write_all(b"question").expect("it is read");
    near.shutdown(Shutdown::Write).expect("it is a socket");
    let mut question = Vec::new();
    far.read_to_end(&mut question).expect("it ends well");
    assert_eq!(question, b"question");
    far.write_all(b"answer").expect("it is still read");
    drop(far);
    let (answer, ended) = read_all(near);
    assert_eq!((answer.as_slice(), ended.ok()), (&b"answer"[..], Some(6)));
    forward.interrupted();
}

#[test]
fn a_reset_is_passed_on_in_both_directions() {
    let (_forward, near, far) = connected();
    reset(near);
    assert_is_reset(far);
    let (_forward, near, far) = connected();
    reset(far);
    assert_is_reset(near);
}

#[test]
fn a_reset_behind_a_half_close_is_passed_on() {
    let (_forward, near, mut far) = connected();
    far.shutdown(Shutdown::Write).expect("it is a socket");
    assert_eq!(read_all(&near).0, b"");
    reset(near);
    // That side says no more, so it is noticed when somebody talks to it.
    while far.write_all(&[0; 1000]).is_ok() {}
    drop(far);
}

#[test]
fn a_target_that_is_not_there_is_a_reset_and_no_end() {
    let (_held, target) = reserved();
    let (forward, address) = forward_to(target);
    assert_is_reset(client(address));
    assert!(
        forward
            .error()
            .contains(&format!("cannot connect to {target}"))
    );
    assert_is_reset(client(address));
    forward.interrupted();
}

#[test]
fn ctrl_c_resets_what_was_not_done() {
    let (forward, mut near, mut far) = connected();
    near.write_all(b"x").expect("it is read");
    far.read_exact(&mut [0]).expect("it arrives");
    forward.interrupted();
    assert_is_reset(near);
    assert_is_reset(far);
}

#[test]
fn one_too_many_waits_for_another_to_end() {
    let echo = Program::start("echo", ["serve", "127.0.0.1:0"]);
    let target = echo.address().to_string();
    let forward = Program::start("forward", ["--max-connections=1", "127.0.0.1:0", &target]);
    let address = forward.address();
    let mut first = client(address);
    first.write_all(b"1").expect("it is read");
    first.read_exact(&mut [0]).expect("it comes back");
    let mut second = client(address);
    second.write_all(b"2").expect("the system takes it");
    // The first is served all the same, and the second is not.
    for _ in 0..100 {
        first.write_all(b"1").expect("it is read");
        first.read_exact(&mut [0]).expect("it comes back");
    }
    second.set_nonblocking(true).expect("it is a socket");
    let early = second.read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(early, Err(ErrorKind::WouldBlock));
    drop(first);
    second.set_nonblocking(false).expect("it is a socket");
    let mut answer = [0];
    second.read_exact(&mut answer).expect("it comes back");
    assert_eq!(&answer, b"2");
    forward.interrupted();
}
