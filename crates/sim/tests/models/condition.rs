//! The condition beside a line of those who are to be notified.

use std::cell::RefCell;
use std::rc::Rc;

use entracte::sync::Condition;

use crate::line::{Line, Standing};
use crate::walk::{Pair, below, pause, walks};

#[derive(Default)]
struct Model {
    line: Line,
    is_held: bool,
}

impl Model {
    fn notify(&mut self, tasks: usize) {
        for _ in 0..tasks {
            self.line.grant_oldest();
        }
    }
}

/// A task in line; a notification that it does not use goes to the next.
struct Place<'a> {
    model: &'a RefCell<Model>,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut model = self.model.borrow_mut();
        if model.line.leave(self.number) == Some(Standing::Granted) {
            model.notify(1);
        }
    }
}

/// A task that has the lock.
struct Held<'a>(&'a RefCell<Model>);

impl<'a> Held<'a> {
    fn new(model: &'a RefCell<Model>) -> Self {
        let was_held = std::mem::replace(&mut model.borrow_mut().is_held, true);
        assert!(!was_held, "two tasks have the lock");
        Self(model)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().is_held = false;
    }
}

#[derive(Default)]
struct Conditions {
    condition: Condition,
    model: RefCell<Model>,
}

impl Conditions {
    async fn wait(&self) {
        let guard = self.condition.acquire().await;
        let held = Held::new(&self.model);
        pause().await;
        let number = self.model.borrow_mut().line.enter();
        let place = Place {
            model: &self.model,
            number,
        };
        drop(held);
        let guard = self.condition.wait(guard).await;
        self.model.borrow_mut().line.serve(number);
        drop(place);
        let held = Held::new(&self.model);
        pause().await;
        drop((guard, held));
    }

    async fn notify(&self, tasks: usize) {
        let guard = self.condition.acquire().await;
        let held = Held::new(&self.model);
        pause().await;
        self.condition.notify(&guard, tasks);
        self.model.borrow_mut().notify(tasks.min(1000));
        pause().await;
        drop((guard, held));
    }
}

impl Pair for Conditions {
    async fn act(self: Rc<Self>) {
        match below(8) {
            0 => self.notify(1).await,
            1 => self.notify(2).await,
            _ => self.wait().await,
        }
    }

    fn poke(&self) {
        let guard = self.condition.lock().try_acquire();
        if let Some(guard) = guard {
            self.condition.notify_one(&guard);
            self.model.borrow_mut().notify(1);
        }
    }

    fn compare(&self) {
        // Locked as well while it is on its way to somebody.
        assert!(self.condition.lock().is_locked() || !self.model.borrow().is_held);
    }

    fn compare_at_rest(&self) {
        let model = self.model.borrow();
        assert_eq!(self.condition.lock().is_locked(), model.is_held);
        if !model.is_held {
            model.line.check_at_rest();
        }
    }

    async fn let_go(&self) {
        self.notify(usize::MAX).await;
    }
}

#[test]
fn a_condition_does_what_its_model_does() {
    walks(Conditions::default);
}
