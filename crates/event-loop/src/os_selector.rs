//! `OsSelector`: the system's own way to wait for many sources, through mio.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use mio::unix::SourceFd;

use crate::selector::{Event, Interest, Selector};

/// How many sources one `wait` reports at most; the others stay ready and come with the next. With
/// more, what the system has just touched of the first is out of the cache before it is used.
const CAPACITY: usize = 128;

/// The longest that the system is asked to wait. Systems refuse or cut what is much longer, and
/// waiting anew once a day costs nothing.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// What the notifier reports itself under.
const NOTIFIER: mio::Token = mio::Token(usize::MAX);

/// Waits with epoll, kqueue, or what else the system has. One system call per `wait`.
///
/// Linux counts in milliseconds: a timeout is rounded up to the next, so that a loop which waits
/// for a timer never wakes too early and never spins. A timeout of more than a day ends after one.
///
/// # Python
///
/// The twin is [`selectors.DefaultSelector`], which is level-triggered.
///
/// [`selectors.DefaultSelector`]: https://docs.python.org/3/library/selectors.html#selectors.DefaultSelector
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte_event_loop::{OsSelector, Selector};
///
/// let mut selector = OsSelector::new()?;
/// let notify = selector.notifier();
/// std::thread::spawn(move || notify());
///
/// let mut events = Vec::new();
/// selector.wait(None, &mut events)?;
/// assert!(events.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "selectors.DefaultSelector")]
pub struct OsSelector {
    poll: mio::Poll,
    reports: mio::Events,
    waker: Arc<mio::Waker>,
}

impl OsSelector {
    /// Makes a selector that watches nothing yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no descriptor left for it.
    pub fn new() -> io::Result<Self> {
        Self::with_capacity(CAPACITY)
    }

    fn with_capacity(capacity: usize) -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        let waker = Arc::new(mio::Waker::new(poll.registry(), NOTIFIER)?);
        Ok(Self {
            poll,
            reports: mio::Events::with_capacity(capacity),
            waker,
        })
    }
}

impl Selector for OsSelector {
    fn wait(&mut self, timeout: Option<Duration>, events: &mut Vec<Event>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| timeout.min(LONGEST_WAIT));
        match self.poll.poll(&mut self.reports, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error),
        }
        let sources = self
            .reports
            .iter()
            .filter(|report| report.token() != NOTIFIER);
        events.extend(sources.map(event));
        Ok(())
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        let waker = Arc::clone(&self.waker);
        Arc::new(move || {
            waker.wake().expect(
                "the descriptor is the waker's own, and open as long as the waker is there",
            );
        })
    }

    fn add(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        let token = token(key)?;
        self.poll
            .registry()
            .register(&mut SourceFd(&source.as_raw_fd()), token, wanted(interest))
    }

    fn change(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        let token = token(key)?;
        self.poll
            .registry()
            .reregister(&mut SourceFd(&source.as_raw_fd()), token, wanted(interest))
    }

    fn remove(&mut self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.poll
            .registry()
            .deregister(&mut SourceFd(&source.as_raw_fd()))
    }
}

/// The descriptor of the selector itself, which can be read while a source is ready: so that another
/// selector can watch this one.
impl AsFd for OsSelector {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.poll.registry().as_fd()
    }
}

impl fmt::Debug for OsSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OsSelector").finish_non_exhaustive()
    }
}

