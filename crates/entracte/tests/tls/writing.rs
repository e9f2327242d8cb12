//! The writer's promises, kept through TLS: at once, in the background, untorn, both ways at once.

use std::fmt::Write as _;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use entracte::io::Stream;
use entracte::tls::connect;
use entracte::{checkpoint, spawn};
use fastrand::Rng;

use crate::certificates;
use crate::with::{bounded, echo, ends, with_server};

#[test]
fn a_line_goes_there_and_back_with_what_both_sides_agreed_upon() {
    let mut config = certificates::client();
    std::sync::Arc::make_mut(&mut config).alpn_protocols = vec![b"lines".to_vec()];
    let serve = async |mut stream: crate::with::Tcp| {
        stream.handshake().await?;
        let (name, protocol) = stream.with(|tls| {
            let name = tls.server_name().map(str::to_owned);
            (name, tls.alpn().map(<[u8]>::to_vec))
        });
        let greeting = format!("{name:?} {protocol:?}\n");
        stream.writer.write(greeting.as_bytes())?;
        echo(stream).await
    };
    with_server(serve, async |address| {
        let host = ("localhost", address.port());
        let mut stream = connect(host, &config).await.expect("it is trusted");
        let greeting = stream.reader.read_line().await.expect("it greets");
        assert_eq!(greeting.as_deref(), Some("Some(\"localhost\") None"));
        assert_eq!(stream.with(|tls| tls.peer_certificates().len()), 1);
        stream
            .writer
            .write_all(b"hello\n")
            .await
            .expect("it listens");
        let line = stream.reader.read_line().await.expect("it answers");
        assert_eq!(line.as_deref(), Some("hello"));
        stream.writer.close().await.expect("it listens");
        let rest = stream.reader.read_to_end().await.expect("it says goodbye");
        assert_eq!(rest, b"");
    });
}

#[test]
fn what_is_written_before_the_handshake_is_sent_in_the_background() {
    bounded(async {
        let (mut near, mut far) = ends(100);
        let text = "all of this\n".repeat(20_000);
        near.writer.write(text.as_bytes()).expect("it is accepted");
        assert_eq!(near.writer.waiting_bytes(), text.len());
        let reading = spawn(async move { far.reader.read_to_end().await });
        near.writer.close().await.expect("all is sent");
        let read = reading.await.expect("the task ends").expect("all is read");
        assert_eq!(read, text.as_bytes());
    });
}

#[test]
fn a_short_write_needs_no_flush_though_the_stream_below_is_full() {
    bounded(async {
        let (mut near, mut far) = ends(50);
        let reading = spawn(async move { far.reader.read_exactly(60_000).await });
        near.handshake().await.expect("they know each other");
        // Less than rustls has room for.
        near.writer.write(&[7; 60_000]).expect("it is accepted");
        let read = reading.await.expect("the task ends");
        assert_eq!(read.expect("it is sent"), [7; 60_000]);
    });
}

#[test]
fn a_flush_waits_until_the_stream_below_has_everything() {
    bounded(async {
        let (mut near, mut far) = ends(1000);
        let greeting = spawn(async move {
            far.handshake().await.expect("they know each other");
            far
        });
        near.handshake().await.expect("they know each other");
        let mut far = greeting.await.expect("the task ends");
        // It fits in the buffer of rustls, but not in the stream below.
        near.writer.write(&[7; 5000]).expect("it is accepted");
        {
            let mut flush = pin!(near.writer.flush());
            for _ in 0..10 {
                let answer = poll_fn(|cx| Poll::Ready(flush.as_mut().poll(cx))).await;
                assert!(answer.is_pending(), "nobody has read");
                checkpoint().await;
            }
            let read = far.reader.read_exactly(5000);
            let (flushed, read) = futures::join!(flush, read);
            flushed.expect("it is sent");
            assert_eq!(read.expect("it is read"), [7; 5000]);
        }
    });
}

#[test]
fn a_frame_whose_writer_is_cancelled_arrives_whole_or_not_at_all() {
    let seed = match std::env::var("ENTRACTE_TLS_SEED") {
        Ok(seed) => seed.parse().expect("ENTRACTE_TLS_SEED is a number"),
        Err(_) => fastrand::u64(..),
    };
    println!("replay with ENTRACTE_TLS_SEED={seed}");
    let mut random = Rng::with_seed(seed);
    // Where much fits into the stream below, no writer may have been too slow.
    bounded(async { while !torn_frames(&mut random).await {} });
}

