//! `RoundRobin`: a scheduler that fits on a page, written with nothing but `next`.
//!
//! ```text
//!          ┌──────────────── Turn::Next ────────────────┐
//!          ▼                                            │
//!   ready: c b a ──► resume `a` to its next yield ──────┤
//!          ▲                                            └─ Turn::After(b) ─► waits
//!          └───────────────── `b` has ended ───────────────────────────────────┘
//! ```

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::error::Error;
use core::fmt;

use crate::body::Body;
use crate::co::Co;
use crate::coroutine::Generator;
use crate::error::Stop;
use crate::shared_error::SharedError;

/// What a scheduled coroutine yields: when it wants to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// When all others had their turn.
    Next,
    /// When the one with this [`id`](Spawned::id) has ended.
    After(usize),
}

/// Runs coroutines in turn on one thread; each yield is a switch.
///
/// A body spawns no others, and a panic in one goes through [`run`](RoundRobin::run).
///
/// The first in the queue is resumed up to its next yield and goes to the end of the queue, until
/// all have ended. Things that go on at once need no threads, and between two yields no locks.
///
/// # Python
///
/// The scheduler that tutorials write with a `deque` of generators.
///
/// # Examples
///
/// ```
/// use entracte_coroutine::{RoundRobin, Turn};
///
/// let mut scheduler = RoundRobin::new();
/// let half = scheduler.spawn("half", async |mut co| {
///     co.yield_(Turn::Next).await;
///     21
/// });
/// let whole = scheduler.spawn("whole", async move |mut co| half.wait(&mut co).await * 2);
/// scheduler.run()?;
/// assert_eq!(whole.result().unwrap().as_ref().ok(), Some(&42));
/// # Ok::<(), entracte_coroutine::Failures>(())
/// ```
#[derive(Default)]
#[must_use = "a scheduler does nothing until it runs"]
pub struct RoundRobin<'env> {
    ready: VecDeque<Box<dyn Step + 'env>>,
    waiting: Vec<(usize, Box<dyn Step + 'env>)>,
    ended: Vec<bool>,
    failures: Vec<(&'static str, String)>,
}

impl<'env> RoundRobin<'env> {
    /// Makes a scheduler with nothing to run.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a coroutine at the end of the queue; none of it runs yet.
    ///
    /// Its result is found in the handle once it has ended.
    pub fn spawn<T, F>(&mut self, name: &'static str, body: F) -> Spawned<T>
    where
        T: 'env,
        F: for<'a> AsyncFnOnce(Co<'a, Turn, ()>) -> T + 'env,
        F: for<'a> Body<'a, Turn, ()>,
        <F as Body<'static, Turn, ()>>::Future: Future<Output = T>,
    {
        let spawned = Spawned {
            id: self.ended.len(),
            result: Rc::default(),
        };
        self.ended.push(false);
        let co = Generator::named(name, body);
        self.ready.push_back(Box::new(Running {
            co,
            spawned: spawned.clone(),
        }));
        spawned
    }

    /// Resumes them in turn until all have ended.
    ///
    /// # Errors
    ///
    /// Returns the [`Failures`] if some raised an error, or wait for each other for ever; the
    /// others have run to their end all the same.
    pub fn run(&mut self) -> Result<(), Failures> {
        while let Some(mut running) = self.ready.pop_front() {
            let (name, id) = (running.name(), running.id());
            // Taken back below; a panic in the body leaves it, for the next run to report.
            self.failures.push((name, String::from("panicked")));
            self.ended[id] = true;
            let step = running.step();
            self.failures.pop();
            self.ended[id] = false;
            match step {
                Ok(Some(Turn::After(other))) if self.ended.get(other) == Some(&false) => {
                    self.waiting.push((other, running));
                }
                Ok(Some(_)) => self.ready.push_back(running),
                Ok(None) => self.end(id),
                Err(message) => {
                    self.failures.push((name, message));
                    self.end(id);
                }
            }
        }
        for (id, stuck) in self.waiting.drain(..) {
            let message = format!("cannot go on: waits for number {id}, which never ends");
            self.failures.push((stuck.name(), message));
        }
        match core::mem::take(&mut self.failures) {
            failures if failures.is_empty() => Ok(()),
            failures => Err(Failures(failures)),
        }
    }

    /// Those that waited for this one are ready again, in the order in which they began to wait.
    fn end(&mut self, id: usize) {
        self.ended[id] = true;
        for (_, freed) in self.waiting.extract_if(.., |(awaited, _)| *awaited == id) {
            self.ready.push_back(freed);
        }
    }
}

impl fmt::Debug for RoundRobin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.ready.iter().map(|running| running.name()).collect();
        f.debug_struct("RoundRobin")
            .field("ready", &names)
            .finish_non_exhaustive()
    }
}

/// A coroutine in the scheduler, whatever its result.
trait Step {
    /// Runs to the next yield: when to go on, `None` at the end, or why it failed.
    fn step(&mut self) -> Result<Option<Turn>, String>;
    fn id(&self) -> usize;
    fn name(&self) -> &'static str;
}

struct Running<'env, T> {
    co: Generator<'env, Turn, T>,
    spawned: Spawned<T>,
}

impl<T> Step for Running<'_, T> {
    fn step(&mut self) -> Result<Option<Turn>, String> {
        let result = match self.co.next() {
            Ok(turn) => return Ok(Some(turn)),
            Err(Stop::Returned(value)) => Ok(value),
            Err(stop) => Err(SharedError::new(stop.into())),
        };
        let message = result.as_ref().err().map(ToString::to_string);
        // A coroutine ends once, so the cell is empty.
        self.spawned.result.set(result).ok();
        message.map_or(Ok(None), Err)
    }

    fn id(&self) -> usize {
        self.spawned.id
    }

    fn name(&self) -> &'static str {
        self.co.name()
    }
}

/// A scheduled coroutine's handle: its result, once it has ended.
#[derive(Debug)]
pub struct Spawned<T> {
    id: usize,
    result: Rc<OnceCell<Result<T, SharedError>>>,
}

impl<T> Clone for Spawned<T> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            result: Rc::clone(&self.result),
        }
    }
}

impl<T> Spawned<T> {
    /// Its number in its scheduler, counted from 0.
    pub fn id(&self) -> usize {
        self.id
    }

    /// What it returned, or the error that it raised; `None` before its end.
    pub fn result(&self) -> Option<&Result<T, SharedError>> {
        self.result.get()
    }

    /// Waits, inside another coroutine of the same scheduler, until this one has ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the result stays where it is.
    ///
    /// # Errors
    ///
    /// Raises (does not return) this one's error, as a [`SharedError`], if it failed.
    pub async fn wait(&self, co: &mut Co<'_, Turn, ()>) -> &T {
        co.yield_(Turn::After(self.id)).await;
        match self.result.get() {
            Some(Ok(value)) => value,
            Some(Err(error)) => co.raise(error.clone()).await,
            None => {
                co.raise("cannot wait for a coroutine of another scheduler")
                    .await
            }
        }
    }
}

/// The coroutines that failed, by name, each with its error's message.
#[derive(Debug)]
pub struct Failures(Vec<(&'static str, String)>);

impl Failures {
    /// Name and message of each, in the order in which they failed.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0
            .iter()
            .map(|(name, message)| (*name, message.as_str()))
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, message)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{name}: {message}")?;
        }
        Ok(())
    }
}

impl Error for Failures {}
