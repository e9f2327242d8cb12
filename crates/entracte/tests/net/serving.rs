//! Servers in virtual time: how they close, whom they wait for, and what they go on after.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::panic::resume_unwind;
use std::rc::Rc;
use std::time::Duration;

use entracte::event_loop::Report;
use entracte::io::{MemoryStream, Stream};
use entracte::net::{Server, ServerHandle};
use entracte::{EventLoop, RunError, Task, finally, sleep, spawn};

use crate::doors::Doors;
use crate::support::run_virtual;

type Checked = Result<(), RunError>;
type Client = Stream<MemoryStream>;

fn millis() -> u128 {
    let event_loop = EventLoop::current().expect("it runs");
    u128::from(event_loop.time().as_nanos()) / 1_000_000
}

async fn wait(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

/// Notes what is reported to the loop.
fn reports() -> Rc<RefCell<Vec<String>>> {
    let reports = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&reports);
    let event_loop = EventLoop::current().expect("it runs");
    event_loop.set_error_handler(Some(Rc::new(move |report: &Report<'_>| {
        noted.borrow_mut().push(report.to_string());
    })));
    reports
}

/// A client whose clean-up takes three seconds, counted when it is over.
async fn slow(mut client: Client, cleaned: Rc<RefCell<Vec<u128>>>) -> io::Result<()> {
    let serving = async { client.reader.read_to_end().await.map(drop) };
    finally(serving, async move {
        wait(3000).await;
        cleaned.borrow_mut().push(millis());
    })
    .await
}

/// A server of slow clients, two of which have come.
async fn slow_server() -> (Task<()>, ServerHandle, Rc<RefCell<Vec<u128>>>, [Client; 2]) {
    let doors = Doors::new();
    let cleaned = Rc::<RefCell<Vec<u128>>>::default();
    let server = Server::new(doors.clone());
    let handle = server.handle();
    let noted = Rc::clone(&cleaned);
    let serving = spawn(server.serve(async move |client| slow(client, Rc::clone(&noted)).await));
    let clients = [doors.come(), doors.come()];
    wait(1).await;
    assert_eq!((handle.clients(), handle.accepted()), (2, 2));
    (serving, handle, cleaned, clients)
}

#[test]
fn a_server_that_is_closed_lets_its_clients_end() -> Checked {
    run_virtual(async {
        let (serving, handle, cleaned, clients) = slow_server().await;
        handle.close();
        wait(1000).await;
        assert_eq!(handle.clients(), 2, "they go on");
        drop(clients);
        serving.await.expect("it ends");
        assert_eq!(*cleaned.borrow(), [4001, 4001]);
        assert_eq!((millis(), handle.clients()), (4001, 0));
    })
}

#[test]
fn clients_that_outlast_the_grace_are_cancelled_and_waited_for() -> Checked {
    run_virtual(async {
        let (serving, handle, cleaned, _clients) = slow_server().await;
        handle.close();
        serving.await.expect("it ends");
        assert_eq!(*cleaned.borrow(), [13_001, 13_001]);
        assert_eq!(millis(), 13_001);
    })
}

#[test]
fn clients_can_be_closed_at_once_or_while_the_grace_lasts() -> Checked {
    for later in [0, 4000] {
        run_virtual(async move {
            let (serving, handle, cleaned, _clients) = slow_server().await;
            if later > 0 {
                handle.close();
                wait(later).await;
            }
            handle.close_clients();
            serving.await.expect("it ends");
            let over = u128::from(later) + 3001;
            assert_eq!(*cleaned.borrow(), [over, over]);
            assert_eq!(millis(), over);
        })?;
    }
    Ok(())
}

#[test]
fn a_server_that_is_cancelled_cancels_its_clients_and_waits_for_them() -> Checked {
    for is_closed in [false, true] {
        run_virtual(async move {
            let (serving, handle, cleaned, _clients) = slow_server().await;
            if is_closed {
                handle.close();
                wait(1000).await;
            }
            let over = millis() + 3000;
            serving.cancel();
            assert!(serving.await.is_err());
            assert_eq!(*cleaned.borrow(), [over, over], "closed {is_closed}");
            assert_eq!((millis(), handle.clients()), (over, 0));
        })?;
    }
    Ok(())
}

#[test]
fn cancelling_a_server_while_its_clients_clean_up_interrupts_them() -> Checked {
    run_virtual(async {
        let (serving, handle, cleaned, _clients) = slow_server().await;
        handle.close_clients();
        wait(1000).await;
        serving.cancel();
        drop(serving.await);
        wait(1).await;
        assert_eq!((millis(), handle.clients()), (1002, 0));
        assert!(
            cleaned.borrow().is_empty(),
            "a second cancellation ends them"
        );
    })
}

