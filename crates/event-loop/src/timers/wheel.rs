//! The wheel: which list a timer waits in, and what becomes of the lists as time goes on.
//!
//! A deadline is a number of ten digits of seven bits. The wheel stands at a time, its
//! _anchor_, and keeps a timer at the level of the highest digit in which its deadline differs
//! from the anchor, in the slot of that digit. All timers of a level come before all timers of
//! the levels above it, and a slot before the slots to its right.
//!
//! A slot holds a list, or a page of 128 slots for the next digit. A long list becomes a page
//! when somebody asks for the earliest timer, or before it is sorted; a list is divided when the
//! anchor enters its slot. So an entry only ever moves down, at most nine times in its life,
//! whatever is inserted and cancelled in between.
//!
//! A cancelled timer leaves a stale entry behind, unless it was the last of its list: the last
//! entry of a list is never stale. Stale entries are dropped where they are met, and all at
//! once when they are in the majority.
//!
//! Why ties fire in order of creation: where an entry belongs depends on its deadline and on the
//! state of the wheel, never on when it came, so entries with equal deadlines are always in the
//! same list. A new one is pushed behind the older ones; a list is moved down from front to
//! back, into lists that are empty; and the sort of what is due is stable.

use super::TimerKey;
use super::page::{LEVELS, Page, Pool, SLOTS, Slot, digit, level_between};
use super::slab::{Entry, Slab};

/// A list up to this length is read to find its earliest entry; a longer one is spread out.
const SHORT: usize = 8;
/// A list up to this length is sorted by comparing; a longer one is spread out first.
const SORTABLE: usize = 512;
/// So many stale entries are kept even if few timers wait.
const STALE: usize = 512;
/// An empty list with more room than this gives it up.
const ROOM: usize = 128;
/// Stands for a page that has not been needed yet.
const NO_PAGE: u32 = u32::MAX;

/// The timers with a deadline after the anchor.
pub(super) struct Wheel {
    anchor: u64,
    /// One bit for each level in which a slot is occupied.
    levels: u64,
    /// The page of each level; it may be an empty one.
    spine: [u32; LEVELS],
    pages: Pool<Page>,
    lists: Pool<Vec<Entry>>,
    /// How many entries are stale.
    stale: usize,
}

impl Wheel {
    pub(super) const fn new(now: u64) -> Self {
        Self {
            anchor: now,
            levels: 0,
            spine: [NO_PAGE; LEVELS],
            pages: Pool::new(),
            lists: Pool::new(),
            stale: 0,
        }
    }

    /// Where the wheel stands. It takes timers with later deadlines only.
    pub(super) fn anchor(&self) -> u64 {
        self.anchor
    }

    /// Puts a timer behind all others with its deadline.
    pub(super) fn insert(&mut self, entry: Entry) {
        let mut level = level_between(self.anchor, entry.deadline);
        if self.spine[level] == NO_PAGE {
            self.spine[level] = self.pages.take(|| Page::EMPTY);
        }
        self.levels |= 1 << level;
        let mut page = self.spine[level];
        while let Some(below) = self.push(page, level, entry) {
            page = below;
            level -= 1;
        }
    }

    /// Pushes an entry to the list of its slot, or gives the page that it leads to instead.
    fn push(&mut self, page: u32, level: usize, entry: Entry) -> Option<u32> {
        let slot = digit(entry.deadline, level);
        let list = match self.pages[page].slot(slot) {
            Slot::List(list) => list,
            Slot::Empty => {
                let list = self.lists.take(Vec::new);
                self.pages[page].occupy(slot, Slot::List(list));
                list
            }
            Slot::Page(below) => return Some(below),
        };
        self.lists[list].push(entry);
        None
    }

    /// Learns that a timer in the wheel was cancelled, which the slab knows already.
    pub(super) fn cancelled<P>(&mut self, slab: &Slab<P>, deadline: u64, key: TimerKey) {
        let list = self.find(deadline);
        let list = &mut self.lists[list];
        if list.pop_if(|entry| entry.key == key).is_none() {
            self.stale += 1;
            if self.stale > STALE + slab.len() + self.lists.len() {
                self.sweep(slab);
            }
            return;
        }
        while self.stale > 0 && list.pop_if(|entry| !slab.contains(entry.key)).is_some() {
            self.stale -= 1;
        }
        if list.is_empty() {
            self.remove_list(deadline);
        }
    }

