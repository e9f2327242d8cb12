//! Connecting: to what listens, to what does not, and to what never answers.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};
use std::os::fd::OwnedFd;

use entracte::net::{Address, Connect, Listen, TcpListener, TcpStream, connect, resolve};
use entracte::{checkpoint, spawn};
use rustix::net::{self, AddressFamily, SocketType};

use crate::alone::alone;

#[test]
fn a_name_finds_whoever_listens_on_one_of_its_addresses() {
    alone(async {
        let found = resolve("localhost:1").await.expect("it is known");
        for address in found {
            let ip = address.ip();
            let Ok(listener) = Listen::new().only_v6().on((ip, 0)).await else {
                continue;
            };
            let port = listener.local_address().expect("it listens").port();
            let near = connect(("localhost", port)).await.expect("it listens");
            let (far, from) = listener.accept().await.expect("it was connected");
            assert_eq!(near.peer_address().expect("it is").ip(), ip);
            assert_eq!(near.local_address().expect("it is"), from);
            assert_eq!(far.peer_address().expect("it is"), from);
        }
    });
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = StdListener::bind("127.0.0.1:0").expect("there are ports");
    let address = listener.local_addr();
    address.map(|it| it.port()).expect("it listens")
}

/// A socket that has a port and does not listen: no other can have it meanwhile.
fn deaf() -> (OwnedFd, u16) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None);
    let socket = socket.expect("there are sockets");
    net::bind(&socket, &any).expect("there are ports");
    let own = net::getsockname(&socket).expect("it is bound");
    let own = SocketAddr::try_from(own).expect("it is of this family");
    (socket, own.port())
}

#[test]
fn a_port_that_nobody_listens_on_refuses_with_its_address() {
    alone(async {
        let (_socket, port) = deaf();
        for address in [
            Address::from(("127.0.0.1", port)),
            Address::from(("localhost", port)),
        ] {
            let error = connect(address).await.expect_err("nobody listens");
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            let text = error.to_string();
            assert!(text.starts_with("cannot connect to"), "{text}");
            assert!(text.contains(&port.to_string()), "{text}");
        }
    });
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_is_asked() {
    alone(async {
        for text in [
            "",
            "localhost",
            "localhost:",
            "a:b:1",
            "host:70000",
            "::1:80",
            "[::1%lo:80",
            "[host]:80",
            "[host%lo]:80",
        ] {
            let error = connect(text).await.expect_err("it is no address");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
            assert!(error.to_string().contains("host:port"), "{error}");
        }
    });
}

#[test]
fn an_address_without_a_host_says_what_every_interface_is() {
    alone(async {
        for address in [Address::from(":8080"), ("", 8080).into()] {
            let error = connect(address).await.expect_err("there is no host");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let text = error.to_string();
            for part in ["host is missing", "0.0.0.0:8080", "[::]:8080"] {
                assert!(text.contains(part), "{text}");
            }
        }
    });
}

#[test]
fn an_address_is_the_same_in_every_form_that_it_has() {
    let known: SocketAddr = ([127, 0, 0, 1], 80).into();
    for same in [
        Address::from("127.0.0.1:80"),
        (String::from("127.0.0.1"), 80).into(),
        (&known).into(),
    ] {
        assert_eq!(same.as_socket_address(), Some(known));
    }
    let scoped = Address::from("[fe80::1%lo]:80");
    assert_eq!(scoped, Address::from((String::from("fe80::1%lo"), 80)));
    assert_eq!(scoped.to_string(), "[fe80::1%lo]:80");
}

#[test]
fn the_scope_of_an_address_may_be_the_name_of_an_interface() {
    alone(async {
        let found = resolve("[fe80::1%lo]:80").await.expect("there is one");
        assert_eq!(found, ["[fe80::1%1]:80".parse().expect("it is one")]);
        let error = resolve("[fe80::1%no-such]:80").await;
        let text = error.expect_err("there is none").to_string();
        assert!(text.contains("fe80::1%no-such"), "{text}");
    });
}

#[test]
fn a_connection_comes_from_the_address_that_was_asked_for() {
    alone(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        let to = listener.local_address().expect("it listens");
        let from: SocketAddr = ([127, 0, 0, 2], free_port()).into();
        let near = Connect::new().local_address(from).to(to).await;
        let near = near.expect("it is a loopback address as well");
        assert_eq!(near.local_address().expect("it is"), from);
        let (_far, seen) = listener.accept().await.expect("it was connected");
        assert_eq!(seen, from);
        let other: SocketAddr = (IpAddr::from([192, 0, 2, 1]), 0).into();
        let failed = Connect::new().local_address(other).to(to).await;
        let error = failed.expect_err("it is not an address of this machine");
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    });
}

#[test]
fn connecting_to_a_queue_that_is_full_waits_and_can_be_cancelled() {
    alone(async {
        let listener = Listen::new().backlog(1).on("127.0.0.1:0").await;
        let listener = listener.expect("it listens");
        let to = listener.local_address().expect("it listens");
        // As many as there is surely room for: a slow machine does not say at once that they are in.
        let mut connected = Vec::new();
        for _ in 0..2 {
            connected.push(TcpStream::connect(to).await.expect("it is in"));
        }
        let waiting = loop {
            // Linux takes one more than it was asked for.
            assert!(connected.len() < 16, "there was room for one");
            let task = spawn(TcpStream::connect(to));
            for _ in 0..1000 {
                checkpoint().await;
            }
            match task.try_outcome() {
                Ok(outcome) => connected.push(outcome.expect("it ends").expect("it is in")),
                Err(waiting) => break waiting,
            }
        };
        assert!(waiting.cancel());
        assert!(waiting.await.is_err());
        for _ in &connected {
            listener.accept().await.expect("they are in the queue");
        }
    });
}

#[test]
fn a_connection_that_nobody_waits_for_any_more_is_closed() {
    alone(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        let to = listener.local_address().expect("it listens");
        for steps in 0..5 {
            let task = spawn(connect(("localhost", to.port())));
            for _ in 0..steps {
                checkpoint().await;
            }
            task.cancel();
            drop(task.await);
        }
    });
}
