//! Who waits, in what order, and how a cancelled waiter leaves.
//!
//! A [`WaitQueue`] is a list of waiters, first in, first out, in a slab: to enter, to be granted
//! and to leave from the middle take constant time and, once the slab has grown, no allocation. A
//! **grant** is what a waiter waits for: a lock's data, a permit, a place in a queue. It is handed
//! to the oldest waiter by whoever lets go of it, so nobody who comes later can take it first.
//!
//! [`Waiter`] is the future. Dropped while it waits, it leaves the line; dropped with a grant that
//! it has not taken, it gives the grant back to the owner of the line, who passes it on.
//!
//! - **W1** Grants are handed out in the order in which the waiters came.
//! - **W2** A grant is taken once, or handed back once: none is lost, none is there twice.
//!
//! No code of the user runs while a line is borrowed: wake-ups are made before and used after.

use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use entracte_event_loop::Wakeup;

use crate::task::waiting::{Wait, waits_for};

/// The end of a list.
const NOBODY: u32 = u32::MAX;

/// Those who wait for a grant, oldest first.
pub(super) struct WaitQueue<G = ()> {
    slots: Vec<Slot<G>>,
    /// The first of the slots that are free, linked through `next`.
    free: u32,
    oldest: u32,
    newest: u32,
    waiting: u32,
}

struct Slot<G> {
    previous: u32,
    next: u32,
    state: State<G>,
}

enum State<G> {
    Free,
    Waiting(Wakeup),
    /// Out of the line; the waiter has yet to take it.
    Granted(G),
}

/// A waiter's place in the slab. Whoever holds it takes the grant or leaves.
#[derive(Debug)]
pub(super) struct Ticket(u32);

/// What a waiter finds at its place.
pub(super) enum Look<G> {
    Granted(G),
    Waiting,
    /// It is not this waker that would be woken.
    WakesAnother,
}

/// What a waiter leaves behind, to be dropped or handed back when nothing is borrowed.
pub(super) enum Left<G> {
    Waiting(Wakeup),
    Granted(G),
}

impl<G> WaitQueue<G> {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: NOBODY,
            oldest: NOBODY,
            newest: NOBODY,
            waiting: 0,
        }
    }

    /// How many wait; those with a grant do not.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.waiting as usize
    }

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.oldest == NOBODY
    }

    /// Puts a waiter at the end of the line.
    pub(super) fn enter(&mut self, wakeup: Wakeup) -> Ticket {
        let slot = Slot {
            previous: self.newest,
            next: NOBODY,
            state: State::Waiting(wakeup),
        };
        let place = self.place(slot);
        match self.newest {
            NOBODY => self.oldest = place,
            newest => self.slots[newest as usize].next = place,
        }
        self.newest = place;
        self.waiting += 1;
        Ticket(place)
    }

    fn place(&mut self, slot: Slot<G>) -> u32 {
        if self.free == NOBODY {
            let place = u32::try_from(self.slots.len()).expect("fewer than 2^32 tasks wait");
            self.slots.push(slot);
            return place;
        }
        let place = self.free;
        let free = &mut self.slots[place as usize];
        self.free = free.next;
        // There is nothing to drop in a slot that is free.
        let _free = ManuallyDrop::new(std::mem::replace(free, slot));
        place
    }

    /// Hands a grant to the oldest waiter, who is to be woken; gives it back if nobody waits.
    #[inline]
    pub(super) fn grant(&mut self, grant: G) -> Result<Wakeup, G> {
        let place = self.oldest;
        if place == NOBODY {
            return Err(grant);
        }
        self.unlink(place);
        let state = &mut self.slots[place as usize].state;
        match std::mem::replace(state, State::Granted(grant)) {
            State::Waiting(wakeup) => Ok(wakeup),
            _ => unreachable!("who is in line waits"),
        }
    }

    /// Hands a grant to everybody who waits.
    pub(super) fn grant_all(&mut self, grant: G) -> Wakeups
    where
        G: Copy,
    {
        self.grant_to(usize::MAX, grant)
    }

    /// Hands a grant to each of the oldest waiters, so many at most.
    pub(super) fn grant_to(&mut self, most: usize, grant: G) -> Wakeups
    where
        G: Copy,
    {
        let mut woken = (0..most).map_while(|_| self.grant(grant).ok());
        Wakeups {
            first: woken.next(),
            rest: woken.collect(),
        }
    }

    /// Takes the grant, if there is one; then the ticket is void.
    #[inline]
    pub(super) fn look(&mut self, ticket: &Ticket, waker: &Waker) -> Look<G> {
        match &self.slots[ticket.0 as usize].state {
            State::Waiting(wakeup) if wakeup.will_wake(waker) => Look::Waiting,
            State::Waiting(_) => Look::WakesAnother,
            _ => Look::Granted(self.take(ticket.0)),
        }
    }

    /// Changes who is woken; gives the wake-up back that is no longer needed.
    pub(super) fn set_wakeup(&mut self, ticket: &Ticket, wakeup: Wakeup) -> Wakeup {
        match &mut self.slots[ticket.0 as usize].state {
            State::Waiting(own) => std::mem::replace(own, wakeup),
            _ => wakeup,
        }
    }

    /// Takes a waiter out, wherever it stands.
    pub(super) fn leave(&mut self, ticket: &Ticket) -> Left<G> {
        let place = ticket.0;
        if !matches!(self.slots[place as usize].state, State::Waiting(_)) {
            return Left::Granted(self.take(place));
        }
        self.unlink(place);
        match self.vacate(place) {
            State::Waiting(wakeup) => Left::Waiting(wakeup),
            _ => unreachable!("it was looked at just now"),
        }
    }

    #[inline]
    fn take(&mut self, place: u32) -> G {
        match self.vacate(place) {
            State::Granted(grant) => grant,
            _ => unreachable!("W2: a ticket is of a waiter that has not taken its grant"),
        }
    }

    #[inline]
    fn vacate(&mut self, place: u32) -> State<G> {
        let slot = &mut self.slots[place as usize];
        slot.next = self.free;
        self.free = place;
        std::mem::replace(&mut slot.state, State::Free)
    }

    #[inline]
    fn unlink(&mut self, place: u32) {
        let Slot { previous, next, .. } = self.slots[place as usize];
        match previous {
            NOBODY => self.oldest = next,
            previous => self.slots[previous as usize].next = next,
        }
        match next {
            NOBODY => self.newest = previous,
            next => self.slots[next as usize].previous = previous,
        }
        self.waiting -= 1;
    }
}

