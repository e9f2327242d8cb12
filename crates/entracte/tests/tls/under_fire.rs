//! Clients that speak something else, or nothing, and many that are gone soon.

use std::cell::RefCell;
use std::fs;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::time::Duration;

use entracte::event_loop::Report;
use entracte::io::{Stream, pair};
use entracte::net::{TcpListener, TcpStream};
use entracte::tls::rustls::Error;
use entracte::tls::{Listener, TlsError, TlsStream, connect};
use entracte::{EventLoop, checkpoint, gather, sleep, task_group, time};
use fastrand::Rng;

use crate::certificates;
use crate::support::run_virtual;
use crate::with::{Tcp, bounded, echo, serve_on, with_server};

type Errors = Rc<RefCell<Vec<io::Error>>>;

/// Echoes, and keeps the errors.
fn noting(errors: &Errors) -> impl AsyncFn(Tcp) -> io::Result<()> + 'static {
    let errors = Rc::clone(errors);
    async move |stream| {
        let served = echo(stream).await;
        errors.borrow_mut().extend(served.err());
        Ok(())
    }
}

/// Asks the echo server something, and leaves.
async fn ask(address: std::net::SocketAddr) {
    let stream = connect(address, &certificates::client()).await;
    let mut stream = stream.expect("it is trusted");
    stream
        .writer
        .write_all(b"hello\n")
        .await
        .expect("it listens");
    let line = stream.reader.read_line().await.expect("it answers");
    assert_eq!(line.as_deref(), Some("hello"));
    stream.writer.close().await.expect("it listens");
    let rest = stream.reader.read_to_end().await.expect("it says goodbye");
    assert!(rest.is_empty());
}

#[test]
fn a_client_that_speaks_plain_text_is_told_and_the_others_go_on() {
    let errors = Errors::default();
    with_server(noting(&errors), async |address| {
        let plain = TcpStream::connect(address).await.expect("it listens");
        let mut plain = Stream::new(plain);
        plain
            .writer
            .write(b"GET / HTTP/1.1\r\n\r\n")
            .expect("it is accepted");
        let alert = plain.reader.read_to_end().await.unwrap_or_default();
        assert!(alert.is_empty() || alert[0] == 21, "{alert:?}");
        ask(address).await;
    });
    let errors = errors.borrow();
    let [error] = &errors[..] else {
        panic!("not one error: {errors:?}");
    };
    let reason = TlsError::of(error).and_then(TlsError::reason);
    assert!(matches!(reason, Some(Error::InvalidMessage(_))), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("(the other side may not speak TLS)")
    );
}

#[test]
fn the_report_of_a_handshake_that_failed_names_the_client() {
    with_server(echo, async |address| {
        let reports = Rc::<RefCell<Vec<String>>>::default();
        let noted = Rc::clone(&reports);
        let event_loop = EventLoop::current().expect("it runs");
        event_loop.set_error_handler(Some(Rc::new(move |report: &Report<'_>| {
            noted.borrow_mut().push(report.to_string());
        })));
        let plain = TcpStream::connect(address).await.expect("it listens");
        let from = plain.local_address().expect("it is connected");
        let mut plain = Stream::new(plain);
        let sent = plain.writer.write(b"GET / HTTP/1.1\r\n\r\n");
        sent.expect("it is accepted");
        while reports.borrow().is_empty() {
            checkpoint().await;
        }
        let start = format!("a client of a server failed ({from}): cannot finish the TLS");
        let reports = reports.borrow();
        assert!(reports[0].starts_with(&start), "{reports:?}");
    });
}

#[test]
fn garbage_is_an_error_of_its_client_and_no_more() {
    const CLIENTS: usize = 100;
    let seed = match std::env::var("ENTRACTE_TLS_SEED") {
        Ok(seed) => seed.parse().expect("ENTRACTE_TLS_SEED is a number"),
        Err(_) => fastrand::u64(..),
    };
    println!("replay with ENTRACTE_TLS_SEED={seed}");
    let errors = Errors::default();
    with_server(noting(&errors), async |address| {
        let mut random = Rng::with_seed(seed);
        for number in 0..CLIENTS {
            let plain = TcpStream::connect(address).await.expect("it listens");
            let mut plain = Stream::new(plain);
            let length = random.usize(..4000);
            let mut garbage = random.choice([vec![], vec![22, 3, 1], vec![22, 3, 3, 0, 200, 1]]);
            let garbage = garbage.get_or_insert_default();
            garbage.extend(std::iter::repeat_with(|| random.u8(..)).take(length));
            // The server may have had enough before this was all.
            let sent = plain.writer.write_all(garbage).await;
            if sent.is_ok() {
                drop(plain.writer.close().await);
                drop(plain.reader.read_to_end().await);
            }
            if number % 10 == 0 {
                ask(address).await;
            }
        }
    });
    let errors = errors.borrow();
    assert_eq!(errors.len(), CLIENTS, "{errors:?}");
    for error in &*errors {
        assert!(
            TlsError::of(error).is_some_and(TlsError::is_of_handshake),
            "{error}"
        );
    }
}

