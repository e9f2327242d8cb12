//! Requests and answers: kept-alive connections, many at a time, large and slow bodies.

use std::cell::Cell;
use std::rc::Rc;

use ::hyper::body::{Bytes, Frame};
use ::hyper::service::service_fn;
use ::hyper::{Request, Response, Version};
use entracte::net::{Server, UnixListener, connect_unix};
use entracte::sync::Barrier;
use entracte::{gather, run, spawn};
use http_body_util::{BodyExt, StreamBody};

use crate::{Text, body, client1, client2, echo, get, post, start};

const LARGE: usize = 5_000_000;

fn large() -> Vec<u8> {
    (0..LARGE).map(|at| (at % 251) as u8).collect()
}

#[test]
fn a_connection_of_http1_is_kept_for_many_requests() {
    run(async {
        let server = start(service_fn(echo)).await;
        let (mut client, connection) = client1(server.connect().await).await;
        for nth in 0..100 {
            let response = client.send_request(post("/", nth.to_string())).await;
            let response = response.expect("an answer");
            assert_eq!(response.version(), Version::HTTP_11);
            assert_eq!(body(response).await, nth.to_string());
        }
        assert_eq!(server.handle.accepted(), 1);
        drop(client);
        connection.await.expect("no panic").expect("a good end");
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn a_connection_of_http2_carries_many_requests_at_a_time() {
    run(async {
        let together = Rc::new(Barrier::new(50).expect("not of nobody"));
        let server = start(service_fn(move |request| {
            let together = Rc::clone(&together);
            async move {
                // Nobody is answered before all are there.
                together.wait().await?;
                echo(request).await
            }
        }))
        .await;
        let (client, connection) = client2(server.connect().await).await;
        let requests = (0..50).map(|nth| {
            let mut client = client.clone();
            async move {
                let response = client.send_request(post("/", nth.to_string())).await;
                let response = response.expect("an answer");
                assert_eq!(response.version(), Version::HTTP_2);
                assert_eq!(body(response).await, nth.to_string());
            }
        });
        gather(requests.collect::<Vec<_>>())
            .await
            .expect("none fails");
        assert_eq!(server.handle.accepted(), 1);
        drop(client);
        connection.await.expect("no panic").expect("a good end");
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn large_bodies_go_both_ways_at_a_time() {
    run(async {
        let server = start(service_fn(echo)).await;
        let (mut one, first) = client1(server.connect().await).await;
        let (mut two, second) = client2(server.connect().await).await;
        let large = Bytes::from(large());
        let response = one.send_request(post("/", large.clone())).await;
        assert!(body(response.expect("an answer")).await == large);
        let response = two.send_request(post("/", large.clone())).await;
        assert!(body(response.expect("an answer")).await == large);
        drop((one, two));
        first.await.expect("no panic").expect("a good end");
        second.await.expect("no panic").expect("a good end");
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn a_slow_body_arrives_as_it_is_sent() {
    run(async {
        let server = start(service_fn(echo)).await;
        let stream = server.connect().await;
        let handshake = ::hyper::client::conn::http1::handshake(stream).await;
        let (mut client, connection) = handshake.expect("a client");
        let connection = spawn(connection);
        let (parts, coming) = futures::channel::mpsc::unbounded();
        let request = Request::post("/")
            .body(StreamBody::new(coming))
            .expect("a request");
        let response = client.send_request(request).await.expect("an answer");
        let mut answer = response.into_body();
        for nth in 0..20 {
            let part = Bytes::from(vec![nth; 100]);
            let frame = Ok::<_, std::io::Error>(Frame::data(part.clone()));
            parts.unbounded_send(frame).expect("it is wanted");
            // The part before came back before this one is sent.
            let frame = answer.frame().await.expect("not the end").expect("a frame");
            assert_eq!(frame.into_data().expect("data"), part);
        }
        drop(parts);
        assert!(answer.frame().await.is_none());
        drop(client);
        connection.await.expect("no panic").expect("a good end");
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn services_and_bodies_need_not_be_send() {
    run(async {
        let count = Rc::new(Cell::new(0));
        let shared = Rc::clone(&count);
        let server = start(service_fn(move |_| {
            let count = Rc::clone(&shared);
            async move {
                count.set(count.get() + 1);
                Ok::<_, std::io::Error>(Response::new(Text::from(count.get().to_string())))
            }
        }))
        .await;
        let (mut one, _first) = client1(server.connect().await).await;
        let (mut two, _second) = client2(server.connect().await).await;
        assert_eq!(
            body(one.send_request(get("/")).await.expect("an answer")).await,
            "1"
        );
        assert_eq!(
            body(two.send_request(get("/")).await.expect("an answer")).await,
            "2"
        );
        drop((one, two));
        server.close().await;
        assert_eq!(Rc::strong_count(&count), 1);
    })
    .expect("it runs");
}

#[test]
fn a_unix_socket_carries_both_protocols() {
    run(async {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join(format!("hyper-{}.socket", std::process::id()));
        let server = Server::new(UnixListener::bind(&path).expect("a socket"));
        let handle = server.handle();
        let serving = spawn(entracte::hyper::serve(server, service_fn(echo)));

        let stream = connect_unix(&path).await.expect("it listens");
        let handshake = ::hyper::client::conn::http1::handshake(stream).await;
        let (mut client, connection) = handshake.expect("a client");
        let _connection = spawn(connection);
        let response = client.send_request(post("/", "one")).await;
        assert_eq!(body(response.expect("an answer")).await, "one");

        let stream = connect_unix(&path).await.expect("it listens");
        let spawner = entracte::hyper::Spawner::new();
        let handshake = ::hyper::client::conn::http2::handshake(spawner, stream).await;
        let (mut client, connection) = handshake.expect("a client");
        let _connection = spawn(connection);
        let response = client.send_request(post("/", "two")).await;
        assert_eq!(body(response.expect("an answer")).await, "two");

        handle.close();
        serving.await.expect("it ends");
        std::fs::remove_file(path).expect("it is there");
    })
    .expect("it runs");
}