/// Sends frames that are cancelled at random; whether some of them were, and some were not.
async fn torn_frames(random: &mut Rng) -> bool {
    let (mut near, mut far) = ends(random.usize(2000..30_000));
    let reading = spawn(async move {
        let mut whole = Vec::new();
        while let Ok(length) = far.reader.read_exactly(4).await {
            let length = u32::from_le_bytes(length.try_into().expect("these are four"));
            let frame = far.reader.read_exactly(length as usize).await;
            let frame = frame.expect("a frame is whole");
            assert!(frame.iter().all(|byte| *byte == frame[0]), "of one kind");
            whole.push(frame[0]);
        }
        assert!(far.reader.at_end() || far.reader.read(&mut [0]).await.is_ok());
        whole
    });
    let (mut finished, mut cancelled) = (Vec::new(), 0);
    for number in 0..200 {
        let length = random.usize(1..30_000);
        let mut frame = u32::try_from(length)
            .expect("it is small")
            .to_le_bytes()
            .to_vec();
        frame.resize(4 + length, number);
        let mut writing = pin!(near.writer.write_all(&frame));
        let mut is_done = false;
        for _ in 0..random.usize(..60) {
            let answer = poll_fn(|cx| Poll::Ready(writing.as_mut().poll(cx))).await;
            if let Poll::Ready(written) = answer {
                written.expect("somebody reads");
                is_done = true;
                break;
            }
            checkpoint().await;
        }
        match is_done {
            true => finished.push(number),
            false => cancelled += 1,
        }
    }
    near.writer.close().await.expect("all is sent");
    let whole = reading.await.expect("the reader is content");
    assert!(whole.is_sorted() && finished.iter().all(|it| whole.contains(it)));
    cancelled > 0 && !finished.is_empty()
}

#[test]
fn large_amounts_go_both_ways_at_once() {
    const SIZE: usize = 8 * 1024 * 1024;
    fn pattern(seed: u64) -> Vec<u8> {
        let mut random = Rng::with_seed(seed);
        std::iter::repeat_with(|| random.u8(..))
            .take(SIZE)
            .collect()
    }
    async fn exchange(stream: crate::with::Tcp, send: u64, receive: u64) {
        let Stream {
            mut reader,
            mut writer,
        } = stream;
        let sending = spawn(async move {
            for piece in pattern(send).chunks(100_000) {
                writer.write_all(piece).await?;
            }
            writer.close().await
        });
        let received = reader.read_to_end().await.expect("it says goodbye");
        assert!(received == pattern(receive), "{} bytes", received.len());
        sending.await.expect("the task ends").expect("all is sent");
    }
    let serve = async |stream| {
        exchange(stream, 1, 2).await;
        Ok(())
    };
    with_server(serve, async |address| {
        let stream = connect(address, &certificates::client()).await;
        exchange(stream.expect("it is trusted"), 2, 1).await;
    });
}

#[test]
fn the_reader_goes_on_with_a_handshake_that_a_cancelled_writer_took_part_in() {
    bounded(async {
        let (mut near, far) = ends(64);
        let Stream {
            mut reader,
            mut writer,
        } = far;
        let reading = spawn(async move { reader.read_line().await });
        checkpoint().await;
        {
            let mut writing = pin!(writer.write_all(b"never sent"));
            let answer = poll_fn(|cx| Poll::Ready(writing.as_mut().poll(cx))).await;
            assert!(answer.is_pending(), "nobody has greeted");
        }
        near.writer.write_all(b"hello\n").await.expect("it is sent");
        let line = reading.await.expect("the task ends").expect("it is read");
        assert_eq!(line.as_deref(), Some("hello"));
    });
}

#[test]
fn many_short_lines_make_no_long_wait() {
    with_server(echo, async |address| {
        let mut stream = connect(address, &certificates::client())
            .await
            .expect("it is trusted");
        let mut text = String::new();
        for number in 0..3000 {
            writeln!(text, "line {number}").expect("it is memory");
            stream
                .writer
                .write(format!("line {number}\n").as_bytes())
                .expect("accepted");
        }
        stream.writer.close().await.expect("all is sent");
        let read = stream.reader.read_to_end().await.expect("all comes back");
        assert_eq!(read, text.as_bytes());
    });
}
