//! Streams in memory: capacity, ends, and what is left when one end is gone.

use std::io::ErrorKind;
use std::time::Duration;

use entracte::io::{MemoryStream, Reader, Stream, pair};
use entracte::{RunError, sleep, spawn, timeout};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::dice::{Dice, seeds};
use crate::support::run_virtual;

type Checked = Result<(), RunError>;

async fn feed(mut end: MemoryStream, text: Vec<u8>, mut dice: Dice) {
    let mut rest = &text[..];
    while !rest.is_empty() {
        let size = 1 + dice.below(rest.len().min(9));
        let limit = Duration::from_millis(dice.below(3) as u64);
        let wrote = timeout(limit, end.write(&rest[..size])).await;
        rest = &rest[wrote.map_or(0, |count| count.expect("it is open"))..];
        sleep(Duration::from_millis(dice.below(3) as u64)).await;
    }
    end.close().await.expect("it is open");
    sleep(Duration::from_secs(1000)).await;
}

#[test]
fn every_byte_arrives_whatever_the_capacity_and_whoever_is_cancelled() {
    seeds("every_byte_arrives", 300, |seed| {
        let mut dice = Dice::new(seed);
        let text: Vec<u8> = (0..dice.below(80)).map(|_| dice.below(256) as u8).collect();
        let read = run_virtual(async move {
            let (near, mut far) = pair(dice.below(12));
            let feeding = spawn(feed(near, text.clone(), Dice::new(seed + 1)));
            let mut read: Vec<u8> = Vec::new();
            loop {
                let mut bytes = vec![0; 1 + dice.below(9)];
                let limit = Duration::from_millis(dice.below(3) as u64);
                match timeout(limit, far.read(&mut bytes)).await {
                    Ok(Ok(0)) => break,
                    Ok(count) => read.extend_from_slice(&bytes[..count.expect("it is open")]),
                    Err(_) => sleep(Duration::from_millis(dice.below(3) as u64)).await,
                }
            }
            drop(feeding);
            assert_eq!(read, text);
        });
        read.expect("nobody waits for ever");
    });
}

#[test]
fn an_end_that_is_dropped_ends_reading_after_what_was_sent_and_breaks_writing() -> Checked {
    run_virtual(async {
        let (mut near, far) = pair(8);
        near.write_all(b"bye").await.expect("there is room");
        let mut far = Stream::new(far);
        far.writer.write(&[1; 20]).expect("it is accepted");
        drop(near);
        assert_eq!(far.reader.read_to_end().await.expect("it ends"), b"bye");
        let error = far.writer.flush().await.expect_err("nobody reads");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let (near, far) = pair(8);
        let mut reader = Reader::new(far);
        let reading = spawn(async move { reader.read_line().await });
        sleep(Duration::from_millis(1)).await;
        drop(near);
        assert!(matches!(reading.await.expect("it ends"), Ok(None)));
    })
}
