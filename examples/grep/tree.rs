//! The files of a directory, and of the directories in it: a generator that delegates to itself.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use entracte::Generator;

/// A file, or a path that cannot be read and why.
pub(crate) type Found = Result<PathBuf, (PathBuf, io::Error)>;

/// Every file below a directory, in the order in which the directories list them. Links are not
/// followed; what is neither a file nor a directory is left out. The empty path is the directory in
/// which the program runs; its files are named without `./`.
pub(crate) fn files(directory: PathBuf) -> Generator<'static, Found> {
    Generator::named("files", async move |mut co| {
        let here = directory.as_os_str().is_empty();
        let place = if here { Path::new(".") } else { &directory };
        let entries = match fs::read_dir(place) {
            Ok(entries) => entries,
            Err(error) => return co.yield_(Err((place.to_owned(), error))).await,
        };
        for entry in entries {
            match entry.and_then(|entry| what(&directory, &entry)) {
                Ok(What::File(path)) => co.yield_(Ok(path)).await,
                Ok(What::Directory(path)) => co.yield_from(files(path)).await,
                Ok(What::Other) => {}
                Err(error) => co.yield_(Err((place.to_owned(), error))).await,
            }
        }
    })
}

enum What {
    File(PathBuf),
    Directory(PathBuf),
    Other,
}

fn what(directory: &Path, entry: &DirEntry) -> io::Result<What> {
    let kind = entry.file_type()?;
    let path = directory.join(entry.file_name());
    Ok(match kind {
        kind if kind.is_dir() => What::Directory(path),
        kind if kind.is_file() => What::File(path),
        _ => What::Other,
    })
}