    fn find(&self, deadline: u64) -> u32 {
        let mut level = level_between(self.anchor, deadline);
        let mut page = self.spine[level];
        loop {
            match self.pages[page].slot(digit(deadline, level)) {
                Slot::Empty => unreachable!("an entry is in the list of its slot"),
                Slot::List(list) => return list,
                Slot::Page(below) => page = below,
            }
            level -= 1;
        }
    }

    /// Takes the empty list for a deadline out of its slot, and the pages that this empties.
    fn remove_list(&mut self, deadline: u64) {
        let level = level_between(self.anchor, deadline);
        if self.remove_below(self.spine[level], level, deadline) {
            self.levels ^= 1 << level;
        }
    }

    /// Tells whether the page is empty now.
    fn remove_below(&mut self, page: u32, level: usize, deadline: u64) -> bool {
        let slot = digit(deadline, level);
        match self.pages[page].slot(slot) {
            Slot::Empty => {}
            Slot::List(list) => self.lists.give_back(list),
            Slot::Page(below) => {
                if !self.remove_below(below, level - 1, deadline) {
                    return false;
                }
                self.pages.give_back(below);
            }
        }
        self.pages[page].clear(slot);
        self.pages[page].is_empty()
    }

    /// Drops all stale entries.
    fn sweep<P>(&mut self, slab: &Slab<P>) {
        for list in self.lists.iter_mut() {
            list.retain(|entry| slab.contains(entry.key));
        }
        self.stale = 0;
    }

    /// Drops the stale entries of a list.
    fn sweep_list<P>(&mut self, slab: &Slab<P>, list: u32) {
        let entries = &mut self.lists[list];
        let before = entries.len();
        entries.retain(|entry| slab.contains(entry.key));
        self.stale -= before - entries.len();
    }

    /// Takes the entries of a list, none of them stale.
    fn take_entries<P>(&mut self, slab: &Slab<P>, list: u32) -> Vec<Entry> {
        if self.stale > 0 {
            self.sweep_list(slab, list);
        }
        std::mem::take(&mut self.lists[list])
    }

    /// Gives back a list the entries of which were taken and used up.
    fn give_back_list(&mut self, list: u32, mut entries: Vec<Entry>) {
        if entries.capacity() <= ROOM {
            entries.clear();
            self.lists[list] = entries;
        }
        self.lists.give_back(list);
    }

    /// The exact deadline of the earliest timer.
    pub(super) fn earliest<P>(&mut self, slab: &Slab<P>) -> Option<u64> {
        if self.levels == 0 {
            return None;
        }
        let mut level = self.levels.trailing_zeros() as usize;
        let mut page = self.spine[level];
        loop {
            let slot = self.pages[page].first_occupied()?;
            match self.pages[page].slot(slot) {
                Slot::Empty => unreachable!("an occupied slot is not empty"),
                Slot::Page(below) => page = below,
                // At the bottom all deadlines of a list are equal, and one is not stale.
                Slot::List(list) if level == 0 => return Some(self.lists[list][0].deadline),
                Slot::List(list) => match self.earliest_of_few(slab, list) {
                    Some(earliest) => return Some(earliest),
                    None => page = self.spread(slab, page, slot, level),
                },
            }
            level -= 1;
        }
    }

    /// The earliest deadline in a list, unless the list is long.
    fn earliest_of_few<P>(&mut self, slab: &Slab<P>, list: u32) -> Option<u64> {
        // If nothing is stale, this only reads the slab ahead of time: here the reads overlap,
        // while timers that fire one by one would each wait for theirs.
        if self.stale > 0 || (SHORT + 1..SORTABLE).contains(&self.lists[list].len()) {
            self.sweep_list(slab, list);
        }
        let entries = &self.lists[list];
        if entries.len() > SHORT {
            return None;
        }
        entries.iter().map(|entry| entry.deadline).min()
    }

