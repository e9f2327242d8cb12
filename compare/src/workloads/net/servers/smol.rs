//! smol's server: its `LocalExecutor` and its `Async` sockets.

use std::io;
use std::net::{TcpStream, UdpSocket};
use std::rc::Rc;

use async_executor::LocalExecutor;
use async_io::Async;
use futures_util::io::{AsyncReadExt as _, AsyncWriteExt as _};
use smol_hyper::rt::FuturesIo;

use super::{Connection, Given, Socket, attend, http};
use crate::workloads::net::work::Work;

pub fn serve(given: Given) -> io::Result<()> {
    let smol = Rc::new(LocalExecutor::new());
    let accepting = accept(Rc::clone(&smol), given);
    async_io::block_on(smol.run(accepting))
}

async fn accept(smol: Rc<LocalExecutor<'static>>, given: Given) -> io::Result<()> {
    let Given { work, buffer, .. } = given;
    let listener = match given.socket {
        Socket::Tcp(listener) => Async::new(listener)?,
        Socket::Udp(socket) => return echo_datagrams(Async::new(socket)?, buffer).await,
    };
    loop {
        let (stream, _) = listener.accept().await?;
        stream.get_ref().set_nodelay(true)?;
        if work == Work::Http {
            smol.spawn(http(FuturesIo::new(stream))).detach();
        } else {
            let buffer = vec![0; buffer];
            let mut own = Own { stream, buffer };
            smol.spawn(async move { attend(work, &mut own).await })
                .detach();
        }
    }
}

async fn echo_datagrams(socket: Async<UdpSocket>, buffer: usize) -> io::Result<()> {
    let mut buffer = vec![0; buffer];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await?;
        socket.send_to(&buffer[..length], from).await?;
    }
}

struct Own {
    stream: Async<TcpStream>,
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
