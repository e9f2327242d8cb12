//! A process that was started: told to end, waited for, and never left behind.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::process::{self, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::thread;

use entracte_event_loop::{Direction, Interest, Watched};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use crate::signal::Signal;
use crate::task::waiting::{Wait, waits_for};
use crate::threads::{SendPromise, promise};

/// How long a process may take to be gone once it was killed, before it is left to others to reap.
const GONE_WITHIN: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// Processes that run on without anybody who waits for them.
static DETACHED: Mutex<Vec<process::Child>> = Mutex::new(Vec::new());

fn detached() -> MutexGuard<'static, Vec<process::Child>> {
    DETACHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reaps those that were detached and have ended.
pub(super) fn reap_detached() {
    detached().retain_mut(|child| matches!(child.try_wait(), Ok(None)));
}

/// Dropping it kills and reaps the process.
pub(super) struct Process {
    /// There until it is dropped.
    child: Option<process::Child>,
    /// There once somebody had to wait.
    watcher: Option<Watcher>,
    status: Option<ExitStatus>,
    /// Others have reaped it, and its number may be that of another.
    is_lost: bool,
    leads_group: bool,
}

/// Who tells that the process has ended.
enum Watcher {
    Descriptor(Watched<OwnedFd>),
    /// Where the system has no such descriptor, or none left.
    Thread(SendPromise<()>),
}

impl Process {
    pub(super) const fn new(child: process::Child, leads_group: bool) -> Self {
        Self {
            child: Some(child),
            watcher: None,
            status: None,
            is_lost: false,
            leads_group,
        }
    }

    fn child(&mut self) -> &mut process::Child {
        self.child.as_mut().expect("it is there until the drop")
    }

    pub(super) fn id(&self) -> u32 {
        let child = self.child.as_ref();
        child.expect("it is there until the drop").id()
    }

    /// Until it is reaped, nobody else gets its number.
    fn pid(&self) -> Pid {
        let child = self.child.as_ref();
        Pid::from_child(child.expect("it is there until the drop"))
    }

    /// How it ended, if it has: reaps it then.
    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            let answer = self.child().try_wait();
            self.is_lost = answer.is_err();
            self.status = answer?;
        }
        Ok(self.status)
    }

    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        if self.status.is_some() || self.is_lost {
            let message = format!("cannot send {signal}: process {} has ended", self.id());
            return Err(io::Error::new(ErrorKind::NotFound, message));
        }
        let Some(named) = rustix::process::Signal::from_named_raw(signal.as_raw()) else {
            let message = format!("cannot send {signal}: there is no such signal");
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        };
        if self.leads_group {
            kill_process_group(self.pid(), named)?;
        } else {
            kill_process(self.pid(), named)?;
        }
        Ok(())
    }

    /// Ready when it has ended, and reaps it then.
    pub(super) fn poll_reaped(&mut self, waker: &Waker) -> Poll<io::Result<ExitStatus>> {
        loop {
            if let Some(status) = self.try_wait()? {
                return Poll::Ready(Ok(status));
            }
            std::task::ready!(self.poll_watcher(waker))?;
        }
    }

    /// Ready when it has ended, and leaves it to be reaped: its number, which is that of its group,
    /// is nobody else's until then.
    pub(super) fn poll_ended(&mut self, waker: &Waker) -> Poll<io::Result<()>> {
        loop {
            if self.status.is_some() || has_ended(self.pid())? {
                return Poll::Ready(Ok(()));
            }
            std::task::ready!(self.poll_watcher(waker))?;
        }
    }

    /// Ready when it is worth another look.
    fn poll_watcher(&mut self, waker: &Waker) -> Poll<io::Result<()>> {
        let pid = self.pid();
        let watcher = match &mut self.watcher {
            Some(watcher) => watcher,
            empty => empty.insert(Watcher::of(pid)?),
        };
        let polled = match watcher {
            Watcher::Descriptor(descriptor) => {
                let look = |_: &OwnedFd| match has_ended(pid) {
                    Ok(true) => Ok(()),
                    Ok(false) => Err(ErrorKind::WouldBlock.into()),
                    Err(error) => Err(error),
                };
                descriptor.poll(Direction::Read, waker, look)
            }
            Watcher::Thread(ended) => {
                let cx = &mut std::task::Context::from_waker(waker);
                std::pin::Pin::new(ended).poll(cx).map(|_| Ok(()))
            }
        };
        if polled.is_pending() {
            waits_for(Wait::Process);
        }
        polled
    }

    /// Lets it run on. It is reaped when another process is started after its end.
    pub(super) fn detach(mut self) {
        if self.status.is_none() {
            detached().extend(self.child.take());
        }
    }
}

impl Watcher {
    fn of(pid: Pid) -> io::Result<Self> {
        match descriptor_of(pid) {
            Ok(descriptor) => {
                let watched = Watched::new(descriptor, Interest::READABLE);
                Ok(Self::Descriptor(watched))
            }
            Err(_) => Self::by_thread(pid),
        }
    }

    /// A thread that waits for the process, which may take long: none of a pool.
    fn by_thread(pid: Pid) -> io::Result<Self> {
        let (resolver, ended) = promise();
        let thread = thread::Builder::new().name(format!("process-{pid}"));
        thread.spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while waitid(WaitId::Pid(pid), options).is_err_and(|it| it == Errno::INTR) {}
            // Nobody may be waiting any more.
            let _ = resolver.set(());
        })?;
        Ok(Self::Thread(ended))
    }
}

/// A descriptor that can be read once the process has ended.
#[cfg(target_os = "linux")]
fn descriptor_of(pid: Pid) -> io::Result<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};
    Ok(pidfd_open(pid, PidfdFlags::NONBLOCK)?)
}

#[cfg(not(target_os = "linux"))]
fn descriptor_of(_: Pid) -> io::Result<OwnedFd> {
    Err(ErrorKind::Unsupported.into())
}

/// Whether a child has ended and is there to be reaped.
fn has_ended(pid: Pid) -> io::Result<bool> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.is_none() || !matches!(self.try_wait(), Ok(None)) {
            return;
        }
        // It may be gone by now, which is as well.
        drop(self.signal(Signal::KILL));
        match descriptor_of(self.pid()) {
            Ok(descriptor) => {
                let mut ends = [PollFd::new(&descriptor, PollFlags::IN)];
                let _ = poll(&mut ends, Some(&GONE_WITHIN));
            }
            Err(_) => drop(self.child().wait()),
        }
        if matches!(self.try_wait(), Ok(None)) {
            // The system holds it back: in a call to a disk that does not answer, say.
            detached().extend(self.child.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn a_thread_tells_of_the_end_where_no_descriptor_does() {
        let ended = crate::run(async {
            let child = process::Command::new("sh").args(["-c", "exit 7"]).spawn();
            let mut process = Process::new(child.expect("a test may start a shell"), false);
            process.watcher = Some(Watcher::by_thread(process.pid()).expect("there are threads"));
            poll_fn(|cx| process.poll_reaped(cx.waker())).await
        });
        let status = ended.expect("it runs").expect("it is reaped");
        assert_eq!(status.code(), Some(7));
    }
}
