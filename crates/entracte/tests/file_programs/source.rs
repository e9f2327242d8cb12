//! A server by hand, which sends what a test says, and stops where it says.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::program::PATIENCE;

/// What is done about a connection.
pub(crate) enum Act {
    Send(Vec<u8>),
    /// Waits until the other side has gone.
    Stall,
}

/// Serves one connection after the other, each in its way, and tells what was asked.
pub(crate) struct Source {
    pub(crate) address: SocketAddr,
    asked: Receiver<String>,
}

impl Source {
    pub(crate) fn of(connections: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there are ports");
        let address = listener.local_addr().expect("it has one");
        let (tell, asked) = mpsc::channel();
        thread::spawn(move || {
            for (acts, stream) in connections.into_iter().zip(listener.incoming()) {
                let stream = stream.expect("it listens");
                // The test may have ended, which is as well.
                drop(tell.send(read_head(&stream)));
                serve(stream, acts);
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// What was asked next.
    pub(crate) fn asked(&self) -> String {
        self.asked.recv_timeout(PATIENCE).expect("somebody asks")
    }
}

fn read_head(mut stream: &TcpStream) -> String {
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("it is a socket");
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn serve(mut stream: TcpStream, acts: Vec<Act>) {
    for act in acts {
        match act {
            Act::Send(bytes) => {
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            Act::Stall => drop(stream.read(&mut [0])),
        }
    }
    // As one that has crashed, and not by a reset, which could overtake what was sent.
    drop(stream.shutdown(Shutdown::Write));
    drop(stream.read(&mut [0]));
}

/// A head with these fields, and bytes behind it.
pub(crate) fn answer(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\n{fields}\r\n").into_bytes();
    answer.extend(body);
    answer
}
