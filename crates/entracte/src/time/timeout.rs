//! `timeout`: a scope that is cancelled when its time is up.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use entracte_event_loop::{EventLoop, Handle, Instant, TimerHandle};
use pin_project_lite::pin_project;

use crate::task::scope::Scope;
use crate::task::scoped::{Ended, Scoped, never};
use crate::time::now;

/// The time was up.
///
/// # Python
///
/// [`TimeoutError`](https://docs.python.org/3/library/exceptions.html#TimeoutError).
#[doc(alias = "TimeoutError")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time for it was up")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for std::io::Error {
    fn from(elapsed: Elapsed) -> Self {
        Self::new(std::io::ErrorKind::TimedOut, elapsed)
    }
}

/// Awaits a future for as long as `limit`, counted from the first poll.
///
/// When the time is up the future is cancelled: it unwinds, its clean-up is awaited, and then this
/// gives [`Elapsed`]. A future that swallows the cancellation goes on, and its value counts.
///
/// # Cancel safety
///
/// Cancel safe: as safe as the future is.
///
/// # Errors
///
/// Returns [`Elapsed`] if the future unwound because its time was up.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
///
/// # Python
///
/// [`asyncio.timeout`](https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout) and
/// [`asyncio.wait_for`](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{sleep, timeout, time::Elapsed};
///
/// # entracte::run(async {
/// let (short, long) = (Duration::from_millis(1), Duration::from_secs(3600));
/// assert_eq!(timeout(short, sleep(long)).await, Err(Elapsed));
/// assert_eq!(timeout(long, sleep(short)).await, Ok(()));
/// # }).unwrap();
/// ```
#[doc(alias = "asyncio.timeout")]
#[doc(alias = "asyncio.wait_for")]
pub fn timeout<F: Future>(
    limit: Duration,
    future: F,
) -> impl Future<Output = Result<F::Output, Elapsed>> {
    Limited::new(Timeout::new(None), Some(limit), future)
}

/// Awaits a future until `deadline`: see [`timeout`].
///
/// # Cancel safety
///
/// Cancel safe: as safe as the future is.
///
/// # Errors
///
/// Returns [`Elapsed`] if the future unwound because its time was up.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
#[doc(alias = "asyncio.timeout_at")]
pub fn timeout_at<F: Future>(
    deadline: Instant,
    future: F,
) -> impl Future<Output = Result<F::Output, Elapsed>> {
    Limited::new(Timeout::new(Some(deadline)), None, future)
}

/// Awaits a block that may move its own deadline: see [`timeout`]. `None` is no deadline yet.
///
/// # Cancel safety
///
/// Cancel safe: as safe as the block is.
///
/// # Errors
///
/// Returns [`Elapsed`] if the block unwound because its time was up.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{sleep, time::{now, timeout_with}};
///
/// # entracte::run(async {
/// let ms = Duration::from_millis(1);
/// let done = timeout_with(Some(now() + ms), async |limit| {
///     limit.reschedule(Some(now() + 1000 * ms)); // a sign of life
///     sleep(2 * ms).await;
///     "done"
/// });
/// assert_eq!(done.await, Ok("done"));
/// # }).unwrap();
/// ```
#[doc(alias = "asyncio.Timeout")]
pub async fn timeout_with<T>(
    deadline: Option<Instant>,
    block: impl AsyncFnOnce(&Timeout) -> T,
) -> Result<T, Elapsed> {
    let limit = Timeout::new(deadline);
    Limited::new(&limit, None, block(&limit)).await
}

pin_project! {
    /// A future, and the limit that it has.
    struct Limited<F: Future, L> {
        #[pin]
        scoped: Scoped<F>,
        limit: L,
        // Counted from the first poll, if there is one.
        after: Option<Duration>,
        has_begun: bool,
        is_on_its_way: bool,
    }
}

