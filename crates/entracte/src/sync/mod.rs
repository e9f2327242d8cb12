//! What tasks share: locks, events, semaphores, barriers, queues and promises.
//!
//! | to | use | in Python |
//! |---|---|---|
//! | let one task at a time use data | [`Lock`] | `asyncio.Lock` |
//! | wait until something happened | [`Event`] | `asyncio.Event` |
//! | wait until data is as one needs it | [`Condition`] | `asyncio.Condition` |
//! | let a number of tasks in | [`Semaphore`], [`BoundedSemaphore`] | the same |
//! | wait for each other | [`Barrier`] | `asyncio.Barrier` |
//! | hand items on | [`Queue`], [`LifoQueue`], [`PriorityQueue`] | the same |
//! | hand one value on | [`promise`](promise()) | `asyncio.Future` |
//!
//! All of it stands on one queue of waiters. Those who wait are served in the order in which they
//! came, and what one lets go of is handed to the next: nobody who comes later gets it first. A
//! task that is cancelled while it waits leaves the line, and what was on its way to it goes to
//! the next.
//!
//! Everything here is for the tasks of one thread: cheap handles to something shared, without an
//! atomic operation. To reach another thread, use the handles that say so.

mod barrier;
mod bounded_semaphore;
mod condition;
mod event;
mod lock;
mod promise;
mod queue;
mod semaphore;
mod shared_promise;
mod wait_queue;

pub use barrier::{Barrier, BarrierBroken, BarrierTurn, NoParties};
pub use bounded_semaphore::{BoundedSemaphore, ReleasedTooOften};
pub use condition::Condition;
pub use event::Event;
pub use lock::{Lock, LockGuard};
pub use promise::{Promise, PromiseBroken, Resolver, promise};
pub use queue::{
    AnyQueue, Fifo, Lifo, LifoQueue, Order, PriorityQueue, PutError, PutSlot, Queue, QueueShutDown,
    SmallestFirst, TaskDoneError, TryGetError, TryPutError,
};
pub use semaphore::{Permit, Semaphore};
pub use shared_promise::SharedPromise;
