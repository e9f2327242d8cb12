//! `Part`: a file on its way, under another name until all of it is there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use entracte::to_thread;

/// From where to go on, and of which version of the file.
pub(crate) struct Resume {
    pub(crate) from: u64,
    pub(crate) tag: String,
}

pub(crate) struct Part {
    paths: Arc<Paths>,
    /// Locked, so that no other program writes into it.
    file: Arc<File>,
    length: u64,
    tag: Option<String>,
}

struct Paths {
    target: PathBuf,
    part: PathBuf,
    tag: PathBuf,
}

/// The names of the files beside one of this name.
pub(crate) fn side_names(name: &str) -> [String; 2] {
    [format!("{name}.part"), format!("{name}.part.tag")]
}

impl Part {
    /// Opens what there is of a file, or makes an empty one.
    pub(crate) async fn open(target: &Path) -> io::Result<Self> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let [part, tag] = side_names(&name).map(|name| target.with_file_name(name));
        let target = target.to_owned();
        let paths = Arc::new(Paths { target, part, tag });
        to_thread(move || Self::open_here(paths)).await
    }

    fn open_here(paths: Arc<Paths>) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&paths.part)
            .map_err(|error| explained(&paths.part, &error))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => in_use(&paths.part),
            TryLockError::Error(error) => error,
        })?;
        // Whoever had the lock may have given the file its name just before.
        let is_same = fs::metadata(&paths.part)?.ino() == file.metadata()?.ino();
        if !is_same {
            return Err(in_use(&paths.part));
        }
        let length = file.metadata()?.len();
        let tag = fs::read_to_string(&paths.tag).ok();
        Ok(Self {
            paths,
            file: Arc::new(file),
            length,
            tag,
        })
    }

    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// From where the file can be gone on with, if it can.
    pub(crate) fn resume(&self) -> Option<Resume> {
        let tag = self
            .tag
            .clone()
            .filter(|tag| self.length > 0 && !tag.is_empty())?;
        let from = self.length;
        Some(Resume { from, tag })
    }

    /// Begins anew, with what tells this version of the file from others.
    pub(crate) async fn begin(&mut self, tag: Option<&str>) -> io::Result<()> {
        let (file, paths) = (Arc::clone(&self.file), Arc::clone(&self.paths));
        self.length = 0;
        self.tag = tag.map(str::to_owned);
        let tag = self.tag.clone().unwrap_or_default();
        to_thread(move || {
            // In this order: there is never a part of one version with the tag of another.
            file.set_len(0)?;
            fs::write(&paths.tag, tag)
        })
        .await
    }

    pub(crate) async fn write(&mut self, piece: Vec<u8>) -> io::Result<()> {
        let (file, paths) = (Arc::clone(&self.file), Arc::clone(&self.paths));
        let length = piece.len() as u64;
        let written = to_thread(move || {
            let written = (&*file).write_all(&piece);
            written.map_err(|error| explained(&paths.part, &error))
        });
        written.await?;
        self.length += length;
        Ok(())
    }

    /// Leaves nothing behind if there is nothing to be gone on with.
    pub(crate) async fn leave(&self) -> io::Result<()> {
        if self.length > 0 {
            return Ok(());
        }
        let paths = Arc::clone(&self.paths);
        to_thread(move || {
            fs::remove_file(&paths.part)?;
            match fs::remove_file(&paths.tag) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Gives the file its name.
    pub(crate) async fn finish(&self) -> io::Result<()> {
        let (file, paths) = (Arc::clone(&self.file), Arc::clone(&self.paths));
        to_thread(move || {
            file.sync_all()?;
            fs::rename(&paths.part, &paths.target)?;
            fs::remove_file(&paths.tag)
        })
        .await
    }
}

fn explained(path: &Path, error: &io::Error) -> io::Error {
    let text = format!("cannot write {}: {error}", path.display());
    io::Error::new(error.kind(), text)
}

fn in_use(path: &Path) -> io::Error {
    let text = format!("cannot write {}: another program does", path.display());
    io::Error::new(ErrorKind::ResourceBusy, text)
}
