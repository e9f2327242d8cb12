//! `Local` and `Threads`: where a boxed coroutine may be resumed.

/// Marks a coroutine that stays on its thread.
#[derive(Debug)]
pub struct Local;

/// Marks a coroutine that may move between threads.
#[derive(Debug)]
pub struct Threads;
