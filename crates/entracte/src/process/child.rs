//! `Child`: a process that this program started, which ends when the child is dropped.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::process::{ChildStderr, ChildStdin, ChildStdout, ExitStatus, Output};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_io::AsyncWrite;

use crate::io::{PipeReader, PipeWriter, Reader, Writer};
use crate::process::ending::{end, end_abandoned};
use crate::process::exchange::Exchange;
use crate::process::owned::Process;
use crate::signal::Signal;

pub(super) type Pipes = (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>);

/// A process that this program started.
///
/// Dropping it ends the process: it is asked by SIGTERM, and killed when its grace period is over. A
/// block that is cancelled and drops it so waits until the process is gone and reaped, as for any of
/// its tasks; otherwise the loop sees to it in the background, and at its own end kills what is left.
/// Outside a loop the process is killed at once. [`detach`](Self::detach) lets it run on instead.
///
/// # Python
///
/// [`asyncio.subprocess.Process`](https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.subprocess.Process).
/// There a process runs on, whatever becomes of the task that started it.
///
/// # Examples
///
/// ```
/// use entracte::process::Command;
///
/// # entracte::run(async {
/// let mut child = Command::new("cat").piped().spawn()?;
/// let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
/// to.write_all(b"hello\n").await?;
/// assert_eq!(from.read_line().await?.as_deref(), Some("hello"));
/// drop(to); // the end of its input
/// assert!(child.wait().await?.success());
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.subprocess.Process")]
#[must_use = "a child is ended when it is dropped: wait for it, or `detach` it"]
pub struct Child {
    /// What it reads, if that was made a pipe.
    pub stdin: Option<Writer<PipeWriter>>,
    /// What it writes, if that was made a pipe.
    pub stdout: Option<Reader<PipeReader>>,
    /// The errors that it writes, if that was made a pipe.
    pub stderr: Option<Reader<PipeReader>>,
    exchange: Exchange,
    /// There until it is taken out to be ended or detached.
    process: Option<Process>,
    grace: Duration,
}

impl Child {
    pub(super) fn new(process: Process, pipes: Pipes, grace: Duration) -> io::Result<Self> {
        let (stdin, stdout, stderr) = pipes;
        Ok(Self {
            stdin: stdin.map(writer).transpose()?,
            stdout: stdout.map(reader).transpose()?,
            stderr: stderr.map(reader).transpose()?,
            exchange: Exchange::default(),
            process: Some(process),
            grace,
        })
    }

    const fn process(&mut self) -> &mut Process {
        let process = self.process.as_mut();
        process.expect("only what consumes the child takes it out")
    }

    /// The number of the process.
    #[doc(alias = "asyncio.subprocess.Process.pid")]
    #[must_use]
    pub fn id(&self) -> u32 {
        let process = self.process.as_ref();
        process.map_or(0, Process::id)
    }