impl<F: Future, L: Borrow<Timeout>> Limited<F, L> {
    const fn new(limit: L, after: Option<Duration>, future: F) -> Self {
        Self {
            scoped: Scoped::new(future),
            limit,
            after,
            has_begun: false,
            is_on_its_way: false,
        }
    }
}

impl<F: Future, L: Borrow<Timeout>> Future for Limited<F, L> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let limit: &Timeout = (*this.limit).borrow();
        if *this.is_on_its_way {
            return never();
        }
        if !std::mem::replace(this.has_begun, true) {
            let scope = Scope::inner();
            limit.begin(&scope, *this.after);
            this.scoped.as_mut().set_scope(scope);
        }
        let ended = ready!(this.scoped.poll(cx));
        limit.stop_timer();
        match ended {
            Ended::Value(value) => Poll::Ready(Ok(value)),
            Ended::Unwound(unwound) if unwound.is_at_its_aim() => {
                unwound.end();
                Poll::Ready(Err(Elapsed))
            }
            Ended::Unwound(unwound) => {
                *this.is_on_its_way = true;
                unwound.propagate();
                never()
            }
        }
    }
}

/// The limit of a block run by [`timeout_with`].
///
/// # Python
///
/// [`asyncio.Timeout`](https://docs.python.org/3/library/asyncio-task.html#asyncio.Timeout).
#[doc(alias = "asyncio.Timeout")]
pub struct Timeout {
    deadline: Cell<Option<Instant>>,
    scope: RefCell<Weak<Scope>>,
    timer: RefCell<Option<Timer>>,
    is_expired: Rc<Cell<bool>>,
}

/// What will tell the block that its time is up.
enum Timer {
    Later(TimerHandle),
    Soon(Handle),
}

impl Timeout {
    fn new(deadline: Option<Instant>) -> Self {
        Self {
            deadline: Cell::new(deadline),
            scope: RefCell::default(),
            timer: RefCell::new(None),
            is_expired: Rc::default(),
        }
    }

    /// When the time is up, if ever.
    #[doc(alias = "asyncio.Timeout.when")]
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline.get()
    }

    /// Whether the time was up, and the block was told.
    #[doc(alias = "asyncio.Timeout.expired")]
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.is_expired.get()
    }

    /// Moves the deadline; `None` takes it away. Too late once the block was told.
    #[doc(alias = "asyncio.Timeout.reschedule")]
    pub fn reschedule(&self, deadline: Option<Instant>) {
        if self.is_expired() {
            return;
        }
        self.deadline.set(deadline);
        self.stop_timer();
        self.set_timer();
    }

    /// The block begins: this is its scope.
    fn begin(&self, scope: &Rc<Scope>, after: Option<Duration>) {
        self.scope.replace(Rc::downgrade(scope));
        if let Some(after) = after {
            self.deadline.set(Some(now() + after));
        }
        self.set_timer();
    }

    fn set_timer(&self) {
        let (Some(deadline), Some(event_loop)) = (self.deadline.get(), EventLoop::current()) else {
            return;
        };
        let scope = self.scope.borrow().clone();
        let is_expired = Rc::clone(&self.is_expired);
        let expire = move || {
            is_expired.set(true);
            if let Some(scope) = scope.upgrade() {
                scope.cancel(None);
            }
        };
        // In asyncio, too, one that is due already expires in the next turn, as no timer does.
        let timer = if deadline <= event_loop.time() {
            Timer::Soon(event_loop.call_soon(expire))
        } else {
            Timer::Later(event_loop.call_at(deadline, expire))
        };
        self.timer.replace(Some(timer));
    }

    fn stop_timer(&self) {
        match self.timer.take() {
            Some(Timer::Later(timer)) => drop(timer.cancel()),
            Some(Timer::Soon(handle)) => handle.cancel(),
            None => {}
        }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        self.stop_timer();
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("deadline", &self.deadline())
            .field("is_expired", &self.is_expired())
            .finish_non_exhaustive()
    }
}
