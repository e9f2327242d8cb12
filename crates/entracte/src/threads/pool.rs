//! `ThreadPool` and `to_thread`: blocking calls on other threads, awaited on the loop.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::thread;

use entracte_event_loop::EventLoop;

use crate::task::waiting::Wait;
use crate::task::{Spawn, shield};
use crate::threads::line::Line;
use crate::threads::promise::{SendPromise, promise};

/// Calls a closure that blocks on a thread of its own, and gives its value.
///
/// The threads are those of one [`ThreadPool`] for the whole program: at most four more than the
/// machine has cores, and at most 32. It is otherwise as if the closure were called here: a panic
/// in it goes on in the task that awaits it. [Context variables](crate::task::ContextVar) do not
/// follow it.
///
/// # Cancel safety
///
/// Cancel safe, but the value is lost. A closure that still waits for a thread is dropped and never
/// called. One that runs cannot be stopped: the caller goes on at once, and the thread alone
/// finishes it. [`run`](crate::run()) waits for such closures at its end, as long as the grace period.
///
/// # Panics
///
/// Goes on with the panic of the closure. Panics if the system gives not even one thread.
///
/// # Python
///
/// [`asyncio.to_thread`](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread).
/// There the context follows.
///
/// # Examples
///
/// ```
/// let text = entracte::run(async {
///     entracte::to_thread(|| std::fs::read_to_string("Cargo.toml")).await
/// })?;
/// assert!(text.is_ok_and(|text| text.contains("[package]")));
/// # Ok::<(), entracte::RunError>(())
/// ```
#[doc(alias = "asyncio.to_thread")]
#[doc(alias = "spawn_blocking")]
pub async fn to_thread<T, F>(act: F) -> T
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    default_pool().run(act).await
}

fn default_pool() -> &'static ThreadPool {
    static POOL: OnceLock<ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        ThreadPool::named(32.min(cores + 4), "to-thread")
    })
}

/// As many names may be looked up at a time: their threads do nothing but wait.
const NAMES: usize = 32;

/// The threads for names, apart from the others: a resolver that does not answer would have them all.
pub(crate) fn pool_for_names() -> &'static ThreadPool {
    static POOL: OnceLock<ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| ThreadPool::named(NAMES, "resolve"))
}

/// Threads that call closures, each on the first thread that is free, in the order in which they
/// came.
///
/// A thread is started when there is more to do than threads that are free, up to a limit, and ends
/// when it had nothing to do for ten seconds. Dropping the pool ends its threads once everything
/// that was given to it is done.
///
/// # Python
///
/// [The thread pool of `concurrent.futures`](https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor).
/// There threads live as long as the pool, and dropping it waits for them.
///
/// # Examples
///
/// ```
/// use entracte::threads::ThreadPool;
///
/// let pool = ThreadPool::new(1)?; // one thread: one closure after the other
/// let sum = entracte::run(async {
///     let (one, two) = futures::join!(pool.run(|| 1), pool.run(|| 2));
///     one + two
/// });
/// assert_eq!(sum.unwrap(), 3);
/// # Ok::<(), entracte::threads::NoThreads>(())
/// ```
pub struct ThreadPool {
    line: Arc<Line>,
}

impl ThreadPool {
    /// A pool of at most `limit` threads; none is started yet.
    ///
    /// # Errors
    ///
    /// Returns [`NoThreads`] if the limit is none.
    pub fn new(limit: usize) -> Result<Self, NoThreads> {
        if limit == 0 {
            return Err(NoThreads);
        }
        Ok(Self::named(limit, "pool"))
    }

    fn named(limit: usize, name: &'static str) -> Self {
        Self {
            line: Arc::new(Line::new(limit, name)),
        }
    }

    /// Calls a closure on a thread of the pool, and gives its value: see [`to_thread`].
    ///
    /// It goes to the end of the line when this is first polled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the value is lost. A closure in line is never called, one that runs goes on
    /// by itself.
    ///
    /// # Panics
    ///
    /// As [`to_thread`].
    #[doc(alias = "asyncio.to_thread")]
    pub fn run<T, F>(&self, act: F) -> impl Future<Output = T> + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let line = Arc::clone(&self.line);
        async move {
            match Call::begin(line, act).await {
                Ok(value) => value,
                Err(payload) => panic::resume_unwind(payload),
            }
        }
    }

    /// How many threads there may be.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.line.limit()
    }

    /// How many threads there are.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.line.threads()
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.line.close();
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("limit", &self.limit())
            .field("threads", &self.threads())
            .finish()
    }
}

/// A pool was to be made of no threads at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoThreads;

impl fmt::Display for NoThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot make a pool of no threads")
    }
}

impl std::error::Error for NoThreads {}

/// One closure that waits in line, runs, or has run.
struct Call<T: 'static> {
    line: Arc<Line>,
    ticket: u64,
    /// There until the call is dropped.
    value: Option<SendPromise<thread::Result<T>>>,
}

impl<T: Send + 'static> Call<T> {
    fn begin(line: Arc<Line>, act: impl FnOnce() -> T + Send + 'static) -> Self {
        let (resolver, value) = promise();
        // Held until the value is there, so that the loop is not taken for stuck.
        let remote = EventLoop::current().map(|event_loop| event_loop.remote());
        let ticket = line.enter(Box::new(move || {
            let value = panic::catch_unwind(AssertUnwindSafe(act));
            let unwanted = resolver.set(value);
            drop(remote);
            drop(unwanted);
        }));
        Self {
            line,
            ticket,
            value: Some(value),
        }
    }
}

impl<T> Future for Call<T> {
    type Output = thread::Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let value = self.value.as_ref().expect("it is there until the drop");
        value.poll_for(Wait::Thread, cx).map(|kept| {
            kept.unwrap_or_else(|_| panic!("cannot call on a thread: the system gives none"))
        })
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        let Some(value) = self.value.take().filter(|value| !value.is_done()) else {
            return;
        };
        match self.line.leave(self.ticket) {
            Some(work) => drop(work),
            None => outlive(value),
        }
    }
}

/// Keeps the loop from closing while a closure runs whose caller has gone.
fn outlive<T: 'static>(value: SendPromise<thread::Result<T>>) {
    if EventLoop::current().is_none_or(|event_loop| event_loop.is_closed()) {
        return;
    }
    let ended = shield(async move { drop(value.await) });
    Spawn::new()
        .name("left behind on a thread")
        .eager()
        .spawn(ended)
        .detach();
}
