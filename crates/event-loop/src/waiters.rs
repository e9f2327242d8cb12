//! Waiters: whom to wake when a descriptor is ready in one direction.

use std::cell::Cell;
use std::task::Waker;

use crate::core::{CarryOn, Core};
use crate::token::Token;
use crate::waker::{self, Wakeup};

/// Where a waker that somebody else made is kept. A callback of the loop needs no place, as its
/// token says who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Among those that come through `poll`, whose callers may be gone without a word.
    Any,
    /// For a future that says when it does not wait any more: its new waker replaces the old one.
    Future(u32),
}

/// So many of them are kept in any place. The oldest of more is woken: if it is not gone, it comes
/// again.
const IN_ANY_PLACE: usize = 64;

/// Who waits for one direction: nearly always one callback of the loop.
pub(crate) struct Waiters {
    first: Cell<Token>,
    has_others: Cell<bool>,
    /// Callbacks that came when there was one, and wakers that somebody else made.
    others: Cell<Option<Box<Kept>>>,
}

struct Other {
    place: Place,
    wakeup: Wakeup,
}

/// Rare, so that it takes one word as long as there are none.
type Kept = Vec<Other>;

pub(crate) type Others = Vec<Wakeup>;

impl Waiters {
    pub(crate) const fn new() -> Self {
        Self {
            first: Cell::new(Token::NOBODY),
            has_others: Cell::new(false),
            others: Cell::new(None),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.get() == Token::NOBODY && !self.has_others.get()
    }

    #[inline]
    pub(crate) fn add(&self, core: &Core, waker: &Waker, place: Place) {
        match waker::token_of(waker).filter(|token| token.event_loop() == core.id()) {
            Some(token) if self.first.get() == token => {}
            Some(token) if self.is_empty() => self.first.set(token),
            _ => self.add_other(core, waker, place),
        }
    }

    #[cold]
    fn add_other(&self, core: &Core, waker: &Waker, place: Place) {
        // Made before the others are away: cloning a foreign waker may come back here.
        let wakeup = Wakeup::of(waker);
        let mut others = self.others.take().unwrap_or_default();
        if others.len() == others.capacity() {
            // Callbacks that are gone leave theirs behind.
            others.retain(|other| is_alive(core, &other.wakeup));
        }
        let spare = put(&mut others, Other { place, wakeup });
        let oldest = oldest_of_too_many(&mut others);
        self.has_others.set(true);
        self.others.set(Some(others));
        drop(spare);
        oldest.into_iter().for_each(|oldest| oldest.wakeup.wake());
    }

    /// Takes away what is kept in this place: the caller's to drop.
    pub(crate) fn forget(&self, place: Place) -> Option<impl Sized + use<>> {
        if !self.has_others.get() {
            return None;
        }
        let mut others = self.others.take().unwrap_or_default();
        let known = others.iter().position(|other| other.is_in(place));
        let forgotten = known.map(|known| others.remove(known));
        self.has_others.set(!others.is_empty());
        self.others.set(Some(others));
        forgotten
    }

    /// Wakes the first; whether there are others, who are the caller's to wake.
    #[inline]
    pub(crate) fn wake_first(&self, core: &Core) -> bool {
        let first = self.first.replace(Token::NOBODY);
        if first != Token::NOBODY {
            core.wake(first);
        }
        self.has_others.get()
    }

    /// Takes all but the first.
    pub(crate) fn take_others(&self) -> impl Iterator<Item = Wakeup> + use<> {
        self.has_others.set(false);
        let others = self.others.take().into_iter();
        others.flat_map(|others| others.into_iter().map(|other| other.wakeup))
    }

    /// Wakes everybody, whatever their loop.
    pub(crate) fn wake_all(&self) {
        let first = self.first.replace(Token::NOBODY);
        let first = Some(first).filter(|first| *first != Token::NOBODY);
        let others = self.take_others();
        wake_each(first.map(Wakeup::from_token).into_iter().chain(others));
    }
}

/// Wakes each of them, also if one panics: nobody else will.
pub(crate) fn wake_each(wakeups: impl IntoIterator<Item = Wakeup>) {
    let mut carry_on = CarryOn::default();
    for wakeup in wakeups {
        carry_on.with(|| wakeup.wake());
    }
    carry_on.end();
}

impl Other {
    fn is_in(&self, place: Place) -> bool {
        self.wakeup.token().is_none() && self.place == place
    }

    /// Whether both are of one who waits.
    fn is_of(&self, other: &Self) -> bool {
        match (other.wakeup.token(), other.place) {
            (None, Place::Future(_)) => self.is_in(other.place),
            (None, Place::Any) => self.is_in(Place::Any) && self.wakeup.is_same(&other.wakeup),
            (Some(_), _) => self.wakeup.is_same(&other.wakeup),
        }
    }
}

fn oldest_of_too_many(others: &mut Kept) -> Option<Other> {
    let is_in_any = |other: &&Other| other.is_in(Place::Any);
    if others.len() <= IN_ANY_PLACE || others.iter().filter(is_in_any).count() <= IN_ANY_PLACE {
        return None;
    }
    let oldest = others.iter().position(|other| other.is_in(Place::Any))?;
    Some(others.remove(oldest))
}

/// Puts one into its place; what it replaces, or itself if it is there already, comes back.
fn put(others: &mut Kept, new: Other) -> Option<Wakeup> {
    match others.iter_mut().find(|other| other.is_of(&new)) {
        Some(other) if other.wakeup.is_same(&new.wakeup) => Some(new.wakeup),
        Some(other) => Some(std::mem::replace(&mut other.wakeup, new.wakeup)),
        None => {
            others.push(new);
            None
        }
    }
}

/// Of another loop nothing is known here.
fn is_alive(core: &Core, wakeup: &Wakeup) -> bool {
    let own = wakeup.token().filter(|it| it.event_loop() == core.id());
    own.is_none_or(|token| core.callback(token).is_some())
}
