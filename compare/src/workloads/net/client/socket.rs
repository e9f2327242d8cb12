//! The client's sockets: connected and tried out while they still block.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;

use super::{Load, STUCK};
use crate::workloads::net::work::Work;

/// Connects a socket that does not block.
pub fn connect(work: Work, port: u16) -> Result<OwnedFd, String> {
    let failed = |error: io::Error| format!("the client cannot connect ({error})");
    if work == Work::Udp {
        let socket = connect_datagrams(port).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        return Ok(socket.into());
    }
    let stream = connect_stream(port).map_err(failed)?;
    stream.set_nonblocking(true).map_err(failed)?;
    Ok(stream.into())
}

/// Connects a stream that blocks, but not forever.
pub fn connect_stream(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(STUCK))?;
    stream.set_write_timeout(Some(STUCK))?;
    Ok(stream)
}

fn connect_datagrams(port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_read_timeout(Some(STUCK))?;
    Ok(socket)
}

/// Does one request on a connection of its own and compares the answer byte for byte; the bytes that
/// every answer has.
pub fn try_out(load: Load, port: u16) -> Result<usize, String> {
    let failed = |error: io::Error| format!("the server does not answer ({error})");
    if load.work == Work::Udp {
        let socket = connect_datagrams(port).map_err(failed)?;
        return exchange(load, Datagrams(socket)).map_err(failed)?;
    }
    let stream = connect_stream(port).map_err(failed)?;
    exchange(load, stream).map_err(failed)?
}

/// Does one request on a socket that blocks.
pub fn exchange(load: Load, mut socket: impl Read + Write) -> io::Result<Result<usize, String>> {
    let request = load.work.request(load.size);
    socket.write_all(&request)?;
    let (mut answer, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let came = socket.read(&mut buffer)?;
        if came == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(&buffer[..came]);
        match load.work.is_whole(&request, &answer) {
            Ok(true) => return Ok(Ok(answer.len())),
            Ok(false) => {}
            Err(wrong) => return Ok(Err(wrong)),
        }
    }
}

struct Datagrams(UdpSocket);

impl Read for Datagrams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.recv(buffer)
    }
}

impl Write for Datagrams {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
