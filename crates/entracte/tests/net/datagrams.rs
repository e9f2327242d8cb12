//! Datagrams: whole or cut, refused, and waited for while a queue is full.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net as std_unix;

use entracte::net::{UdpSocket, UnixDatagram};
use entracte::{checkpoint, spawn, task_tree};

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
