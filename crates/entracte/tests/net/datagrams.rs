//! Datagrams: whole or cut, refused, and waited for while a queue is full.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{self as std_net, SocketAddr};
use std::os::unix::fs::symlink;
use std::os::unix::net as std_unix;
use std::path::Path;

use entracte::net::{UdpSocket, UnixDatagram, UnixListener};
use entracte::{checkpoint, spawn, task_tree};
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketType};

use crate::alone::{alone, path};

#[test]
fn a_datagram_arrives_whole_empty_or_cut() {
    alone(async {
        let near = UdpSocket::bind("127.0.0.1:0").await.expect("it is free");
        let to = near.local_address().expect("it is bound");
        let far = UdpSocket::bind("127.0.0.1:0").await.expect("it is free");
        for datagram in [&b"hello"[..], b"", b"longer than the place for it"] {
            far.send_to(datagram, to).await.expect("it is short");
        }
        let mut place = [0; 9];
        let mut seen = Vec::new();
        for _ in 0..3 {
            let (length, from) = near.receive_from(&mut place).await.expect("it comes");
            assert_eq!(from, far.local_address().expect("it is bound"));
            seen.push(place[..length].to_vec());
        }
        assert_eq!(seen, [&b"hello"[..], b"", b"longer th"]);
        let error = far.send_to(&[0; 70_000], to).await;
        assert!(error.is_err(), "no datagram is that long");
    });
}

#[test]
fn a_datagram_that_was_refused_is_told_once_and_the_socket_goes_on() {
    alone(async {
        let near = UdpSocket::bind("127.0.0.1:0").await.expect("it is free");
        let to = near.local_address().expect("it is bound");
        let far = UdpSocket::connect(to).await.expect("it is an address");
        let from = far.local_address().expect("it is bound");
        drop(near);
        far.send(b"anybody?").await.expect("it is sent");
        let error = far.receive(&mut [0; 9]).await.expect_err("nobody");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let near = UdpSocket::bind(to).await.expect("it is free again");
        far.send(b"anybody?").await.expect("it is sent");
        let mut place = [0; 9];
        assert_eq!(
            near.receive_from(&mut place).await.expect("it comes"),
            (8, from)
        );
        near.send_to(b"yes", from).await.expect("it is sent");
        assert_eq!(far.receive(&mut place).await.expect("it comes"), 3);
    });
}

#[test]
fn whoever_waits_for_a_datagram_can_be_cancelled() {
    alone(async {
        let (near, far) = UnixDatagram::pair().expect("there are sockets");
        for _ in 0..10 {
            let waiting = spawn(async { checkpoint().await });
            let limit = std::time::Duration::ZERO;
            let received = entracte::timeout(limit, near.receive(&mut [0; 9])).await;
            assert!(received.is_err(), "nothing was sent");
            waiting.await.expect("it ends");
        }
        far.send(b"hello").await.expect("there is room");
        assert_eq!(near.receive(&mut [0; 9]).await.expect("it comes"), 5);
    });
}

#[test]
fn sending_waits_while_the_queue_is_full_of_what_others_sent() {
    alone(async {
        let path = path("datagrams");
        let near = UnixDatagram::bind(&path).expect("it is free");
        let other = std_unix::UnixDatagram::unbound().expect("there are sockets");
        other.set_nonblocking(true).expect("it can be");
        let mut filled = 0;
        while other.send_to(b"other", &path).is_ok() {
            filled += 1;
        }
        let own = std_unix::UnixDatagram::unbound().expect("there are sockets");
        let own = UnixDatagram::from_std(own).expect("it can be");
        let to = path.clone();
        let sending = spawn(async move { own.send_to(b"own", to).await });
        // It tries now and then, not whenever the selector says that there is room.
        while !task_tree().to_string().contains("sleep") {
            checkpoint().await;
        }
        assert!(!sending.is_done(), "there is no room");
        for _ in 0..filled {
            near.receive(&mut [0; 9]).await.expect("it is there");
        }
        sending.await.expect("it ends").expect("there is room");
        assert_eq!(near.receive(&mut [0; 9]).await.expect("it is there"), 3);
        fs::remove_file(&path).expect("it is there");
    });
}

#[test]
fn sending_to_one_end_waits_while_its_queue_is_full() {
    alone(async {
        let (near, far) = UnixDatagram::pair().expect("there are sockets");
        let sending = spawn(async move {
            for number in 0..2000_u32 {
                far.send(&number.to_be_bytes()).await.expect("it is open");
            }
        });
        let mut place = [0; 4];
        for number in 0..2000_u32 {
            near.receive(&mut place).await.expect("it comes");
            assert_eq!(u32::from_be_bytes(place), number);
        }
        sending.await.expect("it ends");
    });
}

