//! In which order a queue gives its items: oldest, newest or smallest first.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;

/// In which order a queue gives its items: [`Fifo`], [`Lifo`] or [`SmallestFirst`].
pub trait Order: sealed::Sealed + Default {
    /// What the queue holds.
    type Item;

    #[doc(hidden)]
    fn push(&mut self, item: Self::Item);
    #[doc(hidden)]
    fn pop(&mut self) -> Option<Self::Item>;
    #[doc(hidden)]
    fn count(&self) -> usize;
}

mod sealed {
    #[expect(unnameable_types, reason = "keeps `Order` to the orders of this file")]
    pub trait Sealed {}
    impl<T> Sealed for super::Fifo<T> {}
    impl<T> Sealed for super::Lifo<T> {}
    impl<T: Ord> Sealed for super::SmallestFirst<T> {}
}

/// The oldest item first.
pub struct Fifo<T>(VecDeque<T>);

impl<T> Order for Fifo<T> {
    type Item = T;

    #[inline]
    fn push(&mut self, item: T) {
        self.0.push_back(item);
    }

    #[inline]
    fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
    }

    #[inline]
    fn count(&self) -> usize {
        self.0.len()
    }
}

/// The newest item first.
pub struct Lifo<T>(Vec<T>);

impl<T> Order for Lifo<T> {
    type Item = T;

    #[inline]
    fn push(&mut self, item: T) {
        self.0.push(item);
    }

    #[inline]
    fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    #[inline]
    fn count(&self) -> usize {
        self.0.len()
    }
}

/// The smallest item first; of equal ones, the one that was put first.
pub struct SmallestFirst<T> {
    heap: BinaryHeap<Entry<T>>,
    puts: u64,
}

/// An item and its number. Compared backwards, as a heap gives the greatest entry first.
struct Entry<T> {
    item: T,
    number: u64,
}

impl<T: Ord> Order for SmallestFirst<T> {
    type Item = T;

    fn push(&mut self, item: T) {
        self.puts += 1;
        self.heap.push(Entry {
            item,
            number: self.puts,
        });
    }

    fn pop(&mut self) -> Option<T> {
        self.heap.pop().map(|entry| entry.item)
    }

    fn count(&self) -> usize {
        self.heap.len()
    }
}

impl<T: Ord> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .item
            .cmp(&self.item)
            .then(other.number.cmp(&self.number))
    }
}

impl<T: Ord> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Ord> Eq for Entry<T> {}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Default for Lifo<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> Default for SmallestFirst<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            puts: 0,
        }
    }
}

impl<T> fmt::Debug for Fifo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fifo")
    }
}

impl<T> fmt::Debug for Lifo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lifo")
    }
}

impl<T> fmt::Debug for SmallestFirst<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmallestFirst")
    }
}
