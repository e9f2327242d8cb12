//! `Host`: one machine of the network, which listens, connects, sends and crashes.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::{Context, Poll};

use super::connection::Connection;
use super::datagram::Mailbox;
use super::listener::Listening;
use super::state::{HostId, pair};
use super::{Address, Datagrams, Listener, Net, Stream};

/// How many connections may wait to be accepted, unless it is said otherwise.
const BACKLOG: usize = 100;

/// One machine of the network.
///
/// It has no tasks of its own: whoever holds it acts in its name.
#[derive(Clone)]
pub struct Host {
    net: Net,
    id: HostId,
    name: Rc<str>,
}

impl Host {
    pub(super) fn new(net: Net, name: &str) -> Self {
        let mut state = net.state.borrow_mut();
        let id = state.host(name);
        let name = state.name(id);
        drop(state);
        Self { net, id, name }
    }

    /// The name of the host.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Listens at a port; zero is one that is free. A hundred connections may wait.
    ///
    /// # Errors
    ///
    /// Returns `AddrInUse` if somebody listens there.
    pub fn bind(&self, port: u16) -> io::Result<Listener> {
        self.bind_with_backlog(port, BACKLOG)
    }

    /// Listens at a port where at most so many connections wait; the rest are refused.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn bind_with_backlog(&self, port: u16, backlog: usize) -> io::Result<Listener> {
        let mut state = self.net.state.borrow_mut();
        let port = state.port_to_listen(self.id, port)?;
        let address = Address::new(Rc::clone(&self.name), port);
        let listening = Rc::new(Listening::new(address, backlog));
        state.listen(self.id, &listening);
        Ok(Listener::new(listening))
    }

    /// Sends and receives datagrams at a port; zero is one that is free.
    ///
    /// # Errors
    ///
    /// Returns `AddrInUse` if somebody receives there.
    pub fn datagrams(&self, port: u16) -> io::Result<Datagrams> {
        let mut state = self.net.state.borrow_mut();
        let port = state.port_to_receive(self.id, port)?;
        let address = Address::new(Rc::clone(&self.name), port);
        let mailbox = Rc::new(Mailbox::new(address));
        state.receive(self.id, &mailbox);
        Ok(Datagrams::new(self.net.clone(), self.id, mailbox))
    }

    /// Connects to a listener. It takes the latency of the link twice, and as long as a partition.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the connection is lost: the listener may have got it, and finds it shut
    /// down.
    ///
    /// # Errors
    ///
    /// Returns `ConnectionRefused` if nobody listens there, or too many wait already.
    ///
    /// # Python
    ///
    /// [`asyncio.open_connection`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_connection).
    #[doc(alias = "asyncio.open_connection")]
    pub async fn connect(&self, to: impl Into<Address>) -> io::Result<Stream> {
        let to = to.into();
        let target = self.net.state.borrow_mut().host(to.host());
        self.cross(target).await;
        let knocked = self.knock(target, &to);
        self.cross(target).await;
        knocked
    }

    /// Loses all its streams and listeners, as when its process is killed. Datagrams that are on
    /// their way arrive. The tasks that act in its name are the program's to cancel.
    pub fn crash(&self) {
        crate::note(format_args!("net: crash {}", self.name));
        let state = self.net.state.borrow();
        let listeners = state.listeners_of(self.id);
        let connections = state.connections(|connection| connection.end_on(self.id).is_some());
        drop(state);
        for listening in listeners {
            listening.close();
        }
        for connection in connections {
            if let Some(end) = connection.end_on(self.id) {
                connection.reset(end);
            }
        }
    }

    /// Asks the listener at an address to take a stream.
    fn knock(&self, target: HostId, to: &Address) -> io::Result<Stream> {
        let mut state = self.net.state.borrow_mut();
        let listening = state.listener(target, to.port());
        let Some(listening) = listening.filter(|listening| listening.takes_more()) else {
            let says = format!("cannot connect to {to}: nobody takes it");
            return Err(io::Error::new(ErrorKind::ConnectionRefused, says));
        };
        let port = state.give_port(self.id);
        drop(state);
        let from = Address::new(Rc::clone(&self.name), port);
        let addresses = [from, listening.address().clone()];
        let [here, there] = Connection::open(&self.net, [self.id, target], addresses);
        listening.offer(there);
        Ok(here)
    }

    /// Waits as long as something takes to the other host, or back.
    async fn cross(&self, other: HostId) {
        let way = pair(self.id, other);
        loop {
            poll_fn(|cx| self.poll_healed(other, cx)).await;
            let latency = self.net.state.borrow().link(way).draw_latency();
            entracte::sleep(latency).await;
            if !self.net.state.borrow().is_partitioned(way) {
                return;
            }
        }
    }

    fn poll_healed(&self, other: HostId, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.net.state.borrow_mut();
        if !state.is_partitioned(pair(self.id, other)) {
            return Poll::Ready(());
        }
        state.healed().add(cx.waker());
        Poll::Pending
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