impl<G> Default for WaitQueue<G> {
    fn default() -> Self {
        Self::new()
    }
}

/// Those to be woken, once nothing is borrowed. The first is kept apart, as mostly there is one.
#[must_use = "who was granted something has to be woken"]
pub(super) struct Wakeups {
    first: Option<Wakeup>,
    rest: Vec<Wakeup>,
}

impl Wakeups {
    pub(super) fn wake(self) {
        self.first
            .into_iter()
            .chain(self.rest)
            .for_each(Wakeup::wake);
    }
}

/// A line in which a [`Waiter`] stands: what its owner knows of it.
pub(super) trait Line: Copy + Unpin {
    type Grant;
    const WAITS_FOR: Wait;

    /// Enters, unless the grant is there to be taken. Nothing of the user's runs between the two.
    fn enter(self, wakeup: Wakeup) -> Result<Ticket, Self::Grant>;

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue<Self::Grant>) -> R) -> R;

    /// Takes a grant back from a waiter that was dropped before it took it.
    fn hand_back(self, grant: Self::Grant);
}

/// Waits in a line for a grant.
pub(super) struct Waiter<L: Line> {
    line: L,
    ticket: Option<Ticket>,
}

impl<L: Line> Waiter<L> {
    #[inline]
    pub(super) const fn new(line: L) -> Self {
        Self { line, ticket: None }
    }

    fn begin(&mut self, waker: &Waker) -> Poll<L::Grant> {
        match self.line.enter(Wakeup::of(waker)) {
            Err(grant) => Poll::Ready(grant),
            Ok(ticket) => {
                self.ticket = Some(ticket);
                waits_for(L::WAITS_FOR);
                Poll::Pending
            }
        }
    }
}

impl<L: Line> Future for Waiter<L> {
    type Output = L::Grant;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<L::Grant> {
        let Some(ticket) = &self.ticket else {
            return self.begin(cx.waker());
        };
        let mut look = self.line.with(|queue| queue.look(ticket, cx.waker()));
        if matches!(look, Look::WakesAnother) {
            let wakeup = Wakeup::of(cx.waker());
            drop(self.line.with(|queue| queue.set_wakeup(ticket, wakeup)));
            // Cloning and dropping wakers runs foreign code, which may have led to a grant.
            look = self.line.with(|queue| queue.look(ticket, cx.waker()));
        }
        if let Look::Granted(grant) = look {
            self.ticket = None;
            return Poll::Ready(grant);
        }
        waits_for(L::WAITS_FOR);
        Poll::Pending
    }
}

impl<L: Line> Drop for Waiter<L> {
    #[inline]
    fn drop(&mut self) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        match self.line.with(|queue| queue.leave(&ticket)) {
            Left::Waiting(wakeup) => drop(wakeup),
            Left::Granted(grant) => self.line.hand_back(grant),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(queue: &mut WaitQueue<u8>) -> Ticket {
        queue.enter(Wakeup::of(Waker::noop()))
    }

    #[test]
    fn places_of_those_who_left_are_used_again() {
        let mut queue = WaitQueue::new();
        for _ in 0..10 {
            let [first, second, third] = [(); 3].map(|()| enter(&mut queue));
            assert!(matches!(queue.leave(&second), Left::Waiting(_)));
            assert!(queue.grant(1).is_ok() && queue.grant(2).is_ok());
            assert!(queue.grant(3).is_err() && queue.is_empty());
            assert!(matches!(queue.leave(&first), Left::Granted(1)));
            assert!(matches!(
                queue.look(&third, Waker::noop()),
                Look::Granted(2)
            ));
        }
        assert_eq!(queue.slots.len(), 3);
    }
}
