//! `send_receive`: whatever is killed meanwhile, each line arrives once.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use crate::program::{Program, nc_to, output_of, python, scratch};
use crate::reserved::reserved;

fn receiver(address: &str, file: &Path) -> Program {
    let file = file.to_str().expect("a test has a plain path");
    Program::start("send_receive", ["receive", address, file])
}

fn sender(address: &SocketAddr) -> Program {
    Program::start("send_receive", ["send", &address.to_string()])
}

/// So many lines, a kilobyte each and no two the same.
fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers.map(|number| format!("{number:_>1000}\n")).collect()
}

#[test]
fn netcat_can_send() {
    let folder = scratch("netcat_can_send");
    let file = folder.join("file");
    let receiver = receiver("127.0.0.1:0", &file);
    let address = receiver.address();
    let Some(nc) = nc_to(address) else { return };
    let said = output_of(nc, b"1 one\n2 \n2 again\n3 three and four\n4 torn of");
    let said = String::from_utf8(said).expect("it is text");
    assert!(said.starts_with("0\n") && said.ends_with("3\n"), "{said:?}");
    let before = "one\n\nthree and four\n";
    assert_eq!(fs::read_to_string(&file).expect("it is there"), before);
    // It goes on where it was; what does not fit is not taken.
    let said = output_of(nc_to(address).expect("it was there"), b"5 too far\n");
    assert_eq!(said, b"3\n");
    assert!(receiver.error().contains("line 5 came after line 3"));
    assert_eq!(fs::read_to_string(&file).expect("it is there"), before);
    receiver.interrupted();
}

#[test]
fn a_line_that_was_written_in_part_is_received_anew() {
    let folder = scratch("written_in_part");
    let file = folder.join("file");
    fs::write(&file, "one\ntwo\nthr").expect("it can be written");
    let receiver = receiver("127.0.0.1:0", &file);
    let mut sender = sender(&receiver.address());
    sender.tell("one\ntwo\nthree\nfour, without an end");
    sender.succeeds();
    receiver.interrupted();
    let received = fs::read_to_string(&file).expect("it is there");
    assert_eq!(received, "one\ntwo\nthree\nfour, without an end\n");
}

#[test]
fn a_receiver_that_is_killed_again_and_again_loses_nothing() {
    let folder = scratch("killed_receiver");
    let file = folder.join("file");
    // Also while no receiver is there.
    let (_held, address) = reserved();
    let mut running = receiver(&address.to_string(), &file);
    assert_eq!(running.address(), address);
    let mut sender = sender(&address);
    for round in 0..5 {
        // More than the pipe and the window hold, so some of it was acknowledged by then.
        sender.tell(lines(round * 500..(round + 1) * 500));
        running.signal("KILL");
        let (status, ..) = running.end();
        assert!(!status.success(), "{status}");
        running = receiver(&address.to_string(), &file);
        assert_eq!(running.address(), address);
    }
    sender.succeeds();
    running.interrupted();
    assert!(fs::read_to_string(&file).expect("it is there") == lines(0..2500));
}

#[test]
fn a_sender_that_is_killed_starts_again_with_the_same_input() {
    let folder = scratch("killed_sender");
    let file = folder.join("file");
    let receiver = receiver("127.0.0.1:0", &file);
    let address = receiver.address();
    for round in 1..=4 {
        let mut sender = sender(&address);
        sender.tell(lines(0..round * 500));
        sender.signal("KILL");
        let (status, ..) = sender.end();
        assert!(!status.success(), "{status}");
    }
    let mut sender = sender(&address);
    sender.tell(lines(0..2000));
    sender.succeeds();
    receiver.interrupted();
    assert!(fs::read_to_string(&file).expect("it is there") == lines(0..2000));
}

#[test]
fn what_a_receiver_in_python_did_not_acknowledge_is_sent_again() {
    let program = "
import socket
listener = socket.create_server(('127.0.0.1', 0))
print('listening on 127.0.0.1:%d' % listener.getsockname()[1])
kept = 0
while kept < 20:
    connection, _ = listener.accept()
    connection.sendall(b'%d\\n' % kept)
    lines = connection.makefile('rb')
    for count in range(7):
        line = lines.readline()
        if not line:
            break
        print(line.decode(), end='')
        if count < 5:  # the last two are forgotten
            kept = int(line.split()[0])
            connection.sendall(b'%d\\n' % kept)
            if kept == 20:
                break
    lines.close()
    connection.close()
";
    let Some(mut python) = python(program) else {
        return;
    };
    let python = Program::of(&mut python);
    let mut sender = sender(&python.address());
    sender.tell(
        (1..=20)
            .map(|number| format!("line {number}\n"))
            .collect::<String>(),
    );
    sender.succeeds();
    let numbers = [1..=7, 6..=12, 11..=17, 16..=20].into_iter().flatten();
    let expected: String = numbers
        .map(|number| format!("{number} line {number}\n"))
        .collect();
    assert_eq!(python.succeeds(), expected);
}

#[test]
fn ctrl_c_tells_what_was_not_acknowledged() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let mut sender = sender(&listener.local_addr().expect("it listens"));
    sender.tell("one\ntwo\n");
    let (mut receiver, _) = listener.accept().expect("it connects");
    receiver.write_all(b"0\n").expect("it is read");
    let mut frames = [0; 12];
    receiver.read_exact(&mut frames).expect("they come");
    assert_eq!(&frames, b"1 one\n2 two\n");
    sender.signal("INT");
    let (status, _, errors) = sender.end();
    assert_eq!(status.code(), Some(130), "{errors}");
    let left = "send_receive: 2 lines were read and not acknowledged\ninterrupted\n";
    assert_eq!(errors, left);
}
