//! Ends: a stream that was closed, and one that was cut off.

use std::io::ErrorKind;

use entracte::io::ReadError;
use entracte::spawn;

use crate::with::{Memory, bounded, ends};

/// Both ends after their handshake.
async fn greeted() -> (Memory, Memory) {
    let (mut near, mut far) = ends(20_000);
    let greeting = spawn(async move {
        far.handshake().await.expect("they know each other");
        far
    });
    near.handshake().await.expect("they know each other");
    (near, greeting.await.expect("the task ends"))
}

#[test]
fn an_end_that_was_closed_ends_the_reader_and_can_still_be_answered() {
    bounded(async {
        let (mut near, mut far) = greeted().await;
        near.writer.write(b"a question").expect("it is accepted");
        near.writer.close().await.expect("it is sent");
        let refused = near.writer.write(b"more").expect_err("it is closed");
        assert_eq!(refused.kind(), ErrorKind::BrokenPipe);
        let question = far.reader.read_to_end().await.expect("a clean end");
        assert_eq!(question, b"a question");
        assert!(far.reader.at_end());
        far.writer.write(b"an answer").expect("it is accepted");
        far.writer.close().await.expect("it is sent");
        let answer = near.reader.read_to_end().await.expect("a clean end");
        assert_eq!(answer, b"an answer");
    });
}

#[test]
fn an_end_that_was_dropped_is_an_error_after_what_it_sent_each_time() {
    bounded(async {
        let (mut near, mut far) = greeted().await;
        far.writer
            .write_all(b"half of it")
            .await
            .expect("it is sent");
        drop(far);
        let half = near.reader.read_exactly(4).await.expect("it is there");
        assert_eq!(half, b"half");
        for _ in 0..3 {
            let error = near.reader.read_line().await.expect_err("it was cut off");
            let ReadError::Io(error) = error else {
                panic!("not the system's: {error}");
            };
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            let text = "cannot read on: the TLS stream was cut off by the other side";
            assert_eq!(error.to_string(), text);
        }
        assert_eq!(near.reader.buffered(), b" of it", "no byte is lost");
        assert!(!near.reader.at_end());
    });
}
