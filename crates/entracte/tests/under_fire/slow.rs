//! Slow clients: those that do not read, and those that write a byte at a time.

use std::cell::RefCell;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use entracte::event_loop::Report;
use entracte::io::{Stream, pair};
use entracte::net::{Server, TcpListener, TcpStream, connect};
use entracte::sync::Event;
use entracte::{checkpoint, sleep, timeout};
use futures_lite::future::poll_once;

use crate::alone;
use crate::clients::{Echo, ping};
use crate::support::run_virtual;

const CHUNK: usize = 10_000;

/// What it gives, unless it still waits after the loop has looked at its sockets many times.
async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..1000 {
        if let Some(value) = poll_once(&mut future).await {
            return Some(value);
        }
        checkpoint().await;
    }
    None
}

async fn send_for_ever(mut stream: Stream<TcpStream>) -> io::Result<()> {
    loop {
        stream.writer.write(&[7; CHUNK])?;
        assert!(stream.writer.waiting_bytes() <= 64 * 1024 + CHUNK);
        let Some(drained) = at_once(stream.writer.drain()).await else {
            stream.writer.discard();
            return Err(io::Error::other("a slow client was given up"));
        };
        drained?;
    }
}

/// What a writer holds of it is bounded, however much there is to be sent.
#[test]
fn a_client_that_does_not_read_costs_no_more_than_the_water_mark() {
    let _alone = alone();
    entracte::run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_address().unwrap();
        let server = Server::new(listener);
        let handle = server.handle();
        let serving = entracte::spawn(server.serve(send_for_ever));
        let event_loop = entracte::EventLoop::current().unwrap();
        let (errors, told) = (Rc::new(RefCell::new(Vec::new())), Event::new());
        let (all, tells) = (Rc::clone(&errors), told.clone());
        let tell = move |report: &Report<'_>| {
            all.borrow_mut().push(report.to_string());
            tells.set();
        };
        event_loop.set_error_handler(Some(Rc::new(tell)));
        let slow = connect(address).await.unwrap();
        told.wait().await;
        drop(slow);
        handle.close();
        serving.await.unwrap();
        let errors = errors.take();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].contains("a slow client was given up"),
            "{errors:?}"
        );
    })
    .unwrap();
}

/// Others are served while one sends without ever reading what comes back.
#[test]
fn a_client_that_never_reads_holds_nobody_up() {
    let _alone = alone();
    entracte::run(async {
        let echo = Echo::start().await;
        let mut stuck = connect(echo.address).await.unwrap();
        // Until neither direction takes any more.
        while at_once(stuck.writer.write_all(&[7; 100_000]))
            .await
            .is_some()
        {}
        for number in 0..100 {
            let mut client = connect(echo.address).await.unwrap();
            ping(&mut client, number).await.unwrap();
        }
        stuck.writer.discard();
        drop(stuck);
        echo.end().await;
    })
    .unwrap();
}

/// A byte a second is within the limit of each byte, and not within that of the line.
#[test]
fn a_line_that_comes_a_byte_a_second_runs_into_its_time_limit() {
    let _alone = alone();
    run_virtual(async {
        let (near, far) = pair(1024);
        let mut client = Stream::new(near);
        let sending = entracte::spawn(async move {
            for byte in b"GET / HTTP/1.0".repeat(10) {
                client.writer.write_all(&[byte]).await?;
                sleep(Duration::from_secs(1)).await;
            }
            Ok::<(), io::Error>(())
        });
        let mut server = Stream::new(far);
        let line = timeout(Duration::from_millis(29_500), server.reader.read_line()).await;
        assert!(line.is_err(), "the line had not ended");
        assert_eq!(
            server.reader.buffered().len(),
            30,
            "what came is still there"
        );
        drop(server);
        let error = sending.await.unwrap().expect_err("nobody reads any more");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    })
    .unwrap();
}
