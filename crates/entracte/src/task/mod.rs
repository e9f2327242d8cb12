//! Tasks and cancellation: a task is where a coroutine meets the loop.

pub(crate) mod catch;
#[expect(
    unsafe_code,
    reason = "a pinned future and its value share one place, which two parties reach in turns"
)]
pub(crate) mod cell;
pub(crate) mod context;
mod error;
pub(crate) mod front;
pub(crate) mod group;
mod handle;
pub(crate) mod lost;
mod outcome;
pub(crate) mod scope;
pub(crate) mod scoped;
pub(crate) mod spawn;
pub(crate) mod task_ref;
pub(crate) mod together;
pub(crate) mod tree;
pub(crate) mod waiting;

pub use catch::{Cancelled, catch_cancel, finally, shield};
pub use context::{ContextVar, TaskContext};
pub use error::{Panic, TaskError};
pub use group::{
    ErrorGroup, GroupEnded, GroupHandle, GroupTask, LocalGroup, LocalTask, TaskGroup, local_group,
    task_group,
};
pub use handle::Task;
pub use outcome::Outcome;
pub use spawn::{Spawn, spawn};
pub use together::{
    AsCompleted, Gather, Gathering, NoTasks, Raced, When, as_completed, gather, race, wait,
    wait_within,
};
pub use tree::{TaskInfo, TaskState, TaskTree, task_tree};

mod current;
pub use current::{Checkpoint, CurrentTask, TaskId, checkpoint, current_task, uncancel};
