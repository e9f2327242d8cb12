//! tokio's server, on a `LocalRuntime`, which takes no more than a `LocalSet`.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::spawn_local;

use super::{Connection, Given, Socket, attend, http};
use crate::workloads::net::work::Work;

pub fn serve(given: Given) -> io::Result<()> {
    start(accept(given))
}

pub fn serve_when_readable(given: Given) -> io::Result<()> {
    start(accept_without_buffers(given))
}

fn start(accepting: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    let mut builder = Builder::new_current_thread();
    let tokio = builder.enable_all().build_local(LocalOptions::default())?;
    tokio.block_on(accepting)
}

async fn accept(given: Given) -> io::Result<()> {
    let Given { work, buffer, .. } = given;
    let listener = match given.socket {
        Socket::Tcp(listener) => TcpListener::from_std(listener)?,
        Socket::Udp(socket) => return echo_datagrams(UdpSocket::from_std(socket)?, buffer).await,
    };
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        if work == Work::Http {
            spawn_local(http(TokioIo::new(stream)));
        } else {
            let buffer = vec![0; buffer];
            let mut own = Own { stream, buffer };
            spawn_local(async move { attend(work, &mut own).await });
        }
    }
}

async fn echo_datagrams(socket: UdpSocket, buffer: usize) -> io::Result<()> {
    let mut buffer = vec![0; buffer];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await?;
        socket.send_to(&buffer[..length], from).await?;
    }
}

/// For a server that should take little memory: a connection that waits has no buffer.
async fn accept_without_buffers(given: Given) -> io::Result<()> {
    let Socket::Tcp(listener) = given.socket else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    let listener = TcpListener::from_std(listener)?;
    let buffer = Rc::new(RefCell::new(vec![0; given.buffer]));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        spawn_local(echo_when_readable(stream, Rc::clone(&buffer)));
    }
}

async fn echo_when_readable(stream: TcpStream, buffer: Rc<RefCell<Vec<u8>>>) -> io::Result<()> {
    loop {
        stream.readable().await?;
        let mut buffer = buffer.borrow_mut();
        match stream.try_read(&mut buffer) {
            Ok(0) => return Ok(()),
            // A few bytes, and the socket is empty: they fit.
            Ok(length) => stream.try_write(&buffer[..length])?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
    }
}

struct Own {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection for Own {
    async fn echo(&mut self) -> io::Result<usize> {
        let length = self.stream.read(&mut self.buffer).await?;
        self.stream.write_all(&self.buffer[..length]).await?;
        Ok(length)
    }

    async fn receive(&mut self) -> io::Result<usize> {
        self.stream.read(&mut self.buffer).await
    }

    async fn send(&mut self, bytes: &'static [u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }
}
