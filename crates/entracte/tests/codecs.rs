//! Codecs of tokio-util and helpers of futures-lite over our streams, cut at every byte.

use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};

use entracte::io::{MemoryStream, Reader, Stream, Writer, pair};
use entracte::net::{TcpListener, TcpStream, connect};
use entracte::{checkpoint, run, spawn};
use futures::{Sink, SinkExt, StreamExt, TryStreamExt};
use futures_lite::future::poll_once;
use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::codec::{
    AnyDelimiterCodec, BytesCodec, Framed, FramedRead, FramedWrite, LengthDelimitedCodec,
    LinesCodec, LinesCodecError,
};

/// Two ends of a stream in memory.
fn ends(capacity: usize) -> (Stream<MemoryStream>, Stream<MemoryStream>) {
    let (near, far) = pair(capacity);
    (Stream::new(near), Stream::new(far))
}

/// Two ends of a connection over TCP.
async fn connected() -> (Stream<TcpStream>, Stream<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_address().expect("it has an address");
    let near = connect(address).await.expect("it listens");
    let (far, _) = listener.accept().await.expect("it was connected to");
    (near, Stream::new(far))
}

/// Sends the bytes in two parts; the reader has taken the first before the second comes.
async fn send_in_two(mut writer: Writer<MemoryStream>, bytes: Vec<u8>, at: usize) {
    writer.write_all(&bytes[..at]).await.expect("it is read");
    for _ in 0..3 {
        checkpoint().await;
    }
    writer.write_all(&bytes[at..]).await.expect("it is read");
    writer.close().await.expect("it closes");
}

#[test]
fn lines_arrive_whole_wherever_they_are_cut() {
    let text = "one\r\n\ntwo words\nün\n last";
    run(async {
        for at in 0..=text.len() {
            let (near, far) = ends(64);
            let sending = spawn(send_in_two(near.writer, text.into(), at));
            let lines = Framed::new(far, LinesCodec::new());
            let lines: Vec<String> = lines.try_collect().await.expect("lines");
            assert_eq!(
                lines,
                ["one", "", "two words", "ün", " last"],
                "cut at {at}"
            );
            sending.await.expect("no panic");
        }
    })
    .expect("it runs");
}

#[test]
fn frames_with_a_length_arrive_whole_wherever_they_are_cut() {
    run(async {
        let frames = [&b"one"[..], b"", b"three", &[7; 300]];
        let mut codec = LengthDelimitedCodec::new();
        let mut bytes = BytesMut::new();
        for frame in frames {
            use tokio_util::codec::Encoder;
            let frame = Bytes::copy_from_slice(frame);
            codec.encode(frame, &mut bytes).expect("it is short");
        }
        for at in 0..=bytes.len() {
            let (near, far) = ends(64);
            let sending = spawn(send_in_two(near.writer, bytes.to_vec(), at));
            let read = FramedRead::new(far.reader, LengthDelimitedCodec::new());
            let read: Vec<BytesMut> = read.try_collect().await.expect("frames");
            assert_eq!(read, frames, "cut at {at}");
            sending.await.expect("no panic");
        }
    })
    .expect("it runs");
}

#[test]
fn a_frame_that_is_cut_short_is_an_error() {
    run(async {
        let (mut near, far) = ends(64);
        near.writer.write(b"\0\0\0\x05hell").expect("it fits");
        near.writer.close().await.expect("it closes");
        let mut frames = FramedRead::new(far.reader, LengthDelimitedCodec::new());
        let error = frames.next().await.expect("not the end");
        assert_eq!(error.expect_err("it is short").kind(), ErrorKind::Other);
    })
    .expect("it runs");
}

#[test]
fn a_line_that_is_too_long_is_an_error_and_the_next_is_read() {
    run(async {
        let (mut near, far) = ends(64);
        near.writer
            .write(b"much too long\nshort\n")
            .expect("it fits");
        let mut lines = Framed::new(far, LinesCodec::new_with_max_length(5));
        let first = lines.next().await.expect("not the end");
        assert!(matches!(first, Err(LinesCodecError::MaxLineLengthExceeded)));
        // A stream of frames ends behind an error, and can be asked again.
        assert!(lines.next().await.is_none());
        near.writer.write(b"short\n").expect("it fits");
        let second = lines.next().await.expect("not the end");
        assert_eq!(second.expect("a line"), "short");
    })
    .expect("it runs");
}

