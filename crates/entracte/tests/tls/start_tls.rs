//! Plain text first, then TLS: what was read ahead, and who may have put it there.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::pin;
use std::task::Poll;

use entracte::io::{Stream, pair};
use entracte::net::UnixStream;
use entracte::spawn;
use entracte::tls::TlsError;
use entracte::tls::rustls::Error;

use crate::certificates;
use crate::with::bounded;

#[test]
fn both_sides_change_to_tls_after_some_plain_text() {
    bounded(async {
        let (near, far) = UnixStream::pair().expect("sockets are there");
        let (mut near, mut far) = (Stream::new(near), Stream::new(far));
        let serving = spawn(async move {
            let line = far.reader.read_line().await.expect("it is read");
            assert_eq!(line.as_deref(), Some("STARTTLS"));
            far.writer.write(b"go on\n").expect("it is accepted");
            let far = far.start_tls_as_server(&certificates::server()).await;
            let mut far = far.expect("they know each other");
            let line = far.reader.read_line().await.expect("it is read");
            far.writer
                .write_all(line.unwrap_or_default().as_bytes())
                .await
                .expect("sent");
            far.writer.close().await.expect("it is sent");
        });
        near.writer.write(b"STARTTLS\n").expect("it is accepted");
        let line = near.reader.read_line().await.expect("it is read");
        assert_eq!(line.as_deref(), Some("go on"));
        let near = near.start_tls("localhost", &certificates::client()).await;
        let mut near = near.expect("they know each other");
        near.writer.write(b"secret\n").expect("it is accepted");
        let answer = near.reader.read_to_end().await.expect("it says goodbye");
        assert_eq!(answer, b"secret");
        serving.await.expect("the server is content");
    });
}

#[test]
fn a_client_refuses_what_came_before_its_handshake() {
    bounded(async {
        let (near, far) = pair(1000);
        let (mut near, mut far) = (Stream::new(near), Stream::new(far));
        far.writer
            .write(b"go on\nslipped in\n")
            .expect("it is accepted");
        let line = near.reader.read_line().await.expect("it is read");
        assert_eq!(line.as_deref(), Some("go on"));
        let failed = near.start_tls("localhost", &certificates::client()).await;
        let error = failed.expect_err("somebody has put it there");
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        let text = "cannot start TLS: the other side has already sent 11 bytes without";
        assert_eq!(error.to_string(), text);
        assert_eq!(far.reader.chunk().await.expect("closed"), b"", "no hello");
    });
}

#[test]
fn a_server_never_takes_what_was_slipped_in_for_a_command() {
    bounded(async {
        let (near, far) = pair(1000);
        let (mut near, mut far) = (Stream::new(near), Stream::new(far));
        near.writer
            .write(b"STARTTLS\nslipped in\n")
            .expect("it is accepted");
        let line = far.reader.read_line().await.expect("it is read");
        assert_eq!(line.as_deref(), Some("STARTTLS"));
        assert_eq!(far.reader.buffered(), b"slipped in\n");
        // The other side waits; the error must not.
        let failed = far.start_tls_as_server(&certificates::server()).await;
        let error = failed.expect_err("that is no handshake");
        let reason = TlsError::of(&error).and_then(TlsError::reason);
        assert!(matches!(reason, Some(Error::InvalidMessage(_))), "{error}");
        let alert = near
            .reader
            .read_to_end()
            .await
            .expect("the stream below ends");
        assert_eq!(
            alert.first(),
            Some(&21),
            "the other side is told: {alert:?}"
        );
    });
}

#[test]
fn a_handshake_that_was_read_ahead_is_not_lost() {
    bounded(async {
        let (near, far) = pair(10_000);
        let (mut near, mut far) = (Stream::new(near), Stream::new(far));
        near.writer.write(b"STARTTLS\n").expect("it is accepted");
        let config = certificates::client();
        let mut starting = pin!(near.start_tls("localhost", &config));
        let answer = poll_fn(|cx| Poll::Ready(starting.as_mut().poll(cx))).await;
        assert!(answer.is_pending(), "nobody has answered");
        let line = far.reader.read_line().await.expect("it is read");
        assert_eq!(line.as_deref(), Some("STARTTLS"));
        assert_eq!(far.reader.buffered().first(), Some(&22), "a handshake");
        let serving = spawn(async move {
            let far = far.start_tls_as_server(&certificates::server()).await;
            let mut far = far.expect("they know each other");
            far.writer.write(b"welcome").expect("it is accepted");
            far.writer.close().await
        });
        let mut near = starting.await.expect("they know each other");
        let welcome = near.reader.read_to_end().await.expect("it says goodbye");
        assert_eq!(welcome, b"welcome");
        serving.await.expect("the task ends").expect("it is sent");
    });
}

#[test]
fn a_name_that_is_none_is_refused_with_its_text() {
    bounded(async {
        let (near, _far) = pair(10);
        let failed = Stream::new(near)
            .start_tls("no name", &certificates::client())
            .await;
        let text = failed.expect_err("it has a space").to_string();
        assert!(
            text.starts_with("cannot look for a server named \"no name\": "),
            "{text}"
        );
    });
}
