//! What is done to files by their names.

use std::io::{self, ErrorKind};

use entracte::fs;
use entracte::run;

use crate::Scratch;

#[test]
fn directories_are_made_listed_and_removed() {
    let scratch = Scratch::new();
    run(async {
        let deep = scratch.join("one/two");
        assert!(fs::create_dir(&deep).await.is_err());
        fs::create_dir_all(&deep).await?;
        fs::create_dir_all(&deep).await?;
        fs::write(deep.join("file"), "text").await?;
        let entries = fs::read_dir(&deep).await?;
        assert_eq!(entries[0].file_name(), "file");
        let error = fs::remove_dir(&deep).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DirectoryNotEmpty);
        fs::remove_file(deep.join("file")).await?;
        fs::remove_dir(&deep).await?;
        fs::write(scratch.join("one/file"), "text").await?;
        fs::remove_dir_all(scratch.join("one")).await?;
        assert_eq!(scratch.names(), [""; 0]);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn files_are_copied_renamed_and_linked() {
    let scratch = Scratch::new();
    run(async {
        let [one, two, three] = ["one", "two", "three"].map(|name| scratch.join(name));
        fs::write(&one, "text").await?;
        assert_eq!(fs::copy(&one, &two).await?, 4);
        fs::rename(&two, &three).await?;
        assert!(!fs::exists(&two).await? && fs::exists(&three).await?);
        fs::hard_link(&one, &two).await?;
        fs::write(&one, "other").await?;
        assert_eq!(fs::read_to_string(&two).await?, "other");
        fs::symlink("two", scratch.join("link")).await?;
        let full = fs::canonicalize(scratch.join("link")).await?;
        assert_eq!(full, fs::canonicalize(&two).await?);
        let error = fs::read_to_string(scratch.join("nothing"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}
