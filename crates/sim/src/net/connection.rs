//! `Connection`: both ways of a stream, and what its two ends have done to it.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use entracte_event_loop::{EventLoop, Instant};

use super::address::Address;
use super::link::Link;
use super::pipe::{Pipe, Segment};
use super::state::{HostId, Pair, pair};
use super::{Net, Stream};

/// A stream between two ends, 0 and 1. End 0 is the one that connected.
pub(crate) struct Connection {
    net: Net,
    hosts: [HostId; 2],
    addresses: [Address; 2],
    /// Pipe 0 leads away from end 0.
    pipes: [RefCell<Pipe>; 2],
    /// Whether an end knows of a reset.
    is_reset: [Cell<bool>; 2],
    /// Whether an end was dropped.
    is_gone: [Cell<bool>; 2],
}

impl Connection {
    /// Makes a stream; gives its ends.
    pub(super) fn open(net: &Net, hosts: [HostId; 2], addresses: [Address; 2]) -> [Stream; 2] {
        let connection = Rc::new(Self {
            net: net.clone(),
            hosts,
            addresses,
            pipes: Default::default(),
            is_reset: Default::default(),
            is_gone: Default::default(),
        });
        net.state.borrow_mut().add_connection(&connection);
        [0, 1].map(|end| Stream::new(Rc::clone(&connection), end))
    }

    pub(super) const fn address(&self, end: usize) -> &Address {
        &self.addresses[end]
    }

    pub(super) fn is_between(&self, hosts: Pair) -> bool {
        self.pair() == hosts
    }

    /// The end that is on this host.
    pub(super) fn end_on(&self, host: HostId) -> Option<usize> {
        self.hosts.iter().position(|other| *other == host)
    }

    const fn pair(&self) -> Pair {
        pair(self.hosts[0], self.hosts[1])
    }

    fn link(&self) -> Rc<Link> {
        self.net.state.borrow().link(self.pair())
    }

    fn is_partitioned(&self) -> bool {
        self.net.state.borrow().is_partitioned(self.pair())
    }

    // ---- what the ends do -------------------------------------------------------------------

    pub(super) fn poll_read(
        &self,
        end: usize,
        into: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.is_reset[end].get() {
            return Poll::Ready(Err(reset()));
        }
        let link = self.link();
        let mut pipe = self.pipes[1 - end].borrow_mut();
        let most = pipe.has_arrived().min(into.len());
        if into.is_empty() || (most == 0 && pipe.has_ended) {
            return Poll::Ready(Ok(0));
        }
        if most == 0 {
            pipe.readers.add(cx.waker());
            return Poll::Pending;
        }
        let count = link.draw_piece(most);
        pipe.take(&mut into[..count]);
        let woken = std::mem::take(&mut pipe.writers);
        drop(pipe);
        woken.wake();
        Poll::Ready(Ok(count))
    }

