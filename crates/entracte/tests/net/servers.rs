//! Servers of real sockets: under load, out of descriptors, and with a listener that is broken.

use std::cell::{Cell, RefCell};
use std::io;
use std::net as std_net;
use std::panic::resume_unwind;
use std::process::Command;
use std::rc::Rc;

use entracte::event_loop::Report;
use entracte::io::Stream;
use entracte::net::{Server, ServerHandle, TcpListener, TcpStream, connect};
use entracte::sync::Event;
use entracte::{EventLoop, Task, checkpoint, spawn};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::alone::{alone, descriptors};

/// Greets each client with one byte, and waits until it goes.
async fn greeting() -> (Task<()>, ServerHandle, std_net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
    let to = listener.local_address().expect("it listens");
    let server = Server::new(listener);
    let handle = server.handle();
    let serving = spawn(server.serve(async |mut client: Stream<TcpStream>| {
        client.writer.write_all(b"!").await?;
        client.reader.read_to_end().await.map(drop)
    }));
    (serving, handle, to)
}

/// Counts what is reported to the loop, and says when that was something.
fn reports() -> (Rc<Cell<u32>>, Event) {
    let (reports, reported) = (Rc::new(Cell::new(0)), Event::new());
    let (counted, told) = (Rc::clone(&reports), reported.clone());
    let event_loop = EventLoop::current().expect("it runs");
    event_loop.set_error_handler(Some(Rc::new(move |_| {
        counted.set(counted.get() + 1);
        told.set();
    })));
    (reports, reported)
}

#[test]
fn the_report_of_a_client_that_fails_or_panics_names_its_address() {
    alone(async {
        let reports = Rc::new(RefCell::new(Vec::new()));
        let noted = Rc::clone(&reports);
        let event_loop = EventLoop::current().expect("it runs");
        event_loop.set_error_handler(Some(Rc::new(move |report: &Report<'_>| {
            noted.borrow_mut().push(report.to_string());
        })));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        let to = listener.local_address().expect("it listens");
        let server = Server::new(listener);
        let handle = server.handle();
        let serving = spawn(server.serve(async |mut client: Stream<TcpStream>| {
            let word = client.reader.read_line().await?.unwrap_or_default();
            if word == "panic" {
                resume_unwind(Box::new("as it was told"));
            }
            Err::<(), _>(io::Error::other("it was told to"))
        }));
        let mut expected = Vec::new();
        for (word, why) in [("fail", "it was told to"), ("panic", "as it was told")] {
            let mut client = connect(to).await.expect("it listens");
            let from = client.local_address().expect("it is connected");
            let line = format!("{word}\n");
            let sent = client.writer.write_all(line.as_bytes()).await;
            sent.expect("it listens");
            let answer = client.reader.read_to_end().await.expect("it ends");
            assert_eq!(answer, b"");
            expected.push(format!("a client of a server failed ({from}): {why}"));
        }
        handle.close();
        serving.await.expect("it ends");
        assert_eq!(*reports.borrow(), expected);
    });
}

/// How often a client is greeted that comes again each time, until nobody is there.
async fn greeted_again_and_again(to: std_net::SocketAddr) -> u64 {
    let mut greeted = 0;
    while let Ok(mut near) = connect(to).await
        && near.reader.read_exactly(1).await.is_ok()
    {
        greeted += 1;
    }
    greeted
}

#[test]
fn a_server_that_is_closed_under_load_leaves_no_client_behind() {
    alone(async {
        let (serving, handle, to) = greeting().await;
        let clients: Vec<_> = (0..20)
            .map(|_| spawn(greeted_again_and_again(to)))
            .collect();
        while handle.accepted() < 200 {
            checkpoint().await;
        }
        handle.close();
        serving.await.expect("it ends");
        assert_eq!(handle.clients(), 0);
        let mut greeted = 0;
        for client in clients {
            greeted += client.await.expect("it ends");
        }
        assert!(greeted <= handle.accepted() && greeted >= 100, "{greeted}");
    });
}

#[test]
fn a_listener_that_was_shut_down_is_reported_and_not_asked_all_the_time() {
    alone(async {
        let (reports, reported) = reports();
        let listener = std_net::TcpListener::bind("127.0.0.1:0").expect("it listens");
        let other = listener.try_clone().expect("there are descriptors");
        let listener = TcpListener::from_std(listener).expect("it can be");
        let server = Server::new(listener);
        let handle = server.handle();
        let serving = spawn(server.serve(async |_| {}));
        checkpoint().await;
        rustix::net::shutdown(&other, rustix::net::Shutdown::Both).expect("it listens");
        reported.wait().await;
        for _ in 0..1000 {
            checkpoint().await;
        }
        // Once a second is all that it may be, however slow the machine.
        assert!(reports.get() < 100, "{}", reports.get());
        handle.close();
        serving.await.expect("it ends");
    });
}

const CHILD: &str = "OUT_OF_DESCRIPTORS";

#[test]
fn a_server_that_is_out_of_descriptors_serves_everybody_in_the_end() {
    alone(async {
        let own = std::env::current_exe().expect("it runs");
        let name = "servers::out_of_descriptors";
        let mut child = Command::new(own);
        child.args(["--exact", name, "--nocapture"]).env(CHILD, "1");
        // It blocks, and nothing else is to be done meanwhile.
        let output = child.output().expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
    });
}

/// Lets this process open so many descriptors more.
fn allow(more: u64) {
    let open = descriptors().len() as u64;
    let limit = getrlimit(Resource::Nofile);
    let current = Some(open + more);
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).expect("less is always allowed");
}

#[test]
fn out_of_descriptors() {
    if std::env::var_os(CHILD).is_none() {
        // Only in a process of its own.
        return;
    }
    alone(async {
        let (reports, reported) = reports();
        let (serving, handle, to) = greeting().await;
        allow(30);
        let clients: Vec<_> = (0..20)
            .map(|_| std_net::TcpStream::connect(to).expect("there are enough for these"))
            .collect();
        reported.wait().await;
        for _ in 0..1000 {
            checkpoint().await;
        }
        assert!(reports.get() < 100, "it pauses");
        assert!(handle.clients() >= 5 && handle.clients() < 20);
        for client in clients {
            let client = TcpStream::from_std(client).expect("it can be");
            let mut client = Stream::new(client);
            let greeted = client.reader.read_exactly(1).await;
            assert_eq!(greeted.expect("each has its turn"), b"!");
        }
        assert_eq!(handle.accepted(), 20);
        assert!(reports.get() < 200, "{}", reports.get());
        handle.close();
        serving.await.expect("it ends");
    });
}
