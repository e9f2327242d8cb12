//! Pipes of the system, and other descriptors that are read as if they were pipes.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use entracte::io::{AsyncFd, PipeReader, PipeWriter, Reader, Writer, pipe};
use entracte::{checkpoint, run, spawn, timeout};
use futures_lite::future::poll_once;
use futures_lite::{AsyncReadExt, AsyncWriteExt};
use rustix::fs::{OFlags, fcntl_getfl};

fn reader(fd: impl Into<OwnedFd>) -> Reader<PipeReader> {
    Reader::new(PipeReader::from_fd(fd.into()).expect("it can be made non-blocking"))
}

#[test]
fn everything_goes_through_a_pipe_that_holds_less() {
    run(async {
        let (mut reader, mut writer) = pipe().expect("there are pipes");
        let text: Vec<u8> = (0..3_000_000_u32).map(|it| it.to_be_bytes()[2]).collect();
        let sent = text.clone();
        let writing = spawn(async move {
            for part in sent.chunks(10_007) {
                writer.write_all(part).await.expect("it is open");
            }
        });
        assert!(reader.read_to_end().await.expect("it ends") == text);
        writing.await.expect("it ends");
        assert!(reader.at_end());
    })
    .expect("it ends");
}

#[test]
fn a_source_that_gives_a_packet_at_a_time_gives_them_all() {
    run(async {
        let (near, far) = UnixDatagram::pair().expect("there are sockets");
        let mut near = reader(near);
        for _ in 0..3 {
            // The first in a while is waited for, and the others are there then.
            let reading = spawn(async move { (near.read_exactly(11).await, near) });
            for _ in 0..1000 {
                checkpoint().await;
            }
            for packet in ["one", "two", "three"] {
                far.send(packet.as_bytes()).expect("there is room");
            }
            let (read, back) = reading.await.expect("it ends");
            assert_eq!(read.expect("they come"), b"onetwothree");
            near = back;
        }
    })
    .expect("it ends");
}

#[test]
fn a_plain_file_is_read_to_its_end() {
    run(async {
        let file = File::open("Cargo.toml").expect("it is there");
        let read = reader(file).read_to_end().await.expect("it ends");
        assert!(read.starts_with(b"[package]"));
    })
    .expect("it ends");
}

#[test]
fn a_reader_that_is_gone_breaks_the_writer() {
    run(async {
        let (reader, mut writer) = pipe().expect("there are pipes");
        let filling = writer.write(&[0; 300_000]);
        filling.expect("it is accepted");
        drop(reader);
        let error = writer.flush().await.expect_err("nobody reads");
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    })
    .expect("it ends");
}

#[test]
fn a_descriptor_is_ready_when_it_is_and_not_before() {
    run(async {
        let (end, other) = std::io::pipe().expect("there are pipes");
        let end = AsyncFd::new(end).expect("it can be made non-blocking");
        let mut other = Writer::new(PipeWriter::from_fd(other.into()).expect("it can be"));
        let waiting = timeout(Duration::ZERO, end.readable()).await;
        assert!(waiting.is_err(), "nothing is there");
        other.write_all(b"hi").await.expect("there is room");
        for _ in 0..200 {
            end.readable().await.expect("it is, until it is read");
        }
        let read = |mut it: &std::io::PipeReader| Read::read(&mut it, &mut [0; 8]);
        assert_eq!(end.read_with(read).await.expect("it is there"), 2);
        let waiting = timeout(Duration::ZERO, end.readable()).await;
        assert!(waiting.is_err(), "it was read");
        drop(other);
        assert_eq!(end.read_with(read).await.expect("it is the end"), 0);
    })
    .expect("it ends");
}

#[test]
fn what_does_not_fit_is_written_when_there_is_room_again() {
    run(async {
        let (mut end, other) = std::io::pipe().expect("there are pipes");
        let other = AsyncFd::new(other).expect("it can be made non-blocking");
        let write = |mut it: &std::io::PipeWriter| it.write(&[7; 4096]);
        let mut held = 0;
        while let Some(written) = poll_once(other.write_with(write)).await {
            held += written.expect("it is open");
        }
        assert!(held > 0, "an empty pipe has room");
        let writing = spawn(async move { other.write_with(write).await });
        for _ in 0..100 {
            checkpoint().await;
        }
        assert!(!writing.is_done(), "it is full");
        end.read_exact(&mut vec![0; held])
            .expect("so much is there");
        let written = timeout(Duration::from_secs(60), writing).await;
        let written = written.expect("there is room").expect("it ends");
        assert_eq!(written.expect("it is open"), 4096);
        let mut rest = Vec::new();
        end.read_to_end(&mut rest).expect("it was closed");
        assert!(rest == [7; 4096]);
    })
    .expect("it ends");
}

#[test]
fn a_pipe_gives_its_descriptors_back_as_they_are() {
    run(async {
        let (reader, writer) = std::io::pipe().expect("there are pipes");
        let numbers = (reader.as_raw_fd(), writer.as_raw_fd());
        let mut reader = PipeReader::from_fd(reader.into()).expect("it can be non-blocking");
        let mut writer = PipeWriter::from_fd(writer.into()).expect("it can be non-blocking");
        // Both are known to the loop by now.
        let mut bytes = [0; 3];
        assert!(poll_once(reader.read(&mut bytes)).await.is_none());
        writer.write_all(b"one").await.expect("there is room");
        reader.read_exact(&mut bytes).await.expect("it is there");
        assert_eq!(&bytes, b"one");

        let reader = reader.into_fd();
        let writer = writer.into_fd().expect("it was not closed");
        assert_eq!((reader.as_raw_fd(), writer.as_raw_fd()), numbers);
        for fd in [&reader, &writer] {
            let flags = fcntl_getfl(fd).expect("it is open");
            assert!(flags.contains(OFlags::NONBLOCK));
        }
        let (mut reader, mut writer) = (File::from(reader), File::from(writer));
        writer.write_all(b"two").expect("there is room");
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("it ends");
        assert_eq!(text, "two");
    })
    .expect("it ends");
}

#[test]
fn a_pipe_that_was_closed_has_no_descriptor_to_give() {
    run(async {
        let (mut reader, writer) = std::io::pipe().expect("there are pipes");
        let mut writer = PipeWriter::from_fd(writer.into()).expect("it can be non-blocking");
        writer.close().await.expect("it is open");
        let mut bytes = [0; 1];
        assert_eq!(reader.read(&mut bytes).expect("it is the end"), 0);
        assert!(writer.into_fd().is_none());
    })
    .expect("it ends");
}