    pub(super) fn poll_write(
        self: &Rc<Self>,
        end: usize,
        bytes: &[u8],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_room(end, cx))?;
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let link = self.link();
        let room = self.pipes[end].borrow().room(&link);
        let count = link.draw_piece(room.min(bytes.len()));
        self.send(end, Segment::Data(bytes[..count].to_vec()));
        Poll::Ready(Ok(count))
    }

    fn poll_room(&self, end: usize, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_reset[end].get() {
            return Poll::Ready(Err(reset()));
        }
        let link = self.link();
        let mut pipe = self.pipes[end].borrow_mut();
        if pipe.is_shut {
            let says = "cannot write to a stream that was shut down";
            return Poll::Ready(Err(io::Error::new(ErrorKind::BrokenPipe, says)));
        }
        if pipe.room(&link) == 0 {
            pipe.writers.add(cx.waker());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// Says that nothing follows this way.
    pub(super) fn shut_down(self: &Rc<Self>, end: usize) {
        let was_shut = std::mem::replace(&mut self.pipes[end].borrow_mut().is_shut, true);
        if !was_shut && !self.is_reset[end].get() {
            self.send(end, Segment::End);
        }
    }

    /// Breaks the stream: this end knows at once, the other when it hears of it.
    pub(super) fn reset(self: &Rc<Self>, end: usize) {
        if self.is_reset[end].replace(true) {
            return;
        }
        self.note(end, "reset");
        let sleepers = [0, 1].map(|way| {
            let mut pipe = self.pipes[way].borrow_mut();
            pipe.clear();
            match way == end {
                true => std::mem::take(&mut pipe.writers),
                false => std::mem::take(&mut pipe.readers),
            }
        });
        self.send(end, Segment::Reset);
        for woken in sleepers {
            woken.wake();
        }
    }

    /// An end is dropped: it says that nothing follows, and breaks the stream if it left something
    /// unread.
    pub(super) fn leave(self: &Rc<Self>, end: usize) {
        self.is_gone[end].set(true);
        if EventLoop::current().is_none() {
            return;
        }
        if self.pipes[1 - end].borrow().has_arrived() > 0 {
            self.reset(end);
        } else {
            self.shut_down(end);
        }
    }

    // ---- what the network does --------------------------------------------------------------

    fn send(self: &Rc<Self>, end: usize, segment: Segment) {
        let Some(event_loop) = EventLoop::current() else {
            return;
        };
        match &segment {
            Segment::Data(bytes) => self.note(end, format_args!("{} bytes", bytes.len())),
            Segment::End => self.note(end, "end"),
            Segment::Reset => {}
        }
        let link = self.link();
        let mut pipe = self.pipes[end].borrow_mut();
        let arrives = pipe.send(segment, event_loop.time(), &link);
        drop(pipe);
        self.deliver_at(&event_loop, arrives, end);
    }

    fn deliver_at(self: &Rc<Self>, event_loop: &EventLoop, arrives: Instant, from: usize) {
        let connection = Rc::clone(self);
        event_loop.call_at(arrives, move || connection.deliver(from));
    }

    /// Sends again what waited for the partition to heal.
    pub(super) fn resend(self: &Rc<Self>, hosts: Pair) {
        let Some(event_loop) = EventLoop::current() else {
            return;
        };
        debug_assert!(self.is_between(hosts), "a stream of other hosts");
        let link = self.link();
        for from in [0, 1] {
            let all = self.pipes[from]
                .borrow_mut()
                .resend(event_loop.time(), &link);
            for arrives in all {
                self.deliver_at(&event_loop, arrives, from);
            }
        }
    }

    /// Hands over what has come from one end, unless the hosts are partitioned.
    fn deliver(self: &Rc<Self>, from: usize) {
        let Some(event_loop) = EventLoop::current() else {
            return;
        };
        while !self.is_partitioned() {
            let landed = self.pipes[from].borrow_mut().land(event_loop.time());
            match landed {
                Some(segment) => self.hand_over(from, segment),
                None => return,
            }
        }
    }

    fn hand_over(self: &Rc<Self>, from: usize, segment: Segment) {
        let to = 1 - from;
        let mut pipe = self.pipes[from].borrow_mut();
        match segment {
            Segment::Data(_) if self.is_gone[to].get() => {
                drop(pipe);
                self.reset(to);
            }
            Segment::Data(bytes) => {
                pipe.arrive(bytes);
                let woken = std::mem::take(&mut pipe.readers);
                drop(pipe);
                woken.wake();
            }
            Segment::End => {
                pipe.has_ended = true;
                let woken = std::mem::take(&mut pipe.readers);
                drop(pipe);
                woken.wake();
            }
            Segment::Reset => {
                drop(pipe);
                self.hear_of_reset(to);
            }
        }
    }

    fn hear_of_reset(&self, end: usize) {
        self.is_reset[end].set(true);
        let sleepers = [0, 1].map(|way| {
            let mut pipe = self.pipes[way].borrow_mut();
            pipe.clear();
            pipe.take_sleepers()
        });
        for woken in sleepers {
            woken.wake();
        }
    }

    fn note(&self, end: usize, what: impl std::fmt::Display) {
        let (from, to) = (&self.addresses[end], &self.addresses[1 - end]);
        crate::note(format_args!("net: {from} -> {to} {what}"));
    }
}

fn reset() -> io::Error {
    let says = "cannot use a stream that was reset";
    io::Error::new(ErrorKind::ConnectionReset, says)
}
