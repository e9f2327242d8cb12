//! `File`: a file that is read and written on other threads.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::threaded::{Ended, LARGEST, Threaded, step_back};
use crate::threads::to_thread;

/// A file. Each operation is a call on a thread, as the system has no other for files.
///
/// Such a call cannot be stopped: when the caller is cancelled, it goes on, and the file keeps what
/// comes of it. What was read is given by the next read, what was written is written, what failed is
/// told by the next operation. So nothing is lost, and operations never overtake each other. Only a
/// file that is dropped forgets: its last write is done, but nobody hears of an error;
/// [`close`](Self::close) waits for it. A small read costs as much as a large one: read in
/// [chunks](crate::io::Reader), or [everything at once](super::read).
///
/// # Python
///
/// [`open`](https://docs.python.org/3/library/functions.html#open) with `buffering=0`; asyncio has
/// no files.
///
/// # Examples
///
/// ```
/// use entracte::fs::File;
/// use entracte::io::Reader;
///
/// # entracte::run(async {
/// let path = std::env::temp_dir().join(format!("entracte-file-{}", std::process::id()));
/// let mut file = File::create(&path).await?;
/// file.write_all(b"one\ntwo\n").await?;
/// file.close().await?;
///
/// let mut reader = Reader::new(File::open(&path).await?);
/// assert_eq!(reader.read_line().await?.as_deref(), Some("one"));
/// entracte::fs::remove_file(&path).await?;
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
pub struct File {
    pub(super) file: Threaded<std::fs::File>,
}

