//! A new request on a connection as soon as the last is answered.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use rustix::time::Timespec;

use super::{Found, LONGEST, Load, STUCK, Target, measured, socket};
use crate::workloads::net::work::Work;

/// After as long without any answer, datagrams are taken for lost.
const LOST: Duration = Duration::from_millis(100);

pub fn run(load: Load, target: Target, may_spin: bool) -> Result<Found, String> {
    let answer = socket::try_out(load, target.port)?;
    let mut client = Client::connect(load, target.port, answer)?;
    client.may_spin = may_spin;
    client.phase((load.requests / 10).max(load.connections as u64))?;
    measured(target, || client.phase(load.requests))
}

struct Client {
    poll: OwnedFd,
    connections: Vec<Connection>,
    request: Vec<u8>,
    /// The bytes of each answer.
    answer: usize,
    depth: usize,
    /// Whether what is sent may be lost.
    may_lose: bool,
    /// Whether the server has another processor.
    may_spin: bool,
    buffer: Vec<u8>,
    /// Requests that are still to be sent.
    left: u64,
}

struct Connection {
    socket: OwnedFd,
    /// Requests without an answer.
    under_way: usize,
    /// The bytes of them that are still to be sent.
    unsent: usize,
    /// The bytes of the next answer that have come.
    got: usize,
}

impl Client {
    fn connect(load: Load, port: u16, answer: usize) -> Result<Self, String> {
        let poll = epoll::create(CreateFlags::CLOEXEC).map_err(|error| error.to_string())?;
        let mut connections = Vec::with_capacity(load.connections);
        for number in 0..load.connections {
            let socket = socket::connect(load.work, port)?;
            let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
            epoll::add(&poll, &socket, EventData::new_u64(number as u64), flags)
                .map_err(|error| error.to_string())?;
            connections.push(Connection {
                socket,
                under_way: 0,
                unsent: 0,
                got: 0,
            });
        }
        Ok(Self {
            poll,
            connections,
            request: load.work.request(load.size),
            answer,
            depth: load.work.depth(),
            may_lose: load.work == Work::Udp,
            may_spin: false,
            buffer: vec![0; 64 << 10],
            left: 0,
        })
    }

    /// Has `requests` answered, or as many as there is time for; how many.
    fn phase(&mut self, requests: u64) -> Result<u64, String> {
        self.left = requests;
        let (mut done, start) = (0, Instant::now());
        for number in 0..self.connections.len() {
            self.begin(number)?;
        }
        let mut events = [Event {
            flags: EventFlags::empty(),
            data: EventData::new_u64(0),
        }; 256];
        let mut silent_since = None;
        while self.left > 0 || self.connections.iter().any(|one| one.under_way > 0) {
            let ready = self.wait(&mut events)?;
            if ready == 0 {
                let since = *silent_since.get_or_insert_with(Instant::now);
                self.nothing_came(since)?;
                continue;
            }
            silent_since = None;
            for event in &events[..ready] {
                done += self.attend(event.data.u64() as usize)?;
            }
            if self.left > 0 && start.elapsed() > LONGEST {
                self.left = 0;
            }
        }
        Ok(done)
    }

    /// Looks until something is there, and does not sleep where it may spin: to wake it would be the
    /// server's to pay, and the more often, the slower the server is.
    fn wait(&self, events: &mut [Event; 256]) -> Result<usize, String> {
        let longest = if self.may_spin { Duration::ZERO } else { LOST };
        let longest = Timespec {
            tv_sec: 0,
            tv_nsec: longest.as_nanos() as i64,
        };
        let start = Instant::now();
        loop {
            let ready = epoll::wait(&self.poll, &mut events[..], Some(&longest));
            let ready = ready.map_err(|error| error.to_string())?;
            if ready > 0 || start.elapsed() >= LOST {
                return Ok(ready);
            }
        }
    }

    /// Asks again where datagrams may be lost, and gives up after a while.
    fn nothing_came(&mut self, since: Instant) -> Result<(), String> {
        if since.elapsed() > STUCK {
            return Err("the server is stuck".to_owned());
        }
        for number in 0..self.connections.len() {
            let one = &mut self.connections[number];
            if self.may_lose && one.under_way > 0 {
                one.unsent = one.under_way * self.request.len();
                self.flush(number)?;
            }
        }
        Ok(())
    }

    /// Has as many requests under way on a connection as there should be.
    fn begin(&mut self, number: usize) -> Result<(), String> {
        let one = &mut self.connections[number];
        while one.under_way < self.depth && self.left > 0 {
            self.left -= 1;
            one.under_way += 1;
            one.unsent += self.request.len();
        }
        self.flush(number)
    }

    /// Takes what has come and sends what can be sent; how many answers have come.
    fn attend(&mut self, number: usize) -> Result<u64, String> {
        let mut done = 0;
        loop {
            let came = self.receive(number)?;
            done += self.connections[number].count(came, self.answer);
            if came < self.buffer.len() {
                break;
            }
        }
        self.begin(number)?;
        Ok(done)
    }

    /// Reads once; 0 is nothing.
    fn receive(&mut self, number: usize) -> Result<usize, String> {
        let socket = &self.connections[number].socket;
        match recv(socket, &mut self.buffer[..], RecvFlags::empty()) {
            Ok((0, _)) => Err("the server closed a connection".to_owned()),
            Ok((came, _)) => Ok(came),
            Err(Errno::AGAIN) => Ok(0),
            Err(error) => Err(format!("a connection is lost ({error})")),
        }
    }

    fn flush(&mut self, number: usize) -> Result<(), String> {
        let one = &mut self.connections[number];
        let length = self.request.len();
        while one.unsent > 0 {
            let rest = (one.unsent - 1) % length + 1;
            match send(
                &one.socket,
                &self.request[length - rest..],
                SendFlags::NOSIGNAL,
            ) {
                Ok(sent) => one.unsent -= sent,
                Err(Errno::AGAIN) => break,
                Err(error) => return Err(format!("a connection is lost ({error})")),
            }
        }
        Ok(())
    }
}

impl Connection {
    /// Counts the answers that are whole now that `came` bytes have come.
    fn count(&mut self, came: usize, answer: usize) -> u64 {
        let mut done = 0;
        self.got += came;
        while self.got >= answer {
            self.got -= answer;
            // A datagram that was asked for twice may be answered twice.
            done += u64::from(self.under_way > 0);
            self.under_way = self.under_way.saturating_sub(1);
        }
        done
    }
}
