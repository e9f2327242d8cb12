//! Queues: what one task puts, another gets. First in first out, last in first out, or by size.

mod any;
mod error;
mod joining;
mod order;
mod slot;
mod state;

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

pub use any::AnyQueue;
pub use error::{PutError, QueueShutDown, TaskDoneError, TryGetError, TryPutError};
pub use order::{Fifo, Lifo, Order, SmallestFirst};
pub use slot::PutSlot;

/// A queue that gives the oldest item first.
///
/// What it does is in [`AnyQueue`]; clones are handles to the same queue.
///
/// # Python
///
/// [`asyncio.Queue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue). There
/// `maxsize=0` means no bound: that is [`unbounded`](Self::unbounded). An item that a task waits
/// for belongs to it as soon as it is put, and nobody else gets it.
///
/// # Examples
///
/// ```
/// use entracte::sync::Queue;
///
/// entracte::run(async {
///     let queue = Queue::bounded(2);
///     queue.put("hello").await?;
///     queue.put("world").await?;
///     assert_eq!(queue.get().await, Ok("hello"));
///     assert_eq!(queue.get().await, Ok("world"));
///     Ok::<(), entracte::sync::PutError<&str>>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[doc(alias = "asyncio.Queue")]
pub struct Queue<T>(Rc<AnyQueue<Fifo<T>>>);

/// A queue that gives the newest item first: a stack.
///
/// What it does is in [`AnyQueue`]; clones are handles to the same queue.
///
/// # Python
///
/// [`asyncio.LifoQueue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.LifoQueue),
/// with the differences of [`Queue`].
///
/// # Examples
///
/// ```
/// use entracte::sync::LifoQueue;
///
/// entracte::run(async {
///     let queue = LifoQueue::unbounded();
///     queue.try_put("below").unwrap();
///     queue.try_put("above").unwrap();
///     assert_eq!(queue.get().await, Ok("above"));
/// })
/// .unwrap();
/// ```
#[doc(alias = "asyncio.LifoQueue")]
pub struct LifoQueue<T>(Rc<AnyQueue<Lifo<T>>>);

/// A queue that gives the smallest item first, and of equal ones the oldest.
///
/// What it does is in [`AnyQueue`]; clones are handles to the same queue.
///
/// `put` and `get` compare items. They panic if a comparison does, or if it uses this queue; an
/// item that was being put is in the queue then.
///
/// # Python
///
/// [`asyncio.PriorityQueue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.PriorityQueue),
/// with the differences of [`Queue`]. There, nothing is said of equal items.
///
/// # Examples
///
/// ```
/// use entracte::sync::PriorityQueue;
///
/// entracte::run(async {
///     let queue = PriorityQueue::unbounded();
///     queue.try_put((2, "later")).unwrap();
///     queue.try_put((1, "sooner")).unwrap();
///     assert_eq!(queue.get().await, Ok((1, "sooner")));
/// })
/// .unwrap();
/// ```
#[doc(alias = "asyncio.PriorityQueue")]
pub struct PriorityQueue<T: Ord>(Rc<AnyQueue<SmallestFirst<T>>>);

macro_rules! handle {
    ($queue:ident, $order:ident $(, $bound:ident)?) => {
        impl<T $(: $bound)?> $queue<T> {
            /// Makes a queue with room for this many items.
            ///
            /// A `put` waits while it is full. With room for none, a `put` waits for a `get`, and
            /// the item goes from one to the other. If that `get` is then cancelled, the item
            /// waits in the queue for the next.
            #[must_use]
            pub fn bounded(capacity: usize) -> Self {
                Self(Rc::new(AnyQueue::new(capacity)))
            }

            /// Makes a queue with room for every item.
            #[must_use]
            pub fn unbounded() -> Self {
                Self::bounded(usize::MAX)
            }
        }

        impl<T $(: $bound)?> Deref for $queue<T> {
            type Target = AnyQueue<$order<T>>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<T $(: $bound)?> Clone for $queue<T> {
            fn clone(&self) -> Self {
                Self(Rc::clone(&self.0))
            }
        }

        impl<T $(: $bound)?> fmt::Debug for $queue<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.describe(stringify!($queue), f)
            }
        }
    };
}

handle!(Queue, Fifo);
handle!(LifoQueue, Lifo);
handle!(PriorityQueue, SmallestFirst, Ord);
