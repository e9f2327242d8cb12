//! An in-memory network: hosts, listeners, streams and datagrams, with all that goes wrong on a wire.
//!
//! A [`Net`] has hosts, and between each two of them a [`Link`] with its latency, its losses and
//! the size of what comes at once. All of it is drawn from the random numbers of the loop, so in a
//! simulation from the seed.
//!
//! - **Streams** carry bytes in order, as TCP does. Reads and writes are short. What one end
//!   writes beyond the link's buffer waits until the other reads.
//! - **Datagrams** may be lost, doubled, and overtake each other, as with UDP.
//! - **Partitions**: between two hosts nothing arrives until they are healed. Datagrams are lost.
//!   Streams are *half-open*: neither end is told, what was written waits and arrives when it is
//!   healed, as if it had been sent again. A `connect` waits as well. Whoever does not want to wait
//!   for ever needs a timeout, as on a real network.
//! - **Resets**: an end that is reset says so to the other, once that can be reached.
//!
//! It works on every loop; in a simulation its delays take no time. What goes on in it is
//! written to the trace.
//!
//! # Examples
//!
//! ```
//! use entracte_sim::net::Net;
//!
//! entracte_sim::run(7, async {
//!     let net = Net::new();
//!     let listener = net.host("server").bind(80)?;
//!     let echo = entracte::spawn(async move {
//!         let (stream, _from) = listener.accept().await?;
//!         let mut bytes = [0; 5];
//!         stream.read_exact(&mut bytes).await?;
//!         stream.write_all(&bytes).await
//!     });
//!
//!     let stream = net.host("client").connect(("server", 80)).await?;
//!     stream.write_all(b"hello").await?;
//!     let mut answer = Vec::new();
//!     stream.read_to_end(&mut answer).await?;
//!     assert_eq!(answer, b"hello");
//!     echo.await.unwrap()
//! })?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod address;
mod connection;
mod datagram;
#[cfg(feature = "futures-io")]
mod futures_io;
mod host;
mod link;
mod listener;
mod pipe;
mod state;
mod stream;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

pub use self::address::Address;
pub use self::datagram::Datagrams;
pub use self::host::Host;
pub use self::link::Link;
pub use self::listener::Listener;
pub use self::stream::Stream;

use self::state::State;

/// A network; clones are handles to the same one.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte_sim::net::{Link, Net};
///
/// let slow = Duration::from_millis(80)..=Duration::from_millis(120);
/// let net = Net::new();
/// net.set_links(Link::new().latency(slow));
/// net.partition("berlin", "sydney");
/// assert!(net.is_partitioned("sydney", "berlin"));
/// net.heal("berlin", "sydney");
/// ```
#[derive(Clone, Default)]
pub struct Net {
    pub(crate) state: Rc<RefCell<State>>,
}

impl Net {
    /// A network without hosts, in which all links are as [`Link::new`] makes them.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The host of this name, which is there from when it is first asked for. An `IpAddr` will do.
    #[must_use]
    pub fn host(&self, name: impl ToString) -> Host {
        Host::new(self.clone(), &name.to_string())
    }

    /// Sets what all links are like that are not set one by one.
    pub fn set_links(&self, link: Link) {
        self.state.borrow_mut().set_links(link);
    }

    /// Sets what the link between two hosts is like, in both directions.
    pub fn set_link(&self, one: impl ToString, other: impl ToString, link: Link) {
        let mut state = self.state.borrow_mut();
        let pair = state.pair(&one.to_string(), &other.to_string());
        state.set_link(pair, link);
    }

    /// Lets nothing through between two hosts, in either direction, until they are healed.
    pub fn partition(&self, one: impl ToString, other: impl ToString) {
        let (one, other) = (one.to_string(), other.to_string());
        crate::note(format_args!("net: partition {one} {other}"));
        let mut state = self.state.borrow_mut();
        let pair = state.pair(&one, &other);
        state.partition(pair);
    }

    /// Lets everything through again. What waited in streams is on its way from now on.
    pub fn heal(&self, one: impl ToString, other: impl ToString) {
        let (one, other) = (one.to_string(), other.to_string());
        crate::note(format_args!("net: heal {one} {other}"));
        let mut state = self.state.borrow_mut();
        let pair = state.pair(&one, &other);
        let (woken, connections) = state.heal(pair);
        drop(state);
        for connection in connections {
            connection.resend(pair);
        }
        woken.wake();
    }

    /// Whether nothing gets through between two hosts.
    #[must_use]
    pub fn is_partitioned(&self, one: impl ToString, other: impl ToString) -> bool {
        let mut state = self.state.borrow_mut();
        let pair = state.pair(&one.to_string(), &other.to_string());
        state.is_partitioned(pair)
    }

    /// Resets every stream between two hosts.
    pub fn reset(&self, one: impl ToString, other: impl ToString) {
        let mut state = self.state.borrow_mut();
        let pair = state.pair(&one.to_string(), &other.to_string());
        let connections = state.connections(|connection| connection.is_between(pair));
        drop(state);
        for connection in connections {
            connection.reset(0);
        }
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net")
            .field("hosts", &self.state.borrow().names())
            .finish_non_exhaustive()
    }
}
