//! `Trace`: what happened in a run, line by line, the same on every machine.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Write};
use std::panic::Location;
use std::rc::Rc;

use entracte::task::TaskTree;
use entracte_event_loop::{EventLoop, Instant, Observer, Token};

use crate::world::World;

/// What happened in a run: every step with its time, and what was noted.
///
/// Two runs of the same program from the same seed have the same trace, to the byte. A line is
/// `time number who file:line:column`; the place is where the task or the callback was made, and
/// the number of a task is that of the task tree.
///
/// # Examples
///
/// ```
/// use entracte_sim::Sim;
///
/// let run = || Sim::new(7).trace().run(async { entracte::checkpoint().await }).unwrap();
/// let (first, second) = (run().trace.unwrap(), run().trace.unwrap());
/// assert_eq!(first, second);
/// assert_eq!(first.lines().count(), 2); // main, before and after its checkpoint
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    text: String,
}

impl Trace {
    /// The lines.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text.lines()
    }

    /// All of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn write(&mut self, time: Instant, step: u64, line: fmt::Arguments<'_>) {
        writeln!(self.text, "{time} {step} {line}").expect("a String takes all");
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Adds a line to the trace of the simulation that runs; does nothing if there is none.
///
/// # Examples
///
/// ```
/// use entracte_sim::{Sim, note};
///
/// let run = Sim::new(7).trace().run(async { note(format_args!("leader: {}", 3)) }).unwrap();
/// assert!(run.trace.unwrap().as_str().contains("- leader: 3\n"));
/// ```
pub fn note(line: impl fmt::Display) {
    let Some(world) = World::current() else {
        return;
    };
    let (now, steps) = (world.now(), world.steps());
    world.trace(|trace| trace.write(now, steps, format_args!("- {line}")));
}

/// Whether this is a place in this crate.
fn is_own(place: &Location<'_>) -> bool {
    let sources = file!().strip_suffix("trace.rs");
    sources.is_some_and(|sources| place.file().starts_with(sources))
}

/// Writes the steps of a loop to the trace.
pub(crate) struct Recorder {
    world: Rc<World>,
    /// Where the simulation was run: the place of its main task.
    caller: &'static Location<'static>,
    /// Who they are, by token: looking it up goes through all tasks.
    names: HashMap<u64, Rc<str>>,
}

impl Recorder {
    pub(crate) fn new(world: Rc<World>, caller: &'static Location<'static>) -> Self {
        Self {
            world,
            caller,
            names: HashMap::new(),
        }
    }

    pub(crate) fn record(&mut self, token: Token, origin: &'static Location<'static>) {
        let is_own = is_own(origin);
        if is_own && token == Token::NOBODY {
            return; // the network's timers: it notes in words what it does
        }
        let origin = if is_own { self.caller } else { origin };
        let world = &self.world;
        let (now, steps) = (world.now(), world.steps());
        let names = &mut self.names;
        world.trace(|trace| {
            let name = names
                .entry(token.to_bits())
                .or_insert_with(|| name_of(token));
            let (line, column) = (origin.line(), origin.column());
            let file = file_name(origin.file());
            trace.write(now, steps, format_args!("{name} {file}:{line}:{column}"));
        });
    }
}

/// The number that the task tree shows, and the name if there is one.
fn name_of(token: Token) -> Rc<str> {
    if token == Token::NOBODY {
        return "timer".into();
    }
    let number = token.slot();
    let tree = EventLoop::current().map(|event_loop| TaskTree::of(&event_loop));
    let tasks = tree.as_ref().map_or(&[][..], TaskTree::tasks);
    let task = tasks.iter().find(|task| task.id.number() == number);
    match task.map(|task| &task.name) {
        Some(Some(name)) => format!("{name}({number})").into(),
        Some(None) => format!("task({number})").into(),
        None => format!("callback({number})").into(),
    }
}

/// The last part of a path: the rest of it depends on the machine.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The observer of a simulation: it records, and cancels where a fault is to be.
pub(crate) struct Watch {
    pub(crate) world: Rc<World>,
    pub(crate) recorder: RefCell<Recorder>,
}

impl Observer for Watch {
    fn before_step(&self, token: Token, origin: &'static Location<'static>) {
        self.recorder.borrow_mut().record(token, origin);
        if let Some(aim) = self.world.aim() {
            aim.before_step(token);
        }
    }
}
