//! What is done to files and directories by their names, each a call on a thread.

use std::fs::{self, DirEntry, Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use crate::threads::to_thread;

/// Calls one of the functions of [`std::fs`] on a thread.
async fn call<T: Send + 'static>(
    path: impl AsRef<Path>,
    act: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let path = path.as_ref().to_owned();
    to_thread(move || act(&path)).await
}

/// As [`call`], with two paths.
async fn call_with_two<T: Send + 'static>(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
    act: impl FnOnce(&Path, &Path) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let to = to.as_ref().to_owned();
    call(from, move |from| act(from, &to)).await
}

/// Reads a whole file.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::read`].
///
/// # Python
///
/// [`Path.read_bytes`](https://docs.python.org/3/library/pathlib.html#pathlib.Path.read_bytes).
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let text = entracte::fs::read("Cargo.toml").await?;
/// assert!(text.starts_with(b"[package]"));
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    call(path, |path| fs::read(path)).await
}

/// Reads a whole file of UTF-8.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::read_to_string`].
///
/// # Python
///
/// [`Path.read_text`](https://docs.python.org/3/library/pathlib.html#pathlib.Path.read_text).
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    call(path, |path| fs::read_to_string(path)).await
}

/// Creates a file of these bytes, or overwrites the one that is there.
///
/// Whoever reads it meanwhile finds a part of it; [`write_atomic`](super::write_atomic) is for those
/// who must not.
///
/// # Cancel safety
///
/// Cancel safe, but the file may have been written, or will be soon: a thread that has begun cannot be
/// stopped.
///
/// # Errors
///
/// As [`std::fs::write`]; a part may have been written.
///
/// # Python
///
/// [`Path.write_bytes`](https://docs.python.org/3/library/pathlib.html#pathlib.Path.write_bytes).
pub async fn write(path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
    let bytes = bytes.into();
    call(path, move |path| fs::write(path, bytes)).await
}

/// Copies a file with its permissions; how many bytes that were.
///
/// # Cancel safety
///
/// Cancel safe, but the copy may have been made, or will be soon.
///
/// # Errors
///
/// As [`std::fs::copy`].
#[doc(alias = "shutil.copy")]
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    call_with_two(from, to, |from, to| fs::copy(from, to)).await
}

/// Renames a file or a directory; what has the new name is replaced.
///
/// # Cancel safety
///
/// Cancel safe, but it may have been renamed, or will be soon.
///
/// # Errors
///
/// As [`std::fs::rename`].
#[doc(alias = "os.replace")]
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    call_with_two(from, to, |from, to| fs::rename(from, to)).await
}

/// Gives a file another name beside the one that it has.
///
/// # Cancel safety
///
/// Cancel safe, but the link may have been made, or will be soon.
///
/// # Errors
///
/// As [`std::fs::hard_link`].
#[doc(alias = "os.link")]
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    call_with_two(original, link, |original, link| {
        fs::hard_link(original, link)
    })
    .await
}

/// Makes a link that says where to look.
///
/// # Cancel safety
///
/// Cancel safe, but the link may have been made, or will be soon.
///
/// # Errors
///
/// As [`std::os::unix::fs::symlink`].
#[doc(alias = "os.symlink")]
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    call_with_two(original, link, |original, link| {
        std::os::unix::fs::symlink(original, link)
    })
    .await
}

/// Where a link says to look.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::read_link`].
#[doc(alias = "os.readlink")]
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    call(path, |path| fs::read_link(path)).await
}

/// Removes a file.
///
/// # Cancel safety
///
/// Cancel safe, but it may have been removed, or will be soon.
///
/// # Errors
///
/// As [`std::fs::remove_file`].
#[doc(alias = "os.remove")]
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    call(path, |path| fs::remove_file(path)).await
}

/// Makes a directory.
///
/// # Cancel safety
///
/// Cancel safe, but it may have been made, or will be soon.
///
/// # Errors
///
/// As [`std::fs::create_dir`].
#[doc(alias = "os.mkdir")]
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    call(path, |path| fs::create_dir(path)).await
}

/// Makes a directory with all that it is in; one that is there is no error.
///
/// # Cancel safety
///
/// Cancel safe, but it may have been made, or will be soon.
///
/// # Errors
///
/// As [`std::fs::create_dir_all`].
#[doc(alias = "os.makedirs")]
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    call(path, |path| fs::create_dir_all(path)).await
}

/// Removes a directory that is empty.
///
/// # Cancel safety
///
/// Cancel safe, but it may have been removed, or will be soon.
///
/// # Errors
///
/// As [`std::fs::remove_dir`].
#[doc(alias = "os.rmdir")]
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    call(path, |path| fs::remove_dir(path)).await
}

/// Removes a directory with all that is in it.
///
/// # Cancel safety
///
/// Cancel safe, but a thread that has begun goes on until all of it is removed.
///
/// # Errors
///
/// As [`std::fs::remove_dir_all`].
#[doc(alias = "shutil.rmtree")]
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    call(path, |path| fs::remove_dir_all(path)).await
}

/// Everything in a directory, in the order in which the system has it.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::read_dir`], and the error of the first entry that cannot be read.
///
/// # Python
///
/// [`os.scandir`](https://docs.python.org/3/library/os.html#os.scandir), which gives them one by one.
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let entries = entracte::fs::read_dir(".").await?;
/// assert!(entries.iter().any(|entry| entry.file_name() == "Cargo.toml"));
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "os.scandir")]
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<Vec<DirEntry>> {
    call(path, |path| fs::read_dir(path)?.collect()).await
}

/// What is known of a file: its size, its times, its permissions.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::metadata`].
#[doc(alias = "os.stat")]
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    call(path, |path| fs::metadata(path)).await
}

/// As [`metadata`], of a link itself if it is one.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::symlink_metadata`].
#[doc(alias = "os.lstat")]
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    call(path, |path| fs::symlink_metadata(path)).await
}

/// Says who may do what with a file.
///
/// # Cancel safety
///
/// Cancel safe, but the permissions may have been set, or will be soon.
///
/// # Errors
///
/// As [`std::fs::set_permissions`].
#[doc(alias = "os.chmod")]
pub async fn set_permissions(path: impl AsRef<Path>, permissions: Permissions) -> io::Result<()> {
    call(path, |path| fs::set_permissions(path, permissions)).await
}

/// The full path of a file, without links on the way.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::canonicalize`].
#[doc(alias = "os.path.realpath")]
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    call(path, |path| fs::canonicalize(path)).await
}

/// Whether there is something of that name.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
///
/// # Errors
///
/// As [`std::fs::exists`]: if it cannot be told.
#[doc(alias = "os.path.exists")]
pub async fn exists(path: impl AsRef<Path>) -> io::Result<bool> {
    call(path, |path| fs::exists(path)).await
}
