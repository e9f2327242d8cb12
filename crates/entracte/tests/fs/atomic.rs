//! Files that are replaced as a whole.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use entracte::fs::{self, AtomicFile, write_atomic};
use entracte::{checkpoint, run, spawn};

use crate::{Scratch, pattern};

#[test]
fn it_is_there_as_a_whole_with_nothing_beside_it() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        write_atomic(&path, "one").await?;
        assert_eq!(fs::read(&path).await?, b"one");
        write_atomic(&path, "two").await?;
        assert_eq!(fs::read(&path).await?, b"two");
        assert_eq!(scratch.names(), ["file"]);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn permissions_and_links_stay() {
    let scratch = Scratch::new();
    run(async {
        let (path, link) = (scratch.join("file"), scratch.join("link"));
        fs::write(&path, "one").await?;
        fs::set_permissions(&path, Permissions::from_mode(0o640)).await?;
        fs::symlink("file", &link).await?;
        write_atomic(&link, "two").await?;
        assert_eq!(fs::read(&path).await?, b"two");
        assert_eq!(
            fs::metadata(&path).await?.permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).await?.is_symlink());
        assert_eq!(fs::read_link(&link).await?, Path::new("file"));
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn without_a_commit_there_is_nothing() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        fs::write(&path, "old").await?;
        let mut file = AtomicFile::create(&path).await?;
        file.write_all(b"new").await?;
        assert_eq!(scratch.names().len(), 2);
        drop(file);
        assert_eq!(scratch.names(), ["file"]);
        assert_eq!(fs::read(&path).await?, b"old");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_reader_never_sees_a_part() {
    let scratch = Scratch::new();
    run(async {
        let path = scratch.join("file");
        write_atomic(&path, vec![0; 300_000]).await?;
        let own = path.clone();
        let writer = spawn(async move {
            for round in 1..20 {
                write_atomic(&own, vec![round; 300_000]).await?;
            }
            Ok::<_, io::Error>(())
        });
        while !writer.is_done() {
            let bytes = fs::read(&path).await?;
            assert_eq!(bytes.len(), 300_000);
            assert!(bytes.iter().all(|byte| *byte == bytes[0]), "torn");
        }
        writer.await.expect("it is not cancelled")
    })
    .unwrap()
    .unwrap();
}

async fn replace(path: &Path) -> io::Result<()> {
    let mut file = AtomicFile::create(path).await?;
    for part in pattern(300_000).chunks(100_000) {
        file.write_all(part).await?;
    }
    file.commit().await
}

#[test]
fn cancelled_at_any_step_it_is_the_old_one_or_the_new_one() {
    let scratch = Scratch::new();
    for steps in 0..40 {
        let path = scratch.join("file");
        std::fs::write(&path, "old").unwrap();
        let own = path.clone();
        run(async {
            let task = spawn(async move { replace(&own).await });
            for _ in 0..steps * 50 {
                checkpoint().await;
            }
            task.cancel();
            drop(task.await);
        })
        .unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            bytes == b"old" || bytes == pattern(300_000),
            "after {steps}"
        );
        assert_eq!(scratch.names(), ["file"], "after {steps}");
    }
}

#[test]
fn what_cannot_be_replaced_is_an_error() {
    let scratch = Scratch::new();
    run(async {
        let error = write_atomic("/", "x").await.unwrap_err();
        assert_eq!(error.to_string(), "cannot replace /: it is no file");
        let error = write_atomic(scratch.join("no/place"), "x")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let directory = scratch.join("directory");
        fs::create_dir(&directory).await?;
        assert!(write_atomic(&directory, "x").await.is_err());
        assert_eq!(scratch.names(), ["directory"]);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}
