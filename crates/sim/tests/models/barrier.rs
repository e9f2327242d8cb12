//! The barrier beside a count of those who have come.

use std::cell::RefCell;
use std::rc::Rc;

use entracte::sync::Barrier;

use crate::walk::{Pair, below, walks};

/// A task that has come.
struct Present {
    number: u64,
    /// As many as it takes were there at once, since it came.
    may_pass: bool,
    /// The barrier was broken or reset since it came, or was broken when it did.
    may_fail: bool,
}

#[derive(Default)]
struct Model {
    came: u64,
    present: Vec<Present>,
    is_broken: bool,
    /// How many waited when all tasks last did, and how many came since.
    expected: usize,
    /// Somebody was cancelled, or the barrier broken or reset: how many wait now is open.
    is_open: bool,
}

impl Model {
    fn enter(&mut self, parties: usize) -> u64 {
        self.came += 1;
        self.expected += 1;
        self.present.push(Present {
            number: self.came,
            may_pass: false,
            may_fail: self.is_broken,
        });
        if self.present.len() >= parties {
            let all = self.present.iter_mut();
            all.for_each(|present| present.may_pass = true);
        }
        self.came
    }

    fn leave(&mut self, number: u64) -> Option<Present> {
        let mut all = self.present.iter();
        let at = all.position(|present| present.number == number)?;
        Some(self.present.remove(at))
    }

    fn disturb(&mut self, is_broken: bool) {
        self.is_broken = is_broken;
        self.is_open = true;
        let all = self.present.iter_mut();
        all.for_each(|present| present.may_fail = true);
    }
}

/// A task that waits; if it is still there when this is dropped, it was cancelled.
struct Place<'a> {
    model: &'a RefCell<Model>,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut model = self.model.borrow_mut();
        let was_cancelled = model.leave(self.number).is_some();
        model.is_open |= was_cancelled;
    }
}

struct Barriers {
    barrier: Barrier,
    model: RefCell<Model>,
}

impl Barriers {
    fn new() -> Self {
        Self {
            barrier: Barrier::new(1 + below(4)).expect("it is for one at least"),
            model: RefCell::default(),
        }
    }

    fn break_off(&self) {
        self.barrier.break_off();
        self.model.borrow_mut().disturb(true);
    }
}

impl Pair for Barriers {
    async fn act(self: Rc<Self>) {
        for _ in 0..=below(3) {
            let number = self.model.borrow_mut().enter(self.barrier.parties());
            let place = Place {
                model: &self.model,
                number,
            };
            let turn = self.barrier.wait().await;
            let left = self.model.borrow_mut().leave(number);
            let present = left.expect("it was there");
            drop(place);
            match turn {
                Ok(turn) => assert!(present.may_pass && turn.index() < self.barrier.parties()),
                Err(_) => assert!(present.may_fail),
            }
        }
    }

    fn poke(&self) {
        match below(12) {
            0 => self.break_off(),
            1..=3 => {
                self.barrier.reset();
                self.model.borrow_mut().disturb(false);
            }
            _ => {}
        }
    }

    fn compare(&self) {
        let model = self.model.borrow();
        assert_eq!(self.barrier.is_broken(), model.is_broken);
        assert!(self.barrier.n_waiting() <= model.present.len());
    }

    fn compare_at_rest(&self) {
        let mut model = self.model.borrow_mut();
        let waiting = model.present.len();
        assert_eq!(self.barrier.n_waiting(), waiting);
        assert!(waiting < self.barrier.parties(), "enough have come");
        if model.is_broken {
            assert_eq!(waiting, 0, "nobody waits at a broken barrier");
        } else if !model.is_open {
            assert_eq!(waiting, model.expected % self.barrier.parties());
        }
        (model.expected, model.is_open) = (waiting, false);
    }

    async fn let_go(&self) {
        self.break_off();
    }
}

#[test]
fn a_barrier_does_what_its_model_does() {
    walks(Barriers::new);
}
