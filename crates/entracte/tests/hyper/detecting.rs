//! Which protocol a client speaks, seen by its first bytes, however they arrive.

use ::hyper::service::service_fn;
use entracte::io::{ReadError, Stream};
use entracte::net::TcpStream;
use entracte::{checkpoint, run};

use crate::{Running, echo, start};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A frame of settings that sets nothing.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// Sends both parts, with a while between them that the server has seen the first in.
async fn send_in_two(server: &Running, bytes: &[u8], at: usize) -> Stream<TcpStream> {
    // All that came before were answered.
    let accepted = server.handle.accepted();
    let mut client = server.connect().await;
    client
        .writer
        .write_all(&bytes[..at])
        .await
        .expect("it goes");
    while server.handle.accepted() == accepted {
        checkpoint().await;
    }
    for _ in 0..5 {
        checkpoint().await;
    }
    client
        .writer
        .write_all(&bytes[at..])
        .await
        .expect("it goes");
    client
}

#[test]
fn the_preface_of_http2_may_come_in_two_parts() {
    run(async {
        let server = start(service_fn(echo)).await;
        let bytes = [PREFACE, SETTINGS].concat();
        for at in 0..=bytes.len() {
            let mut client = send_in_two(&server, &bytes, at).await;
            // The server's own settings come first: a frame of type 4.
            let head = client.reader.read_exactly(9).await.expect("an answer");
            assert_eq!(head[3], 4, "cut at {at}");
        }
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn a_request_of_http1_may_come_in_two_parts() {
    run(async {
        let server = start(service_fn(echo)).await;
        // It begins as the preface does.
        for method in ["PRI", "POST", "GET"] {
            let request = format!("{method} / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi");
            for at in 0..=request.len() {
                let mut client = send_in_two(&server, request.as_bytes(), at).await;
                let line = client.reader.read_line().await.expect("an answer");
                assert_eq!(
                    line.as_deref(),
                    Some("HTTP/1.1 200 OK"),
                    "{method} cut at {at}"
                );
                let head = client.reader.read_until(b"\r\n\r\n").await;
                head.expect("the rest of the head");
                let body = client.reader.read_exactly(2).await.expect("the body");
                assert_eq!(body, b"hi");
            }
        }
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn what_is_not_http_is_told_so() {
    run(async {
        let server = start(service_fn(echo)).await;
        for garbage in [
            &b"\x16\x03\x01 hello\r\n\r\n"[..],
            b"PRI * HTTP/2.0\r\n\r\nxx\r\n\r\n",
        ] {
            let mut client = server.connect().await;
            client.writer.write_all(garbage).await.expect("it goes");
            let line = client.reader.read_line().await.expect("an answer");
            assert_eq!(line.as_deref(), Some("HTTP/1.1 400 Bad Request"));
            client.reader.read_to_end().await.expect("the end");
        }
        server.close().await;
    })
    .expect("it runs");
}

#[test]
fn a_client_may_go_before_it_has_said_what_it_speaks() {
    run(async {
        let server = start(service_fn(echo)).await;
        for begun in [&b""[..], b"PRI", b"P"] {
            let mut client = server.connect().await;
            client.writer.write_all(begun).await.expect("it goes");
            client.writer.close().await.expect("it closes");
            let end = client.reader.read_exactly(1).await;
            assert!(matches!(end, Err(ReadError::Incomplete { partial }) if partial.is_empty()));
        }
        server.close().await;
    })
    .expect("it runs");
}
