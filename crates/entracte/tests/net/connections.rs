//! Connections: their two directions, and the ways in which they end.

use std::io::{self, ErrorKind};
use std::time::Duration;

use entracte::io::{Stream, Writer, copy};
use entracte::net::{TcpListener, TcpStream, UnixStream};
use entracte::{checkpoint, spawn, task_group};

use crate::alone::alone;

/// Both ends of a connection.
async fn tcp() -> (Stream<TcpStream>, Stream<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
    let to = listener.local_address().expect("it listens");
    let near = TcpStream::connect(to).await.expect("it listens");
    let (far, _) = listener.accept().await.expect("it was connected");
    (Stream::new(near), Stream::new(far))
}

#[test]
fn one_direction_can_be_closed_while_the_other_goes_on() {
    alone(async {
        let (mut near, mut far) = tcp().await;
        near.writer.write(b"a question").expect("it is open");
        near.writer.close().await.expect("it is open");
        let question = far.reader.read_to_end().await.expect("it ends");
        assert_eq!(question, b"a question");
        far.writer
            .write_all(b"an answer")
            .await
            .expect("it is open");
        far.writer.close().await.expect("it is open");
        let answer = near.reader.read_to_end().await.expect("it ends");
        assert_eq!(answer, b"an answer");
        near.writer.close().await.expect("it was closed before");
    });
}

#[test]
fn a_reset_is_an_error_and_what_came_before_may_be_lost() {
    alone(async {
        let (near, mut far) = tcp().await;
        let reading = spawn(async move {
            let error = far.reader.read_to_end().await.expect_err("it was reset");
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            let error = far
                .writer
                .write_all(b"hello")
                .await
                .expect_err("it is gone");
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
            far.writer.close().await.expect("there is nothing to tell");
        });
        checkpoint().await;
        near.with(TcpStream::set_reset_on_close)
            .expect("it can be set");
        drop(near);
        reading.await.expect("it ends");
    });
}

#[test]
fn whoever_goes_without_reading_resets_the_connection() {
    alone(async {
        let (near, mut far) = tcp().await;
        far.writer.write_all(b"unread").await.expect("it is open");
        // Until it has come in.
        while near.with(|it| it.as_std().peek(&mut [0; 6])).is_err() {
            checkpoint().await;
        }
        let waiting = spawn(async move { far.reader.chunk().await.map(<[u8]>::to_vec) });
        checkpoint().await;
        drop(near);
        let outcome = waiting.await.expect("it ends");
        assert_eq!(
            outcome.expect_err("it was reset").kind(),
            ErrorKind::ConnectionReset
        );
    });
}

async fn send_in_parts(writer: &mut Writer<TcpStream>, bytes: &[u8]) -> io::Result<()> {
    for part in bytes.chunks(70_001) {
        writer.write(part)?;
        writer.drain().await?;
    }
    writer.close().await
}

#[test]
fn much_goes_through_in_both_directions_at_once() {
    alone(async {
        let text: Vec<u8> = (0..4_000_000_u32).map(|it| it.to_be_bytes()[2]).collect();
        let (near, far) = tcp().await;
        let (one, other) = UnixStream::pair().expect("there are sockets");
        let (one, mut other) = (Stream::new(one), Stream::new(other));
        let (mut inward, mut out) = (far.reader, far.writer);
        let (mut back, mut onward) = (one.reader, one.writer);
        // There and back again, through an end that copies and one that is copied to.
        let ended = task_group(async |group| {
            group.spawn(async move {
                copy(&mut inward, &mut onward).await?;
                onward.close().await
            });
            group.spawn(async move {
                copy(&mut back, &mut out).await?;
                out.close().await
            });
            group.spawn(async move {
                copy(&mut other.reader, &mut other.writer).await?;
                other.writer.close().await
            });
            let sent = text.clone();
            let Stream {
                mut reader,
                mut writer,
            } = near;
            group.spawn(async move { send_in_parts(&mut writer, &sent).await });
            group.spawn(async move {
                assert!(reader.read_to_end().await? == text);
                Ok::<_, io::Error>(())
            });
        });
        ended.await.expect("all of it goes well");
    });
}

#[test]
fn a_writer_that_is_dropped_sends_the_rest_before_the_connection_ends() {
    alone(async {
        let (mut near, mut far) = tcp().await;
        let text = vec![7; 30_000_000];
        near.writer.set_linger(Duration::from_secs(60));
        near.writer.write(&text).expect("it is open");
        assert!(near.writer.waiting_bytes() > 0, "it is more than fits");
        drop(near);
        assert!(far.reader.read_to_end().await.expect("it ends") == text);
    });
}
