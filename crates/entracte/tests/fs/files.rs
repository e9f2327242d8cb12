//! Reading, writing and seeking, alone and through readers and writers.

use std::io::{self, SeekFrom};

use entracte::fs::{self, File};
use entracte::io::{Reader, Writer, copy};
use entracte::{gather, run};

use crate::{Scratch, pattern};

#[test]
fn what_was_written_is_read() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        let bytes = pattern(5 << 20);
        let mut file = File::create(&path).await?;
        file.write_all(&bytes[..10]).await?;
        file.write_all(&bytes[10..]).await?;
        file.write_all(b"").await?;
        file.close().await?;
        assert!(fs::read(&path).await? == bytes);
        assert!(File::open(&path).await?.read_to_end().await? == bytes);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_read_gives_what_fits_and_then_the_end() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        fs::write(&path, "hello").await?;
        let mut file = File::open(&path).await?;
        let mut into = [0; 3];
        assert_eq!(file.read(&mut []).await?, 0);
        assert_eq!(file.read(&mut into).await?, 3);
        assert_eq!(&into, b"hel");
        assert_eq!(file.read(&mut into).await?, 2);
        assert_eq!(&into[..2], b"lo");
        assert_eq!(file.read(&mut into).await?, 0);
        assert_eq!(file.read(&mut into).await?, 0, "the end stays");
        fs::write(&path, "hello again").await?;
        assert_eq!(file.read(&mut into).await?, 3, "unless it grows");
        assert_eq!(&into, b" ag");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn one_position_for_reading_and_writing() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        fs::write(&path, "0123456789").await?;
        let mut options = File::options();
        let mut file = File::open_with(options.read(true).write(true), &path).await?;
        let mut into = [0; 2];
        assert_eq!(file.read(&mut into).await?, 2);
        file.write_all(b"ab").await?;
        assert_eq!(file.read(&mut into).await?, 2);
        assert_eq!(&into, b"45");
        assert_eq!(file.seek(SeekFrom::Current(-1)).await?, 5);
        assert_eq!(file.seek(SeekFrom::End(-1)).await?, 9);
        assert_eq!(file.read(&mut into).await?, 1);
        assert!(file.seek(SeekFrom::Current(-100)).await.is_err());
        assert_eq!(file.seek(SeekFrom::Start(1)).await?, 1);
        file.write_all(b"x").await?;
        file.set_len(5).await?;
        file.sync_all().await?;
        file.sync_data().await?;
        assert_eq!(file.metadata().await?.len(), 5);
        assert_eq!(fs::read(&path).await?, b"0xab4");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn places_can_be_read_and_written_at_once() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        let bytes = pattern(1 << 20);
        let mut options = File::options();
        options.read(true).write(true).create(true);
        let file = File::open_with(&options, &path).await?;
        const PART: usize = 64 << 10;
        let place = |number: usize| (number * PART) as u64;
        let parts = bytes.chunks(PART).enumerate().rev();
        let writes = parts.map(|(number, part)| file.write_all_at(place(number), part));
        let written = futures::future::try_join_all(writes).await;
        assert_eq!(written?.len(), 16);
        let reads = (0..16).map(|number| file.read_at(place(number), PART));
        assert!(futures::future::try_join_all(reads).await?.concat() == bytes);
        assert_eq!(
            file.read_at(place(15), 2 * PART).await?.len(),
            PART,
            "the end"
        );
        assert_eq!(file.read_at(place(16), 1).await?, b"");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_file_taken_and_given_back_keeps_its_position() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        fs::write(&path, "0123456789").await?;
        let mut std_file = std::fs::File::open(&path)?;
        io::Seek::seek(&mut std_file, SeekFrom::Start(3))?;
        let mut file = File::from_std(std_file);
        let mut into = [0; 2];
        file.read(&mut into).await?;
        assert_eq!(&into, b"34");
        let mut std_file = file.into_std().await?;
        io::Read::read_exact(&mut std_file, &mut into)?;
        assert_eq!(&into, b"56");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn lines_through_a_reader_and_a_writer() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        let mut writer = Writer::new(File::create(&path).await?);
        for number in 0..10_000 {
            writer.write_all(format!("{number}\n").as_bytes()).await?;
        }
        writer.close().await?;
        let mut reader = Reader::new(File::open(&path).await?);
        for number in 0..10_000 {
            assert_eq!(reader.read_line().await?, Some(number.to_string()));
        }
        assert_eq!(reader.read_line().await?, None);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn what_a_writer_accepts_without_waiting_is_written_in_order() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        let mut writer = Writer::new(File::create(&path).await?);
        let lines: Vec<_> = (0..1000).map(|number| format!("{number}\n")).collect();
        for line in &lines {
            writer.write(line.as_bytes())?;
        }
        writer.close().await?;
        assert_eq!(fs::read_to_string(&path).await?, lines.concat());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn copies_of_large_files() {
    let scratch = Scratch::new();
    run(async {
        let (from, to) = (scratch.join("from"), scratch.join("to"));
        let bytes = pattern(7 << 20);
        fs::write(&from, bytes.clone()).await?;
        let mut reader = Reader::new(File::open(&from).await?);
        let mut writer = Writer::new(File::create(&to).await?);
        assert_eq!(copy(&mut reader, &mut writer).await?, bytes.len() as u64);
        writer.close().await?;
        assert!(fs::read(&to).await? == bytes);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn many_files_at_once() {
    let scratch = Scratch::new();
    run(async {
        let writes = (0..200).map(|number| {
            let path = scratch.join(&number.to_string());
            async move { fs::write(path, number.to_string()).await }
        });
        gather(writes.collect::<Vec<_>>())
            .await
            .expect("none is cancelled");
        assert_eq!(fs::read_dir(&scratch.0).await?.len(), 200);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn what_the_system_refuses_is_an_error() {
    let scratch = Scratch::new();
    run(async {
        let error = File::open(scratch.join("nothing")).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let mut file = File::create(scratch.join("file")).await?;
        assert!(
            file.read(&mut [0; 1]).await.is_err(),
            "it was opened to write"
        );
        file.write_all(b"x").await?;
        let mut file = File::open(scratch.join("file")).await?;
        assert!(file.write_all(b"x").await.is_err(), "it was opened to read");
        assert_eq!(file.read_to_end().await?, b"x", "an error is told once");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn what_is_no_plain_file_can_be_read() {
    run(async {
        let text = fs::read_to_string("/proc/self/status").await?;
        let mut file = File::open("/proc/self/status").await?;
        let same = String::from_utf8(file.read_to_end().await?).expect("it is text");
        assert_eq!(text.lines().next(), same.lines().next());
        assert_eq!(File::open("/dev/null").await?.read_to_end().await?, b"");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}
