//! Threads: blocking calls beside the loop, other loops reached from outside, one loop per core.
//!
//! | to | use | in Python |
//! |---|---|---|
//! | make a blocking call from a task | [`to_thread`], [`ThreadPool`] | `asyncio.to_thread` |
//! | start a task from another thread | [`LoopHandle`] | `asyncio.run_coroutine_threadsafe` |
//! | hand a value from thread to thread | [`promise`](promise()) | `concurrent.futures.Future` |
//! | use several cores | [`run_on`] | – |
//!
//! A task never leaves its thread, and neither does anything that it borrows or counts. What goes
//! from thread to thread is named here: closures, values and wakers that are `Send`. All of it can be
//! awaited on any loop, and by any other driver of futures.
//!
//! Whoever waits here hears of the end of the other side: a closure that panics, a loop that is
//! closed, a resolver that is dropped. Nobody waits for one that is gone.

mod block;
mod cores;
mod line;
mod loop_handle;
mod pool;
mod promise;
mod remote_task;
mod task_side;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use cores::{Core, CoreError, Peers, run_on};
pub use loop_handle::LoopHandle;
pub(crate) use pool::pool_for_names;
pub use pool::{NoThreads, ThreadPool, to_thread};
pub use promise::{SendPromise, SendResolver, promise};
pub use remote_task::{RemoteError, RemoteTask};

/// Locks, also after a panic: nothing here calls code of others under a lock, so what is behind it
/// is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
