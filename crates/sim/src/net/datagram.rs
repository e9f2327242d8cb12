//! `Datagrams`: messages that may be lost, come twice, or overtake each other.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::EventLoop;

use super::state::{HostId, Sleepers, pair};
use super::{Address, Net};

/// How many datagrams wait at most to be received; the rest is lost.
const MOST_WAITING: usize = 1024;

/// What a port knows of who receives there.
pub(crate) struct Mailbox {
    address: Address,
    arrived: RefCell<VecDeque<(Vec<u8>, Address)>>,
    receivers: RefCell<Sleepers>,
}

impl Mailbox {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            arrived: RefCell::default(),
            receivers: RefCell::default(),
        }
    }

    pub(super) const fn port(&self) -> u16 {
        self.address.port()
    }

    fn arrive(&self, bytes: Vec<u8>, from: Address) {
        let mut arrived = self.arrived.borrow_mut();
        if arrived.len() < MOST_WAITING {
            arrived.push_back((bytes, from));
        }
        drop(arrived);
        self.receivers.take().wake();
    }

    fn poll_receive(&self, cx: &mut Context<'_>) -> Poll<(Vec<u8>, Address)> {
        if let Some(datagram) = self.arrived.borrow_mut().pop_front() {
            return Poll::Ready(datagram);
        }
        self.receivers.borrow_mut().add(cx.waker());
        Poll::Pending
    }
}

/// Sends and receives datagrams at a port of a host.
///
/// Made by [`Host::datagrams`](super::Host::datagrams). What becomes of a datagram on its way is the
/// [`Link`](super::Link)'s to say.
///
/// # Python
///
/// [`create_datagram_endpoint`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.create_datagram_endpoint).
///
/// # Examples
///
/// ```
/// use entracte_sim::net::Net;
///
/// entracte_sim::run(7, async {
///     let net = Net::new();
///     let (here, there) = (net.host("here").datagrams(0)?, net.host("there").datagrams(53)?);
///     here.send(b"who?", there.local_address());
///     let (question, from) = there.receive().await;
///     assert_eq!(question, b"who?");
///     there.send(b"me", from);
///     assert_eq!(here.receive().await.0, b"me");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "asyncio.DatagramTransport")]
pub struct Datagrams {
    net: Net,
    host: HostId,
    mailbox: Rc<Mailbox>,
}

impl Datagrams {
    pub(super) const fn new(net: Net, host: HostId, mailbox: Rc<Mailbox>) -> Self {
        Self { net, host, mailbox }
    }

    /// The address they are sent from and received at.
    #[must_use]
    pub fn local_address(&self) -> &Address {
        &self.mailbox.address
    }

    /// Sends a datagram. Nobody is told whether it arrives.
    ///
    /// # Panics
    ///
    /// Panics outside an event loop.
    pub fn send(&self, bytes: &[u8], to: impl Into<Address>) {
        let to = to.into();
        let (link, target) = {
            let mut state = self.net.state.borrow_mut();
            let target = state.host(to.host());
            (state.link(pair(self.host, target)), target)
        };
        let copies = link.draw_copies();
        let from = self.local_address();
        let size = bytes.len();
        crate::note(format_args!(
            "net: {from} -> {to} {size} bytes, {copies} times"
        ));
        let event_loop = EventLoop::current().expect("the network is used inside an event loop");
        for _ in 0..copies {
            let (net, from, bytes) = (self.net.clone(), from.clone(), bytes.to_vec());
            let (way, port) = ((self.host, target), to.port());
            event_loop.call_later(link.draw_latency(), move || {
                deliver(&net, way, port, bytes, from);
            });
        }
    }

    /// Receives the datagram that arrived first, waiting for one; and says where it is from.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is cancelled, no datagram was taken.
    pub async fn receive(&self) -> (Vec<u8>, Address) {
        poll_fn(|cx| self.mailbox.poll_receive(cx)).await
    }
}

fn deliver(net: &Net, way: (HostId, HostId), port: u16, bytes: Vec<u8>, from: Address) {
    let state = net.state.borrow();
    let mailbox = state.mailbox(way.1, port);
    let is_lost = state.is_partitioned(pair(way.0, way.1));
    drop(state);
    match mailbox {
        Some(mailbox) if !is_lost => mailbox.arrive(bytes, from),
        _ => {}
    }
}

impl fmt::Debug for Datagrams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datagrams")
            .field("address", self.local_address())
            .field("waiting", &self.mailbox.arrived.borrow().len())
            .finish_non_exhaustive()
    }
}