/// Checks that an error has this text before the system's own, and its kind.
fn assert_names(error: &io::Error, text: &str, system: &io::Error) {
    assert_eq!(error.kind(), system.kind(), "{error}");
    assert_eq!(error.to_string(), format!("{text}: {system}"));
}

#[test]
fn an_error_of_udp_names_the_act_and_the_address() {
    alone(async {
        let near = UdpSocket::bind("127.0.0.1:0").await.expect("it is free");
        let own = near.local_address().expect("it is bound");
        let error = UdpSocket::bind(own).await.expect_err("it is taken");
        let system = std_net::UdpSocket::bind(own).expect_err("it is taken");
        assert_names(&error, &format!("cannot bind to {own}"), &system);

        let everybody = SocketAddr::from(([255, 255, 255, 255], 9));
        let error = UdpSocket::connect(everybody).await;
        let error = error.expect_err("that needs a setting");
        let other = std_net::UdpSocket::bind("0.0.0.0:0").expect("it is free");
        let system = other.connect(everybody).expect_err("as well");
        assert_names(&error, &format!("cannot connect to {everybody}"), &system);

        let long = vec![0; 70_000];
        let error = near.send_to(&long, own).await.expect_err("it is too long");
        let system = near.as_std().send_to(&long, own).expect_err("as well");
        assert_names(&error, &format!("cannot send to {own}"), &system);
    });
}

#[test]
fn an_error_of_a_unix_datagram_names_the_act_and_the_path() {
    alone(async {
        let (path, nothing) = (path("named"), path("nothing"));
        let near = UnixDatagram::bind(&path).expect("it is free");
        let error = UnixDatagram::bind(&path).expect_err("it is taken");
        let system = std_unix::UnixDatagram::bind(&path).expect_err("it is taken");
        let text = format!("cannot bind to {}", path.display());
        assert_names(&error, &text, &system);

        let error = UnixDatagram::connect(&nothing).expect_err("there is none");
        let system = near.as_std().connect(&nothing).expect_err("there is none");
        let text = format!("cannot connect to {}", nothing.display());
        assert_names(&error, &text, &system);

        let error = near.send_to(b"hello", &nothing).await;
        let text = format!("cannot send to {}", nothing.display());
        assert_names(&error.expect_err("there is none"), &text, &system);

        let errors = [
            UnixDatagram::bind("").expect_err("it is no path"),
            UnixDatagram::connect("").expect_err("it is no path"),
            near.send_to(b"hello", "").await.expect_err("it is no path"),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("path is empty"), "{error}");
        }
        fs::remove_file(&path).expect("it is there");
    });
}

#[test]
fn a_path_is_taken_over_from_sockets_that_nobody_has_open_and_from_nothing_else() {
    alone(async {
        let path = path("dead");
        drop(std_unix::UnixListener::bind(&path).expect("it is free"));
        drop(UnixDatagram::bind(&path).expect("nobody listens"));
        let listener = UnixListener::bind(&path).expect("nobody receives");
        assert_taken(&path);
        drop(listener);

        let near = UnixDatagram::bind(&path).expect("nobody listens");
        assert_taken(&path);
        near.as_std().connect(&path).expect("it is there");
        assert_taken(&path);
        near.send_to(b"hello", &path)
            .await
            .expect("it is still there");
        assert_eq!(near.receive(&mut [0; 9]).await.expect("it comes"), 5);
        drop(near);

        fs::remove_file(&path).expect("it is there");
        let stream = net::socket(AddressFamily::UNIX, SocketType::STREAM, None);
        let stream = stream.expect("there are sockets");
        let address = SocketAddrUnix::new(&path).expect("it is short");
        net::bind(&stream, &address).expect("it is free");
        // It may listen at any moment.
        assert_taken(&path);
        drop(stream);

        fs::remove_file(&path).expect("it is there");
        let other = path.with_extension("link");
        drop(std_unix::UnixDatagram::bind(&other).expect("it is free"));
        symlink(&other, &path).expect("it is free");
        assert_taken(&path);
        fs::remove_file(&path).expect("it is there");
        fs::remove_file(&other).expect("it is there");
        fs::write(&path, "something else").expect("it can be written");
        assert_taken(&path);
        assert_eq!(fs::read(&path).expect("it is there"), b"something else");
        fs::remove_file(&path).expect("it is there");
    });
}

/// Checks that neither a listener nor a socket of datagrams can have a path.
fn assert_taken(path: &Path) {
    let listening = UnixListener::bind(path).expect_err("it is taken");
    let receiving = UnixDatagram::bind(path).expect_err("it is taken");
    for error in [listening, receiving] {
        assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}");
    }
}
