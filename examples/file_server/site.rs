//! `Site`: the folder that is served, and what lies where in it.

use std::fs::{DirEntry, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::answer::Status;
use crate::date;
use crate::listing;
use crate::target::Target;
use crate::wanted::Version;

/// A folder. Nothing outside of it is ever given out, whatever the links in it say; who may write
/// in it while it is served can swap a file for a link, and is trusted.
#[derive(Clone)]
pub(crate) struct Site {
    root: PathBuf,
    hidden: bool,
}

/// What was found.
pub(crate) enum Found {
    File {
        file: File,
        version: Version,
        kind: &'static str,
    },
    Page(String),
    /// A folder that was asked for as if it were a file.
    NeedsSlash,
}

impl Site {
    pub(crate) fn new(folder: &Path, hidden: bool) -> io::Result<Self> {
        let explained = |error: io::Error| {
            let text = format!("cannot serve {}: {error}", folder.display());
            io::Error::new(error.kind(), text)
        };
        let root = folder.canonicalize().map_err(explained)?;
        if !root.is_dir() {
            return Err(explained(ErrorKind::NotADirectory.into()));
        }
        Ok(Self { root, hidden })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Looks for a target; blocks.
    pub(crate) fn find(&self, target: &Target) -> Result<Found, Status> {
        let is_dotted = |name: &std::ffi::OsString| name.as_bytes().starts_with(b".");
        if !self.hidden && target.names.iter().any(is_dotted) {
            return Err(Status::NOT_FOUND);
        }
        let mut path = self.root.clone();
        path.extend(&target.names);
        let path = self.within(&path).map_err(|error| Status::of(&error))?;
        if !path.is_dir() {
            if target.is_folder {
                return Err(Status::NOT_FOUND);
            }
            return open(&path).map_err(|error| Status::of(&error));
        }
        if !target.is_folder {
            return Ok(Found::NeedsSlash);
        }
        if let Ok(index) = self.within(&path.join("index.html")) {
            return open(&index).map_err(|error| Status::of(&error));
        }
        let page = listing::page(&path, target, |entry| self.served(entry));
        page.map(Found::Page).map_err(|error| Status::of(&error))
    }

    /// The path without links, if it does not lead out of the folder.
    fn within(&self, path: &Path) -> io::Result<PathBuf> {
        let path = path.canonicalize()?;
        if !path.starts_with(&self.root) {
            return Err(ErrorKind::NotFound.into());
        }
        Ok(path)
    }

    fn served(&self, entry: &DirEntry) -> Option<Metadata> {
        if !self.hidden && entry.file_name().as_bytes().starts_with(b".") {
            return None;
        }
        let metadata = self.within(&entry.path()).ok()?.metadata().ok()?;
        (metadata.is_file() || metadata.is_dir()).then_some(metadata)
    }
}

fn open(path: &Path) -> io::Result<Found> {
    // Before it is opened: opening a pipe would wait for somebody who writes.
    if !path.metadata()?.is_file() {
        return Err(ErrorKind::NotFound.into());
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let (modified, length) = (metadata.modified().map_or(0, date::seconds), metadata.len());
    let (inode, nanos) = (metadata.ino(), metadata.mtime_nsec());
    Ok(Found::File {
        file,
        version: Version {
            tag: format!("\"{inode:x}-{modified:x}.{nanos:x}-{length:x}\""),
            modified,
            length,
        },
        kind: kind(path),
    })
}

/// The media type, by the ending of the name.
fn kind(path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default();
    match ending.to_string_lossy().to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "txt" | "md" | "rs" | "py" | "toml" | "log" => "text/plain; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "zip" => "application/zip",
        "gz" | "tgz" => "application/gzip",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