#[test]
fn frames_go_both_ways_over_tcp() {
    run(async {
        let (near, far) = connected().await;
        let echo = spawn(async move {
            let (sink, stream) = Framed::new(far, LengthDelimitedCodec::new()).split();
            let back = stream.map_ok(BytesMut::freeze).forward(sink);
            back.await.expect("it goes back");
        });
        let (mut sink, mut stream) = Framed::new(near, LengthDelimitedCodec::new()).split();
        let sending = spawn(async move {
            for nth in 0..200_usize {
                let frame = Bytes::from(vec![nth as u8; nth * 100]);
                sink.send(frame).await.expect("it goes");
            }
            close(sink).await.expect("it closes");
        });
        for nth in 0..200_usize {
            let frame = stream.next().await.expect("not the end").expect("a frame");
            assert!(frame.len() == nth * 100 && frame.iter().all(|byte| *byte == nth as u8));
        }
        assert!(stream.next().await.is_none());
        sending.await.expect("no panic");
        echo.await.expect("no panic");
    })
    .expect("it runs");
}

/// Closes a sink of bytes.
async fn close<S: Sink<Bytes> + Unpin>(mut sink: S) -> Result<(), S::Error> {
    SinkExt::<Bytes>::close(&mut sink).await
}

/// Whether a sink takes another item now.
async fn takes<S: Sink<Bytes> + Unpin>(sink: &mut S) -> bool {
    let ready = std::future::poll_fn(|cx: &mut Context<'_>| Pin::new(&mut *sink).poll_ready(cx));
    poll_once(ready).await.is_some_and(|ready| ready.is_ok())
}

#[test]
fn a_sink_waits_for_a_slow_reader() {
    run(async {
        let (near, far) = ends(1000);
        let mut sink = FramedWrite::new(near.writer, BytesCodec::new());
        sink.set_backpressure_boundary(5000);
        let mut fed = 0;
        while takes(&mut sink).await {
            sink.feed(Bytes::from(vec![1; 1000]))
                .await
                .expect("it is taken");
            fed += 1000;
            assert!(fed < 10_000, "it takes without end");
        }
        // What the boundary and the pipe hold, and no more.
        assert!((5000..=7000).contains(&fed), "{fed}");
        let mut reader: Reader<MemoryStream> = far.reader;
        let first = reader.read_exactly(1000).await.expect("it is there");
        assert!(takes(&mut sink).await);
        let closing = spawn(close(sink));
        let rest = reader.read_to_end().await.expect("the end");
        assert_eq!(first.len() + rest.len(), fed);
        closing.await.expect("no panic").expect("it closes");
    })
    .expect("it runs");
}

#[test]
fn a_sink_that_is_given_up_half_way_tears_no_frame() {
    run(async {
        let (near, far) = ends(10);
        let mut sink = FramedWrite::new(near.writer, LengthDelimitedCodec::new());
        assert!(
            poll_once(sink.send(Bytes::from(vec![1; 50])))
                .await
                .is_none()
        );
        assert!(
            poll_once(sink.send(Bytes::from(vec![2; 50])))
                .await
                .is_none()
        );
        let closing = spawn(close(sink));
        let frames = FramedRead::new(far.reader, LengthDelimitedCodec::new());
        let frames: Vec<BytesMut> = frames.try_collect().await.expect("whole frames");
        assert_eq!(frames[0], vec![1; 50]);
        assert!(frames[1..].iter().all(|frame| *frame == vec![2; 50]));
        closing.await.expect("no panic").expect("it closes");
    })
    .expect("it runs");
}

#[test]
fn a_codec_can_be_changed_in_the_middle() {
    run(async {
        let (mut near, far) = ends(64);
        near.writer
            .write(b"lines\n\0\0\0\x03abc;rest")
            .expect("it fits");
        near.writer.close().await.expect("it closes");
        let mut lines = Framed::new(far, LinesCodec::new());
        assert_eq!(
            lines.next().await.expect("not the end").expect("a line"),
            "lines"
        );
        // What was read ahead goes along.
        let mut frames = lines.map_codec(|_| LengthDelimitedCodec::new());
        let frame = frames.next().await.expect("not the end").expect("a frame");
        assert_eq!(frame, "abc");
        let mut rest = frames.map_codec(|_| AnyDelimiterCodec::new(b";".into(), b";".into()));
        assert_eq!(rest.next().await.expect("not the end").expect("a part"), "");
        assert_eq!(
            rest.next().await.expect("not the end").expect("a part"),
            "rest"
        );
    })
    .expect("it runs");
}

#[test]
fn readers_and_writers_are_those_of_tokio() {
    fn reads(_: &impl tokio::io::AsyncBufRead) {}
    fn writes(io: &impl tokio::io::AsyncWrite) -> bool {
        io.is_write_vectored()
    }
    let (near, far) = ends(1);
    reads(&near);
    assert!(writes(&near));
    reads(&far.reader);
    assert!(writes(&far.writer));
}

#[test]
fn futures_lite_reads_and_writes_cut_at_every_byte() {
    use futures_lite::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

    let text = b"a line\nexactly the rest";
    run(async {
        for at in 0..=text.len() {
            let (near, mut far) = ends(64);
            let sending = spawn(send_in_two(near.writer, text.to_vec(), at));
            let mut line = String::new();
            AsyncBufReadExt::read_line(&mut far.reader, &mut line)
                .await
                .expect("a line");
            assert_eq!(line, "a line\n");
            let mut word = [0; 7];
            AsyncReadExt::read_exact(&mut far, &mut word)
                .await
                .expect("a word");
            assert_eq!(&word, b"exactly");
            let mut rest = String::new();
            AsyncReadExt::read_to_string(&mut far.reader, &mut rest)
                .await
                .expect("the rest");
            assert_eq!(rest, " the rest");
            sending.await.expect("no panic");
        }
        let (mut near, mut far) = ends(16);
        let writing = spawn(async move {
            AsyncWriteExt::write_all(&mut near, &[7; 1000]).await?;
            AsyncWriteExt::flush(&mut near.writer).await?;
            AsyncWriteExt::close(&mut near).await
        });
        let mut all = Vec::new();
        AsyncReadExt::read_to_end(&mut far, &mut all)
            .await
            .expect("all of it");
        assert_eq!(all, [7; 1000]);
        writing.await.expect("no panic").expect("it is written");
    })
    .expect("it runs");
}

#[test]
fn futures_lite_copies_and_splits_lines() {
    use futures_lite::AsyncBufReadExt;

    run(async {
        let (near, mut far) = ends(16);
        let Stream { reader, writer } = near;
        let copying = spawn(async move {
            let source = futures_lite::io::Cursor::new("one\ntwo\nthree".repeat(50));
            futures_lite::io::copy(source, writer).await
        });
        // The end that is copied into is gone with its writer.
        drop(reader);
        let lines = AsyncBufReadExt::lines(&mut far.reader);
        let lines: Vec<String> = lines.try_collect().await.expect("lines");
        assert_eq!(lines.len(), 101);
        assert_eq!(copying.await.expect("no panic").expect("copied"), 650);
    })
    .expect("it runs");
}

#[test]
fn a_poll_of_a_frame_that_has_not_come_is_pending() {
    run(async {
        let (near, far) = ends(16);
        let mut lines = FramedRead::new(far.reader, LinesCodec::new());
        let next = poll_once(lines.next()).await;
        assert!(next.is_none());
        let mut writer = near.writer;
        writer.write(b"half").expect("it fits");
        let next = futures::poll!(lines.next());
        assert!(matches!(next, Poll::Pending));
        writer.write(b" a line\n").expect("it fits");
        assert_eq!(
            lines.next().await.expect("not the end").expect("a line"),
            "half a line"
        );
    })
    .expect("it runs");
}
