//! `Address`: a host by its name, and a port.

use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;

/// Where something listens, or comes from.
///
/// # Examples
///
/// ```
/// use entracte_sim::net::Address;
///
/// let address = Address::from(("server", 80));
/// assert_eq!(address.to_string(), "server:80");
/// assert_eq!((address.host(), address.port()), ("server", 80));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address {
    host: Rc<str>,
    port: u16,
}

impl Address {
    pub(super) const fn new(host: Rc<str>, port: u16) -> Self {
        Self { host, port }
    }

    /// The name of the host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl From<(&str, u16)> for Address {
    fn from((host, port): (&str, u16)) -> Self {
        Self::new(host.into(), port)
    }
}

impl From<&Self> for Address {
    fn from(address: &Self) -> Self {
        address.clone()
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::new(address.ip().to_string().into(), address.port())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}
