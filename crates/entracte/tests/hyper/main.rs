//! hyper on this loop: both protocols, both sides, over TCP, Unix sockets and memory.

mod closing;
mod detecting;
mod going;
mod raw;
mod serving;
mod times;

#[path = "../support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::time::Duration;

use ::hyper::body::{Body, Bytes, Incoming};
use ::hyper::client::conn::{http1, http2};
use ::hyper::service::Service;
use ::hyper::{Request, Response};
use entracte::hyper::{Spawner, Timer};
use entracte::io::Stream;
use entracte::net::{Server, ServerHandle, TcpListener, TcpStream, connect};
use entracte::{BoxError, Task, spawn};
use http_body_util::{BodyExt, Full};

/// Longer than any test takes.
const FOR_EVER: Duration = Duration::from_secs(3600);

type Text = Full<Bytes>;

/// A server that runs.
struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    serving: Task<()>,
}

impl Running {
    async fn connect(&self) -> Stream<TcpStream> {
        connect(self.address).await.expect("the server listens")
    }

    /// Closes the server, and waits until it has ended.
    async fn close(self) {
        self.handle.close();
        self.serving.await.expect("the server ends");
    }
}

/// Starts to serve on a port of the loopback.
async fn start<S, B>(service: S) -> Running
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>> + 'static,
    S::Future: 'static,
    B: Body<Error: Into<BoxError>> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_address().expect("it has an address");
    let server = Server::new(listener).grace(FOR_EVER);
    let handle = server.handle();
    let serving = spawn(entracte::hyper::serve(server, service));
    Running {
        address,
        handle,
        serving,
    }
}

type Connection = Task<Result<(), ::hyper::Error>>;

/// A client of HTTP/1, and the task of its connection.
async fn client1(stream: Stream<TcpStream>) -> (http1::SendRequest<Text>, Connection) {
    let (client, connection) = http1::handshake(stream).await.expect("a client");
    (client, spawn(connection))
}

/// A client of HTTP/2, and the task of its connection.
async fn client2(stream: Stream<TcpStream>) -> (http2::SendRequest<Text>, Connection) {
    let mut builder = http2::Builder::new(Spawner::new());
    builder.timer(Timer::new());
    let (client, connection) = builder.handshake(stream).await.expect("a client");
    (client, spawn(connection))
}

fn get(path: &str) -> Request<Text> {
    post(path, Bytes::new())
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Text> {
    let request = Request::post(format!("http://localhost{path}")).header("host", "localhost");
    request.body(Full::new(body.into())).expect("a request")
}

/// The whole body of a response.
async fn body(response: Response<Incoming>) -> Bytes {
    let collected = response.into_body().collect().await;
    collected.expect("the body comes whole").to_bytes()
}

/// Sends back the body of a request.
async fn echo(request: Request<Incoming>) -> Result<Response<Incoming>, BoxError> {
    Ok(Response::new(request.into_body()))
}
