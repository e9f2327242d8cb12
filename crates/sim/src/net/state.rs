//! What a network knows: its hosts, its links, who listens where, and which streams there are.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::rc::{Rc, Weak};
use std::task::Waker;

use entracte_event_loop::Wakeup;

use super::connection::Connection;
use super::datagram::Mailbox;
use super::link::Link;
use super::listener::Listening;

/// A host, by the order in which they were asked for.
pub(crate) type HostId = usize;

/// Two hosts, the lower first: a link is the same both ways.
pub(crate) type Pair = (HostId, HostId);

/// The first port that is given to whoever does not ask for one.
const FIRST_FREE_PORT: u16 = 49152;

#[derive(Default)]
pub(crate) struct State {
    names: Vec<Rc<str>>,
    links: BTreeMap<Pair, Rc<Link>>,
    other_links: Rc<Link>,
    partitions: BTreeSet<Pair>,
    healed: Sleepers,
    listening: BTreeMap<(HostId, u16), Weak<Listening>>,
    mailboxes: BTreeMap<(HostId, u16), Weak<Mailbox>>,
    connections: Vec<Weak<Connection>>,
    ports_given: BTreeMap<HostId, u16>,
}

/// Those to be woken, all at once.
#[derive(Default)]
pub(crate) struct Sleepers(Vec<Wakeup>);

impl Sleepers {
    pub(super) fn add(&mut self, waker: &Waker) {
        if !self.0.iter().any(|other| other.will_wake(waker)) {
            self.0.push(Wakeup::of(waker));
        }
    }

    pub(super) fn append(&mut self, others: &mut Self) {
        self.0.append(&mut others.0);
    }

    /// To be called when nothing is borrowed: a foreign waker may do anything.
    pub(super) fn wake(self) {
        self.0.into_iter().for_each(Wakeup::wake);
    }
}

pub(super) const fn pair(one: HostId, other: HostId) -> Pair {
    if one < other {
        (one, other)
    } else {
        (other, one)
    }
}

impl State {
    pub(super) fn host(&mut self, name: &str) -> HostId {
        let known = self.names.iter().position(|other| **other == *name);
        known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        })
    }

    pub(super) fn name(&self, host: HostId) -> Rc<str> {
        Rc::clone(&self.names[host])
    }

    pub(super) fn names(&self) -> &[Rc<str>] {
        &self.names
    }

    pub(super) fn pair(&mut self, one: &str, other: &str) -> Pair {
        pair(self.host(one), self.host(other))
    }

    // ---- links ------------------------------------------------------------------------------

    pub(super) fn set_links(&mut self, link: Link) {
        self.other_links = Rc::new(link);
    }

    pub(super) fn set_link(&mut self, pair: Pair, link: Link) {
        self.links.insert(pair, Rc::new(link));
    }

    pub(super) fn link(&self, pair: Pair) -> Rc<Link> {
        Rc::clone(self.links.get(&pair).unwrap_or(&self.other_links))
    }

    pub(super) fn partition(&mut self, pair: Pair) {
        if pair.0 != pair.1 {
            self.partitions.insert(pair);
        }
    }

    pub(super) fn is_partitioned(&self, pair: Pair) -> bool {
        self.partitions.contains(&pair)
    }

    /// Gives who waited for it, and the streams that go on.
    pub(super) fn heal(&mut self, pair: Pair) -> (Sleepers, Vec<Rc<Connection>>) {
        let woken = match self.partitions.remove(&pair) {
            true => std::mem::take(&mut self.healed),
            false => Sleepers::default(),
        };
        (
            woken,
            self.connections(|connection| connection.is_between(pair)),
        )
    }

    pub(super) const fn healed(&mut self) -> &mut Sleepers {
        &mut self.healed
    }

    // ---- streams ----------------------------------------------------------------------------

    pub(super) fn add_connection(&mut self, connection: &Rc<Connection>) {
        self.connections.retain(|other| other.strong_count() > 0);
        self.connections.push(Rc::downgrade(connection));
    }

    pub(super) fn connections(&self, which: impl Fn(&Connection) -> bool) -> Vec<Rc<Connection>> {
        let alive = self.connections.iter().filter_map(Weak::upgrade);
        alive.filter(|connection| which(connection)).collect()
    }

    // ---- ports ------------------------------------------------------------------------------

    pub(super) fn listen(&mut self, host: HostId, listening: &Rc<Listening>) {
        self.listening
            .insert((host, listening.port()), Rc::downgrade(listening));
    }

    pub(super) fn listener(&self, host: HostId, port: u16) -> Option<Rc<Listening>> {
        self.listening.get(&(host, port))?.upgrade()
    }

    pub(super) fn listeners_of(&self, host: HostId) -> Vec<Rc<Listening>> {
        let own = self.listening.range((host, 0)..=(host, u16::MAX));
        own.filter_map(|(_, listening)| listening.upgrade())
            .collect()
    }

    pub(super) fn receive(&mut self, host: HostId, mailbox: &Rc<Mailbox>) {
        self.mailboxes
            .insert((host, mailbox.port()), Rc::downgrade(mailbox));
    }

    pub(super) fn mailbox(&self, host: HostId, port: u16) -> Option<Rc<Mailbox>> {
        self.mailboxes.get(&(host, port))?.upgrade()
    }

    /// A port to listen at: this one, or a free one for zero.
    pub(super) fn port_to_listen(&mut self, host: HostId, port: u16) -> io::Result<u16> {
        if port == 0 {
            return Ok(self.give_port(host));
        }
        match self.listener(host, port) {
            Some(_) => Err(in_use(port)),
            None => Ok(port),
        }
    }

    /// A port to receive datagrams at: this one, or a free one for zero.
    pub(super) fn port_to_receive(&mut self, host: HostId, port: u16) -> io::Result<u16> {
        if port == 0 {
            return Ok(self.give_port(host));
        }
        match self.mailbox(host, port) {
            Some(_) => Err(in_use(port)),
            None => Ok(port),
        }
    }

    /// A port that nobody has.
    pub(super) fn give_port(&mut self, host: HostId) -> u16 {
        loop {
            let next = self.ports_given.entry(host).or_insert(FIRST_FREE_PORT);
            let port = *next;
            *next = port.checked_add(1).unwrap_or(FIRST_FREE_PORT);
            if self.listener(host, port).is_none() && self.mailbox(host, port).is_none() {
                return port;
            }
        }
    }
}

fn in_use(port: u16) -> io::Error {
    let says = format!("cannot use port {port}: it is in use");
    io::Error::new(ErrorKind::AddrInUse, says)
}
