//! hyper's own connections over sockets without a buffer, and over streams in memory.

use ::hyper::body::Bytes;
use ::hyper::client::conn::http1::handshake;
use ::hyper::rt::{Read, Write};
use ::hyper::server::conn::{http1, http2};
use ::hyper::service::service_fn;
use entracte::hyper::{Spawner, Timer};
use entracte::io::{Stream, pair};
use entracte::net::{TcpListener, TcpStream, UnixStream};
use entracte::{gather, run, spawn};

use crate::{body, echo, post};

/// Serves a connection of HTTP/1 at one end, and is its client at the other.
async fn talk(near: impl Read + Write + Unpin + 'static, far: impl Read + Write + Unpin + 'static) {
    let mut builder = http1::Builder::new();
    builder.timer(Timer::new());
    let serving = spawn(builder.serve_connection(far, service_fn(echo)));
    let (mut client, connection) = handshake(near).await.expect("a client");
    let connection = spawn(connection);
    for length in [0, 1, 100_000, 1_000_000] {
        let bytes = Bytes::from(vec![7; length]);
        let response = client.send_request(post("/", bytes.clone())).await;
        assert!(
            body(response.expect("an answer")).await == bytes,
            "{length} bytes"
        );
    }
    drop(client);
    connection.await.expect("no panic").expect("a good end");
    serving.await.expect("no panic").expect("a good end");
}

#[test]
fn hyper_talks_over_bare_sockets_of_tcp() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_address().expect("it has an address");
        let near = TcpStream::connect(address).await.expect("it listens");
        let (far, _) = listener.accept().await.expect("it was connected to");
        talk(near, far).await;
    })
    .expect("it runs");
}

#[test]
fn hyper_talks_over_bare_unix_sockets() {
    run(async {
        let (near, far) = UnixStream::pair().expect("a pair");
        talk(near, far).await;
    })
    .expect("it runs");
}

#[test]
fn hyper_talks_over_memory_of_any_capacity() {
    run(async {
        for capacity in [1000, 70_000] {
            let (near, far) = pair(capacity);
            talk(Stream::new(near), Stream::new(far)).await;
        }
    })
    .expect("it runs");
}

#[test]
fn what_http2_spawns_ends_with_its_connection() {
    run(async {
        let (near, far) = pair(1000);
        let spawner = Spawner::new();
        let builder = http2::Builder::new(spawner.clone());
        let serving = spawn(builder.serve_connection(Stream::new(far), service_fn(echo)));
        let clients = Spawner::new();
        let client = ::hyper::client::conn::http2::handshake(clients.clone(), Stream::new(near));
        let (client, connection) = client.await.expect("a client");
        let connection = spawn(connection);
        let requests = (0..20_u8).map(|nth| {
            let mut client = client.clone();
            async move {
                let bytes = Bytes::from(vec![nth; 10_000]);
                let response = client.send_request(post("/", bytes.clone())).await;
                assert!(body(response.expect("an answer")).await == bytes);
            }
        });
        gather(requests.collect::<Vec<_>>())
            .await
            .expect("none fails");
        drop(client);
        connection.await.expect("no panic").expect("a good end");
        serving.await.expect("no panic").expect("a good end");
        spawner.ended().await;
        clients.ended().await;
    })
    .expect("it runs");
}
