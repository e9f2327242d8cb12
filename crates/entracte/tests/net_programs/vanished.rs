//! A peer that vanishes without a word, and what `TcpStream::set_peer_timeout` makes of it.

use std::io::{self, ErrorKind};
use std::net;
use std::time::Duration;

use entracte::io::Stream;
use entracte::net::TcpStream;
use entracte::{EventLoop, run, timeout};

use crate::program::{Program, client, python};

/// The least that there is.
const LIMIT: Duration = Duration::from_secs(2);

/// More than the system takes in for an end that does not read.
const MUCH: usize = 64 << 20;

/// Takes in two connections. From then on no packet reaches the second, whose end has nothing to say
/// any more. Lines of the first are given back when a line of the test says so.
const PEER: &str = r#"
import ctypes, socket, struct

ATTACH_FILTER = 26
listener = socket.create_server(("127.0.0.1", 0))
print("listening on 127.0.0.1:%d" % listener.getsockname()[1])
there, _ = listener.accept()
gone, _ = listener.accept()
# A packet filter of one instruction: return 0, the number of bytes that pass.
nothing = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
program = struct.pack("HP", 1, ctypes.addressof(nothing))
gone.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, program)
print("one is gone")
input()
there.sendall(there.recv(100))
input()
"#;

/// The program, and its two connections; nothing if there is no Python.
fn peer() -> Option<(Program, net::TcpStream, net::TcpStream)> {
    let program = Program::of(&mut python(PEER)?);
    let address = program.address();
    let (there, gone) = (client(address), client(address));
    program.expect("one is gone");
    Some((program, there, gone))
}

fn limited(stream: net::TcpStream) -> io::Result<Stream<TcpStream>> {
    let stream = TcpStream::from_std(stream)?;
    stream.set_peer_timeout(Some(LIMIT))?;
    Ok(Stream::new(stream))
}

/// Waits for the error that says that the other end is gone; not before its time.
async fn fails<T>(using: impl Future<Output = io::Result<T>>) {
    let event_loop = EventLoop::current().expect("it runs");
    let began = event_loop.time();
    let used = timeout(5 * LIMIT, using).await.expect("it is noticed");
    let error = used.err().expect("nobody is there");
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    // The last word may be a little older than the call.
    let least = LIMIT - Duration::from_millis(500);
    let took = event_loop.time().duration_since(began);
    assert!(took >= least, "{took:?}");
}

#[test]
fn a_reader_learns_that_its_peer_has_vanished_and_one_whose_peer_is_silent_goes_on() {
    let Some((mut peer, there, gone)) = peer() else {
        return;
    };
    run(async {
        let mut there = limited(there)?;
        let mut gone = limited(gone)?;
        fails(gone.reader.chunk()).await;
        there.writer.write_all(b"still there\n").await?;
        peer.tell("answer\n");
        assert_eq!(there.reader.chunk().await?, b"still there\n");
        Ok::<(), io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_writer_learns_that_its_peer_has_vanished_while_bytes_are_unsent() {
    let Some((_peer, _there, gone)) = peer() else {
        return;
    };
    run(async {
        let mut gone = limited(gone)?;
        gone.writer.write(&vec![7; MUCH])?;
        fails(gone.writer.flush()).await;
        let error = gone.writer.write(b"more").expect_err("a part is lost");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
        Ok::<(), io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_peer_that_is_there_and_takes_nothing_counts_as_gone() {
    let Some((_peer, there, _gone)) = peer() else {
        return;
    };
    run(async {
        let mut there = limited(there)?;
        there.writer.write(&vec![7; MUCH])?;
        fails(there.writer.flush()).await;
        Ok::<(), io::Error>(())
    })
    .unwrap()
    .unwrap();
}
