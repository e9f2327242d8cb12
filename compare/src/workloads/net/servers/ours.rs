//! entracte's server: `net::Server`, with the reader and the writer of each stream.
//!
//! What it accepts has no delay already.

use std::io;

use entracte::io::Stream;
use entracte::net::{Server, TcpListener, TcpStream, UdpSocket};

use super::{Connection, Given, Socket, attend, http};
use crate::workloads::net::work::Work;

pub fn serve(given: Given) -> io::Result<()> {
    let Given { work, buffer, .. } = given;
    let served = match given.socket {
        Socket::Tcp(listener) if work == Work::Http => entracte::run(serve_http(listener)),
        Socket::Tcp(listener) => entracte::run(serve_streams(listener, work)),
        Socket::Udp(socket) => entracte::run(echo_datagrams(socket, buffer)),
    };
    served.map_err(|error| io::Error::other(error.to_string()))?
}

async fn serve_streams(listener: std::net::TcpListener, work: Work) -> io::Result<()> {
    let server = Server::new(TcpListener::from_std(listener)?);
    let client = async move |mut stream| attend(work, &mut Own(&mut stream)).await;
    server.serve(client).await;
    Ok(())
}

async fn serve_http(listener: std::net::TcpListener) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        entracte::spawn(http(stream)).detach();
    }
}

async fn echo_datagrams(socket: std::net::UdpSocket, buffer: usize) -> io::Result<()> {
    let socket = UdpSocket::from_std(socket)?;
    let mut buffer = vec![0; buffer];
    loop {
        let (length, from) = socket.receive_from(&mut buffer).await?;
        socket.send_to(&buffer[..length], from).await?;
    }
}

/// Needs no buffer of its own: a stream borrows one while bytes are there.
struct Own<'a>(&'a mut Stream<TcpStream>);

impl Connection for Own<'_> {
    async fn echo(&mut self) -> io::Result<usize> {
        let chunk = self.0.reader.chunk().await?;
        self.0.writer.write_all(chunk).await?;
        Ok(chunk.len())
    }

    async fn receive(&mut self) -> io::Result<usize> {
        self.0.reader.chunk().await.map(<[u8]>::len)
    }

    async fn send(&mut self, bytes: &'static [u8]) -> io::Result<()> {
        self.0.writer.write_all(bytes).await
    }
}
