//! Clients that go in the middle of a request, and requests that fail: whoever is left goes on.

use std::cell::{Cell, RefCell};
use std::net::Shutdown;
use std::rc::Rc;

use ::hyper::body::Incoming;
use ::hyper::service::service_fn;
use ::hyper::{Request, Response};
use entracte::io::Stream;
use entracte::net::TcpStream;
use entracte::sync::Event;
use entracte::{BoxError, EventLoop, finally, run, sleep, spawn, time};

use crate::{FOR_EVER, Running, Text, body, client1, client2, get, start};

/// What a request that never ends says of itself.
#[derive(Clone, Default)]
struct Endless {
    begun: Event,
    cleaned_up: Event,
}

impl Endless {
    async fn answer(self) -> Result<Response<Text>, BoxError> {
        self.begun.set();
        let clean_up = async move {
            sleep(std::time::Duration::from_millis(1)).await;
            self.cleaned_up.set();
        };
        finally(sleep(FOR_EVER), clean_up).await;
        Ok(Response::new(Text::default()))
    }

    async fn server(&self) -> Running {
        let own = self.clone();
        start(service_fn(move |_| own.clone().answer())).await
    }
}

#[test]
fn a_request_of_http1_cleans_up_when_its_client_is_gone() {
    run(async {
        let endless = Endless::default();
        let server = endless.server().await;
        let mut client = server.connect().await;
        let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        client.writer.write_all(request).await.expect("it goes");
        endless.begun.wait().await;
        drop(client);
        endless.cleaned_up.wait().await;
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn a_request_of_http2_cleans_up_when_its_client_gives_it_up() {
    run(async {
        let endless = Endless::default();
        let server = endless.server().await;
        let (mut client, connection) = client2(server.connect().await).await;
        let mut response = Box::pin(client.send_request(get("/")));
        let begun = Box::pin(endless.begun.wait());
        futures::future::select(&mut response, begun).await;
        drop(response);
        endless.cleaned_up.wait().await;
        assert_eq!(server.handle.clients(), 1, "the connection is still there");
        drop(client);
        connection.await.expect("no panic").expect("a good end");
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn a_request_of_http2_cleans_up_when_its_connection_is_gone() {
    run(async {
        let endless = Endless::default();
        let server = endless.server().await;
        let stream = server.connect().await;
        let socket = stream
            .with(|it| it.as_std().try_clone())
            .expect("a descriptor");
        let (mut client, _connection) = client2(stream).await;
        let request = spawn(async move { client.send_request(get("/")).await });
        endless.begun.wait().await;
        socket.shutdown(Shutdown::Both).expect("it is open");
        endless.cleaned_up.wait().await;
        assert!(request.await.expect("no panic").is_err());
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn requests_clean_up_before_a_server_that_is_cancelled_has_ended() {
    run(async {
        let (endless, server, stream) = asked().await;
        let request = spawn(async { client1(stream).await.0.send_request(get("/")).await });
        cleaned_up_when_cancelled(endless, server).await;
        assert!(request.await.expect("no panic").is_err());

        let (endless, server, stream) = asked().await;
        let request = spawn(async { client2(stream).await.0.send_request(get("/")).await });
        cleaned_up_when_cancelled(endless, server).await;
        assert!(request.await.expect("no panic").is_err());
    })
    .expect("it runs");
}

async fn asked() -> (Endless, Running, Stream<TcpStream>) {
    let endless = Endless::default();
    let server = endless.server().await;
    let stream = server.connect().await;
    (endless, server, stream)
}

async fn cleaned_up_when_cancelled(endless: Endless, server: Running) {
    endless.begun.wait().await;
    server.serving.cancel();
    let ended = server.serving.await;
    assert!(ended.is_err_and(|error| error.is_cancelled()));
    assert!(endless.cleaned_up.is_set());
}

#[test]
fn requests_that_outlast_the_grace_period_are_cancelled_and_clean_up() {
    run(async {
        let endless = Endless::default();
        let server = endless.server().await;
        let mut client = server.connect().await;
        let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        client.writer.write_all(request).await.expect("it goes");
        endless.begun.wait().await;
        let before = time::now();
        server.handle.close_clients();
        server.serving.await.expect("it ends");
        assert!(endless.cleaned_up.is_set());
        assert!(time::now() - before < FOR_EVER);
        assert!(
            client
                .reader
                .read_to_end()
                .await
                .expect("an end")
                .is_empty()
        );
    })
    .expect("it runs");
}

/// Answers `/good`, and nothing else.
async fn picky(request: Request<Incoming>) -> Result<Response<Text>, BoxError> {
    match request.uri().path() {
        "/good" => Ok(Response::new("good".into())),
        "/bad" => Err("a bad request".into()),
        path => panic!("no such path: {path}"),
    }
}

/// What the loop's error handler is told.
fn reports() -> Rc<RefCell<Vec<String>>> {
    let reports = Rc::<RefCell<Vec<String>>>::default();
    let told = Rc::clone(&reports);
    let event_loop = EventLoop::current().expect("a loop runs");
    event_loop.set_error_handler(Some(Rc::new(move |report| {
        let detail = report.detail.map(ToString::to_string);
        let text = format!("{}: {}", report.message, detail.unwrap_or_default());
        told.borrow_mut().push(text);
    })));
    reports
}

#[test]
fn a_request_that_fails_or_panics_is_told_of_and_others_go_on() {
    run(async {
        let reports = reports();
        let server = start(service_fn(picky)).await;
        let (mut other, _other) = client1(server.connect().await).await;
        let (mut two, _two) = client2(server.connect().await).await;
        for path in ["/bad", "/panics"] {
            let (mut one, _one) = client1(server.connect().await).await;
            assert!(one.send_request(get(path)).await.is_err());
            assert!(two.send_request(get(path)).await.is_err());
            let answer = other.send_request(get("/good")).await;
            assert_eq!(body(answer.expect("an answer")).await, "good");
            let answer = two.send_request(get("/good")).await;
            assert_eq!(body(answer.expect("an answer")).await, "good");
        }
        drop((other, two));
        server.close().await;
        assert_eq!(
            *reports.borrow(),
            [
                "a request failed: a bad request",
                "a request failed: a bad request",
                "a request failed: the task panicked: no such path: /panics",
                "a request failed: the task panicked: no such path: /panics",
            ]
        );
    })
    .expect("it runs");
}

#[test]
fn clients_that_do_wrong_are_not_told_of() {
    run(async {
        let reports = reports();
        let server = start(service_fn(picky)).await;
        for wrong in [
            &b"garbage\r\n\r\n"[..],
            b"GET / HTTP/1.1\r\nhost:",
            b"PRI * HTTP/2.0\r\n",
        ] {
            let mut client = server.connect().await;
            client.writer.write_all(wrong).await.expect("it goes");
            client.writer.close().await.expect("it closes");
            client.reader.read_to_end().await.expect("the end");
        }
        server.close().await;
        assert_eq!(*reports.borrow(), [""; 0]);
    })
    .expect("it runs");
}

#[test]
fn requests_are_counted_as_long_as_they_are_there() {
    run(async {
        let count = Rc::new(Cell::new(0));
        let spawner = entracte::hyper::Spawner::new();
        let waits = Event::new();
        let (counted, wait) = (Rc::clone(&count), waits.clone());
        let service = entracte::hyper::InTasks::new(
            service_fn(move |_: Request<String>| {
                let (count, wait) = (Rc::clone(&counted), wait.clone());
                async move {
                    wait.wait().await;
                    count.set(count.get() + 1);
                    Ok::<_, BoxError>(Response::new(String::new()))
                }
            }),
            spawner.clone(),
        );
        let call = || ::hyper::service::Service::call(&service, Request::new(String::new()));
        let (one, two) = (call(), call());
        assert_eq!(spawner.tasks(), 2);
        drop(one);
        waits.set();
        two.await.expect("an answer");
        spawner.ended().await;
        assert_eq!((spawner.tasks(), count.get()), (0, 1));
    })
    .expect("it runs");
}
