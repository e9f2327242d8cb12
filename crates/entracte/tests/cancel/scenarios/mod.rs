//! Scenarios that are cut off everywhere.

mod blocks;
mod groups;
mod locks;
mod queues;
