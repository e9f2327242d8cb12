//! The limit: a bare loop over epoll, edge-triggered, that knows what each of its sockets is for.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags, SocketFlags};

use super::{Given, Socket};
use crate::workloads::net::work::{BLOCK, PIECE, PIECE_OF_BLOCK, RECEIVED, Work};

/// The number of the listener among the connections, which are numbered by their descriptors.
const LISTENER: u64 = u64::MAX;

/// All connections share one buffer, so that it can be larger than what is read at once.
const ROOM: usize = 68 << 10;
/// As long as what hyper answers, which has the date as well.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\
    date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nHello, World!";

pub fn serve(given: Given) -> io::Result<()> {
    match given.socket {
        Socket::Tcp(listener) => serve_streams(&listener, given.work),
        Socket::Udp(socket) => echo_datagrams(&socket, given.buffer),
    }
}

fn watch(poll: &OwnedFd, source: impl AsFd, number: u64) -> io::Result<()> {
    let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
    Ok(epoll::add(poll, source, EventData::new_u64(number), flags)?)
}

fn room_for_events() -> [Event; 256] {
    let flags = EventFlags::empty();
    let data = EventData::new_u64(0);
    [Event { flags, data }; 256]
}

fn serve_streams(listener: &TcpListener, work: Work) -> io::Result<()> {
    let poll = epoll::create(CreateFlags::CLOEXEC)?;
    watch(&poll, listener, LISTENER)?;
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut buffer = vec![0; ROOM];
    let mut events = room_for_events();
    loop {
        let ready = epoll::wait(&poll, &mut events[..], None)?;
        for event in &events[..ready] {
            let number = event.data.u64();
            if number == LISTENER {
                accept(&poll, listener, &mut connections)?;
                continue;
            }
            let place = &mut connections[number as usize];
            let open = place.as_mut().map(|one| one.attend(work, &mut buffer));
            if !matches!(open, Some(Ok(true))) {
                *place = None;
            }
        }
    }
}

fn accept(
    poll: &OwnedFd,
    listener: &TcpListener,
    connections: &mut Vec<Option<Connection>>,
) -> io::Result<()> {
    loop {
        let socket = match net::accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC)
        {
            Ok(socket) => socket,
            Err(Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        net::sockopt::set_tcp_nodelay(&socket, true)?;
        let number = socket.as_raw_fd() as usize;
        watch(poll, &socket, number as u64)?;
        if connections.len() <= number {
            connections.resize_with(number + 1, || None);
        }
        connections[number] = Some(Connection::new(socket));
    }
}

struct Connection {
    socket: OwnedFd,
    /// What has been read and could not be sent back yet.
    kept: Vec<u8>,
    /// The bytes that could not be sent yet, where the contents do not matter.
    owed: usize,
    /// The bytes that came of a block.
    got: usize,
}

impl Connection {
    fn new(socket: OwnedFd) -> Self {
        let (kept, owed, got) = (Vec::new(), 0, 0);
        Self {
            socket,
            kept,
            owed,
            got,
        }
    }

    /// Does what can be done now; whether the connection is still open.
    fn attend(&mut self, work: Work, buffer: &mut [u8]) -> rustix::io::Result<bool> {
        if !self.flush()? {
            return Ok(true);
        }
        loop {
            let came = match net::recv(&self.socket, &mut *buffer, RecvFlags::empty()) {
                Ok((0, _)) => return Ok(false),
                Ok((came, _)) => came,
                Err(Errno::AGAIN) => return Ok(true),
                Err(error) => return Err(error),
            };
            let all_sent = match work {
                Work::In => self.count(came)?,
                Work::Out => {
                    self.owed += came * BLOCK;
                    self.flush()?
                }
                Work::Http => self.answer(&buffer[..came])?,
                Work::Echo | Work::Udp => self.send(&buffer[..came])?,
            };
            // Less than there was room for is all that there was: the next bytes are the next edge.
            if !all_sent || came < buffer.len() {
                return Ok(true);
            }
        }
    }

    /// Sends what it can and keeps the rest; whether all was sent.
    fn send(&mut self, bytes: &[u8]) -> rustix::io::Result<bool> {
        let sent = match net::send(&self.socket, bytes, SendFlags::NOSIGNAL) {
            Ok(sent) => sent,
            Err(Errno::AGAIN) => 0,
            Err(error) => return Err(error),
        };
        if sent < bytes.len() {
            self.kept.extend_from_slice(&bytes[sent..]);
            return self.flush();
        }
        Ok(true)
    }

    /// Sends what was kept or is owed; whether nothing is left of it.
    fn flush(&mut self) -> rustix::io::Result<bool> {
        while !self.kept.is_empty() || self.owed > 0 {
            let bytes = if self.kept.is_empty() {
                &PIECE_OF_BLOCK[..self.owed.min(PIECE)]
            } else {
                &self.kept
            };
            let sent = match net::send(&self.socket, bytes, SendFlags::NOSIGNAL) {
                Ok(sent) => sent,
                Err(Errno::AGAIN) => return Ok(false),
                Err(error) => return Err(error),
            };
            if self.kept.is_empty() {
                self.owed -= sent;
            } else {
                drop(self.kept.drain(..sent));
            }
        }
        Ok(true)
    }

    fn count(&mut self, came: usize) -> rustix::io::Result<bool> {
        self.got += came;
        while self.got >= BLOCK {
            self.got -= BLOCK;
            self.send(&RECEIVED)?;
        }
        Ok(self.kept.is_empty())
    }

    /// Answers an HTTP request. Nothing is parsed: a client sends a whole request at once, and waits.
    fn answer(&mut self, request: &[u8]) -> rustix::io::Result<bool> {
        if !request.ends_with(b"\r\n\r\n") {
            return Err(Errno::PROTO);
        }
        self.send(ANSWER)
    }
}

fn echo_datagrams(socket: &UdpSocket, size: usize) -> io::Result<()> {
    let poll = epoll::create(CreateFlags::CLOEXEC)?;
    watch(&poll, socket, 0)?;
    let mut buffer = vec![0; size];
    let mut events = room_for_events();
    loop {
        epoll::wait(&poll, &mut events[..], None)?;
        while let Some((came, from)) = receive(socket, &mut buffer)? {
            // A datagram that cannot be sent is lost; the client asks again.
            drop(socket.send_to(&buffer[..came], from));
        }
    }
}

/// The next datagram, if there is one.
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
    match socket.recv_from(buffer) {
        Ok(came) => Ok(Some(came)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
