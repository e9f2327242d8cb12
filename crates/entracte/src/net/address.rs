//! `Address`: a host and a port, and the socket addresses that they stand for.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use crate::threads::pool_for_names;

/// Where to connect to, or what to listen on: a host by name or number, and a port.
///
/// Made of `"host:port"`, `("host", port)`, `(IpAddr, port)` or a [`SocketAddr`]. The scope of an IPv6
/// address may be an interface's name where the system's resolver takes it: `"[fe80::1%eth0]:80"`.
///
/// # Examples
///
/// ```
/// use entracte::net::Address;
///
/// assert_eq!(Address::from(("localhost", 80)).to_string(), "localhost:80");
/// assert_eq!(Address::from("[::1]:80"), Address::from(("::1", 80)));
/// assert_eq!(Address::from("[fe80::1%lo]:80"), Address::from(("fe80::1%lo", 80)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address(Kind);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Known(SocketAddr),
    Named(String, u16),
    /// Not of the form `host:port`: it is refused when it is used.
    Unclear(String),
}

impl Address {
    /// The socket address, if it is one and needs no resolver.
    #[must_use]
    pub const fn as_socket_address(&self) -> Option<SocketAddr> {
        match self.0 {
            Kind::Known(address) => Some(address),
            _ => None,
        }
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        if let Ok(address) = text.parse() {
            return Self(Kind::Known(address));
        }
        let parts = text.rsplit_once(':');
        let parsed = parts.and_then(|(host, port)| Some((bare(host)?, port.parse().ok()?)));
        match parsed {
            Some((host, port)) => Self::from((host, port)),
            None => Self(Kind::Unclear(text.to_owned())),
        }
    }
}

/// A host as the resolver takes it: a name as it is, an address with a scope without its brackets.
fn bare(host: &str) -> Option<&str> {
    let bracketed = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let Some(address) = bracketed else {
        return (!host.contains(':')).then_some(host);
    };
    let (ip, _scope) = address.split_once('%')?;
    ip.parse::<Ipv6Addr>().ok().map(|_| address)
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Address {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<(&str, u16)> for Address {
    fn from((host, port): (&str, u16)) -> Self {
        match host.parse::<IpAddr>() {
            Ok(ip) => Self::from((ip, port)),
            Err(_) => Self(Kind::Named(host.to_owned(), port)),
        }
    }
}

impl From<(String, u16)> for Address {
    fn from((host, port): (String, u16)) -> Self {
        Self::from((host.as_str(), port))
    }
}

impl From<(IpAddr, u16)> for Address {
    fn from(pair: (IpAddr, u16)) -> Self {
        Self(Kind::Known(pair.into()))
    }
}

impl From<(Ipv4Addr, u16)> for Address {
    fn from(pair: (Ipv4Addr, u16)) -> Self {
        Self(Kind::Known(pair.into()))
    }
}

impl From<(Ipv6Addr, u16)> for Address {
    fn from(pair: (Ipv6Addr, u16)) -> Self {
        Self(Kind::Known(pair.into()))
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self(Kind::Known(address))
    }
}

impl From<&SocketAddr> for Address {
    fn from(address: &SocketAddr) -> Self {
        Self(Kind::Known(*address))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Known(address) => address.fmt(f),
            Kind::Named(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Kind::Named(host, port) => write!(f, "{host}:{port}"),
            Kind::Unclear(text) => f.write_str(text),
        }
    }
}

/// Finds the socket addresses of a host, in the system's order of preference, at least one.
///
/// The system's resolver runs on a thread, so the loop goes on. There are up to 32 of them for the
/// whole program, beside those of [`to_thread`](crate::to_thread()): while it does not answer, names
/// may wait for each other, and nothing else does.
///
/// # Cancel safety
///
/// Cancel safe: a caller that is cancelled does not wait for the resolver, whose answer is dropped.
///
/// # Errors
///
/// Returns the resolver's error, with the host's name; and one of the kind
/// [`InvalidInput`](ErrorKind::InvalidInput) for a text that is not `host:port`, or without a host.
/// The standard library gives the resolver's no kind by which a name that does not exist can be told.
///
/// # Examples
///
/// ```
/// entracte::run(async {
///     let found = entracte::net::resolve("localhost:80").await.unwrap();
///     assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 80));
/// })
/// .unwrap();
/// ```
#[doc(alias = "asyncio.loop.getaddrinfo")]
pub async fn resolve(address: impl Into<Address>) -> io::Result<Vec<SocketAddr>> {
    let (host, port) = match address.into().0 {
        Kind::Known(address) => return Ok(vec![address]),
        Kind::Named(host, port) if host.is_empty() => return Err(no_host(port)),
        Kind::Named(host, port) => (host, port),
        Kind::Unclear(text) => {
            let text = format!("cannot resolve {text:?}: it is not of the form host:port");
            return Err(io::Error::new(ErrorKind::InvalidInput, text));
        }
    };
    let name = host.clone();
    let look_up = move || {
        let found = (host.as_str(), port).to_socket_addrs();
        found.map(Iterator::collect::<Vec<_>>)
    };
    let found = match pool_for_names().run(look_up).await {
        Ok(found) => found,
        Err(error) => return Err(cannot("resolve", format_args!("{name:?}"), &error)),
    };
    if found.is_empty() {
        let text = format!("cannot resolve {name:?}: it has no address");
        return Err(io::Error::new(ErrorKind::NotFound, text));
    }
    Ok(found)
}

fn no_host(port: u16) -> io::Error {
    let every = format!("0.0.0.0:{port} or [::]:{port} for every interface");
    let text = format!("cannot resolve \":{port}\": the host is missing; it is {every}");
    io::Error::new(ErrorKind::InvalidInput, text)
}

/// What the first of these addresses gives that can be had; else the error of the first.
pub(super) fn first_of<T>(
    addresses: &[SocketAddr],
    act: &str,
    attempt: impl Fn(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut first_error = None;
    for address in addresses {
        match attempt(*address) {
            Ok(done) => return Ok(done),
            Err(error) => {
                first_error.get_or_insert_with(|| cannot(act, address, &error));
            }
        }
    }
    Err(first_error.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into()))
}

/// An error of the same kind that says what failed, and where.
#[cold]
pub(super) fn cannot(act: &str, place: impl fmt::Display, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {act} {place}: {error}"))
}
