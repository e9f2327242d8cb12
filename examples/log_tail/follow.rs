//! The source: an async generator of what a file gets, that waits while it gets nothing.

use std::fs::Metadata;
use std::io::SeekFrom;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use entracte::fs::{self, File};
use entracte::{AsyncGenerator, BoxError, Co, sleep};

/// How long to wait while the file does not grow: nothing portable says that it does.
const PAUSE: Duration = Duration::from_millis(100);

const CHUNK: usize = 64 * 1024;

/// What became of a file.
pub(crate) enum News {
    /// It got this.
    Bytes(Vec<u8>),
    /// It gets nothing at the moment.
    Pause,
    /// It was cut off, or another one has its name.
    NewFile,
}

/// Gives what is in a file, then what it gets, for ever.
pub(crate) fn follow(path: &Path) -> AsyncGenerator<'_, News> {
    AsyncGenerator::new(async move |mut co| {
        if let Err(error) = follow_on(&mut co, path).await {
            let error = format!("cannot follow {}: {error}", path.display());
            co.raise(error).await;
        }
    })
}

async fn follow_on(co: &mut Co<'_, News, ()>, path: &Path) -> Result<(), BoxError> {
    let mut file = File::open(path).await?;
    let mut position = 0;
    let mut chunk = vec![0; CHUNK];
    loop {
        // What the old file got before it was replaced is there by now, and is read below.
        let replacement = replacement(path, &file).await?;
        loop {
            let length = file.read(&mut chunk).await?;
            if length == 0 {
                break;
            }
            position += length as u64;
            co.yield_(News::Bytes(chunk[..length].to_vec())).await;
        }
        if let Some(new) = replacement {
            (file, position) = (new, 0);
            co.yield_(News::NewFile).await;
        } else if file.metadata().await?.len() < position {
            file.seek(SeekFrom::Start(0)).await?;
            position = 0;
            co.yield_(News::NewFile).await;
        } else {
            co.yield_(News::Pause).await;
            sleep(PAUSE).await;
        }
    }
}

/// The file that has taken the place of an open one, if there is one.
async fn replacement(path: &Path, file: &File) -> Result<Option<File>, BoxError> {
    // While there is none, the old one is still being written, or a new one is on its way.
    let Ok(there) = fs::metadata(path).await else {
        return Ok(None);
    };
    if is_same(&there, &file.metadata().await?) {
        return Ok(None);
    }
    Ok(File::open(path).await.ok())
}

fn is_same(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}
