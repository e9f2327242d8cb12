//! Writers: marks, order, closing, and errors in the background.

use std::io::ErrorKind;
use std::time::Duration;

use entracte::io::{Reader, Stream, Writer, copy, pair};
use entracte::{RunError, sleep, spawn, timeout};

use crate::fake::{Taker, Trouble};
use crate::support::run_virtual;

type Checked = Result<(), RunError>;

#[test]
fn writing_never_waits_and_draining_waits_between_the_marks() -> Checked {
    run_virtual(async {
        let (near, far) = pair(10);
        let mut writer = Writer::new(near);
        let mut far = Stream::new(far);
        writer.set_water_marks(5, 20);
        writer.write(&[1; 30]).expect("it is open");
        assert_eq!(writer.waiting_bytes(), 20, "the pipe holds 10");
        writer.drain().await.expect("it is not above the mark");
        assert_eq!(writer.waiting_bytes(), 20);
        writer.write(&[2; 5]).expect("it is open");
        let limit = Duration::from_secs(1);
        assert!(timeout(limit, writer.drain()).await.is_err());
        let reading = spawn(async move {
            let bytes = far.reader.read_exactly(20).await.expect("they come");
            sleep(Duration::from_secs(1)).await;
            (bytes, far)
        });
        writer.drain().await.expect("it is open");
        assert!((1..=5).contains(&writer.waiting_bytes()));
        let (bytes, mut far) = reading.await.expect("it ends");
        assert_eq!(bytes, [1; 20]);
        let rest = spawn(async move { far.reader.read_exactly(15).await });
        writer.flush().await.expect("it is open");
        assert_eq!(writer.waiting_bytes(), 0);
        let rest = rest.await.expect("it ends").expect("they come");
        assert_eq!((&rest[..10], &rest[10..]), (&[1; 10][..], &[2; 5][..]));
    })
}

#[test]
fn closing_sends_everything_and_lets_reading_go_on() -> Checked {
    run_virtual(async {
        let (near, far) = pair(4);
        let (mut near, mut far) = (Stream::new(near), Stream::new(far));
        near.writer.write(b"a question").expect("it is open");
        let answering = spawn(async move {
            let question = far.reader.read_to_end().await.expect("it comes");
            far.writer
                .write_all(b"an answer")
                .await
                .expect("it is open");
            question
        });
        near.writer.close().await.expect("it is open");
        near.writer.close().await.expect("once is enough");
        let error = near.writer.write(b"more").expect_err("it is closed");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let answer = near.reader.read_to_end().await.expect("it comes");
        assert_eq!(answer, b"an answer");
        assert_eq!(answering.await.expect("it ends"), b"a question");
    })
}

#[test]
fn an_error_in_the_background_comes_out_at_the_next_use_and_then_all_is_refused() -> Checked {
    for way in 0..5 {
        let (taker, seen) = Taker::new(7, Trouble::FailsAt(40));
        run_virtual(async move {
            let mut writer = Writer::new(taker);
            writer.write(&[1; 100]).expect("it is accepted");
            sleep(Duration::from_secs(1)).await;
            let outcome = match way {
                0 => writer.write(b"more"),
                1 => writer.write_all(b"more").await,
                2 => writer.drain().await,
                3 => writer.flush().await,
                _ => writer.close().await,
            };
            let error = outcome.expect_err("it has failed");
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert_eq!(writer.waiting_bytes(), 0, "what was to follow is given up");
            for refused in [
                writer.flush().await,
                writer.close().await,
                writer.write(b"x"),
            ] {
                let error = refused.expect_err("a part is lost");
                assert_eq!(error.kind(), ErrorKind::BrokenPipe);
            }
        })?;
        assert_eq!(seen.taken.borrow().len(), 40);
    }
    Ok(())
}

#[test]
fn an_end_that_takes_no_byte_is_an_error() -> Checked {
    let (taker, _) = Taker::new(7, Trouble::TakesZero);
    run_virtual(async move {
        let mut writer = Writer::new(taker);
        let error = writer.write_all(b"hello").await.expect_err("it takes none");
        assert_eq!(error.kind(), ErrorKind::WriteZero);
        writer.write(b"hello").expect("it is accepted");
        let error = writer.flush().await.expect_err("it takes none");
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    })
}

#[test]
fn what_is_discarded_is_not_sent() -> Checked {
    run_virtual(async {
        let (near, far) = pair(4);
        let mut writer = Writer::new(near);
        writer.write(b"hello").expect("it is open");
        writer.discard();
        assert_eq!(writer.waiting_bytes(), 0);
        for refused in [writer.flush().await, writer.write(b"bye")] {
            let error = refused.expect_err("the far end has half a word");
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        }
        drop(writer);
        let mut reader = Reader::new(far);
        let read = reader.read_to_end().await.expect("it ends");
        assert_eq!(read, b"hell");
    })
}

#[test]
fn a_copy_that_is_cancelled_has_sent_all_that_it_has_read() -> Checked {
    run_virtual(async {
        let text: Vec<u8> = (0..100).collect();
        for millis in 0..40 {
            let (taker, seen) = Taker::new(millis + 1, Trouble::None);
            let mut writer = Writer::new(taker);
            let (mut source, sink) = pair(8);
            let mut reader = Reader::new(sink);
            let bytes = text.clone();
            let feeding =
                spawn(async move { futures::AsyncWriteExt::write_all(&mut source, &bytes).await });
            let limit = Duration::from_millis(millis);
            drop(timeout(limit, copy(&mut reader, &mut writer)).await);
            copy(&mut reader, &mut writer).await.expect("it goes on");
            writer.flush().await.expect("it is open");
            assert_eq!(*seen.taken.borrow(), text, "after {millis} ms");
            feeding.await.expect("it ends").expect("it is open");
        }
    })
}
