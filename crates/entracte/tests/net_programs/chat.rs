//! `chat`, with netcats that talk to each other, and one that does not read.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::program::{Program, client, nc_to, read_all};

fn chat() -> Program {
    Program::start("chat", ["127.0.0.1:0"])
}

/// Somebody with a netcat, who was welcomed and has this name.
fn member(address: SocketAddr, name: &str) -> Option<Program> {
    let mut member = Program::of(&mut nc_to(address)?);
    assert!(member.line().starts_with("* welcome, guest"));
    member.tell(format!("/nick {name}\n"));
    assert_eq!(member.line(), format!("* you are {name}\n"));
    Some(member)
}

#[test]
fn two_netcats_talk() {
    let chat = chat();
    let address = chat.address();
    let Some(mut ann) = member(address, "ann") else {
        return;
    };
    let mut bob = member(address, "bob").expect("it was there before");
    assert_eq!(ann.line(), "* guest2 has come\n");
    assert_eq!(ann.line(), "* guest2 is now bob\n");
    ann.tell("hello  bob\n");
    assert_eq!(bob.line(), "ann: hello  bob\n");
    bob.tell("hello, ann\r\n\n\x1b[2Jbye\n");
    assert_eq!(ann.line(), "bob: hello, ann\n");
    assert_eq!(ann.line(), "bob:  [2Jbye\n", "no terminal is taken over");
    bob.tell("/quit\n");
    assert_eq!(bob.succeeds(), "* goodbye\n");
    assert_eq!(ann.line(), "* bob has left\n");
    // The end of what a client sends is as good as a word.
    assert_eq!(ann.succeeds(), "* goodbye\n");
    chat.interrupted();
}

#[test]
fn rooms_are_apart() {
    let chat = chat();
    let address = chat.address();
    let Some(mut ann) = member(address, "ann") else {
        return;
    };
    let mut bob = member(address, "bob").expect("it was there before");
    bob.tell("/join garden\n");
    assert_eq!(bob.line(), "* in garden: bob\n");
    ann.expect("* bob has gone to garden");
    bob.tell("is anybody here?\n");
    bob.tell("/who\n");
    assert_eq!(bob.line(), "* in garden: bob\n");
    ann.tell("/who\n");
    assert_eq!(ann.line(), "* in lobby: ann\n", "it heard nothing of that");
    ann.tell("/join garden\n");
    assert_eq!(ann.line(), "* in garden: ann, bob\n");
    assert_eq!(bob.line(), "* ann has come\n");
    chat.interrupted();
}

#[test]
fn what_is_wrong_is_said_and_nothing_else_happens() {
    let chat = chat();
    let address = chat.address();
    let Some(_ann) = member(address, "ann") else {
        return;
    };
    let mut bob = member(address, "bob").expect("it was there before");
    bob.tell("/nick ann\n");
    assert_eq!(bob.line(), "* that name is taken\n");
    bob.tell("/nick a b\n");
    assert_eq!(
        bob.line(),
        "* a name has 1 to 20 letters, digits, - and _\n"
    );
    bob.tell("/dance\n");
    assert_eq!(bob.line(), "* there is no such command; /help helps\n");
    bob.tell(vec![b'x'; 10_000]);
    bob.tell("\n");
    assert_eq!(bob.line(), "* not said: longer than 4096 bytes\n");
    bob.tell(b"\xff\n");
    assert_eq!(bob.line(), "* not said: it is not UTF-8\n");
    bob.tell("/who\n");
    assert_eq!(bob.line(), "* in lobby: ann, bob\n");
    chat.interrupted();
}

/// A member by the standard library's socket, under the name that the chat gave it.
fn guest(address: SocketAddr) -> (TcpStream, BufReader<TcpStream>) {
    let socket = client(address);
    let mut reader = BufReader::new(socket.try_clone().expect("it is a socket"));
    let mut welcome = String::new();
    reader.read_line(&mut welcome).expect("it is welcomed");
    assert!(welcome.starts_with("* welcome, "), "{welcome}");
    (socket, reader)
}

#[test]
fn who_does_not_read_is_told_and_dropped_and_slows_nobody() {
    let chat = chat();
    let address = chat.address();
    let (mut slow, slow_reader) = guest(address);
    slow.write_all(b"/nick slow\n").expect("it is read");
    let (mut loud, _loud_reader) = guest(address);
    let (_quiet, mut quiet_reader) = guest(address);
    let text = "x".repeat(4000);
    let (mut said, mut heard) = (0, 0);
    let mut line = String::new();
    // Whoever talks waits for whoever listens; the third does not listen at all.
    while !line.starts_with("* slow has left") {
        assert!(said < 20_000, "80 MB fit into no buffer");
        loud.write_all(format!("{said} {text}\n").as_bytes())
            .expect("it is read");
        let expected = format!("guest2: {said} {text}\n");
        said += 1;
        loop {
            line.clear();
            quiet_reader.read_line(&mut line).expect("it comes");
            if line == expected {
                heard += 1;
                break;
            }
            assert!(
                line.starts_with("* "),
                "something else was heard: {line:.100}"
            );
            if line.starts_with("* slow has left") {
                break;
            }
        }
    }
    assert!(heard + 1 >= said, "{heard} of {said} lines arrived");
    let (seen, ended) = read_all(slow_reader);
    ended.expect("it is no error to be slow");
    let last = seen.rsplit(|byte| *byte == b'\n').nth(1);
    assert_eq!(last, Some(&b"* you read too slowly"[..]));
    let seen = String::from_utf8(seen).expect("no line is torn in two");
    let lines = seen.lines().filter(|line| line.starts_with("guest2: "));
    for (number, line) in lines.enumerate() {
        assert!(
            line == format!("guest2: {number} {text}"),
            "torn: {line:.100}"
        );
    }
    chat.interrupted();
}

#[test]
fn who_waits_for_a_place_gets_it_when_somebody_leaves() {
    let chat = Program::start("chat", ["--max-clients=1", "127.0.0.1:0"]);
    let address = chat.address();
    let (mut first, mut first_reader) = guest(address);
    let second = client(address);
    first.write_all(b"/who\n").expect("it is read");
    let mut answer = String::new();
    first_reader.read_line(&mut answer).expect("it comes");
    assert_eq!(answer, "* in lobby: guest1\n");
    second.set_nonblocking(true).expect("it is a socket");
    assert!((&second).read(&mut [0]).is_err(), "nothing came");
    first
        .shutdown(std::net::Shutdown::Both)
        .expect("it is a socket");
    second.set_nonblocking(false).expect("it is a socket");
    let mut welcome = String::new();
    BufReader::new(second)
        .read_line(&mut welcome)
        .expect("it comes");
    assert_eq!(welcome, "* welcome, guest2; /help helps\n");
    chat.interrupted();
}

#[test]
fn ctrl_c_says_goodbye_to_everybody() {
    let chat = chat();
    let address = chat.address();
    let members = [guest(address), guest(address), guest(address)];
    chat.interrupted();
    for (_socket, reader) in members {
        let (seen, ended) = read_all(reader);
        ended.expect("it ends well");
        assert!(
            seen.ends_with(b"* the chat is over\n"),
            "{}",
            seen.escape_ascii()
        );
    }
}
