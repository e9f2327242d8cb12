//! compio's server, over `io_uring`.

use std::io;

use compio::BufResult;
use compio::io::compat::AsyncStream;
use compio::io::{AsyncRead as _, AsyncWriteExt as _};
use compio::net::{TcpListener, TcpStream, UdpSocket};
use compio::runtime::spawn;
use smol_hyper::rt::FuturesIo;

use super::{Connection, Given, Socket, attend, http};
use crate::workloads::net::work::Work;

pub fn serve(given: Given) -> io::Result<()> {
    given.socket.let_block()?;
    compio::runtime::Runtime::new()?.block_on(accept(given))
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
            spawn(http(FuturesIo::new(Box::pin(AsyncStream::new(stream))))).detach();
        } else {
            let buffer = Vec::with_capacity(buffer);
            let mut own = Own { stream, buffer };
            spawn(async move { attend(work, &mut own).await }).detach();
        }
    }
}

async fn echo_datagrams(socket: UdpSocket, buffer: usize) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(buffer);
    loop {
        let BufResult(came, filled) = socket.recv_from(buffer).await;
        let (_, from) = came?;
        let BufResult(sent, emptied) = socket.send_to(filled, from).await;
        sent?;
        buffer = emptied;
        buffer.clear();
    }
}

struct Own {
    stream: TcpStream,
    /// Given away for the time of each operation.
    buffer: Vec<u8>,
}

impl Own {
    async fn fill(&mut self) -> io::Result<usize> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let BufResult(length, filled) = self.stream.read(buffer).await;
        self.buffer = filled;
        length
    }
}

impl Connection for Own {
    async fn echo(&mut self) -> io::Result<usize> {
        let length = self.fill().await?;
        let buffer = std::mem::take(&mut self.buffer);
        let BufResult(sent, buffer) = self.stream.write_all(buffer).await;
        self.buffer = buffer;
        sent?;
        Ok(length)
    }

    async fn receive(&mut self) -> io::Result<usize> {
        self.fill().await
    }

    async fn send(&mut self, bytes: &'static [u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await.0
    }
}
