//! The three queues beside a list and two lines: for items, and for room.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::ops::Deref;
use std::rc::Rc;

use entracte::sync::{AnyQueue, LifoQueue, Order, PriorityQueue, Queue};

use crate::line::{Line, Standing};
use crate::walk::{Pair, below, pause, walks};

/// An item; a priority queue looks at its size alone.
#[derive(Clone, Copy, Debug)]
struct Item {
    size: usize,
    number: u64,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        self.size.cmp(&other.size)
    }
}

/// Which item of a list is the next; the list is in the order in which they were put.
type Next = fn(&[Item]) -> usize;

/// The items in the order in which they were put, and who waits for one and for room.
struct Model {
    next: Next,
    capacity: usize,
    items: Vec<Item>,
    getters: Line,
    putters: Line,
    unfinished: usize,
    is_shut_down: bool,
    came: u64,
}

impl Model {
    fn has_free_item(&self) -> bool {
        self.items.len() > self.getters.count(Standing::Granted)
    }

    fn has_room(&self) -> bool {
        self.items.len() + self.putters.count(Standing::Granted) < self.capacity
    }

    fn settle(&mut self) {
        while self.has_free_item() && self.getters.grant_oldest() {}
        if self.is_shut_down {
            self.getters.refuse_waiting();
            self.putters.refuse_waiting();
        }
        while self.has_room() && self.putters.grant_oldest() {}
    }

    fn push(&mut self, item: Item) {
        self.items.push(item);
        self.unfinished += 1;
        self.settle();
    }

    fn pop(&mut self) -> Item {
        let item = self.items.remove((self.next)(&self.items));
        self.settle();
        item
    }

    fn new_item(&mut self) -> Item {
        self.came += 1;
        Item {
            size: below(4),
            number: self.came,
        }
    }
}

/// A task in one of the lines of the model, until it is served or gives up.
struct Place<'a> {
    model: &'a RefCell<Model>,
    line: fn(&mut Model) -> &mut Line,
    number: u64,
}

impl<'a> Place<'a> {
    fn enter(model: &'a RefCell<Model>, line: fn(&mut Model) -> &mut Line) -> Self {
        let mut entered = model.borrow_mut();
        let number = line(&mut entered).enter();
        entered.settle();
        Self {
            model,
            line,
            number,
        }
    }

    /// Leaves the line because the wait is over, and tells how it stood.
    fn stood(&self) -> Standing {
        let left = (self.line)(&mut self.model.borrow_mut()).leave(self.number);
        left.expect("it is in line")
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut model = self.model.borrow_mut();
        (self.line)(&mut model).leave(self.number);
        model.settle();
    }
}

struct Queues<Q> {
    queue: Q,
    model: RefCell<Model>,
}

impl<O: Order<Item = Item>, Q: Deref<Target = AnyQueue<O>>> Queues<Q> {
    fn new(make: fn(usize) -> Q, next: Next) -> Self {
        let capacity = [1, 2, 5, usize::MAX][below(4)];
        let model = Model {
            next,
            capacity,
            items: Vec::new(),
            getters: Line::default(),
            putters: Line::default(),
            unfinished: 0,
            is_shut_down: false,
            came: 0,
        };
        Self {
            queue: make(capacity),
            model: RefCell::new(model),
        }
    }

    async fn get(&self) {
        let place = Place::enter(&self.model, |model| &mut model.getters);
        let got = self.queue.get().await;
        let stood = place.stood();
        let mut model = self.model.borrow_mut();
        match got {
            Ok(item) => {
                assert_eq!(stood, Standing::Granted);
                assert_eq!(item.number, model.pop().number);
            }
            // What was granted is gone if the queue was emptied.
            Err(_) => assert!(stood == Standing::Refused || model.items.is_empty()),
        }
    }

    async fn put(&self) {
        let place = Place::enter(&self.model, |model| &mut model.putters);
        let item = self.model.borrow_mut().new_item();
        let put = self.queue.put(item).await;
        let stood = place.stood();
        let mut model = self.model.borrow_mut();
        if model.is_shut_down {
            assert_eq!(
                put.expect_err("it was shut down").into_inner().number,
                item.number
            );
        } else {
            assert_eq!((put.is_ok(), stood), (true, Standing::Granted));
            model.push(item);
        }
    }

    fn try_get(&self) {
        let mut model = self.model.borrow_mut();
        let expected = model.has_free_item().then(|| model.pop().number);
        let got = self.queue.try_get().ok();
        assert_eq!(got.map(|item| item.number), expected);
    }

    fn try_put(&self) {
        let mut model = self.model.borrow_mut();
        let item = model.new_item();
        let is_put = self.queue.try_put(item).is_ok();
        assert_eq!(is_put, model.has_room() && !model.is_shut_down);
        if is_put {
            model.push(item);
        }
    }

    fn task_done(&self) {
        let mut model = self.model.borrow_mut();
        let is_ok = self.queue.task_done().is_ok();
        assert_eq!(is_ok, model.unfinished > 0);
        model.unfinished -= usize::from(is_ok);
    }

    fn shut_down(&self, now: bool) {
        let mut model = self.model.borrow_mut();
        if now {
            self.queue.shut_down_now();
            let dropped = model.items.drain(..).count();
            model.unfinished = model.unfinished.saturating_sub(dropped);
        } else {
            self.queue.shut_down();
        }
        model.is_shut_down = true;
        model.settle();
    }
}

impl<O, Q> Pair for Queues<Q>
where
    O: Order<Item = Item> + 'static,
    Q: Deref<Target = AnyQueue<O>> + 'static,
{
    async fn act(self: Rc<Self>) {
        for _ in 0..=below(3) {
            if below(2) == 0 {
                self.put().await;
            } else {
                self.get().await;
            }
            pause().await;
        }
    }

    fn poke(&self) {
        match below(40) {
            0 => self.shut_down(below(2) == 0),
            1..=13 => self.task_done(),
            14..=26 => self.try_get(),
            _ => self.try_put(),
        }
    }

    fn compare(&self) {
        let model = self.model.borrow();
        assert_eq!(self.queue.len(), model.items.len());
        assert_eq!(self.queue.is_full(), !model.has_room());
        assert_eq!(self.queue.is_shut_down(), model.is_shut_down);
    }

    fn compare_at_rest(&self) {
        let model = self.model.borrow();
        model.getters.check_at_rest();
        model.putters.check_at_rest();
    }

    /// Shuts the queue down, takes what is left in it, and joins it.
    async fn let_go(&self) {
        self.shut_down(false);
        while self.model.borrow().has_free_item() {
            self.try_get();
        }
        while self.model.borrow().unfinished > 0 {
            self.task_done();
        }
        self.queue.join().await;
    }
}

#[test]
fn a_queue_does_what_its_model_does() {
    walks(|| Queues::new(Queue::bounded, |_| 0));
}

#[test]
fn a_lifo_queue_does_what_its_model_does() {
    walks(|| Queues::new(LifoQueue::bounded, |items| items.len() - 1));
}

/// The smallest, and of equal ones the oldest.
fn smallest(items: &[Item]) -> usize {
    let smallest = (0..items.len()).min_by_key(|at| items[*at].size);
    smallest.expect("there is an item")
}

#[test]
fn a_priority_queue_does_what_its_model_does() {
    walks(|| Queues::new(PriorityQueue::bounded, smallest));
}