fn token(key: usize) -> io::Result<mio::Token> {
    let token = mio::Token(key);
    if token == NOTIFIER {
        let message = "cannot watch a source with the key usize::MAX: it is the notifier's";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(token)
}

fn wanted(interest: Interest) -> mio::Interest {
    match (interest.is_readable(), interest.is_writable()) {
        (true, false) => mio::Interest::READABLE,
        (false, true) => mio::Interest::WRITABLE,
        _ => mio::Interest::READABLE | mio::Interest::WRITABLE,
    }
}

fn event(report: &mio::event::Event) -> Event {
    let ended = report.is_error() || report.is_read_closed() || report.is_write_closed();
    Event {
        key: report.token().0,
        readable: ended || report.is_readable(),
        writable: ended || report.is_writable(),
        ended,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Read, Write};
    use std::net::Shutdown;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::OsSelector;
    use crate::selector::{Event, Interest, Selector};

    fn selector() -> OsSelector {
        OsSelector::new().expect("a test may have a few descriptors")
    }

    fn pair() -> (UnixStream, UnixStream) {
        let (near, far) = UnixStream::pair().expect("a test may have a few descriptors");
        near.set_nonblocking(true).expect("a socket can be");
        (near, far)
    }

    /// What is ready at this moment.
    fn look(selector: &mut OsSelector) -> Vec<Event> {
        let mut events = Vec::new();
        let looked = selector.wait(Some(Duration::ZERO), &mut events);
        looked.expect("looking works");
        events
    }

    const fn event(key: usize, readable: bool, writable: bool) -> Event {
        Event {
            key,
            readable,
            writable,
            ended: false,
        }
    }

    const fn end(key: usize) -> Event {
        Event {
            key,
            readable: true,
            writable: true,
            ended: true,
        }
    }

    #[test]
    fn o1_a_source_is_reported_each_time_it_becomes_ready() -> io::Result<()> {
        let (mut selector, (mut near, mut far)) = (selector(), pair());
        selector.add(near.as_fd(), 7, Interest::READABLE)?;
        assert_eq!(look(&mut selector), []);
        for _ in 0..2 {
            far.write_all(b"hello")?;
            assert_eq!(look(&mut selector), [event(7, true, false)]);
            assert_eq!(look(&mut selector), [], "nothing has changed");
            let read = near.read_to_end(&mut Vec::new());
            assert_eq!(read.expect_err("it is open").kind(), ErrorKind::WouldBlock);
        }
        Ok(())
    }

    #[test]
    fn o2_a_source_that_is_ready_already_is_reported() -> io::Result<()> {
        let (mut selector, (near, mut far)) = (selector(), pair());
        far.write_all(b"hello")?;
        selector.add(near.as_fd(), 7, Interest::BOTH)?;
        assert_eq!(look(&mut selector), [event(7, true, true)]);
        Ok(())
    }

    #[test]
    fn o3_a_change_reports_again_what_is_ready() -> io::Result<()> {
        let (mut selector, (near, mut far)) = (selector(), pair());
        far.write_all(b"hello")?;
        selector.add(near.as_fd(), 7, Interest::READABLE)?;
        assert_eq!(look(&mut selector), [event(7, true, false)]);
        for _ in 0..2 {
            selector.change(near.as_fd(), 7, Interest::READABLE)?;
            assert_eq!(look(&mut selector), [event(7, true, false)]);
        }
        selector.change(near.as_fd(), 7, Interest::WRITABLE)?;
        assert_eq!(look(&mut selector), [event(7, false, true)]);
        Ok(())
    }

    #[test]
    fn o4_a_source_that_was_removed_is_not_reported() -> io::Result<()> {
        let (mut selector, (near, mut far)) = (selector(), pair());
        selector.add(near.as_fd(), 7, Interest::BOTH)?;
        far.write_all(b"hello")?;
        selector.remove(near.as_fd())?;
        assert_eq!(look(&mut selector), []);
        selector.add(near.as_fd(), 8, Interest::READABLE)?;
        assert_eq!(look(&mut selector), [event(8, true, false)]);
        Ok(())
    }

    #[test]
    fn o5_keys_come_back_as_they_were_given() -> io::Result<()> {
        let (mut selector, (near, far)) = (selector(), pair());
        let keys = [0, usize::MAX - 1];
        selector.add(near.as_fd(), keys[0], Interest::WRITABLE)?;
        selector.add(far.as_fd(), keys[1], Interest::WRITABLE)?;
        let mut found: Vec<usize> = look(&mut selector).iter().map(|event| event.key).collect();
        found.sort_unstable();
        assert_eq!(found, keys);
        selector.change(far.as_fd(), 7, Interest::WRITABLE)?;
        assert_eq!(look(&mut selector), [event(7, false, true)]);
        Ok(())
    }

    #[test]
    fn o6_the_end_of_a_source_counts_as_both() -> io::Result<()> {
        for interest in [Interest::READABLE, Interest::WRITABLE, Interest::BOTH] {
            let (mut selector, (near, far)) = (selector(), pair());
            selector.add(near.as_fd(), 7, interest)?;
            look(&mut selector);
            drop(far);
            assert_eq!(look(&mut selector), [end(7)], "{interest:?}");
        }
        let (mut selector, (near, far)) = (selector(), pair());
        selector.add(near.as_fd(), 7, Interest::READABLE)?;
        far.shutdown(Shutdown::Write)?;
        assert_eq!(look(&mut selector), [end(7)]);
        Ok(())
    }

    #[test]
    fn o6_a_pipe_without_a_reader_counts_as_both() -> io::Result<()> {
        let (mut selector, (reader, writer)) = (selector(), io::pipe()?);
        selector.add(writer.as_fd(), 7, Interest::WRITABLE)?;
        assert_eq!(look(&mut selector), [event(7, false, true)]);
        drop(reader);
        assert_eq!(look(&mut selector), [end(7)]);
        Ok(())
    }

    #[test]
    fn o7_the_notifier_ends_the_wait_that_runs_or_else_the_next() -> io::Result<()> {
        let mut selector = selector();
        let notify = selector.notifier();
        let mut events = Vec::new();
        notify();
        notify();
        selector.wait(None, &mut events)?;
        let (ask, asked) = mpsc::channel();
        let other = thread::spawn(move || asked.iter().for_each(|()| notify()));
        for _ in 0..100 {
            ask.send(()).expect("the other thread listens");
            selector.wait(None, &mut events)?;
        }
        assert_eq!(events, []);
        drop(ask);
        other.join().expect("notifying does not panic");
        Ok(())
    }

    #[test]
    fn o8_events_are_appended() -> io::Result<()> {
        let (mut selector, (near, _far)) = (selector(), pair());
        selector.add(near.as_fd(), 7, Interest::WRITABLE)?;
        let mut events = vec![event(3, true, false)];
        selector.wait(None, &mut events)?;
        assert_eq!(events, [event(3, true, false), event(7, false, true)]);
        Ok(())
    }

    #[test]
    fn o9_what_one_wait_has_no_room_for_comes_later() -> io::Result<()> {
        let mut selector = OsSelector::with_capacity(2)?;
        let pairs: Vec<_> = (0..5).map(|_| pair()).collect();
        for (key, (near, _)) in pairs.iter().enumerate() {
            selector.add(near.as_fd(), key, Interest::WRITABLE)?;
        }
        let waits = [(); 4].map(|()| look(&mut selector));
        assert_eq!(waits.each_ref().map(Vec::len), [2, 2, 1, 0]);
        let mut keys: Vec<usize> = waits.concat().iter().map(|event| event.key).collect();
        keys.sort_unstable();
        assert_eq!(keys, [0, 1, 2, 3, 4]);
        Ok(())
    }

    #[test]
    fn the_longest_timeout_is_not_refused() -> io::Result<()> {
        let mut selector = selector();
        selector.notifier()();
        selector.wait(Some(Duration::MAX), &mut Vec::new())
    }

    #[test]
    fn the_notifier_may_outlive_the_selector() {
        let selector = selector();
        let notify = selector.notifier();
        drop(selector);
        notify();
    }

    #[test]
    fn what_cannot_be_watched_is_an_error() -> io::Result<()> {
        let (mut selector, (near, _far)) = (selector(), pair());
        let kind = |answer: io::Result<()>| answer.map_err(|error| error.kind());
        let too_high = selector.add(near.as_fd(), usize::MAX, Interest::BOTH);
        assert_eq!(kind(too_high), Err(ErrorKind::InvalidInput));
        assert!(selector.remove(near.as_fd()).is_err(), "it was never added");
        assert!(selector.change(near.as_fd(), 7, Interest::BOTH).is_err());
        selector.add(near.as_fd(), 7, Interest::BOTH)?;
        assert!(selector.add(near.as_fd(), 8, Interest::BOTH).is_err());
        let too_high = selector.change(near.as_fd(), usize::MAX, Interest::BOTH);
        assert_eq!(kind(too_high), Err(ErrorKind::InvalidInput));
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_plain_file_cannot_be_watched() -> io::Result<()> {
        let file = std::fs::File::open(std::env::current_exe()?)?;
        let added = selector().add(file.as_fd(), 7, Interest::READABLE);
        let error = added.expect_err("it is always ready");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        Ok(())
    }
}