    /// Waits for the process to end, and reaps it.
    ///
    /// A `stdin` that is still here is closed first, once what was written to it is sent: a child
    /// that reads to the end would wait for ever. A child that writes more than a pipe holds waits for
    /// somebody to read it; [`communicate`](Self::communicate) does.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but `stdin` may be closed. The process runs on for as long as this child is not
    /// dropped, and can be waited for again: by a [`timeout`](crate::timeout()) around this, one can see
    /// whether it ends by itself.
    ///
    /// # Errors
    ///
    /// Returns the system's error if somebody else has reaped the process.
    ///
    /// # Python
    ///
    /// [`Process.wait`](https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.subprocess.Process.wait),
    /// which does not close `stdin`.
    #[doc(alias = "asyncio.subprocess.Process.wait")]
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        poll_fn(|cx| {
            if self.poll_close_stdin(cx).is_ready() {
                self.stdin = None;
            }
            self.process().poll_reaped(cx.waker())
        })
        .await
    }

    /// Whatever it says: a child that does not read its input may have its reasons.
    fn poll_close_stdin(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.stdin {
            Some(stdin) => Pin::new(stdin).poll_close(cx).map(drop),
            None => Poll::Ready(()),
        }
    }

    /// How the process ended, if it has: it is reaped then.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    #[doc(alias = "asyncio.subprocess.Process.returncode")]
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process().try_wait()
    }

    /// Writes all of `input`, reads both outputs to their ends, and waits for the end of the process.
    ///
    /// All of it at once, so neither side ever waits for the other with a pipe that is full. A child
    /// that does not read its input to the end is no error. An output that is no pipe, or was taken out
    /// of this child, is left alone; so is `stdin` if `input` is empty. Whoever inherited a pipe of the
    /// child keeps it from ending: a process in the background, say. There is no limit to what is read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read is kept, and so is what is left of the input. Another call goes on
    /// from there, and [`take_collected`](Self::take_collected) gives what there is.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind `InvalidInput`, and does nothing, if there is input and no pipe for
    /// it: `stdin` was not made one, was taken out of this child, or is closed. Returns the system's
    /// error if a pipe fails, or as [`wait`](Self::wait).
    ///
    /// # Python
    ///
    /// [`Process.communicate`](https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.subprocess.Process.communicate),
    /// without the status. There, input without a pipe is an error of another kind, and what was read
    /// is lost when it is cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # entracte::run(async {
    /// let mut child = entracte::process::exec("tr", ["a-z", "A-Z"]).piped().spawn()?;
    /// let output = child.communicate(*b"hello").await?;
    /// assert_eq!(output.stdout, b"HELLO");
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap().unwrap();
    /// ```
    #[doc(alias = "asyncio.subprocess.Process.communicate")]
    pub async fn communicate(&mut self, input: impl Into<Vec<u8>>) -> io::Result<Output> {
        self.exchange.offer(input.into(), self.stdin.is_some())?;
        poll_fn(|cx| {
            let pipes = (&mut self.stdin, &mut self.stdout, &mut self.stderr);
            self.exchange.poll(cx, pipes)
        })
        .await?;
        let status = self.wait().await?;
        let (stdout, stderr) = self.take_collected();
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }

    /// Takes what a [`communicate`](Self::communicate) that was cancelled has read so far: the output,
    /// and the errors.
    pub fn take_collected(&mut self) -> (Vec<u8>, Vec<u8>) {
        self.exchange.take_collected()
    }

    /// Sends a signal to the process; to its whole group if it has
    /// [one of its own](crate::process::Command::own_group).
    ///
    /// # Errors
    ///
    /// Returns an error of the kind `NotFound` if the process was reaped, of the kind `InvalidInput`
    /// if there is no such signal, and the system's error if this program may not send it.
    #[doc(alias = "asyncio.subprocess.Process.send_signal")]
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        let process = self.process.as_ref();
        process.map_or(Ok(()), |process| process.signal(signal))
    }

    /// Asks the process to end: sends SIGTERM. It need not obey.
    ///
    /// # Errors
    ///
    /// As [`signal`](Self::signal).
    #[doc(alias = "asyncio.subprocess.Process.terminate")]
    pub fn terminate(&self) -> io::Result<()> {
        self.signal(Signal::TERM)
    }

    /// Kills the process: sends SIGKILL. It ends soon; [`wait`](Self::wait) says when.
    ///
    /// # Errors
    ///
    /// As [`signal`](Self::signal).
    #[doc(alias = "asyncio.subprocess.Process.kill")]
    pub fn kill(&self) -> io::Result<()> {
        self.signal(Signal::KILL)
    }

    /// Ends the process, as dropping the child does, and waits until it is gone.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the process ends in any case.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::unix::process::ExitStatusExt;
    ///
    /// # entracte::run(async {
    /// let status = entracte::process::exec("sleep", ["3600"]).spawn()?.end().await?;
    /// assert_eq!(status.signal(), Some(15));
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap().unwrap();
    /// ```
    pub async fn end(mut self) -> io::Result<ExitStatus> {
        let grace = self.grace;
        end(self.process(), grace).await
    }

    /// Lets the process run on when nobody holds the child any more.
    ///
    /// It is reaped when it has ended and another process is started.
    pub fn detach(mut self) {
        if let Some(process) = self.process.take() {
            process.detach();
        }
    }
}

fn writer(pipe: impl Into<OwnedFd>) -> io::Result<Writer<PipeWriter>> {
    PipeWriter::from_fd(pipe.into()).map(Writer::new)
}

fn reader(pipe: impl Into<OwnedFd>) -> io::Result<Reader<PipeReader>> {
    PipeReader::from_fd(pipe.into()).map(Reader::new)
}

impl Drop for Child {
    fn drop(&mut self) {
        let runs = |process: &mut Process| matches!(process.try_wait(), Ok(None));
        if let Some(process) = self.process.take_if(runs) {
            end_abandoned(process, self.grace);
        }
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
