//! `log_tail`: what a file gets, on any number of sockets.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::program::{Program, client, nc_to, read_all, scratch, tool};
use crate::scratch::Scratch;

/// A log, and a program that follows it.
fn following(
    name: &str,
    before: &str,
    options: &[&str],
) -> (Scratch, PathBuf, Program, SocketAddr) {
    let folder = scratch(name);
    let log = folder.join("log");
    fs::write(&log, before).expect("it can be written");
    let path = log.to_str().expect("a test has a plain path");
    let program = Program::start("log_tail", [options, &[path, "127.0.0.1:0"]].concat());
    let address = program.address();
    (folder, log, program, address)
}

fn append(log: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .open(log)
        .expect("it is there");
    file.write_all(text.as_bytes()).expect("it can be written");
}

#[test]
fn netcat_and_bash_see_a_file_grow() {
    let (_folder, log, program, address) =
        following("grow", "old\nolder than that\n", &["--last=1"]);
    let (Some(mut nc), Some(mut bash)) = (nc_to(address), tool("bash", "bash")) else {
        return;
    };
    let mut nc = Program::of(&mut nc);
    drop(nc.input.take()); // Who says no more still listens.
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    bash.args(["-c", "exec cat <\"/dev/tcp/$0/$1\"", &host, &port]);
    let bash = Program::of(&mut bash);
    for reader in [&nc, &bash] {
        assert_eq!(reader.line(), "older than that\n");
    }
    append(&log, "new\nnot ");
    append(&log, "torn\n");
    for reader in [&nc, &bash] {
        assert_eq!(reader.line(), "new\n");
        assert_eq!(reader.line(), "not torn\n");
    }
    program.interrupted();
    assert_eq!(
        (nc.succeeds(), bash.succeeds()),
        (String::new(), String::new())
    );
}

#[test]
fn lines_go_through_the_stages_in_the_order_that_was_given() {
    let before = "one b\nd b\ntwo b\ntwo b\ntwo b\nthree\nfour b\n";
    let options = ["--keep=b", "--drop=d", "--squeeze", "--number"];
    let (_folder, _log, program, address) = following("stages", before, &options);
    let mut reader = BufReader::new(client(address));
    let mut seen = String::new();
    for _ in 0..4 {
        reader.read_line(&mut seen).expect("it comes");
    }
    assert_eq!(
        seen,
        "1: one b\n2: two b\n3: (2 more of these)\n4: four b\n"
    );
    program.interrupted();
    let numbers_first = ["--number", "--keep=3"];
    let (_folder, _log, program, address) = following("numbers", before, &numbers_first);
    let mut line = String::new();
    BufReader::new(client(address))
        .read_line(&mut line)
        .expect("it comes");
    assert_eq!(line, "3: two b\n");
    program.interrupted();
}

#[test]
fn a_file_that_is_replaced_or_cut_off_is_followed() {
    let (_folder, log, program, address) = following("replaced", "first\n", &["--number"]);
    let Some(mut nc) = nc_to(address) else { return };
    let nc = Program::of(&mut nc);
    assert_eq!(nc.line(), "1: first\n");
    append(&log, "second\nwithout an end");
    assert_eq!(nc.line(), "2: second\n");
    fs::rename(&log, log.with_extension("old")).expect("it is there");
    append(&log.with_extension("old"), ", or is it?");
    fs::write(&log, "third\nfourth\n").expect("it can be written");
    assert_eq!(nc.line(), "3: without an end, or is it?\n");
    assert_eq!(nc.line(), "1: third\n");
    assert_eq!(nc.line(), "2: fourth\n");
    fs::write(&log, "5\n").expect("it can be written");
    assert_eq!(nc.line(), "1: 5\n");
    program.interrupted();
}

#[test]
fn who_does_not_read_is_told_and_dropped_and_slows_nobody() {
    let (_folder, log, program, address) = following("slow", "begin\n", &[]);
    let slow = client(address);
    let mut quick = BufReader::new(client(address));
    let mut line = String::new();
    for mut reader in [BufReader::new(&slow), BufReader::new(quick.get_ref())] {
        line.clear();
        reader.read_line(&mut line).expect("it comes");
        assert_eq!(line, "begin\n");
    }
    let text = "y".repeat(2000);
    let mut round = 0;
    while program.complaint().is_none() {
        assert!(round < 200, "100 MB fit into no buffer");
        let lines = |text| (0..250).map(move |number| format!("{round} {number} {text}\n"));
        append(&log, &lines(text.as_str()).collect::<String>());
        for expected in lines(text.as_str()) {
            line.clear();
            quick.read_line(&mut line).expect("it comes");
            assert!(line == expected, "{line:.50}");
        }
        round += 1;
    }
    let (seen, ended) = read_all(slow);
    ended.expect("it is no error to be slow");
    assert!(
        seen.ends_with(b"\nlog_tail: you read too slowly\n"),
        "it was not told"
    );
    program.interrupted();
}

#[test]
fn a_hundred_readers_get_the_same() {
    let (_folder, log, program, address) = following("many", "begin\n", &[]);
    let mut readers: Vec<_> = (0..100).map(|_| BufReader::new(client(address))).collect();
    let mut line = String::new();
    for expected in ["begin\n", "middle\n", "end\n"] {
        for reader in &mut readers {
            line.clear();
            reader.read_line(&mut line).expect("it comes");
            assert_eq!(line, expected);
        }
        append(
            &log,
            if expected == "begin\n" {
                "middle\n"
            } else {
                "end\n"
            },
        );
    }
    program.interrupted();
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let folder = scratch("missing");
    let missing = folder.join("log");
    let path = missing.to_str().expect("a test has a plain path");
    let (status, _, errors) = Program::start("log_tail", [path, "127.0.0.1:0"]).end();
    assert_eq!(status.code(), Some(1), "{errors}");
    assert!(
        errors.contains(&format!("cannot follow {path}: ")),
        "{errors}"
    );
}
