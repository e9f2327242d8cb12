//! Semaphores and the lock, which is one with a single permit, beside a number and a line.

use std::cell::RefCell;
use std::rc::Rc;

use entracte::sync::{BoundedSemaphore, Lock, LockGuard, Permit, Semaphore};

use crate::line::{Line, Standing};
use crate::walk::{Pair, below, pause, walks};

/// What lets so many tasks in.
trait Gate: 'static {
    type Held;

    fn new(permits: usize) -> Self;
    async fn acquire(&self) -> Self::Held;
    /// Takes a permit and gives it back, if there is one now; whether there is.
    fn try_it(&self) -> bool;
    /// Adds a permit if that can be done; gives how many.
    fn add(&self) -> usize;
    fn free(&self) -> usize;
}

impl Gate for Semaphore {
    type Held = Permit;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    async fn acquire(&self) -> Permit {
        self.acquire().await
    }

    fn try_it(&self) -> bool {
        self.try_acquire().is_some()
    }

    fn add(&self) -> usize {
        self.add_permits(1);
        1
    }

    fn free(&self) -> usize {
        self.available()
    }
}

impl Gate for BoundedSemaphore {
    type Held = Permit;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    async fn acquire(&self) -> Permit {
        self.acquire().await
    }

    /// Forgets it, and releases it as often as that can be done.
    fn try_it(&self) -> bool {
        let permit = self.try_acquire();
        let was_there = permit.is_some();
        permit.into_iter().for_each(Permit::forget);
        assert_eq!(self.release().is_ok(), was_there);
        assert!(self.release().is_err(), "nothing more was forgotten");
        was_there
    }

    fn add(&self) -> usize {
        0
    }

    fn free(&self) -> usize {
        self.available()
    }
}

impl Gate for Lock {
    type Held = LockGuard;

    fn new(_: usize) -> Self {
        Self::new(())
    }

    async fn acquire(&self) -> LockGuard {
        self.acquire().await
    }

    fn try_it(&self) -> bool {
        self.try_acquire().is_some()
    }

    fn add(&self) -> usize {
        0
    }

    fn free(&self) -> usize {
        usize::from(!self.is_locked())
    }
}

/// So many permits are free, and so many tasks wait for one.
struct Model {
    free: usize,
    line: Line,
}

impl Model {
    fn settle(&mut self) {
        while self.free > 0 && self.line.grant_oldest() {
            self.free -= 1;
        }
    }
}

/// A task in the model; dropped when the task waits no more and holds nothing.
struct Place<'a> {
    model: &'a RefCell<Model>,
    number: u64,
}

impl<'a> Place<'a> {
    fn enter(model: &'a RefCell<Model>) -> Self {
        let mut entered = model.borrow_mut();
        let number = entered.line.enter();
        entered.settle();
        Self { model, number }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut model = self.model.borrow_mut();
        let had_one = model.line.leave(self.number) != Some(Standing::Waits);
        model.free += usize::from(had_one);
        model.settle();
    }
}

struct Permits<G> {
    gate: G,
    model: RefCell<Model>,
}

impl<G: Gate> Permits<G> {
    fn new(permits: usize) -> Self {
        let line = Line::default();
        Self {
            gate: G::new(permits),
            model: RefCell::new(Model {
                free: permits,
                line,
            }),
        }
    }
}

impl<G: Gate> Pair for Permits<G> {
    async fn act(self: Rc<Self>) {
        let place = Place::enter(&self.model);
        let held = self.gate.acquire().await;
        self.model.borrow_mut().line.serve(place.number);
        for _ in 0..below(3) {
            pause().await;
        }
        drop(held);
    }

    fn poke(&self) {
        assert_eq!(self.gate.try_it(), self.model.borrow().free > 0);
        if below(10) == 0 {
            let added = self.gate.add();
            let mut model = self.model.borrow_mut();
            model.free += added;
            model.settle();
        }
    }

    fn compare(&self) {
        assert_eq!(self.gate.free(), self.model.borrow().free);
    }

    fn compare_at_rest(&self) {
        self.model.borrow().line.check_at_rest();
    }

    async fn let_go(&self) {}
}

#[test]
fn a_semaphore_does_what_its_model_does() {
    walks(|| Permits::<Semaphore>::new(1 + below(3)));
}

#[test]
fn a_bounded_semaphore_does_what_its_model_does() {
    walks(|| Permits::<BoundedSemaphore>::new(1 + below(3)));
}

#[test]
fn a_lock_does_what_its_model_does() {
    walks(|| Permits::<Lock>::new(1));
}
