//! What becomes of a file whose caller goes away in the midst of an operation.

use std::future::{Future, poll_fn};
use std::io::{self, SeekFrom};
use std::pin::pin;
use std::task::Poll;

use entracte::fs::{self, File};
use entracte::io::Writer;
use entracte::{run, spawn};
use futures::AsyncWrite;

use crate::{Scratch, pattern};

/// Polls a future once and drops it: `None` if it has not ended.
async fn once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[test]
fn a_read_that_is_dropped_loses_nothing() {
    let scratch = Scratch::new();
    run(async {
        let bytes = pattern(100_000);
        fs::write(scratch.join("file"), bytes.clone()).await?;
        // Until a thread was once too slow to answer at once.
        while read_impatiently(&scratch, &bytes).await? == 0 {}
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

/// Reads a file by reads half of which are dropped at once; how many of those had not ended.
async fn read_impatiently(scratch: &Scratch, expected: &[u8]) -> io::Result<u32> {
    let mut file = File::open(scratch.join("file")).await?;
    let (mut all, mut dropped) = (Vec::new(), 0);
    let mut into = [0; 1000];
    loop {
        let count = match once(file.read(&mut into)).await {
            Some(count) => count?,
            None => {
                dropped += 1;
                file.read(&mut into[..700]).await?
            }
        };
        if count == 0 {
            break;
        }
        all.extend_from_slice(&into[..count]);
    }
    assert!(all == expected, "{} of {} bytes", all.len(), expected.len());
    Ok(dropped)
}

#[test]
fn a_read_that_is_dropped_does_not_move_the_position() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        let mut options = File::options();
        options.read(true).write(true);
        for round in 0..20 {
            fs::write(&path, "0123456789").await?;
            let mut file = File::open_with(&options, &path).await?;
            let mut into = [0; 4];
            let begun = once(file.read(&mut into)).await;
            let at = begun.map_or(Ok(0), |count| count)? as u64;
            match round % 3 {
                0 => assert_eq!(file.seek(SeekFrom::Current(1)).await?, at + 1),
                1 => {
                    file.write_all(b"x").await?;
                    assert_eq!(file.seek(SeekFrom::Current(0)).await?, at + 1);
                    assert_eq!(fs::read(&path).await?[at as usize], b'x');
                }
                _ => {
                    let mut file = file.into_std().await?;
                    assert_eq!(io::Seek::stream_position(&mut file)?, at);
                }
            }
        }
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_write_that_is_dropped_is_there_as_a_whole_or_not_at_all() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        let mut file = File::create(&path).await?;
        let mut expected = Vec::new();
        for number in 0..300 {
            let line = format!("line {number}\n");
            // Begun if no other runs, and nobody waits for it.
            once(file.write_all(line.as_bytes())).await.transpose()?;
            if number % 3 == 0 {
                file.sync_data().await?;
            }
            expected.push(line);
        }
        file.close().await?;
        let text = fs::read_to_string(&path).await?;
        let mut left = expected.iter();
        for line in text.split_inclusive('\n') {
            assert!(
                left.any(|expected| expected == line),
                "{line:?} is torn or late"
            );
        }
        assert!(text.contains("line 1\n") && text.contains("line 298\n"));
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_file_that_is_dropped_has_written_what_it_accepted() {
    let scratch = Scratch::new();
    let paths: Vec<_> = (0..100).map(|n| scratch.join(&n.to_string())).collect();
    run(async {
        // More than there are threads: some are still in line when they are dropped.
        let mut files = Vec::new();
        for path in &paths {
            files.push(File::create(path).await?);
        }
        for file in &mut files {
            let mut file = pin!(file);
            let accepted = poll_fn(|cx| file.as_mut().poll_write(cx, b"accepted")).await?;
            assert_eq!(accepted, 8);
        }
        drop(files);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
    for path in &paths {
        assert_eq!(std::fs::read(path).unwrap(), b"accepted");
    }
}

#[test]
fn a_writer_that_is_dropped_has_written_what_it_accepted() {
    let scratch = Scratch::new();
    let path = scratch.join("file");
    run(async {
        let mut writer = Writer::new(File::create(&path).await?);
        for number in 0..100 {
            writer.write(format!("{number}\n").as_bytes())?;
        }
        drop(writer);
        // The loop has to go on for it.
        while fs::read_to_string(&path).await?.lines().count() < 100 {}
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_file_that_leaves_the_loop_with_a_write_begun_has_written_it() {
    let scratch = Scratch::new();
    let path = scratch.join("file");
    let file = run(async {
        let mut file = File::create(&path).await?;
        once(file.write_all(b"accepted")).await.transpose()?;
        Ok::<_, io::Error>(file)
    });
    let file = file.unwrap().unwrap();
    // In another loop, it goes on where it was.
    run(file.close()).unwrap().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"accepted");
}

#[test]
fn an_operation_that_fails_with_nobody_there_is_told_by_the_next() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        fs::write(&path, "text").await?;
        let mut file = File::open(&path).await?;
        if once(file.write_all(b"x")).await.is_none() {
            assert!(
                file.read(&mut [0; 4]).await.is_err(),
                "it was opened to read"
            );
        }
        let mut into = [0; 4];
        assert_eq!(file.read(&mut into).await?, 4);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn run_waits_for_a_write_whose_task_was_cancelled() {
    let scratch = Scratch::new();
    let path = scratch.join("file");
    let bytes = pattern(2 << 20);
    let mut written = 0;
    for _ in 0..20 {
        drop(std::fs::remove_file(&path));
        run(async {
            let (path, bytes) = (path.clone(), bytes.clone());
            let task = spawn(async move {
                let mut file = File::create(path).await?;
                file.write_all(&bytes).await
            });
            while std::fs::metadata(scratch.join("file")).is_err() {
                entracte::checkpoint().await;
            }
            entracte::checkpoint().await;
            task.cancel();
            drop(task.await);
        })
        .unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size == 0 || size == bytes.len() as u64, "torn at {size}");
        written += u32::from(size > 0);
    }
    println!("{written} of 20 were written");
}
