//! Addresses for servers that are told where to listen, or are not there at all.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use rustix::net::{self, AddressFamily, SocketType, sockopt};

/// An address that nobody is given by chance while the socket is held, and nobody listens on but who
/// is told to: one that binds to it on purpose may.
pub(crate) fn reserved() -> (OwnedFd, SocketAddr) {
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None);
    let socket = socket.expect("there are sockets");
    sockopt::set_socket_reuseaddr(&socket, true).expect("it is a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    net::bind(&socket, &any).expect("there are ports");
    let own = net::getsockname(&socket).expect("it is bound");
    let own = SocketAddr::try_from(own).expect("it is of this family");
    (socket, own)
}
