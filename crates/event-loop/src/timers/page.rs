//! The digits of a time, and the pages of slots that they lead through.

use std::ops::{Index, IndexMut};

const BITS: usize = 7;
/// How many values a digit has.
pub(super) const SLOTS: usize = 1 << BITS;
/// How many digits a time has.
pub(super) const LEVELS: usize = (u64::BITS as usize).div_ceil(BITS);

/// The level of the highest digit in which two different times differ.
pub(super) fn level_between(anchor: u64, deadline: u64) -> usize {
    (anchor ^ deadline).ilog2() as usize / BITS
}

pub(super) fn digit(time: u64, level: usize) -> usize {
    (time >> (BITS * level)) as usize % SLOTS
}

/// What one value of a digit leads to: nothing, a list that is not empty, or a page in which a
/// slot is occupied.
#[derive(Clone, Copy)]
pub(super) enum Slot {
    Empty,
    List(u32),
    Page(u32),
}

/// The 128 slots of one digit.
pub(super) struct Page {
    /// One bit for each slot that is not empty.
    occupied: u128,
    slots: [Slot; SLOTS],
}

impl Page {
    pub(super) const EMPTY: Self = Self {
        occupied: 0,
        slots: [Slot::Empty; SLOTS],
    };

    pub(super) fn is_empty(&self) -> bool {
        self.occupied == 0
    }

    pub(super) fn slot(&self, slot: usize) -> Slot {
        self.slots[slot]
    }

    pub(super) fn occupy(&mut self, slot: usize, with: Slot) {
        self.occupied |= 1 << slot;
        self.slots[slot] = with;
    }

    /// Empties a slot, and gives what was in it.
    pub(super) fn clear(&mut self, slot: usize) -> Slot {
        self.occupied &= !(1 << slot);
        std::mem::replace(&mut self.slots[slot], Slot::Empty)
    }

    /// The first slot that is not empty.
    pub(super) fn first_occupied(&self) -> Option<usize> {
        (self.occupied != 0).then_some(self.occupied.trailing_zeros() as usize)
    }
}

/// Things in places with numbers, some of which are free to be used again.
pub(super) struct Pool<T> {
    things: Vec<T>,
    free: Vec<u32>,
}

impl<T> Pool<T> {
    pub(super) const fn new() -> Self {
        Self {
            things: Vec::new(),
            free: Vec::new(),
        }
    }

    /// How many places there are, free ones as well.
    pub(super) fn len(&self) -> usize {
        self.things.len()
    }

    #[cfg(test)]
    pub(super) fn in_use(&self) -> usize {
        self.things.len() - self.free.len()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.iter_mut()
    }

    /// Takes a thing that was given back, or a new one.
    pub(super) fn take(&mut self, new: impl FnOnce() -> T) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            let number = u32::try_from(self.things.len());
            self.things.push(new());
            number.expect("so many things do not fit into memory")
        })
    }

    pub(super) fn give_back(&mut self, number: u32) {
        self.free.push(number);
    }
}

impl<T> Index<u32> for Pool<T> {
    type Output = T;

    fn index(&self, number: u32) -> &T {
        &self.things[number as usize]
    }
}

impl<T> IndexMut<u32> for Pool<T> {
    fn index_mut(&mut self, number: u32) -> &mut T {
        &mut self.things[number as usize]
    }
}
