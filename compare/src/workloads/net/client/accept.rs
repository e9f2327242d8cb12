//! Each request on a connection of its own: connect, a byte there and back, close.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketType, bind, connect, recv, send, socket, sockopt,
};
use rustix::time::Timespec;

use super::{Found, LONGEST, Load, STUCK, Target, measured};

/// As many addresses of loopback take turns as the near end: a port of one that was just used cannot be
/// used at once again.
const NEAR_ENDS: u64 = 200;

pub fn run(load: Load, target: Target) -> Result<Found, String> {
    let mut client = Client {
        poll: epoll::create(CreateFlags::CLOEXEC).map_err(|error| error.to_string())?,
        port: target.port,
        opened: 0,
        open: (0..load.connections).map(|_| None).collect(),
        left: 0,
    };
    client.phase(load.requests / 10 + 1)?;
    measured(target, || client.phase(load.requests))
}

struct Client {
    poll: OwnedFd,
    port: u16,
    opened: u64,
    open: Vec<Option<OwnedFd>>,
    left: u64,
}

impl Client {
    fn phase(&mut self, requests: u64) -> Result<u64, String> {
        self.left = requests;
        let (mut done, start) = (0, Instant::now());
        for place in 0..self.open.len() {
            self.begin(place)?;
        }
        let mut events = [Event {
            flags: EventFlags::empty(),
            data: EventData::new_u64(0),
        }; 256];
        let most = Timespec {
            tv_sec: STUCK.as_secs() as i64,
            tv_nsec: 0,
        };
        while self.open.iter().any(Option::is_some) {
            let ready = epoll::wait(&self.poll, &mut events[..], Some(&most));
            let ready = ready.map_err(|error| error.to_string())?;
            if ready == 0 {
                return Err("the server is stuck".to_owned());
            }
            for event in &events[..ready] {
                done += self.end(event.data.u64() as usize)?;
            }
            if start.elapsed() > LONGEST {
                self.left = 0;
            }
        }
        Ok(done)
    }

    /// Opens a connection if there are any left, and sends its byte.
    fn begin(&mut self, place: usize) -> Result<(), String> {
        if self.left > 0 {
            self.left -= 1;
            let opened = self.open(place);
            self.open[place] = Some(opened.map_err(|error| format!("cannot connect ({error})"))?);
        }
        Ok(())
    }

    fn open(&mut self, place: usize) -> rustix::io::Result<OwnedFd> {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        sockopt::set_tcp_nodelay(&socket, true)?;
        let near = Ipv4Addr::new(127, 0, 1, (self.opened % NEAR_ENDS) as u8 + 1);
        self.opened += 1;
        bind(&socket, &SocketAddrV4::new(near, 0))?;
        // On loopback the kernel answers for the server: this waits only while the backlog is full.
        connect(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, self.port))?;
        send(&socket, b"!", SendFlags::NOSIGNAL)?;
        epoll::add(
            &self.poll,
            &socket,
            EventData::new_u64(place as u64),
            EventFlags::IN,
        )?;
        Ok(socket)
    }

    /// Takes the byte, closes, and goes on with the next connection.
    fn end(&mut self, place: usize) -> Result<u64, String> {
        let Some(socket) = self.open[place].take() else {
            return Ok(0);
        };
        let mut byte = [0; 2];
        match recv(&socket, &mut byte[..], RecvFlags::empty()) {
            Ok((1, _)) if byte[0] == b'!' => {}
            Ok(_) => return Err("the server answers something else".to_owned()),
            Err(error) => return Err(format!("a connection is lost ({error})")),
        }
        drop(socket);
        self.begin(place)?;
        Ok(1)
    }
}
