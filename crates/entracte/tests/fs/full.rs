//! A disk that is full: the device that always is, and a small file system of our own.

use std::env;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::Command;

use entracte::fs::{self, AtomicFile, File, write_atomic};
use entracte::io::Writer;
use entracte::run;
use futures::AsyncWriteExt;

/// Where the small file system is, in the program that has one.
const SMALL: &str = "ENTRACTE_TEST_SMALL_DISK";

#[test]
fn every_way_of_writing_tells_that_the_disk_is_full() {
    run(async {
        let full = |outcome: io::Result<()>| outcome.unwrap_err().kind() == ErrorKind::StorageFull;
        let mut options = File::options();
        options.write(true);
        let open = || File::open_with(&options, "/dev/full");
        assert!(full(File::write_all(&mut open().await?, b"x").await));
        assert!(full(open().await?.write_all_at(0, *b"x").await));
        assert!(full(fs::write("/dev/full", "x").await));

        let mut writer = Writer::new(open().await?);
        assert!(full(writer.write_all(b"x").await.and(writer.close().await)));
        let mut writer = Writer::new(open().await?);
        // At once if the thread was that fast, otherwise by the next call.
        let told = writer.write(b"accepted");
        let told_later = writer.close().await;
        assert!(full(told.and(told_later)));
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn what_was_accepted_is_told_once() {
    run(async {
        let mut options = File::options();
        let mut file = File::open_with(options.write(true), "/dev/full").await?;
        for _ in 0..100 {
            // At once if the thread was that fast, otherwise by the next call.
            let written = file.write(b"x").await;
            let flushed = file.flush().await;
            let told = [written.map(drop), flushed]
                .into_iter()
                .filter_map(Result::err);
            let kinds: Vec<_> = told.map(|error| error.kind()).collect();
            assert_eq!(kinds, [ErrorKind::StorageFull]);
        }
        if file.write(b"x").await.is_ok() {
            let error = file.close().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::StorageFull);
        }
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

/// This binary once more, alone with a file system of one megabyte, which goes when it ends.
#[test]
fn a_disk_that_fills_up() {
    let directory = crate::Scratch::new();
    let mount = r#"mount -t tmpfs -o size=1m tmpfs "$1" && shift && exec "$@""#;
    let mut program = Command::new("unshare");
    program.args(["--mount", "--map-root-user", "sh", "-c", mount, "sh"]);
    program.arg(&directory.0).arg(env::current_exe().unwrap());
    program.args(["full::program", "--exact", "--ignored", "--nocapture"]);
    let output = program.env(SMALL, &directory.0).output();
    let Ok(output) = output else {
        not_tested("there is no unshare");
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("unshare: ") || errors.contains("mount: ") {
        not_tested(&format!("this machine lets nobody mount: {errors}"));
        return;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{errors}");
}

#[test]
#[ignore = "a program that another test starts"]
fn program() {
    let Some(directory) = env::var_os(SMALL).map(PathBuf::from) else {
        return;
    };
    run(async {
        let state = directory.join("state");
        write_atomic(&state, "old").await?;

        let large = directory.join("large");
        let mut file = File::create(&large).await?;
        let part = vec![b'x'; 100_000];
        let mut written = 0;
        let error = loop {
            match file.write_all(&part).await {
                Ok(()) => written += part.len(),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!((500_000..1_100_000).contains(&written), "{written}");

        let error = write_atomic(&state, vec![b'y'; 200_000]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        let mut atomic = AtomicFile::create(&state).await?;
        assert!(atomic.write_all(&vec![b'z'; 200_000]).await.is_err());
        drop(atomic);
        assert_eq!(fs::read(&state).await?, b"old", "it is as it was");
        assert_eq!(crate::names(&directory), ["large", "state"]);

        file.set_len(0).await?;
        write_atomic(&state, vec![b'y'; 200_000]).await?;
        assert_eq!(
            fs::metadata(&state).await?.len(),
            200_000,
            "there is room again"
        );
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

/// Where everything is to be tested, what cannot be is a failure.
fn not_tested(why: &str) {
    assert!(env::var_os("CI").is_none(), "not tested: {why}");
    println!("not tested: {why}");
}
