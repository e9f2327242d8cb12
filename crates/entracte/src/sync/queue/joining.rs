//! Ends: `task_done` and `join` count what is done, `shut_down` ends the queue itself.

use super::any::AnyQueue;
use super::error::TaskDoneError;
use super::order::Order;
use super::state::{Answer, Joiners};
use crate::sync::wait_queue::Waiter;

impl<O: Order> AnyQueue<O> {
    /// Says that an item which was got is done with; the last one lets [`join`](Self::join) through.
    ///
    /// # Errors
    ///
    /// Returns [`TaskDoneError`] if every item that was put is done already.
    ///
    /// # Python
    ///
    /// [`asyncio.Queue.task_done`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.task_done).
    #[doc(alias = "asyncio.Queue.task_done")]
    pub fn task_done(&self) -> Result<(), TaskDoneError> {
        let mut state = self.state.borrow_mut();
        if state.unfinished == 0 {
            return Err(TaskDoneError);
        }
        let joined = state.finish(1);
        drop(state);
        if let Some(joined) = joined {
            joined.wake();
        }
        Ok(())
    }

    /// Waits until each item that was put was said to be done.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    ///
    /// # Python
    ///
    /// [`asyncio.Queue.join`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.join).
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::sync::Queue;
    ///
    /// entracte::run(async {
    ///     let queue = Queue::unbounded();
    ///     queue.try_put("work").unwrap();
    ///     assert_eq!(queue.get().await, Ok("work"));
    ///     queue.task_done().unwrap();
    ///     queue.join().await;
    ///     assert!(queue.task_done().is_err());
    /// })
    /// .unwrap();
    /// ```
    #[doc(alias = "asyncio.Queue.join")]
    pub async fn join(&self) {
        let is_done = self.state.borrow().unfinished == 0;
        if !is_done {
            Waiter::new(Joiners(&self.state)).await;
        }
    }

    /// Lets nothing more in: every `put` fails, those that wait included.
    ///
    /// What is in the queue can still be got; a `get` fails once it is empty.
    ///
    /// # Python
    ///
    /// [`asyncio.Queue.shutdown`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.shutdown).
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::sync::{Queue, QueueShutDown};
    ///
    /// entracte::run(async {
    ///     let queue = Queue::unbounded();
    ///     queue.put("last").await.unwrap();
    ///     queue.shut_down();
    ///     assert_eq!(queue.put("late").await.unwrap_err().into_inner(), "late");
    ///     assert_eq!(queue.get().await, Ok("last"));
    ///     assert_eq!(queue.get().await, Err(QueueShutDown));
    /// })
    /// .unwrap();
    /// ```
    #[doc(alias = "asyncio.Queue.shutdown")]
    #[doc(alias = "close")]
    pub fn shut_down(&self) {
        let mut state = self.state.borrow_mut();
        state.is_shut_down = true;
        let getters = state.getters.grant_all(Answer::ShutDown);
        let putters = state.putters.grant_all(Answer::ShutDown);
        drop(state);
        getters.wake();
        putters.wake();
    }

    /// Lets nothing more in, and drops what is in the queue: every `put` and every `get` fails.
    ///
    /// Items that are dropped count as done, which may let [`join`](Self::join) through.
    ///
    /// # Python
    ///
    /// `asyncio.Queue.shutdown(immediate=True)`.
    pub fn shut_down_now(&self) {
        let mut state = self.state.borrow_mut();
        let items = std::mem::take(&mut state.items);
        // Fewer may be unfinished, as `task_done` does not ask which item is meant.
        let dropped = items.count().min(state.unfinished);
        let joined = state.finish(dropped);
        state.is_shut_down = true;
        drop(state);
        if let Some(joined) = joined {
            joined.wake();
        }
        self.shut_down();
        // Last, as dropping an item may use the queue.
        drop(items);
    }

    /// Whether the queue was shut down.
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.state.borrow().is_shut_down
    }
}