impl File {
    /// Opens a file to read it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a file that is opened too late is closed.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let file = to_thread(|| std::fs::File::open(path)).await?;
        Ok(Self::from_std(file))
    }

    /// Creates a file to write it, or empties the one that is there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the file may have been created or emptied.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub async fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let file = to_thread(|| std::fs::File::create(path)).await?;
        Ok(Self::from_std(file))
    }

    /// Opens a file in any other way: to append to it, or only if it is not there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the file may have been created or emptied.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::fs::File;
    ///
    /// # entracte::run(async {
    /// let mut options = File::options();
    /// options.append(true).create(true);
    /// let path = std::env::temp_dir().join(format!("entracte-log-{}", std::process::id()));
    /// let mut log = File::open_with(&options, &path).await?;
    /// log.write_all(b"started\n").await?;
    /// entracte::fs::remove_file(&path).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap().unwrap();
    /// ```
    pub async fn open_with(
        options: &std::fs::OpenOptions,
        path: impl AsRef<Path>,
    ) -> io::Result<Self> {
        let (options, path) = (options.clone(), path.as_ref().to_owned());
        let file = to_thread(move || options.open(path)).await?;
        Ok(Self::from_std(file))
    }

    /// What [`open_with`](Self::open_with) takes, with nothing allowed yet.
    #[must_use]
    pub fn options() -> std::fs::OpenOptions {
        std::fs::OpenOptions::new()
    }

    /// Takes a file that is open.
    #[must_use]
    pub fn from_std(file: std::fs::File) -> Self {
        Self {
            file: Threaded::new(file),
        }
    }

    /// Gives the file, at the position of the next read or write, once it is at rest.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the file is dropped.
    ///
    /// # Errors
    ///
    /// Returns the error of an operation whose caller was cancelled, and that of the system if it gives
    /// no descriptor more.
    pub async fn into_std(mut self) -> io::Result<std::fs::File> {
        self.rest().await?;
        let way = self.file.forget_unread();
        let file = Arc::clone(self.file.file());
        drop(self);
        to_thread(move || {
            step_back(&*file, way)?;
            Arc::try_unwrap(file).or_else(|file| file.try_clone())
        })
        .await
    }

    /// Reads what there is, at most as much as fits; 0 is the end of the file.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what is read too late is given by the next read, and the position of the file
    /// moves with what is given.
    ///
    /// # Errors
    ///
    /// Returns the system's error, or that of an operation whose caller was cancelled.
    pub async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.file.poll_read(cx, into)).await
    }

    /// Reads from the position of the file to its end.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read is lost, and the position is somewhere behind it.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub async fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let left = match self.metadata().await {
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        };
        // One byte more, so that a file of that size is found to have ended by a read of nothing.
        let mut room = usize::try_from(left)
            .unwrap_or(LARGEST)
            .clamp(4096, LARGEST)
            + 1;
        let mut bytes = Vec::new();
        loop {
            let start = bytes.len();
            bytes.resize(start + room, 0);
            let count = self.read(&mut bytes[start..]).await?;
            bytes.truncate(start + count);
            if count == 0 {
                return Ok(bytes);
            }
            room = LARGEST;
        }
    }

    /// Writes all of the bytes at the position of the file, or at its end if it was opened to append.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but what was begun is written: all or nothing of up to 2 MiB, of more the first
    /// 2 MiB, or 4, and so on.
    ///
    /// # Errors
    ///
    /// Returns the system's error, the kind `StorageFull` of a disk that is, or that of an operation
    /// whose caller was cancelled. A part may have been written.
    pub async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = poll_fn(|cx| self.file.poll_write(cx, bytes)).await?;
            bytes = &bytes[count..];
        }
        self.rest().await.map(drop)
    }

    /// Moves the position of the file; gives where it is from the beginning.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the position may have moved.
    ///
    /// # Errors
    ///
    /// Returns the system's error, or that of an operation whose caller was cancelled.
    pub async fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.rest().await?;
        let way = self.file.forget_unread();
        self.act(move |mut file| {
            step_back(file, way)?;
            io::Seek::seek(&mut file, to)
        })
        .await
    }

    /// Waits until what was written is on the disk itself, with all that is known of the file.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it goes on, and the next operation tells of an error.
    ///
    /// # Errors
    ///
    /// Returns the system's error, or that of an operation whose caller was cancelled.
    #[doc(alias = "os.fsync")]
    pub async fn sync_all(&mut self) -> io::Result<()> {
        self.rest().await?;
        self.act(|file| file.sync_all().map(|()| 0)).await.map(drop)
    }

    /// As [`sync_all`](Self::sync_all), without what is not needed to read it: its times, say.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it goes on, and the next operation tells of an error.
    ///
    /// # Errors
    ///
    /// As [`sync_all`](Self::sync_all).
    #[doc(alias = "os.fdatasync")]
    pub async fn sync_data(&mut self) -> io::Result<()> {
        self.rest().await?;
        self.act(|file| file.sync_data().map(|()| 0))
            .await
            .map(drop)
    }

    /// Cuts the file off at this length, or fills it up to it with zeros.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the length may have changed.
    ///
    /// # Errors
    ///
    /// Returns the system's error, or that of an operation whose caller was cancelled.
    #[doc(alias = "os.ftruncate")]
    pub async fn set_len(&mut self, length: u64) -> io::Result<()> {
        self.rest().await?;
        self.act(move |file| file.set_len(length).map(|()| 0))
            .await
            .map(drop)
    }

    /// What is known of the file: its size, its times, its permissions.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    #[doc(alias = "os.fstat")]
    pub async fn metadata(&self) -> io::Result<std::fs::Metadata> {
        let file = Arc::clone(self.file.file());
        to_thread(move || file.metadata()).await
    }

    /// Waits for what was written, and closes the file.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the file is closed in any case, but nobody hears of an error.
    ///
    /// # Errors
    ///
    /// Returns the error of an operation whose caller was cancelled, and of what was accepted through
    /// [`AsyncWrite`].
    pub async fn close(mut self) -> io::Result<()> {
        self.rest().await?;
        let file = Arc::clone(self.file.file());
        drop(self);
        // The last one to be dropped, as no operation runs: there, closing may take its time.
        to_thread(move || drop(file)).await;
        Ok(())
    }

    /// Waits for the operation that runs.
    async fn rest(&mut self) -> io::Result<Ended> {
        poll_fn(|cx| self.file.poll_rest(cx)).await
    }

    async fn act(
        &mut self,
        act: impl FnOnce(&std::fs::File) -> io::Result<u64> + Send + 'static,
    ) -> io::Result<u64> {
        self.file.act(act);
        match self.rest().await? {
            Ended::Other(value) => Ok(value),
            Ended::Nothing | Ended::Read(_) => unreachable!("it is what was begun last"),
        }
    }
}

impl AsyncRead for File {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.file.poll_read(cx, into)
    }
}

/// Bytes are accepted before they are written: the next call, or a flush, tells of an error.
impl AsyncWrite for File {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.file.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.file.poll_rest(cx))?;
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("File").field(self.file.file()).finish()
    }
}
