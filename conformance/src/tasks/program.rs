//! Programs of tasks: what both sides run.
//!
//! A program is a list of bodies. Body 0 is the task that is started first; the others are started
//! by statements, each at most once, so a task has the number of its body.

/// A sequence of statements.
pub type Block = Vec<Stmt>;

/// One program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The bodies of the tasks.
    pub bodies: Vec<Block>,
}

/// One statement: a verb, its numbers, its blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stmt {
    /// Its number in the order of the text, given by [`Program::number`].
    pub site: u32,
    /// What it does.
    pub verb: Verb,
    /// Times, numbers of tasks and things, values.
    pub numbers: Vec<u32>,
    /// The blocks in it.
    pub blocks: Vec<Block>,
}

/// The numbers that a verb takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// So many.
    Just(usize),
    /// At least so many; those after them are numbers of tasks.
    AndTasks(usize),
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident $name:literal $numbers:expr, $blocks:literal;)+) => {
        /// What a statement does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Verb {
            $($(#[$doc])* $verb,)+
        }

        impl Verb {
            /// All verbs.
            pub const ALL: &[Self] = &[$(Self::$verb),+];

            /// Its name in the text of a program.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$verb => $name,)+
                }
            }

            /// The numbers that it takes.
            pub const fn numbers(self) -> Numbers {
                match self {
                    $(Self::$verb => $numbers,)+
                }
            }

            /// How many blocks it has.
            pub const fn blocks(self) -> usize {
                match self {
                    $(Self::$verb => $blocks,)+
                }
            }
        }
    };
}

use Numbers::{AndTasks, Just};

verbs! {
    /// Sleeps so many milliseconds.
    Sleep "sleep" Just(1), 0;
    /// Raises an error with this number.
    Raise "raise" Just(1), 0;
    /// `try: … except CancelledError: …`; the cancellation is swallowed.
    Catch "catch" Just(0), 2;
    /// The same, but the cancellation goes on after the handler.
    Rethrow "rethrow" Just(0), 2;
    /// `try: … finally: …`.
    Finally "finally" Just(0), 2;
    /// `try: … except Exception: …`.
    Except "except" Just(0), 2;
    /// A block that may take so many milliseconds.
    Timeout "timeout" Just(1), 1;
    /// Starts this task.
    Spawn "spawn" Just(1), 0;
    /// Cancels this task, which may be the running one.
    Cancel "cancel" Just(1), 0;
    /// Awaits this task.
    Await "await" Just(1), 0;
    /// Starts these tasks and awaits all, or the first that fails.
    Gather "gather" AndTasks(0), 0;
    /// Starts these tasks and awaits all.
    Outcomes "outcomes" AndTasks(0), 0;
    /// Waits for the first, the first failure or all, for so long (0 is for ever), of these tasks.
    Wait "wait" AndTasks(2), 0;
    /// A task group of these tasks, with a block.
    Group "group" AndTasks(0), 1;
    /// Puts into this queue this item.
    Put "put" Just(2), 0;
    /// Gets from this queue.
    Get "get" Just(1), 0;
    /// Puts without waiting.
    TryPut "try_put" Just(2), 0;
    /// Gets without waiting.
    TryGet "try_get" Just(1), 0;
    /// Says that an item of this queue is done.
    TaskDone "task_done" Just(1), 0;
    /// Waits until all items of this queue are done.
    Join "join" Just(1), 0;
    /// Says how many items are in this queue.
    Size "size" Just(1), 0;
    /// A block that holds this lock.
    Lock "lock" Just(1), 1;
    /// A block that holds a permit of this semaphore.
    Permit "permit" Just(1), 1;
    /// Sets this event.
    Set "set" Just(1), 0;
    /// Clears this event.
    Clear "clear" Just(1), 0;
    /// Waits for this event.
    Event "event" Just(1), 0;
    /// Waits to be notified by this condition.
    Notified "notified" Just(1), 0;
    /// Notifies so many who wait for this condition.
    Notify "notify" Just(2), 0;
    /// Waits at this barrier.
    Barrier "barrier" Just(1), 0;
    /// Resets this barrier.
    Reset "reset" Just(1), 0;
    /// Breaks this barrier.
    Break "break" Just(1), 0;
}

impl Program {
    /// Numbers the statements in the order of the text.
    pub fn number(&mut self) {
        let mut next = 0;
        for body in &mut self.bodies {
            number(body, &mut next);
        }
    }

    /// Counts the statements: what the shrinker makes fewer.
    pub fn size(&self) -> usize {
        self.bodies.iter().map(size).sum()
    }
}

fn number(block: &mut Block, next: &mut u32) {
    for stmt in block {
        stmt.site = *next;
        *next += 1;
        for inside in &mut stmt.blocks {
            number(inside, next);
        }
    }
}

fn size(block: &Block) -> usize {
    let inside = |stmt: &Stmt| stmt.blocks.iter().map(size).sum::<usize>();
    block.iter().map(|stmt| 1 + inside(stmt)).sum()
}
