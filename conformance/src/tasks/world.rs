//! What the tasks of a program share: its text, its trace, and what they know of each other.

use std::cell::{Cell, RefCell};
use std::fmt::{Display, Write};
use std::rc::Rc;
use std::time::Duration;

use entracte::task::{CurrentTask, GroupTask};
use entracte::{Task, sleep, spawn};

use super::failure::Failure;
use super::frame::Frame;
use super::program::Program;
use super::sync::Things;
use super::virtual_time::ZERO;

/// So many milliseconds pass before what is left is cancelled, and again.
const ROUND: u64 = 100;
const ROUNDS: usize = 30;

/// What a task gives.
pub(super) type Given = Result<u32, Failure>;

/// A task as others hold it.
pub(super) enum Handle {
    Own(Task<Given>),
    /// A child of a group of the task with this number.
    Child(GroupTask<u32>, usize),
}

/// A task as others know it: there is one for each body, and each is run once.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) handle: RefCell<Option<Handle>>,
    /// The task itself, from its first step on.
    pub(super) current: RefCell<Option<CurrentTask>>,
    pub(super) is_awaited: Cell<bool>,
    is_used: Cell<bool>,
}

impl Entry {
    /// Cancels the task if it is to be had: whether it was not done.
    pub(super) fn cancel(&self) -> Option<bool> {
        match &*self.handle.borrow() {
            Some(Handle::Own(task)) => Some(task.cancel()),
            Some(Handle::Child(task, _)) => Some(task.cancel()),
            None => self.current.borrow().as_ref().map(CurrentTask::cancel),
        }
    }
}

pub(super) struct World {
    pub(super) program: Program,
    pub(super) entries: Vec<Entry>,
    pub(super) things: Things,
    trace: RefCell<String>,
    time: Cell<u128>,
    living: Cell<usize>,
}

/// Counts a task from its start until its future is dropped.
struct Living(Rc<World>);

impl Drop for Living {
    fn drop(&mut self) {
        self.0.living.set(self.0.living.get() - 1);
    }
}

impl World {
    pub(super) fn new(program: &Program) -> Rc<Self> {
        Rc::new(Self {
            program: program.clone(),
            entries: program.bodies.iter().map(|_| Entry::default()).collect(),
            things: Things::default(),
            trace: RefCell::default(),
            time: Cell::new(0),
            living: Cell::new(0),
        })
    }

    pub(super) fn log(&self, what: impl Display) {
        let now = entracte::time::now().duration_since(ZERO).as_millis();
        let mut trace = self.trace.borrow_mut();
        if self.time.replace(now) != now {
            write!(trace, "@{now} ").expect("a string can be written to");
        }
        write!(trace, "{what} ").expect("a string can be written to");
    }

    pub(super) fn trace(&self) -> String {
        self.trace.borrow().trim_end().to_owned()
    }

    /// Whether the body has not been started yet; from now on it has.
    pub(super) fn claim(&self, number: usize) -> bool {
        let entry = self.entries.get(number);
        entry.is_some_and(|entry| !entry.is_used.replace(true))
    }

    /// The future of a task.
    pub(super) fn task(self: &Rc<Self>, number: usize) -> impl Future<Output = Given> + use<> {
        self.living.set(self.living.get() + 1);
        let living = Living(Rc::clone(self));
        async move {
            let frame = Frame::new(&living.0, number);
            frame.whole().await
        }
    }

    pub(super) fn spawn(self: &Rc<Self>, number: usize) {
        let task = spawn(self.task(number));
        self.entries[number].handle.replace(Some(Handle::Own(task)));
    }

    /// Runs task 0; cancels what is left after a while, and again until nothing is.
    pub(super) async fn drive(self: Rc<Self>) {
        self.claim(0);
        self.spawn(0);
        for _ in 0..ROUNDS {
            sleep(Duration::from_millis(ROUND)).await;
            if self.living.get() == 0 {
                return;
            }
            self.log("#");
            for entry in &self.entries {
                entry.cancel();
            }
        }
        self.log("LEFT");
    }
}