#[test]
fn a_client_that_fails_or_panics_is_reported_and_the_others_go_on() -> Checked {
    run_virtual(async {
        let reports = reports();
        let doors = Doors::new();
        let server = Server::new(doors.clone());
        let handle = server.handle();
        let serving = spawn(server.serve(async |mut client: Client| {
            let word = client.reader.read_line().await?.unwrap_or_default();
            match word.as_str() {
                "panic" => resume_unwind(Box::new("as it was told")),
                "fail" => return Err(io::Error::other("it was told to")),
                "gone" => return Err(ErrorKind::ConnectionReset.into()),
                _ => client.writer.write_all(b"hello\n").await?,
            }
            Ok(())
        }));
        for word in ["panic", "fail", "gone", "greet"] {
            let mut client = doors.come();
            let line = format!("{word}\n");
            client
                .writer
                .write_all(line.as_bytes())
                .await
                .expect("it is open");
            let answer = client.reader.read_to_end().await.expect("it ends");
            assert_eq!(answer.is_empty(), word != "greet");
        }
        handle.close();
        serving.await.expect("it ends");
        let reports = reports.borrow();
        assert_eq!(reports.len(), 2, "{reports:?}");
        assert!(reports[0].contains("as it was told"), "{reports:?}");
        assert_eq!(reports[1], "a client of a server failed: it was told to");
    })
}

/// Serves each client until it ends.
fn serve(server: Server<Doors>) -> Task<()> {
    spawn(server.serve(async |mut client: Client| client.reader.read_to_end().await.map(drop)))
}

#[test]
fn no_more_clients_are_served_at_once_than_allowed() -> Checked {
    run_virtual(async {
        let doors = Doors::new();
        let server = Server::new(doors.clone()).max_clients(2);
        let handle = server.handle();
        let serving = serve(server);
        let mut clients: Vec<_> = (0..5).map(|_| doors.come()).collect();
        wait(1).await;
        assert_eq!((handle.clients(), handle.accepted()), (2, 2));
        for accepted in 3..=5 {
            clients.remove(0);
            wait(1).await;
            assert_eq!((handle.clients(), handle.accepted()), (2, accepted));
        }
        clients.push(doors.come());
        handle.close();
        wait(1).await;
        assert_eq!((handle.clients(), doors.waiting()), (2, 1));
        clients.clear();
        serving.await.expect("it ends");
        assert_eq!(millis(), 5);
    })
}

#[test]
fn a_server_that_is_out_of_descriptors_pauses_until_a_client_ends_or_a_second() -> Checked {
    run_virtual(async {
        let reports = reports();
        let doors = Doors::new();
        let server = Server::new(doors.clone());
        let handle = server.handle();
        let serving = serve(server);
        let first = doors.come();
        doors.fail(io::Error::from(rustix::io::Errno::MFILE));
        let _second = doors.come();
        wait(400).await;
        assert_eq!((handle.accepted(), reports.borrow().len()), (1, 1));
        drop(first);
        wait(1).await;
        assert_eq!((handle.accepted(), millis()), (2, 401), "one has ended");
        doors.fail(io::Error::from(rustix::io::Errno::NFILE));
        let _third = doors.come();
        wait(999).await;
        assert_eq!((handle.accepted(), reports.borrow().len()), (2, 2));
        wait(2).await;
        assert_eq!(handle.accepted(), 3, "it tries again");
        doors.fail(io::Error::from(rustix::io::Errno::MFILE));
        wait(1).await;
        handle.close_clients();
        serving.await.expect("it ends");
        assert_eq!(millis(), 1403, "closing ends the pause");
    })
}

#[test]
fn a_client_that_gave_up_before_it_was_accepted_is_passed_over() -> Checked {
    run_virtual(async {
        let reports = reports();
        let doors = Doors::new();
        let server = Server::new(doors.clone());
        let handle = server.handle();
        let serving = serve(server);
        for kind in [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset] {
            doors.fail(kind);
        }
        drop(doors.come());
        wait(1).await;
        assert_eq!((handle.accepted(), handle.clients()), (1, 0));
        assert!(reports.borrow().is_empty());
        handle.close();
        serving.await.expect("it ends");
    })
}

#[test]
fn a_server_that_was_closed_before_it_serves_ends_at_once() -> Checked {
    run_virtual(async {
        let doors = Doors::new();
        let server = Server::new(doors.clone());
        server.handle().close();
        let _client = doors.come();
        serve(server).await.expect("it ends");
        assert_eq!((millis(), doors.waiting()), (0, 1));
    })
}
