//! Runs a server and a client of it, or two ends in memory, with a limit of time.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use entracte::io::{MemoryStream, Stream, pair};
use entracte::net::{Server, TcpListener, TcpStream};
use entracte::tls::{Listener, TlsStream};
use entracte::{run, spawn, timeout};

use crate::certificates;

/// Longer than any of this takes, a thousand handshakes on a slow machine too; who waits as long has
/// hung.
const PATIENCE: Duration = Duration::from_secs(240);

pub(crate) type Tcp = Stream<TlsStream<TcpStream>>;
pub(crate) type Memory = Stream<TlsStream<MemoryStream>>;

/// Runs it, for at most as long as anybody has patience.
pub(crate) fn bounded<F: Future>(future: F) -> F::Output {
    let bounded = async { timeout(PATIENCE, future).await };
    run(bounded)
        .expect("the program runs")
        .expect("it does not hang")
}

/// Serves `localhost` while the client is busy.
pub(crate) fn with_server<S, C>(serve: S, client: impl FnOnce(SocketAddr) -> C) -> C::Output
where
    S: AsyncFn(Tcp) -> io::Result<()> + 'static,
    C: Future,
{
    bounded(async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let listener = Listener::new(listener, &certificates::server());
        serve_on(listener, serve, client).await
    })
}

/// Serves on this listener while the client is busy.
pub(crate) async fn serve_on<S, C>(
    listener: Listener<TcpListener>,
    serve: S,
    client: impl FnOnce(SocketAddr) -> C,
) -> C::Output
where
    S: AsyncFn(Tcp) -> io::Result<()> + 'static,
    C: Future,
{
    let address = listener.get_ref().local_address().expect("it listens");
    let server = Server::new(listener);
    let handle = server.handle();
    let serving = spawn(server.serve(serve));
    let value = client(address).await;
    handle.close();
    serving.await.expect("the server ends");
    value
}

/// Echoes lines up to the end, then says that this was all.
pub(crate) async fn echo(mut stream: Tcp) -> io::Result<()> {
    while let Some(line) = stream.reader.read_line().await? {
        let line = format!("{line}\n");
        stream.writer.write_all(line.as_bytes()).await?;
    }
    stream.writer.close().await
}

/// A client and a server of `localhost` in memory, before their handshake.
pub(crate) fn ends(capacity: usize) -> (Memory, Memory) {
    let (near, far) = pair(capacity);
    let near = TlsStream::client(near, "localhost", &certificates::client());
    let far = TlsStream::server(far, &certificates::server());
    let made = "the configurations are good";
    (
        Stream::new(near.expect(made)),
        Stream::new(far.expect(made)),
    )
}
