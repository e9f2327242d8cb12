//! monoio's servers: one driver over epoll, one over `io_uring`.

use std::io;

use monoio::io::{AsyncReadRent as _, AsyncWriteRentExt as _, IntoPollIo as _};
use monoio::net::udp::UdpSocket;
use monoio::net::{TcpListener, TcpStream};
use monoio::{IoUringDriver, LegacyDriver, RuntimeBuilder};
use monoio_compat::hyper::MonoioIo;

use super::{Connection, Given, Socket, attend, http};
use crate::workloads::net::work::Work;

pub fn serve_epoll(given: Given) -> io::Result<()> {
    RuntimeBuilder::<LegacyDriver>::new()
        .build()?
        .block_on(serve(given))
}

pub fn serve_uring(given: Given) -> io::Result<()> {
    given.socket.let_block()?;
    RuntimeBuilder::<IoUringDriver>::new()
        .build()?
        .block_on(serve(given))
}

async fn serve(given: Given) -> io::Result<()> {
    let Given { work, buffer, .. } = given;
    let listener = match given.socket {
        Socket::Tcp(listener) => TcpListener::from_std(listener)?,
        Socket::Udp(socket) => return echo_datagrams(UdpSocket::from_std(socket)?, buffer).await,
    };
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        if work == Work::Http {
            monoio::spawn(http(MonoioIo::new(stream.into_poll_io()?)));
        } else {
            let buffer = Vec::with_capacity(buffer);
            let mut own = Own { stream, buffer };
            monoio::spawn(async move { attend(work, &mut own).await });
        }
    }
}

async fn echo_datagrams(socket: UdpSocket, buffer: usize) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(buffer);
    loop {
        let (came, filled) = socket.recv_from(buffer).await;
        let (_, from) = came?;
        let (sent, emptied) = socket.send_to(filled, from).await;
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
        let (length, filled) = self.stream.read(buffer).await;
        self.buffer = filled;
        length
    }
}

impl Connection for Own {
    async fn echo(&mut self) -> io::Result<usize> {
        let length = self.fill().await?;
        let (sent, buffer) = self
            .stream
            .write_all(std::mem::take(&mut self.buffer))
            .await;
        self.buffer = buffer;
        sent?;
        Ok(length)
    }

    async fn receive(&mut self) -> io::Result<usize> {
        self.fill().await
    }

    async fn send(&mut self, bytes: &'static [u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await.0.map(drop)
    }
}
