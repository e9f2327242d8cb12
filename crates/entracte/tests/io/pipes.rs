//! Pipes of the system, and other descriptors that are read as if they were pipes.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;

use entracte::io::{AsyncFd, PipeReader, PipeWriter, Reader, Writer, pipe};
use entracte::{checkpoint, run, spawn};

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
        let waiting = entracte::timeout(std::time::Duration::ZERO, end.readable()).await;
        assert!(waiting.is_err(), "nothing is there");
        other.write_all(b"hi").await.expect("there is room");
        for _ in 0..200 {
            end.readable().await.expect("it is, until it is read");
        }
        let read = |mut it: &std::io::PipeReader| std::io::Read::read(&mut it, &mut [0; 8]);
        assert_eq!(end.read_with(read).await.expect("it is there"), 2);
        let waiting = entracte::timeout(std::time::Duration::ZERO, end.readable()).await;
        assert!(waiting.is_err(), "it was read");
        drop(other);
        assert_eq!(end.read_with(read).await.expect("it is the end"), 0);
    })
    .expect("it ends");
}
