//! What every queue does: `put` and `get`, waiting or not, and what it says of itself.

use std::cell::RefCell;
use std::fmt;

use super::error::{PutError, QueueShutDown, TryGetError, TryPutError};
use super::order::Order;
use super::slot::PutSlot;
use super::state::{Answer, Getters, Putters, State, wake};
use crate::sync::wait_queue::Waiter;

/// What every queue does: [`Queue`](super::Queue), [`LifoQueue`](super::LifoQueue) and
/// [`PriorityQueue`](super::PriorityQueue) are handles to one of these.
///
/// It is fair: those who wait for an item, and those who wait for room, are served in the order in
/// which they came, and nobody who comes later gets in between. It is whole whenever a task is
/// cancelled: a cancelled `get` has taken nothing, a cancelled `put` has put nothing.
///
/// # Python
///
/// The methods of [`asyncio.Queue`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue).
///
/// # Examples
///
/// A function for all three:
///
/// ```
/// use entracte::sync::{AnyQueue, LifoQueue, Order, Queue};
///
/// fn put_both<O: Order<Item = u32>>(queue: &AnyQueue<O>) {
///     queue.try_put(1).unwrap();
///     queue.try_put(2).unwrap();
/// }
///
/// let (queue, stack) = (Queue::unbounded(), LifoQueue::unbounded());
/// put_both(&*queue);
/// put_both(&*stack);
/// assert_eq!((queue.try_get(), stack.try_get()), (Ok(1), Ok(2)));
/// ```
pub struct AnyQueue<O: Order> {
    pub(super) state: RefCell<State<O>>,
}