#[test]
fn a_client_that_says_nothing_keeps_nobody_waiting() {
    with_server(echo, async |address| {
        let _silent = TcpStream::connect(address).await.expect("it listens");
        ask(address).await;
    });
}

#[test]
fn a_client_that_says_nothing_is_given_up() {
    let errors = Errors::default();
    let serve = noting(&errors);
    bounded(async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let listener = Listener::new(listener, &certificates::server());
        let limit = Duration::from_millis(100);
        let client = async |address: std::net::SocketAddr| {
            let silent = TcpStream::connect(address).await.expect("it listens");
            let mut silent = Stream::new(silent);
            // The first byte of a handshake does not prolong it.
            silent.writer.write(&[22]).expect("it is accepted");
            let end = silent.reader.read_to_end().await;
            assert!(
                end.is_ok_and(|bytes| bytes.is_empty()),
                "the server has hung up"
            );
        };
        serve_on(listener.handshake_timeout(limit), serve, client).await;
    });
    let errors = errors.borrow();
    let [error] = &errors[..] else {
        panic!("not one error: {errors:?}");
    };
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let text = "cannot finish the TLS handshake: it takes longer than 100ms";
    assert_eq!(error.to_string(), text);
}

#[test]
fn the_limit_counts_from_the_first_use_and_ends_with_the_handshake() {
    let finished = run_virtual(async {
        let limit = Duration::from_secs(10);
        let (near, far) = pair(100);
        let far = TlsStream::server(far, &certificates::server()).expect("it is good");
        let mut far = Stream::new(far.handshake_timeout(limit));
        sleep(limit * 2).await;
        let before = time::now();
        let error = far.reader.read_line().await.expect_err("nobody speaks");
        assert_eq!(io::Error::from(error).kind(), ErrorKind::TimedOut);
        assert_eq!(time::now() - before, limit);
        let again = far.writer.write_all(b"x").await.expect_err("it has failed");
        assert_eq!(again.kind(), ErrorKind::TimedOut, "for good");
        drop(near);

        let (near, far) = pair(100);
        let near = TlsStream::client(near, "localhost", &certificates::client());
        let mut near = Stream::new(near.expect("it is good"));
        let far = TlsStream::server(far, &certificates::server()).expect("it is good");
        let mut far = Stream::new(far.handshake_timeout(limit));
        task_group(async |group| {
            group.spawn(async move {
                near.handshake().await.expect("they know each other");
                sleep(limit * 3).await;
                near.writer.write_all(b"late").await.expect("it is sent");
                near.writer.close().await.expect("it is sent");
            });
            let late = far.reader.read_to_end().await.expect("it was in time");
            assert_eq!(late, b"late");
        })
        .await
        .expect("the client is content");
    });
    finished.expect("the program runs");
}

/// How many sockets at this port somebody has open, where the system tells.
fn open_sockets(port: u16) -> usize {
    let table = fs::read_to_string("/proc/self/net/tcp").unwrap_or_default();
    let port = format!(":{port:04X}");
    let is_open = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let is_here = |column: &str| column.ends_with(&port);
        // One that was closed has no inode any more.
        columns.len() > 9 && (is_here(columns[1]) || is_here(columns[2])) && columns[9] != "0"
    };
    table.lines().filter(is_open).count()
}

#[test]
fn a_thousand_short_connections_leave_nothing_open() {
    let port = with_server(echo, async |address| {
        for _ in 0..50 {
            let asking = gather((0..20).map(|_| ask(address)).collect::<Vec<_>>());
            asking.await.expect("the clients are content");
        }
        let has_table = fs::exists("/proc/self/net/tcp").unwrap_or(false);
        assert!(!has_table || open_sockets(address.port()) > 0, "it listens");
        address.port()
    });
    assert_eq!(open_sockets(port), 0);
}
