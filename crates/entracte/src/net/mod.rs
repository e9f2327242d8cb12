//! The network: addresses, connections, servers and datagrams, over TCP and Unix sockets.

mod address;
mod connect;
mod datagram;
mod happy_eyeballs;
mod listen;
mod listener;
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "asks the kernel for credentials, which no safe crate gives soundly"
)]
mod peer;
mod server;
mod tcp;
mod unix;

pub use address::{Address, resolve};
pub use connect::{Connect, connect, connect_unix};
pub use datagram::{UdpSocket, UnixDatagram};
pub use listen::Listen;
pub use listener::{Listener, TcpListener, UnixListener};
pub use server::{Server, ServerHandle};
pub use tcp::TcpStream;
pub use unix::{Credentials, UnixStream};
