//! An echo server, and clients of it.

use std::io;
use std::net::SocketAddr;

use entracte::Task;
use entracte::io::Stream;
use entracte::net::{Server, ServerHandle, TcpListener, TcpStream};

/// A server that echoes, in a task of its own.
pub(crate) struct Echo {
    pub(crate) address: SocketAddr,
    pub(crate) handle: ServerHandle,
    serving: Task<()>,
}

impl Echo {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let address = listener.local_address().expect("it is bound");
        let server = Server::new(listener);
        let handle = server.handle();
        let serving = entracte::spawn(server.serve(echo));
        Self {
            address,
            handle,
            serving,
        }
    }

    /// Waits until no client is left.
    pub(crate) async fn is_idle(&self) {
        while self.handle.clients() > 0 {
            entracte::checkpoint().await;
        }
    }

    /// Closes the server and waits until its clients have ended.
    pub(crate) async fn end(self) {
        self.handle.close();
        self.serving.await.expect("the server does not fail");
        assert_eq!(self.handle.clients(), 0);
    }
}

async fn echo(mut stream: Stream<TcpStream>) -> io::Result<()> {
    loop {
        let chunk = stream.reader.chunk().await?;
        if chunk.is_empty() {
            return Ok(());
        }
        stream.writer.write_all(chunk).await?;
    }
}

/// Sends a line, and checks that it comes back.
pub(crate) async fn ping(stream: &mut Stream<TcpStream>, number: usize) -> io::Result<()> {
    let line = format!("client {number}");
    stream.writer.write(line.as_bytes())?;
    stream.writer.write(b"\n")?;
    let answer = stream.reader.read_line().await?;
    assert_eq!(answer.as_deref(), Some(&line[..]));
    Ok(())
}
