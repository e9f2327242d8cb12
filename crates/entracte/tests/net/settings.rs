//! What is set on sockets: writes at once, questions to a silent end, IPv6 and nothing else.

use std::net::SocketAddr;
use std::time::Duration;

use entracte::net::{Connect, Listen, TcpListener, TcpStream};
use rustix::net::sockopt;

use crate::alone::alone;

fn sends_at_once(tcp: &TcpStream) -> bool {
    tcp.as_std().nodelay().expect("it is a socket")
}

#[test]
fn small_writes_are_sent_at_once_at_both_ends_unless_that_is_changed() {
    alone(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        let to = listener.local_address().expect("it listens");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        for connect in [Connect::new(), Connect::new().local_address(any)] {
            let near = connect.to(to).await.expect("it listens");
            let (far, _) = listener.accept().await.expect("it was connected");
            for end in [near, far] {
                assert!(sends_at_once(&end));
                end.set_nodelay(false).expect("it is a socket");
                assert!(!sends_at_once(&end));
                end.set_nodelay(true).expect("it is a socket");
                assert!(sends_at_once(&end));
            }
        }
    });
}

/// When the first question is asked, if any is.
fn first_question(tcp: &TcpStream) -> Option<Duration> {
    let asks = sockopt::socket_keepalive(tcp).expect("it is a socket");
    asks.then(|| sockopt::tcp_keepidle(tcp).expect("it is of TCP"))
}

#[test]
fn a_silent_end_is_asked_after_as_long_as_was_said_or_never() {
    alone(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        let to = listener.local_address().expect("it listens");
        let tcp = TcpStream::connect(to).await.expect("it listens");
        assert_eq!(first_question(&tcp), None);
        let second = Duration::from_secs(1);
        for (after, found) in [
            (90 * second, 90 * second),
            (second / 100, second),
            (7 * second, 7 * second),
        ] {
            tcp.set_keepalive(Some(after)).expect("it is a socket");
            assert_eq!(first_question(&tcp), Some(found));
        }
        tcp.set_keepalive(None).expect("it is a socket");
        assert_eq!(first_question(&tcp), None);
    });
}

#[test]
fn a_listener_for_ipv6_only_leaves_its_port_to_ipv4() {
    alone(async {
        // That another process has just taken one of the ports is no failure, yet not every time.
        for _ in 0..20 {
            let Ok(only) = Listen::new().only_v6().on("[::]:0").await else {
                eprintln!("passed over: there is no IPv6");
                return;
            };
            let port = only.local_address().expect("it listens").port();
            if TcpListener::bind(("0.0.0.0", port)).await.is_ok() {
                return;
            }
        }
        panic!("no port is left to IPv4");
    });
}