impl<O: Order> AnyQueue<O> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: RefCell::new(State::new(capacity)),
        }
    }

    // ---- put ------------------------------------------------------------------------------

    /// Puts an item, waiting while the queue is full.
    ///
    /// Those who wait for room get it in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the item is lost: if `put` is cancelled, the item was not put, and is
    /// dropped. To keep it, [`reserve`](Self::reserve) first.
    ///
    /// # Errors
    ///
    /// Returns [`PutError`] with the item if the queue is shut down, before or meanwhile.
    ///
    /// # Python
    ///
    /// [`asyncio.Queue.put`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.put).
    #[doc(alias = "asyncio.Queue.put")]
    #[doc(alias = "send")]
    #[inline]
    pub async fn put(&self, item: O::Item) -> Result<(), PutError<O::Item>> {
        match self.try_put(item) {
            Ok(()) => Ok(()),
            Err(TryPutError::ShutDown(item)) => Err(PutError(item)),
            Err(TryPutError::Full(item)) => match Waiter::new(Putters(&self.state)).await {
                Answer::Yours => PutSlot::new(&self.state).put(item),
                Answer::ShutDown => Err(PutError(item)),
            },
        }
    }

    /// Puts an item if there is room.
    ///
    /// # Errors
    ///
    /// Returns [`TryPutError`] with the item if the queue is full or shut down.
    ///
    /// # Python
    ///
    /// [`asyncio.Queue.put_nowait`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.put_nowait).
    /// Here it does not take the room of a task that waits.
    #[doc(alias = "asyncio.Queue.put_nowait")]
    #[inline]
    pub fn try_put(&self, item: O::Item) -> Result<(), TryPutError<O::Item>> {
        let mut state = self.state.borrow_mut();
        if state.is_shut_down {
            return Err(TryPutError::ShutDown(item));
        }
        if !state.has_room() {
            return Err(TryPutError::Full(item));
        }
        let next = state.push(item);
        drop(state);
        wake(next);
        Ok(())
    }

    /// Waits for room and keeps it: what is then put cannot find the queue full.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if `reserve` is cancelled, no room was reserved. The place in the line is lost.
    ///
    /// # Errors
    ///
    /// Returns [`QueueShutDown`] if the queue is shut down, before or meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::sync::Queue;
    ///
    /// entracte::run(async {
    ///     let queue = Queue::bounded(1);
    ///     let slot = queue.reserve().await.unwrap();
    ///     assert!(queue.is_full());
    ///     slot.put("made when there was room for it").unwrap();
    ///     assert_eq!(queue.len(), 1);
    /// })
    /// .unwrap();
    /// ```
    pub async fn reserve(&self) -> Result<PutSlot<'_, O>, QueueShutDown> {
        match Waiter::new(Putters(&self.state)).await {
            Answer::Yours => Ok(PutSlot::new(&self.state)),
            Answer::ShutDown => Err(QueueShutDown),
        }
    }

    // ---- get ------------------------------------------------------------------------------

    /// Removes and returns an item, waiting while the queue is empty.
    ///
    /// Those who wait are served in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if `get` is cancelled, no item was removed. The place in the line is lost.
    ///
    /// # Errors
    ///
    /// Returns [`QueueShutDown`] if the queue is shut down and empty, before or meanwhile.
    ///
    /// # Python
    ///
    /// [`asyncio.Queue.get`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.get).
    #[doc(alias = "asyncio.Queue.get")]
    #[doc(alias = "recv")]
    #[inline]
    pub async fn get(&self) -> Result<O::Item, QueueShutDown> {
        match self.try_get() {
            Ok(item) => Ok(item),
            Err(TryGetError::ShutDown) => Err(QueueShutDown),
            Err(TryGetError::Empty) => match Waiter::new(Getters(&self.state)).await {
                Answer::Yours => self.get_claimed(),
                Answer::ShutDown => Err(QueueShutDown),
            },
        }
    }

    #[inline]
    fn get_claimed(&self) -> Result<O::Item, QueueShutDown> {
        let taken = self.state.borrow_mut().take_claimed();
        let (item, next) = taken.ok_or(QueueShutDown)?;
        wake(next);
        Ok(item)
    }

    /// Removes and returns an item if there is one.
    ///
    /// # Errors
    ///
    /// Returns [`TryGetError`] if the queue is empty, or empty and shut down.
    ///
    /// # Python
    ///
    /// [`asyncio.Queue.get_nowait`](https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.get_nowait).
    /// Here it does not take the item of a task that waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::sync::{Queue, TryGetError, TryPutError};
    ///
    /// let queue = Queue::bounded(1);
    /// assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    /// queue.try_put('a').unwrap();
    /// assert_eq!(queue.try_put('b'), Err(TryPutError::Full('b')));
    /// assert_eq!(queue.try_get(), Ok('a'));
    /// ```
    #[doc(alias = "asyncio.Queue.get_nowait")]
    #[inline]
    pub fn try_get(&self) -> Result<O::Item, TryGetError> {
        let taken = self.state.borrow_mut().take();
        let (item, next) = taken?;
        wake(next);
        Ok(item)
    }

    // ---- what it says of itself -------------------------------------------------------------

    /// How many items are in the queue, those included that are on their way to a waiting task.
    #[doc(alias = "asyncio.Queue.qsize")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.borrow().items.count()
    }

    /// Whether there are no items in the queue.
    #[doc(alias = "asyncio.Queue.empty")]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room in the queue, or what there is belongs to tasks that wait for it.
    #[doc(alias = "asyncio.Queue.full")]
    #[must_use]
    pub fn is_full(&self) -> bool {
        !self.state.borrow().has_room()
    }

    /// For how many items there is room; `None` for an unbounded queue.
    #[doc(alias = "asyncio.Queue.maxsize")]
    #[must_use]
    pub fn capacity(&self) -> Option<usize> {
        let capacity = self.state.borrow().capacity;
        (capacity != usize::MAX).then_some(capacity)
    }

    pub(super) fn describe(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        f.debug_struct(name)
            .field("len", &state.items.count())
            .field("unfinished", &state.unfinished)
            .field("getters", &state.getters.len())
            .field("putters", &state.putters.len())
            .field("is_shut_down", &state.is_shut_down)
            .finish_non_exhaustive()
    }
}

impl<O: Order> fmt::Debug for AnyQueue<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("AnyQueue", f)
    }
}