    /// Turns the list of a slot into a page for the next digit, and gives the page.
    fn spread<P>(&mut self, slab: &Slab<P>, page: u32, slot: usize, level: usize) -> u32 {
        let below = self.pages.take(|| Page::EMPTY);
        if let Slot::List(list) = self.pages[page].slot(slot) {
            let entries = self.take_entries(slab, list);
            for &entry in &entries {
                self.push(below, level - 1, entry);
            }
            self.give_back_list(list, entries);
        }
        self.pages[page].occupy(slot, Slot::Page(below));
        below
    }

    /// Moves the anchor to a later time, and all timers up to that time to the end of `due`.
    pub(super) fn advance<P>(&mut self, slab: &Slab<P>, now: u64, due: &mut Vec<Entry>) {
        let mut level = level_between(self.anchor, now);
        self.anchor = now;
        // Timers below the digit that changes have the old digit, which is a smaller one.
        for lower in 0..level {
            if self.levels & (1 << lower) != 0 {
                self.drain(slab, self.spine[lower], lower, SLOTS, due);
                self.levels ^= 1 << lower;
            }
        }
        while self.levels & (1 << level) != 0 {
            let page = self.spine[level];
            let current = digit(now, level);
            self.drain(slab, page, level, current, due);
            let entered = self.pages[page].clear(current);
            if self.pages[page].is_empty() {
                self.levels ^= 1 << level;
            }
            match entered {
                Slot::Empty => return,
                Slot::List(list) => return self.divide(slab, list, due),
                // What differed from the old anchor in this digit differs from the new one in
                // the next: the page of the slot is the page of the level below.
                Slot::Page(below) => {
                    level -= 1;
                    self.install(below, level);
                }
            }
        }
    }

    /// Makes a page that is not empty the one of its level, where no timer waits.
    fn install(&mut self, page: u32, level: usize) {
        if self.spine[level] != NO_PAGE {
            self.pages.give_back(self.spine[level]);
        }
        self.spine[level] = page;
        self.levels |= 1 << level;
    }

    /// Divides the list of the slot that the anchor has entered.
    fn divide<P>(&mut self, slab: &Slab<P>, list: u32, due: &mut Vec<Entry>) {
        let entries = self.take_entries(slab, list);
        let start = due.len();
        for &entry in &entries {
            if entry.deadline > self.anchor {
                self.insert(entry);
            } else {
                due.push(entry);
            }
        }
        due[start..].sort_by_key(|entry| entry.deadline);
        self.give_back_list(list, entries);
    }

    /// Moves the timers in the slots before `end` to the end of `due`.
    fn drain<P>(
        &mut self,
        slab: &Slab<P>,
        page: u32,
        level: usize,
        end: usize,
        due: &mut Vec<Entry>,
    ) {
        while let Some(slot) = self.pages[page].first_occupied().filter(|&slot| slot < end) {
            let content = match self.pages[page].slot(slot) {
                Slot::List(list) if level > 0 && self.lists[list].len() > SORTABLE => {
                    Slot::Page(self.spread(slab, page, slot, level))
                }
                content => content,
            };
            match content {
                Slot::Empty => {}
                Slot::List(list) => self.drain_list(slab, list, due),
                Slot::Page(below) => {
                    self.drain(slab, below, level - 1, SLOTS, due);
                    self.pages.give_back(below);
                }
            }
            self.pages[page].clear(slot);
        }
    }

    fn drain_list<P>(&mut self, slab: &Slab<P>, list: u32, due: &mut Vec<Entry>) {
        let entries = self.take_entries(slab, list);
        let start = due.len();
        due.extend_from_slice(&entries);
        due[start..].sort_by_key(|entry| entry.deadline);
        self.give_back_list(list, entries);
    }

    #[cfg(test)]
    pub(super) fn entries(&mut self) -> usize {
        self.lists.iter_mut().map(|list| list.len()).sum()
    }

    /// Tells whether no list, and no page but those of the levels, is in use.
    #[cfg(test)]
    pub(super) fn is_given_back(&self) -> bool {
        let pages = self.spine.iter().filter(|&&page| page != NO_PAGE);
        self.stale == 0 && self.lists.in_use() == 0 && self.pages.in_use() == pages.count()
    }
}
