//! `AtomicFile` and `write_atomic`: a file that is there as a whole, or as it was before.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::file::File;
use crate::threads::to_thread;

/// Writes a file that is never seen torn: it has all of these bytes, or is as it was before.
///
/// They are written to a file beside it, which takes its place once it is on the disk: also if the
/// machine stops, either is there. Permissions of a file that is replaced are kept; a link stays, and
/// what it points to is replaced.
///
/// # Cancel safety
///
/// Cancel safe, but the file may have been replaced, or will be soon. It is never torn.
///
/// # Errors
///
/// Returns the system's error. The file is as it was before, then, and nothing is left beside it.
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let path = std::env::temp_dir().join(format!("entracte-state-{}", std::process::id()));
/// entracte::fs::write_atomic(&path, "one").await?;
/// entracte::fs::write_atomic(&path, "two").await?;
/// assert_eq!(entracte::fs::read(&path).await?, b"two");
/// entracte::fs::remove_file(&path).await?;
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
pub async fn write_atomic(path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
    let (path, bytes) = (path.as_ref().to_owned(), bytes.into());
    to_thread(move || {
        let (mut file, beside) = Beside::create(&path)?;
        file.write_all(&bytes)?;
        beside.commit(&file)
    })
    .await
}

/// A file that is written bit by bit, and takes its place by [`commit`](Self::commit) as a whole.
///
/// What it replaces is there until then, and stays if this is dropped: a program that is cancelled
/// leaves no torn file, and nothing beside it. It is used as the [`File`] that it stands for.
///
/// # Examples
///
/// ```
/// use entracte::fs::AtomicFile;
///
/// # entracte::run(async {
/// let path = std::env::temp_dir().join(format!("entracte-download-{}", std::process::id()));
/// let mut file = AtomicFile::create(&path).await?;
/// file.write_all(b"first half, ").await?;
/// assert!(!entracte::fs::exists(&path).await?);
/// file.write_all(b"second half").await?;
/// file.commit().await?;
/// assert_eq!(entracte::fs::read(&path).await?, b"first half, second half");
/// entracte::fs::remove_file(&path).await?;
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
#[derive(Debug)]
#[must_use = "without a `commit` there is no such file"]
pub struct AtomicFile {
    file: File,
    beside: Beside,
}

impl AtomicFile {
    /// Creates a file beside the one that it will replace, or stand for.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a file that is created too late is removed.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let (file, beside) = to_thread(move || Beside::create(&path)).await?;
        let file = File::from_std(file);
        Ok(Self { file, beside })
    }

    /// Waits until all of it is on the disk, and puts it in its place.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but it may be in its place, or will be soon; otherwise it is removed.
    ///
    /// # Errors
    ///
    /// Returns the system's error, or that of a write whose caller was cancelled. What was there before
    /// is there, then.
    pub async fn commit(self) -> io::Result<()> {
        let Self { file, beside } = self;
        let file = file.into_std().await?;
        to_thread(move || beside.commit(&file)).await
    }
}

impl Deref for AtomicFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl DerefMut for AtomicFile {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.file
    }
}

/// The name of a file beside the one that it is to replace. Dropping it removes the file.
#[derive(Debug)]
struct Beside {
    path: PathBuf,
    target: PathBuf,
    is_committed: bool,
}

impl Beside {
    fn create(target: &Path) -> io::Result<(fs::File, Self)> {
        // What a link points to, if it is one and points to something.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let Some(name) = target.file_name() else {
            let message = format!("cannot replace {}: it is no file", target.display());
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        };
        let mut options = File::options();
        options.write(true).create_new(true);
        loop {
            let path = target.with_file_name(name_beside(name));
            match options.open(&path) {
                Ok(file) => {
                    let beside = Self {
                        path,
                        target,
                        is_committed: false,
                    };
                    return Ok((file, beside));
                }
                // Left behind by a process that had the same number, and was killed.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn commit(mut self, file: &fs::File) -> io::Result<()> {
        if let Ok(old) = fs::metadata(&self.target) {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&self.path, &self.target)?;
        self.is_committed = true;
        sync_directory(&self.target)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.is_committed {
            // Somebody else may have removed it.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// A name that no other of this process gets, hidden as it is nobody's concern.
fn name_beside(name: &OsStr) -> OsString {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}-{number}.tmp", process::id()));
    beside
}

/// Has the new name on the disk, too.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::File::open(directory)?.sync_all()
}
