//! `file_server`, with clients that ask too much, too slowly, or take nothing.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::program::{bytes, client, read_all, scratch};
use crate::support::{Site, until, write};

impl Site {
    fn client(&self) -> TcpStream {
        client(self.host.parse().expect("it is an address"))
    }

    /// Says something on a connection of its own; gives all that is answered.
    fn told(&self, text: &[u8]) -> String {
        let mut client = self.client();
        // Whoever said too much may not be heard to the end.
        drop(client.write_all(text));
        let (answer, _) = read_all(client);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The same with a server that has little patience: told once more if this machine was busy
    /// elsewhere, and the server had gone before it was told anything.
    fn told_in_time(&self, text: &[u8]) -> String {
        let mut answers = (0..10).map(|_| self.told(text));
        answers.find(|it| !it.is_empty()).unwrap_or_default()
    }

    /// The most memory that it ever had, in KiB.
    fn peak(&self) -> u64 {
        let path = format!("/proc/{}/status", self.server.id());
        let status = fs::read_to_string(path).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
        number.and_then(|it| it.parse().ok()).expect("Linux tells")
    }
}

const GET: &[u8] = b"GET /big HTTP/1.1\r\nHost: here\r\n\r\n";

#[test]
fn a_head_that_is_wrong_or_too_long_is_refused() {
    let folder = scratch("files-heads");
    write(&folder, "a.txt", "hello");
    let site = Site::of(&folder, &[]);
    let long = "x".repeat(20_000);
    let fields = "A: b\r\n".repeat(101);
    for (text, status) in [
        ("GET /a.txt HTTP/1.0\r\n\r\n", 200),
        ("\r\nGET http://elsewhere/a.txt HTTP/1.0\r\n\r\n", 200),
        (
            "GET /a.txt HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            200,
        ),
        ("GET /a.txt HTTP/1.1\r\n\r\n", 400),
        ("GET /a.txt HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("GET /a.txt HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET /a.txt HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
        ("GET /a.txt HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
        ("GET  /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /a.txt\r\n\r\n", 400),
        ("GET /a\u{1b}.txt HTTP/1.0\r\n\r\n", 400),
        ("GET a.txt HTTP/1.0\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1} tls\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\n\r\n", 505),
        (
            "POST /a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            405,
        ),
        (&format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), 414),
        (
            &format!("GET / HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n"),
            431,
        ),
        (&format!("GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\n"), 431),
    ] {
        let answer = site.told(text.as_bytes());
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{text:?}: {answer}"
        );
        assert!(
            answer.contains("\r\nConnection: close\r\n"),
            "{text:?}: {answer}"
        );
    }
    site.end();
}

#[test]
fn several_requests_may_come_at_once() {
    let folder = scratch("files-pipelined");
    write(&folder, "big", "hello");
    let site = Site::of(&folder, &[]);
    let last = b"GET /big HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    let answers = site.told(&[GET, GET, last].concat());
    assert_eq!(answers.matches("\r\n\r\nhello").count(), 3, "{answers}");
    // Here a body would follow, which is not to be taken for a request.
    let smuggled = b"GET /big HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answers = site.told(&[smuggled, GET].concat());
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
    site.end();
}

#[test]
fn a_client_that_says_nothing_is_sent_away() {
    let folder = scratch("files-idle");
    write(&folder, "big", "hello");
    let site = Site::of(&folder, &["-t", "1"]);
    assert_eq!(site.told(b""), "");
    let answer = site.told_in_time(b"GET / HT");
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let answer = site.told_in_time(GET);
    assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
    site.end();
}

#[test]
fn a_client_that_takes_nothing_costs_little_and_is_sent_away() {
    let folder = scratch("files-lazy");
    let size = 400_000_000;
    let sparse = File::create(folder.join("big")).expect("a test may write");
    sparse.set_len(size).expect("a test may write");
    write(&folder, "small", "hello");
    let site = Site::of(&folder, &["-t", "1"]);
    // Each asks at once, as the server has little patience.
    let ask = |mut client: TcpStream| client.write_all(GET).map(|()| client);
    let lazy = (0..10).map(|_| ask(site.client()).expect("it listens"));
    let lazy: Vec<TcpStream> = lazy.collect();
    let others = site.told_in_time(b"GET /small HTTP/1.0\r\n\r\n");
    assert!(others.ends_with("\r\n\r\nhello"), "{others}");
    for _ in &lazy {
        let line = site.server.expect("\"GET /big\" 200 failed");
        assert!(line.contains("timed out"), "{line}");
    }
    for client in lazy {
        let (got, _) = read_all(client);
        assert!(!got.is_empty() && (got.len() as u64) < size);
    }
    let peak = site.peak();
    assert!(peak < 60_000, "{peak} KiB for ten clients");
    site.end();
    fs::remove_file(folder.join("big")).expect("it is there");
}

#[test]
fn clients_above_the_limit_wait_for_their_turn() {
    let folder = scratch("files-turns");
    write(&folder, "big", "hello");
    let site = Site::of(&folder, &["-n", "1"]);
    let mut first = site.client();
    first.write_all(GET).expect("it listens");
    site.server.expect("\"GET /big\" 200 5");
    let mut second = site.client();
    second.write_all(GET).expect("it listens");
    drop(first);
    site.server.expect("\"GET /big\" 200 5");
    let mut answer = [0; 15];
    second.read_exact(&mut answer).expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    drop(second);
    site.end();
}

#[test]
fn clients_that_were_served_make_room_for_others() {
    let folder = scratch("files-room");
    write(&folder, "big", "hello");
    let site = Site::of(&folder, &["-n", "2", "-t", "3600"]);
    let mut first = site.client();
    first.write_all(GET).expect("it listens");
    site.server.expect("\"GET /big\" 200 5");
    // Now there are as many as there may be, and the first asks for nothing.
    let second = site.client();
    let (answer, ended) = read_all(first);
    ended.expect("it ends as it should");
    assert!(answer.ends_with(b"hello"));
    let third = site.told(GET);
    assert!(third.ends_with("\r\n\r\nhello"), "{third}");
    drop(second);
    site.end();
}

#[test]
fn who_is_being_sent_something_at_ctrl_c_gets_all_of_it() {
    let folder = scratch("files-closing");
    let content = bytes(30_000_000);
    write(&folder, "big", &content);
    for signal in ["INT", "TERM"] {
        let site = Site::of(&folder, &[]);
        let address = site.host.parse().expect("it is an address");
        let mut idle = client(address);
        let mut busy = client(address);
        idle.write_all(b"HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n")
            .expect("it listens");
        site.server.expect("HEAD");
        busy.write_all(GET).expect("it listens");
        let mut begin = vec![0; 1000];
        busy.read_exact(&mut begin).expect("it is sent");
        site.server.signal(signal);
        site.server.expect("closing");
        // One that asks for nothing is let go at once.
        let (head, ended) = read_all(idle);
        assert!(head.ends_with(b"\r\n\r\n"), "{ended:?}");
        until("nobody listens", || TcpStream::connect(address).is_err());
        let (rest, ended) = read_all(busy);
        ended.expect("it ends as it should");
        begin.extend(rest);
        assert!(begin.ends_with(&content));
        site.server.succeeds();
    }
}

#[test]
fn a_file_that_becomes_shorter_meanwhile_is_not_made_up() {
    let folder = scratch("files-shorter");
    let path = folder.join("big");
    let file = File::create(&path).expect("a test may write");
    file.set_len(200_000_000).expect("a test may write");
    let site = Site::of(&folder, &[]);
    let mut client = site.client();
    client.write_all(GET).expect("it listens");
    client.read_exact(&mut [0; 1000]).expect("it is sent");
    file.set_len(1_000_000).expect("a test may write");
    let (rest, _) = read_all(client);
    assert!(rest.len() < 199_000_000);
    site.server.expect("\"GET /big\" 200 failed");
    site.end();
    fs::remove_file(path).expect("it is there");
}
