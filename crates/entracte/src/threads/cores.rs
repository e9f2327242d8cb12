//! `run_on`: one thread and one loop per core, each with its own tasks.

use std::error::Error;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, Scope, ScopedJoinHandle};

use entracte_event_loop::EventLoop;

use crate::run::{RunError, Runner};
use crate::task::Panic;
use crate::threads::LoopHandle;

/// Runs a program on several threads, each with a loop of its own, and gives the value of each.
///
/// `body` is called once per core, on its thread; tasks that it spawns stay there. Every loop is
/// there before the first body begins, so all of them can be reached through [`Core::peers`]. A
/// loop closes when its own body is done, as at the end of [`run`](crate::run()). What one body
/// panics with is its own error, and the others go on.
///
/// Ctrl-C cancels the first body only. A body that waits for a peer that has ended gets an error.
/// Two that wait for each other are not found to be stuck, as each can be woken by the other.
///
/// *Not promised:* threads are not pinned to cores; the system places them.
///
/// # Errors
///
/// Returns [`CoreError::NoCores`] for none, and [`CoreError::Run`] if a loop runs on this thread or
/// if the system gives too few threads or loops; no body is called then. Each value of the list is
/// an error if that body ended in one.
///
/// # Examples
///
/// ```
/// use entracte::run_on;
///
/// let hellos = run_on(2, async |core| {
///     let index = core.index();
///     let other = core.peers().get(1 - index).expect("there are two");
///     other.spawn(move || async move { format!("hello from {index}") }).await
/// })?;
/// // Each gets an answer, unless the other has ended by then.
/// assert_eq!(hellos.len(), 2);
/// # Ok::<(), entracte::threads::CoreError>(())
/// ```
pub fn run_on<T, F>(cores: usize, body: F) -> Result<Vec<Result<T, CoreError>>, CoreError>
where
    T: Send,
    F: AsyncFn(Core) -> T + Sync,
{
    if cores == 0 {
        return Err(CoreError::NoCores);
    }
    if EventLoop::current().is_some() {
        return Err(CoreError::Run(RunError::Nested));
    }
    thread::scope(|scope| {
        // A return with an error drops what tells the threads to begin, and they end.
        let mut started = Vec::with_capacity(cores);
        for index in 0..cores {
            started.push(start(scope, index, &body)?);
        }
        let handles = started
            .iter()
            .map(Started::handle)
            .collect::<Result<Vec<_>, _>>()?;
        for (index, core) in started.iter().enumerate() {
            core.begin(Peers::of(&handles, index));
        }
        drop(handles);
        Ok(started.into_iter().map(Started::join).collect())
    })
}

/// A thread whose loop starts, and which waits for its peers.
struct Started<'scope, T> {
    handle: Receiver<Result<LoopHandle, RunError>>,
    peers: Sender<Peers>,
    /// It gives nothing if it was never told to begin.
    thread: ScopedJoinHandle<'scope, Option<Result<T, CoreError>>>,
}

fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    index: usize,
    body: &'scope (impl AsyncFn(Core) -> T + Sync),
) -> Result<Started<'scope, T>, RunError> {
    let (handle, is_ready) = mpsc::channel();
    let (peers, may_begin) = mpsc::channel();
    let thread = thread::Builder::new().name(format!("core-{index}"));
    let thread = thread.spawn_scoped(scope, move || {
        let (runner, own) = match Runner::new() {
            Ok(runner) => {
                let own = LoopHandle::of(runner.event_loop());
                (Some(runner), Ok(own))
            }
            Err(error) => (None, Err(error)),
        };
        drop(handle.send(own));
        let peers = may_begin.recv().ok()?;
        Some(run_core(&runner?, body, Core { index, peers }))
    })?;
    Ok(Started {
        handle: is_ready,
        peers,
        thread,
    })
}

fn run_core<T>(
    runner: &Runner,
    body: &impl AsyncFn(Core) -> T,
    core: Core,
) -> Result<T, CoreError> {
    runner.set_ctrl_c(core.index == 0);
    // Caught here, so that the runner does not clean up in the midst of a panic.
    let ran = panic::catch_unwind(AssertUnwindSafe(|| runner.run(body(core))));
    match ran {
        Ok(ended) => ended.map_err(CoreError::Run),
        Err(payload) => Err(CoreError::Panicked(Panic::new(payload))),
    }
}

impl<T> Started<'_, T> {
    fn handle(&self) -> Result<LoopHandle, RunError> {
        let handle = self.handle.recv();
        handle.expect("the thread says how its loop started, and starting one does not panic")
    }

    fn begin(&self, peers: Peers) {
        let sent = self.peers.send(peers);
        sent.expect("a thread whose loop started waits for its peers");
    }

    fn join(self) -> Result<T, CoreError> {
        match self.thread.join() {
            Ok(ended) => ended.expect("a core that was told to begin has begun"),
            Err(payload) => Err(CoreError::Panicked(Panic::new(payload))),
        }
    }
}

/// Where a body of [`run_on`] runs: which core it is, and how to reach the others.
#[derive(Debug)]
pub struct Core {
    index: usize,
    peers: Peers,
}

impl Core {
    /// Which core this is, from zero on.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The loops of the other cores.
    #[must_use]
    pub const fn peers(&self) -> &Peers {
        &self.peers
    }
}

/// The loops of all cores but one's own.
///
/// While one lives, the loops of the others expect to hear from it.
#[derive(Clone, Debug)]
pub struct Peers {
    /// By index; nothing at one's own.
    handles: Vec<Option<LoopHandle>>,
}

impl Peers {
    fn of(handles: &[LoopHandle], own: usize) -> Self {
        let others = handles.iter().enumerate();
        Self {
            handles: others
                .map(|(index, handle)| (index != own).then(|| handle.clone()))
                .collect(),
        }
    }

    /// The loop of the core with this index; `None` for one's own, and for one that is not there.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&LoopHandle> {
        self.handles.get(index)?.as_ref()
    }

    /// The loops of the others, each with its index.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &LoopHandle)> {
        let handles = self.handles.iter().enumerate();
        handles.filter_map(|(index, handle)| Some((index, handle.as_ref()?)))
    }

    /// How many others there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.handles.len() - 1
    }

    /// Whether there are no others.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why a core gave no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum CoreError {
    /// There was to be no core at all.
    NoCores,
    /// Its loop did not start, or its program ended in this.
    Run(RunError),
    /// Its body panicked.
    Panicked(Panic),
}

impl fmt::Display for CoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCores => f.write_str("cannot run a program on no cores"),
            Self::Run(error) => error.fmt(f),
            Self::Panicked(panic) => panic.fmt(f),
        }
    }
}

impl Error for CoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Run(error) => error.source(),
            _ => None,
        }
    }
}

impl From<RunError> for CoreError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}
