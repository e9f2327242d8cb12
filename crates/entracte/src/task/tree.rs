//! `TaskTree`: who waits for whom, for what, since when, and where each task was spawned.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use entracte_event_loop::EventLoop;

use crate::task::TaskId;
use crate::task::front::{TaskFront, word};
use crate::task::task_ref::TaskRef;
use crate::task::waiting::Wait;

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// It is the one that runs.
    Running,
    /// It runs in the next turn.
    Ready,
    /// It waits for this, and has for so long. What a foreign future waits for is not known.
    Waiting {
        /// What it waits for, if that is one of ours.
        what: Option<&'static str>,
        /// For how long, to about a millisecond.
        since: Duration,
    },
}

/// One task of a [`TaskTree`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskInfo {
    /// Which task.
    pub id: TaskId,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Where it was spawned.
    pub spawned_at: &'static Location<'static>,
    /// What it is doing.
    pub state: TaskState,
    /// How often it was asked to cancel.
    pub cancelling: u32,
    /// The task that awaits it.
    pub awaited_by: Option<TaskId>,
}

/// Every task of a loop at one moment: as data, and printed as a tree.
///
/// A task stands below the one that awaits it; a task that nobody awaits stands at the left.
///
/// # Python
///
/// `python -m asyncio ps` and `pstree`.
#[doc(alias = "asyncio.print_call_graph")]
#[derive(Clone)]
pub struct TaskTree {
    tasks: Vec<TaskInfo>,
}

/// Every task of the loop that runs on this thread, as a tree.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Python
///
/// [`asyncio.all_tasks`](https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks),
/// and `python -m asyncio pstree`.
///
/// # Examples
///
/// ```
/// # entracte::run(async {
/// let task = entracte::task::Spawn::new().name("sleeper").spawn(std::future::pending::<()>());
/// entracte::checkpoint().await;
/// let tree = entracte::task_tree();
/// assert_eq!(tree.tasks().len(), 2); // this one and the sleeper
/// println!("{tree}");
/// # drop(task);
/// # }).unwrap();
/// ```
#[doc(alias = "asyncio.all_tasks")]
#[must_use]
pub fn task_tree() -> TaskTree {
    let Some(event_loop) = EventLoop::current() else {
        panic!("cannot show the tasks outside an event loop");
    };
    TaskTree::of(&event_loop)
}

impl TaskTree {
    /// The tasks of a loop.
    #[must_use]
    pub fn of(event_loop: &EventLoop) -> Self {
        let tasks = TaskRef::all(event_loop);
        Self {
            tasks: tasks.iter().map(info).collect(),
        }
    }

    /// The tasks, in no order that means anything.
    #[must_use]
    pub fn tasks(&self) -> &[TaskInfo] {
        &self.tasks
    }

    /// The tasks that this one awaits.
    pub fn awaited_by(&self, id: TaskId) -> impl Iterator<Item = &TaskInfo> {
        self.tasks
            .iter()
            .filter(move |task| task.awaited_by == Some(id))
    }
}

fn info(task: &TaskRef) -> TaskInfo {
    let front = task.front();
    let awaiter = task.callback.awaiter();
    // What awaits it may be no task, but a callback of `wait`, say.
    let awaiter_is_task = task
        .event_loop
        .callback(awaiter)
        .is_some_and(|callback| TaskFront::of(&callback).is_some());
    let is_running = task.event_loop.running() == Some(task.token);
    let state = match task.event_loop.last_called(task.token) {
        _ if is_running => TaskState::Running,
        None => TaskState::Ready,
        Some(last_called) => TaskState::Waiting {
            what: Wait::text(word::note(task.callback.word().get())),
            since: task.event_loop.time() - last_called,
        },
    };
    TaskInfo {
        id: TaskId::new(task.token),
        name: front.name().map(|name| name.as_ref().to_owned()),
        spawned_at: task.callback.origin(),
        state,
        cancelling: front
            .extras_if_any()
            .map_or(0, |extras| extras.cancelling.get()),
        awaited_by: awaiter_is_task.then(|| TaskId::new(awaiter)),
    }
}

impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} (task {})", self.id)?,
            None => write!(f, "task {}", self.id)?,
        }
        write!(f, " {}, spawned at {}", self.state, self.spawned_at)?;
        if self.cancelling > 0 {
            write!(f, ", cancelled {} time(s)", self.cancelling)?;
        }
        Ok(())
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("runs"),
            Self::Ready => f.write_str("is ready"),
            Self::Waiting { what, since } => {
                let what = what.unwrap_or("something foreign");
                write!(f, "waits for {what} since {:.3} s", since.as_secs_f64())
            }
        }
    }
}

/// Deeper than this, the depth is a number.
const DEEPEST: usize = 32;
/// So many tasks are printed.
const MOST: usize = 10_000;

/// A line to be printed: which task, how deep, and above which levels the lines have ended.
struct Line {
    task: usize,
    depth: usize,
    ended: u64,
}

impl Line {
    fn print(&self, f: &mut fmt::Formatter<'_>, info: &TaskInfo) -> fmt::Result {
        let has_ended = |level: usize| self.ended & (1 << level) != 0;
        let shown = self.depth.min(DEEPEST);
        for level in 1..shown {
            f.write_str(if has_ended(level) { "   " } else { "│  " })?;
        }
        if shown > 0 {
            f.write_str(if has_ended(shown) {
                "└─ "
            } else {
                "├─ "
            })?;
        }
        if self.depth > DEEPEST {
            write!(f, "({}) ", self.depth)?;
        }
        writeln!(f, "{info}")
    }

    /// The lines below this one, the last first.
    fn below(&self, tasks: &[usize]) -> Vec<Self> {
        let depth = self.depth + 1;
        let level = 1 << depth.min(DEEPEST);
        let lines = tasks.iter().enumerate().rev();
        lines
            .map(|(at, task)| Self {
                task: *task,
                depth,
                ended: if at + 1 == tasks.len() {
                    self.ended | level
                } else {
                    self.ended & !level
                },
            })
            .collect()
    }
}

impl fmt::Display for TaskTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: HashMap<TaskId, usize> =
            (0..).zip(&self.tasks).map(|(at, it)| (it.id, at)).collect();
        let mut below: HashMap<TaskId, Vec<usize>> = HashMap::new();
        let (mut roots, mut awaited) = (vec![], vec![]);
        for (at, task) in self.tasks.iter().enumerate() {
            match task.awaited_by.filter(|id| known.contains_key(id)) {
                Some(id) => {
                    below.entry(id).or_default().push(at);
                    awaited.push(at);
                }
                None => roots.push(at),
            }
        }
        let mut printed = vec![false; self.tasks.len()];
        let mut left = MOST;
        let line = |task| Line {
            task,
            depth: 0,
            ended: 0,
        };
        // First on top; behind those that nobody awaits, those that await each other in a ring.
        let mut lines: Vec<Line> = roots.into_iter().chain(awaited).rev().map(line).collect();
        while let Some(line) = lines.pop() {
            if std::mem::replace(&mut printed[line.task], true) {
                continue;
            }
            if left == 0 {
                return writeln!(f, "… of {} tasks", self.tasks.len());
            }
            left -= 1;
            let info = &self.tasks[line.task];
            line.print(f, info)?;
            lines.extend(line.below(below.get(&info.id).map_or(&[], Vec::as_slice)));
        }
        Ok(())
    }
}

/// As it is displayed: a program that ends with the error of a deadlock prints it so.
impl fmt::Debug for TaskTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}
