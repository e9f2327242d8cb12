//! The inside of a thread pool: closures in line, and the threads that serve it.

use std::collections::BTreeMap;
use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::threads::lock;

/// How long a thread waits for more to do before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// A closure in line. It hands over its own value, and catches its own panic.
pub(super) type Work = Box<dyn FnOnce() + Send>;

/// Closures in line, served in the order in which they came.
pub(super) struct Line {
    limit: usize,
    name: &'static str,
    state: Mutex<State>,
    /// Something came, or the line was closed.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By ticket, so that the first is the one that came first, and any one can leave.
    waiting: BTreeMap<u64, Work>,
    next_ticket: u64,
    threads: usize,
    idle: usize,
    /// How many threads were started so far, for their names.
    started: usize,
    is_closed: bool,
}

impl Line {
    pub(super) fn new(limit: usize, name: &'static str) -> Self {
        Self {
            limit,
            name,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn threads(&self) -> usize {
        lock(&self.state).threads
    }

    /// Puts a closure at the end of the line; gives its ticket.
    pub(super) fn enter(self: &Arc<Self>, work: Work) -> u64 {
        let mut state = lock(&self.state);
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.insert(ticket, work);
        let refused = self.staff(&mut state);
        drop(state);
        drop(refused);
        self.changed.notify_one();
        ticket
    }

    /// Takes a closure out of the line; `None` if a thread has it.
    pub(super) fn leave(&self, ticket: u64) -> Option<Work> {
        lock(&self.state).waiting.remove(&ticket)
    }

    /// Has the threads end once the line is empty.
    pub(super) fn close(&self) {
        lock(&self.state).is_closed = true;
        self.changed.notify_all();
    }

    /// Starts a thread if those that are idle are too few for the line.
    ///
    /// Gives the closures back, to be dropped, if the system gives not even one thread.
    fn staff(self: &Arc<Self>, state: &mut State) -> BTreeMap<u64, Work> {
        if state.waiting.len() <= state.idle || state.threads >= self.limit {
            return BTreeMap::new();
        }
        match self.start(state.started) {
            Ok(()) => {
                state.threads += 1;
                state.started += 1;
                BTreeMap::new()
            }
            // Fewer threads than wanted serve the line as well, if later.
            Err(_) if state.threads > 0 => BTreeMap::new(),
            Err(_) => mem::take(&mut state.waiting),
        }
    }

    fn start(self: &Arc<Self>, number: usize) -> io::Result<()> {
        let line = Arc::clone(self);
        let thread = thread::Builder::new().name(format!("{}-{number}", self.name));
        thread.spawn(move || Server(line).serve()).map(drop)
    }

    /// The next closure; `None` when this thread has nothing to do any more.
    fn next(&self) -> Option<Work> {
        let mut state = lock(&self.state);
        state.idle += 1;
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, IDLE, |it| it.waiting.is_empty() && !it.is_closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        state.waiting.pop_first().map(|(_, work)| work)
    }
}

/// One thread of a pool, counted until it is dropped.
struct Server(Arc<Line>);

impl Server {
    fn serve(self) {
        while let Some(work) = self.0.next() {
            work();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.threads -= 1;
        // Something may have come since this thread looked last, or it ends in a panic: by the drop
        // of a value that nobody wants any more.
        let refused = self.0.staff(&mut state);
        drop(state);
        drop(refused);
    }
}
