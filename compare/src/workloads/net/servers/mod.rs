//! The servers: each contender's, written as its own documentation does, in a process of its own.

mod compio;
mod monoio;
mod ours;
mod raw;
mod smol;
mod tokio;

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};

use super::account::{self, Seat};
use super::work::{BLOCK, HELLO, PIECE, PIECE_OF_BLOCK, RECEIVED, Work};
use crate::goal::OURS;

/// What a server is given: a socket that does not block, and what to do with it.
struct Given {
    socket: Socket,
    work: Work,
    /// The bytes of a connection's buffer, where the library wants one.
    buffer: usize,
}

enum Socket {
    Tcp(TcpListener),
    Udp(UdpSocket),
}

impl Socket {
    /// `io_uring` waits only for what may block.
    fn let_block(&self) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => listener.set_nonblocking(false),
            Self::Udp(socket) => socket.set_nonblocking(false),
        }
    }
}

type Serve = fn(Given) -> io::Result<()>;

const SERVERS: [(&str, Serve); 8] = [
    ("raw", raw::serve),
    (OURS, ours::serve),
    ("tokio", tokio::serve),
    ("tokio readable", tokio::serve_when_readable),
    ("smol", smol::serve),
    ("monoio", monoio::serve_epoll),
    ("monoio io_uring", monoio::serve_uring),
    ("compio", compio::serve),
];

/// Listens on loopback, prints the port, and serves until this process is ended.
pub fn serve(contender: &str, work: Work, buffer: usize) -> Result<(), String> {
    let Some((_, serve)) = SERVERS.iter().find(|(name, _)| *name == contender) else {
        let names = SERVERS.map(|(name, _)| name).join(", ");
        return Err(format!(
            "there is no server `{contender}`; there is: {names}"
        ));
    };
    account::settle(Seat::Server)?;
    let failed = |error| format!("{contender} cannot serve ({error})");
    let (socket, port) = listen(work).map_err(failed)?;
    println!("{port}");
    io::stdout().flush().map_err(failed)?;
    serve(Given {
        socket,
        work,
        buffer,
    })
    .map_err(failed)
}

fn listen(work: Work) -> io::Result<(Socket, u16)> {
    const BACKLOG: i32 = 4096;
    if work == Work::Udp {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let port = socket.local_addr()?.port();
        return Ok((Socket::Udp(socket), port));
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // The second time with as long a queue as every contender should have.
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((Socket::Tcp(listener), port))
}

/// A connection of one contender, with the buffer that it wants.
trait Connection {
    /// Reads once and sends back what came; 0 at the end.
    async fn echo(&mut self) -> io::Result<usize>;
    /// Reads once and forgets what came; 0 at the end.
    async fn receive(&mut self) -> io::Result<usize>;
    /// Sends all of `bytes`.
    async fn send(&mut self, bytes: &'static [u8]) -> io::Result<()>;
}

/// Does `work` for a connection until the client closes it; what goes wrong ends it too.
async fn attend(work: Work, connection: &mut impl Connection) {
    // The client sees a lost connection, and says so.
    drop(match work {
        Work::In => take_in(connection).await,
        Work::Out => give_out(connection).await,
        Work::Echo | Work::Http | Work::Udp => echo(connection).await,
    });
}

async fn echo(connection: &mut impl Connection) -> io::Result<()> {
    while connection.echo().await? > 0 {}
    Ok(())
}

async fn take_in(connection: &mut impl Connection) -> io::Result<()> {
    let mut got = 0;
    loop {
        match connection.receive().await? {
            0 => return Ok(()),
            came => got += came,
        }
        while got >= BLOCK {
            got -= BLOCK;
            connection.send(&RECEIVED).await?;
        }
    }
}

async fn give_out(connection: &mut impl Connection) -> io::Result<()> {
    loop {
        let asked = connection.receive().await?;
        if asked == 0 {
            return Ok(());
        }
        for _ in 0..asked * (BLOCK / PIECE) {
            connection.send(&PIECE_OF_BLOCK).await?;
        }
    }
}

/// Serves HTTP/1 with hyper on a connection.
async fn http(io: impl hyper::rt::Read + hyper::rt::Write + Unpin + 'static) {
    let service = service_fn(async |_: Request<Incoming>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(
            HELLO.as_bytes(),
        ))))
    });
    drop(http1::Builder::new().serve_connection(io, service).await);
}
