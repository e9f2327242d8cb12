//! The timers themselves: who waits, and what for.

use super::TimerKey;

/// So many places are worth being put in order.
const MANY: usize = 1_000;

/// One timer, or a free place for one.
struct Node<P> {
    deadline: u64,
    payload: Option<P>,
    /// Counts how often the place was freed, so that an old key does not fit.
    generation: u32,
}

/// A timer as it stands in the wheel and among those due.
///
/// It is a copy, and the slab knows better: an entry whose key is stale counts for nothing.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) deadline: u64,
    pub(super) key: TimerKey,
}

/// All timers, each in a place of its own.
pub(super) struct Slab<P> {
    nodes: Vec<Node<P>>,
    /// The free places. They are not chained through the nodes, as the memory would then have to
    /// be waited for link after link.
    free: Vec<u32>,
    /// How many places were freed since the free ones were last in order.
    out_of_order: usize,
    len: usize,
}

impl<P> Slab<P> {
    pub(super) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            free: Vec::new(),
            out_of_order: 0,
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn insert(&mut self, deadline: u64, payload: P) -> TimerKey {
        self.len += 1;
        let payload = Some(payload);
        if let Some(index) = self.free.pop() {
            let node = &mut self.nodes[index as usize];
            node.deadline = deadline;
            node.payload = payload;
            let generation = node.generation;
            return TimerKey { index, generation };
        }
        let index = u32::try_from(self.nodes.len());
        self.nodes.push(Node {
            deadline,
            payload,
            generation: 0,
        });
        TimerKey {
            index: index.expect("four thousand million timers do not fit into memory"),
            generation: 0,
        }
    }

    /// Frees the place of a timer, and gives its deadline too; `None` if the key is stale.
    #[inline]
    pub(super) fn remove(&mut self, key: TimerKey) -> Option<(u64, P)> {
        let node = self.nodes.get_mut(key.index as usize)?;
        if node.generation != key.generation {
            return None;
        }
        let payload = node.payload.take()?;
        let deadline = node.deadline;
        node.generation += 1;
        // A place that has used up its generations is given up: otherwise the first of its
        // keys would fit again.
        if node.generation != u32::MAX {
            self.free.push(key.index);
        }
        self.len -= 1;
        self.out_of_order += 1;
        // As often as not, it is one timer that comes and goes.
        if self.len == 0 && self.out_of_order >= self.nodes.len().max(MANY) {
            self.order_free();
        }
        Some((deadline, payload))
    }

    /// Sees to it that the next timers get places side by side, as those of a new slab do.
    #[cold]
    fn order_free(&mut self) {
        self.out_of_order = 0;
        self.free.clear();
        let nodes = (0..).zip(&self.nodes);
        let free = nodes.filter(|(_, node)| node.generation != u32::MAX);
        self.free.extend(free.map(|(index, _)| index));
        self.free.reverse();
    }

    /// No key is handed out for a free place, so a fitting generation is enough.
    pub(super) fn contains(&self, key: TimerKey) -> bool {
        let node = self.nodes.get(key.index as usize);
        node.is_some_and(|node| node.generation == key.generation)
    }

    pub(super) fn payload_mut(&mut self, key: TimerKey) -> Option<&mut P> {
        let node = self.nodes.get_mut(key.index as usize)?;
        node.payload
            .as_mut()
            .filter(|_| node.generation == key.generation)
    }

    #[cfg(test)]
    pub(super) fn age(&mut self, index: u32, generation: u32) {
        self.nodes[index as usize].generation = generation;
    }
}
