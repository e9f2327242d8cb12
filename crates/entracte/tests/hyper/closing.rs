//! Closing a server: idle connections end at once, others with the answer to their last request.

use ::hyper::service::service_fn;
use ::hyper::{Request, Response, body::Incoming};
use entracte::sync::Event;
use entracte::{BoxError, run, spawn};

use crate::{Running, Text, body, client1, client2, get, start};

/// A server whose requests wait until they are let through.
struct Gate {
    begun: Event,
    open: Event,
    server: Running,
}

async fn answer(gate: Option<(Event, Event)>) -> Result<Response<Text>, BoxError> {
    if let Some((begun, open)) = gate {
        begun.set();
        open.wait().await;
    }
    Ok(Response::new(Text::from("done")))
}

impl Gate {
    async fn new() -> Self {
        let (begun, open) = (Event::new(), Event::new());
        let (told, wait) = (begun.clone(), open.clone());
        let server = start(service_fn(move |request: Request<Incoming>| {
            let is_slow = request.uri().path() == "/slow";
            answer(is_slow.then(|| (told.clone(), wait.clone())))
        }))
        .await;
        Self {
            begun,
            open,
            server,
        }
    }
}

#[test]
fn connections_without_a_request_end_at_once() {
    run(async {
        let gate = Gate::new().await;
        let mut silent = gate.server.connect().await;
        let mut undecided = gate.server.connect().await;
        undecided.writer.write_all(b"PRI *").await.expect("it goes");
        let (mut one, first) = client1(gate.server.connect().await).await;
        let (mut two, second) = client2(gate.server.connect().await).await;
        body(one.send_request(get("/")).await.expect("an answer")).await;
        body(two.send_request(get("/")).await.expect("an answer")).await;
        while gate.server.handle.clients() < 4 {
            entracte::checkpoint().await;
        }
        // The grace period is an hour.
        gate.server.close().await;
        first.await.expect("no panic").expect("a good end");
        second.await.expect("no panic").expect("a good end");
        assert!(
            silent
                .reader
                .read_to_end()
                .await
                .expect("an end")
                .is_empty()
        );
        assert!(undecided.reader.chunk().await.is_ok_and(<[u8]>::is_empty));
    })
    .expect("it runs");
}

#[test]
fn a_request_of_http1_under_way_is_answered() {
    run(async {
        let gate = Gate::new().await;
        let mut client = gate.server.connect().await;
        let request = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";
        client.writer.write_all(request).await.expect("it goes");
        gate.begun.wait().await;
        gate.server.handle.close();
        entracte::checkpoint().await;
        gate.open.set();
        let head = client
            .reader
            .read_until(b"\r\n\r\n")
            .await
            .expect("an answer");
        let head = String::from_utf8(head).expect("a head");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("connection: close\r\n"), "{head}");
        assert_eq!(client.reader.read_to_end().await.expect("the end"), b"done");
        gate.server.serving.await.expect("it ends");
    })
    .expect("it runs");
}

#[test]
fn requests_of_http2_under_way_are_answered_and_no_others_begin() {
    run(async {
        let gate = Gate::new().await;
        let (mut client, connection) = client2(gate.server.connect().await).await;
        let mut again = client.clone();
        let slow = spawn(async move { client.send_request(get("/slow")).await });
        gate.begun.wait().await;
        gate.server.handle.close();
        // Until the client hears of it.
        while again.send_request(get("/")).await.is_ok() {}
        gate.open.set();
        let answer = slow.await.expect("no panic").expect("an answer");
        assert_eq!(body(answer).await, "done");
        connection.await.expect("no panic").expect("a good end");
        gate.server.serving.await.expect("it ends");
    })
    .expect("it runs");
}
