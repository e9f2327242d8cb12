//! Task groups: children that end before their block does.

mod children;
mod error_group;
mod local;
mod tasks;

pub use error_group::ErrorGroup;
pub use local::{LocalGroup, LocalTask, local_group};
pub use tasks::{GroupEnded, GroupHandle, GroupTask, TaskGroup, task_group};
