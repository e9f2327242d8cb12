//! `Threaded`: a file that is used on other threads, one operation at a time, and loses nothing.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::threads::to_thread;

/// The most that one operation reads or writes.
pub(super) const LARGEST: usize = 2 << 20;

/// What an operation has done.
enum Done {
    Read(Vec<u8>),
    Other(u64),
}

/// What has come to its end.
pub(crate) enum Ended {
    Nothing,
    /// A read, of so many bytes.
    Read(usize),
    /// Another operation, with this value.
    Other(u64),
}

type Operation = Pin<Box<dyn Future<Output = io::Result<Done>>>>;

/// The operation stays here when its caller goes away, as nothing can stop it. Whoever comes next
/// waits for it: what it read is given then, and how it failed is told then.
pub(crate) struct Threaded<F> {
    file: Arc<F>,
    operation: Option<Operation>,
    /// What was read and not given, from `given` on.
    unread: Vec<u8>,
    given: usize,
}

impl<F> Threaded<F> {
    pub(crate) const fn file(&self) -> &Arc<F> {
        &self.file
    }

    /// How much was read and not given: so far is the file's own position ahead.
    const fn ahead(&self) -> usize {
        self.unread.len() - self.given
    }
}

impl<F: Send + Sync + 'static> Threaded<F> {
    pub(crate) fn new(file: F) -> Self {
        Self {
            file: Arc::new(file),
            operation: None,
            unread: Vec::new(),
            given: 0,
        }
    }

    fn begin(&mut self, act: impl FnOnce() -> io::Result<Done> + Send + 'static) {
        self.operation = Some(Box::pin(to_thread(act)));
    }

    /// Ready when no operation runs; gives what came of the last one, once. What it read is kept.
    pub(crate) fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Ended>> {
        let Some(operation) = &mut self.operation else {
            return Poll::Ready(Ok(Ended::Nothing));
        };
        let done = ready!(operation.as_mut().poll(cx));
        self.operation = None;
        Poll::Ready(match done? {
            Done::Read(bytes) => {
                (self.unread, self.given) = (bytes, 0);
                Ok(Ended::Read(self.unread.len()))
            }
            Done::Other(value) => Ok(Ended::Other(value)),
        })
    }

    /// Begins an operation, once there is no other, that is not a read or a write. Its value is what
    /// the next `poll_rest` gives.
    pub(crate) fn act(&mut self, act: impl FnOnce(&F) -> io::Result<u64> + Send + 'static) {
        let file = Arc::clone(&self.file);
        self.begin(move || act(&file).map(Done::Other));
    }
}

impl<F: Send + Sync + 'static> Threaded<F>
where
    for<'a> &'a F: Read,
{
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let ended = ready!(self.poll_rest(cx))?;
            if self.ahead() > 0 || into.is_empty() {
                let count = self.ahead().min(into.len());
                into[..count].copy_from_slice(&self.unread[self.given..][..count]);
                self.given += count;
                return Poll::Ready(Ok(count));
            }
            if matches!(ended, Ended::Read(0)) {
                return Poll::Ready(Ok(0));
            }
            self.begin_read(into.len());
        }
    }

    fn begin_read(&mut self, size: usize) {
        let mut bytes = std::mem::take(&mut self.unread);
        self.given = 0;
        let file = Arc::clone(&self.file);
        self.begin(move || {
            bytes.resize(size.min(LARGEST), 0);
            let count = retrying(|| (&*file).read(&mut bytes))?;
            bytes.truncate(count);
            Ok(Done::Read(bytes))
        });
    }
}

impl<F: Send + Sync + 'static> Threaded<F>
where
    for<'a> &'a F: Write + Seek,
{
    /// Accepts bytes, which are written from now on whatever the caller does. An error of theirs is
    /// what the next call gives.
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_rest(cx))?;
        let bytes = &bytes[..bytes.len().min(LARGEST)];
        let accepted = Accepted {
            file: Arc::clone(&self.file),
            bytes: bytes.to_vec(),
            step_back: self.forget_unread(),
        };
        self.begin(move || accepted.write().map(|()| Done::Other(0)));
        // It is in line from the first poll on.
        if let Poll::Ready(Err(error)) = self.poll_rest(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    /// Gives the way from the file's own position back to that of the caller.
    pub(crate) fn forget_unread(&mut self) -> i64 {
        let ahead = i64::try_from(self.ahead()).expect("a buffer is smaller than that");
        self.unread.clear();
        self.given = 0;
        -ahead
    }
}

/// Goes back over what was read ahead, where there is a way back.
pub(super) fn step_back<'a, F>(file: &'a F, way: i64) -> io::Result<()>
where
    &'a F: Seek,
{
    let mut file = file;
    match way {
        0 => Ok(()),
        way => match file.seek(SeekFrom::Current(way)) {
            Err(error) if error.kind() != ErrorKind::NotSeekable => Err(error),
            _ => Ok(()),
        },
    }
}

fn retrying<T>(mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match act() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Bytes that were accepted. Dropped before a thread has come to them, they are written at once.
struct Accepted<F>
where
    for<'a> &'a F: Write + Seek,
{
    file: Arc<F>,
    bytes: Vec<u8>,
    step_back: i64,
}

impl<F> Accepted<F>
where
    for<'a> &'a F: Write + Seek,
{
    fn write(mut self) -> io::Result<()> {
        self.write_now()
    }

    fn write_now(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        step_back(&*self.file, self.step_back)?;
        (&*self.file).write_all(&bytes)
    }
}

impl<F> Drop for Accepted<F>
where
    for<'a> &'a F: Write + Seek,
{
    fn drop(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        if let Err(error) = self.write_now() {
            crate::task::lost::report("cannot write what a file had accepted", &error);
        }
    }
}
