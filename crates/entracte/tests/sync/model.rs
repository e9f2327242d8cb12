//! Random walks of a queue and a lock beside a plain model of them, with waits cancelled anywhere.

use std::collections::VecDeque;

use entracte::sync::{Lock, LockGuard, PutError, Queue, QueueShutDown, TryGetError, TryPutError};

use crate::dice::{Dice, walks};
use crate::hand::Hand;

type Get<'a> = Hand<'a, Result<u32, QueueShutDown>>;
type Put<'a> = Hand<'a, Result<(), PutError<u32>>>;

/// What a queue is: items, and how many of them and of the places are spoken for.
#[derive(Default)]
struct Model {
    items: VecDeque<u32>,
    capacity: usize,
    unfinished: usize,
    is_shut_down: bool,
    /// Waits in order of arrival: number, and whether it was woken.
    getters: Vec<(u32, bool)>,
    putters: Vec<(u32, bool)>,
}

fn woken(line: &[(u32, bool)]) -> usize {
    line.iter().filter(|wait| wait.1).count()
}

impl Model {
    fn room(&self) -> bool {
        self.items.len() + woken(&self.putters) < self.capacity
    }

    fn free_item(&self) -> bool {
        self.items.len() > woken(&self.getters)
    }

    /// Wakes those who can go on, oldest first.
    fn settle(&mut self) {
        if self.is_shut_down {
            self.getters
                .iter_mut()
                .chain(&mut self.putters)
                .for_each(|wait| wait.1 = true);
            return;
        }
        while self.free_item() && woken(&self.getters) < self.getters.len() {
            self.getters
                .iter_mut()
                .find(|wait| !wait.1)
                .expect("one waits")
                .1 = true;
        }
        while self.room() && woken(&self.putters) < self.putters.len() {
            self.putters
                .iter_mut()
                .find(|wait| !wait.1)
                .expect("one waits")
                .1 = true;
        }
    }

    fn try_put(&mut self, item: u32) -> Result<(), TryPutError<u32>> {
        if self.is_shut_down {
            return Err(TryPutError::ShutDown(item));
        }
        if !self.room() {
            return Err(TryPutError::Full(item));
        }
        self.items.push_back(item);
        self.unfinished += 1;
        Ok(())
    }

    fn try_get(&mut self) -> Result<u32, TryGetError> {
        if self.free_item() {
            return Ok(self.items.pop_front().expect("one is free"));
        }
        Err(if self.is_shut_down {
            TryGetError::ShutDown
        } else {
            TryGetError::Empty
        })
    }
}

struct Walk<'a> {
    queue: &'a Queue<u32>,
    model: Model,
    gets: Vec<(u32, Get<'a>)>,
    puts: Vec<(u32, Put<'a>)>,
    next: u32,
}

impl<'a> Walk<'a> {
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn get(&mut self) {
        let (number, mut get) = (self.number(), Hand::new(self.queue.get()));
        match (get.poll(), self.model.try_get()) {
            (Some(got), expected) => assert_eq!(got.ok(), expected.ok()),
            (None, Err(TryGetError::Empty)) => {
                self.model.getters.push((number, false));
                self.gets.push((number, get));
            }
            (None, expected) => panic!("it waits instead of {expected:?}"),
        }
    }

    fn put(&mut self) {
        let number = self.number();
        let mut put = Hand::new(self.queue.put(number));
        match (put.poll(), self.model.try_put(number)) {
            (Some(Ok(())), Ok(())) => {}
            (Some(Err(PutError(item))), Err(TryPutError::ShutDown(_))) => assert_eq!(item, number),
            (None, Err(TryPutError::Full(_))) => {
                self.model.putters.push((number, false));
                self.puts.push((number, put));
            }
            (got, expected) => panic!("{got:?} instead of {expected:?}"),
        }
    }

    /// Polls a wait, woken or not.
    fn poll_get(&mut self, at: usize) {
        let (number, get) = &mut self.gets[at];
        let was_woken = get.is_woken();
        let place = self.model.getters.iter().position(|wait| wait.0 == *number);
        let place = place.expect("the model has it");
        assert_eq!(was_woken, self.model.getters[place].1, "get {number}");
        let got = get.poll_anew();
        assert_eq!(got.is_some(), was_woken);
        if let Some(got) = got {
            let expected = self.model.items.pop_front();
            assert_eq!(got.ok(), expected);
            self.model.getters.remove(place);
            self.gets.remove(at);
        }
    }

    fn poll_put(&mut self, at: usize) {
        let (number, put) = &mut self.puts[at];
        let was_woken = put.is_woken();
        let place = self.model.putters.iter().position(|wait| wait.0 == *number);
        let place = place.expect("the model has it");
        assert_eq!(was_woken, self.model.putters[place].1, "put {number}");
        let done = put.poll_anew();
        assert_eq!(done.is_some(), was_woken);
        let Some(done) = done else { return };
        self.model.putters.remove(place);
        if self.model.is_shut_down {
            assert_eq!(done, Err(PutError(*number)));
        } else {
            assert_eq!(done, Ok(()));
            self.model.items.push_back(*number);
            self.model.unfinished += 1;
        }
        self.puts.remove(at);
    }

    fn cancel_get(&mut self, at: usize) {
        let (number, get) = self.gets.remove(at);
        drop(get);
        self.model.getters.retain(|wait| wait.0 != number);
    }

    fn cancel_put(&mut self, at: usize) {
        let (number, put) = self.puts.remove(at);
        drop(put);
        self.model.putters.retain(|wait| wait.0 != number);
    }

    fn step(&mut self, dice: &mut Dice) {
        match dice.below(8) {
            0 | 1 => self.get(),
            2 | 3 => self.put(),
            4 if !self.gets.is_empty() => self.poll_get(dice.below(self.gets.len())),
            5 if !self.puts.is_empty() => self.poll_put(dice.below(self.puts.len())),
            6 if !self.gets.is_empty() => self.cancel_get(dice.below(self.gets.len())),
            7 if !self.puts.is_empty() => self.cancel_put(dice.below(self.puts.len())),
            _ => {
                let is_ok = self.queue.task_done().is_ok();
                assert_eq!(is_ok, self.model.unfinished > 0);
                self.model.unfinished -= usize::from(is_ok);
            }
        }
        self.model.settle();
        assert_eq!(self.queue.len(), self.model.items.len());
        assert_eq!(self.queue.is_full(), !self.model.room());
    }

    /// Once shut down, what was claimed goes to whom it was claimed for, and nobody waits.
    fn end(mut self, at_once: bool) {
        if at_once {
            self.queue.shut_down_now();
            self.model.items.clear();
        } else {
            self.queue.shut_down();
        }
        self.model.is_shut_down = true;
        self.model.settle();
        while !self.puts.is_empty() {
            self.poll_put(0);
        }
        let mut got: Vec<u32> = Vec::new();
        for (_, get) in &mut self.gets {
            got.extend(get.finish());
        }
        got.extend(std::iter::from_fn(|| self.queue.try_get().ok()));
        assert_eq!(
            self.model.items, got,
            "each item that was put is got once, in order"
        );
    }
}

#[test]
fn a_queue_does_what_its_model_does() {
    walks("a_queue_does_what_its_model_does", walk_a_queue);
}

fn walk_a_queue(dice: &mut Dice) {
    let capacity = [1, 2, 5, usize::MAX][dice.below(4)];
    let queue = Queue::bounded(capacity);
    let model = Model {
        capacity,
        ..Model::default()
    };
    let mut walk = Walk {
        queue: &queue,
        model,
        gets: vec![],
        puts: vec![],
        next: 0,
    };
    for _ in 0..200 {
        walk.step(dice);
    }
    walk.end(dice.below(2) == 0);
}

/// Where a rendezvous has no such plain model: nothing is lost, nothing is there twice.
#[test]
fn w2_every_item_is_got_once_whatever_is_cancelled() {
    walks(
        "w2_every_item_is_got_once_whatever_is_cancelled",
        walk_and_count,
    );
}

fn walk_and_count(dice: &mut Dice) {
    let queue = Queue::bounded(dice.below(3));
    let (mut gets, mut puts) = (Vec::new(), Vec::new());
    let (mut put_items, mut got) = (Vec::new(), Vec::new());
    for number in 0..200 {
        match dice.below(8) {
            0 | 1 => gets.push(Hand::new(queue.get())),
            2 | 3 => puts.push((number, Hand::new(queue.put(number)))),
            4 if !gets.is_empty() => drop(gets.remove(dice.below(gets.len()))),
            5 if !puts.is_empty() => drop(puts.remove(dice.below(puts.len()))),
            _ => {}
        }
        gets.retain_mut(|get| match get.poll() {
            Some(item) => {
                got.push(item.expect("it is open"));
                false
            }
            None => true,
        });
        puts.retain_mut(|(number, put)| {
            let is_done = put.poll().is_some();
            put_items.extend(is_done.then_some(*number));
            !is_done
        });
    }
    drop((gets, puts));
    got.extend(std::iter::from_fn(|| queue.try_get().ok()));
    got.sort_unstable();
    put_items.sort_unstable();
    assert_eq!(got, put_items);
}

#[test]
fn w1_a_lock_is_had_by_one_and_goes_to_the_oldest() {
    walks(
        "w1_a_lock_is_had_by_one_and_goes_to_the_oldest",
        walk_a_lock,
    );
}

fn walk_a_lock(dice: &mut Dice) {
    let lock = Lock::new(());
    let mut line: VecDeque<Hand<'_, LockGuard>> = VecDeque::new();
    let mut held: Option<LockGuard> = None;
    for _ in 0..200 {
        match dice.below(5) {
            0 | 1 => {
                let mut wait = Hand::new(lock.acquire());
                match wait.poll() {
                    Some(guard) => assert!(held.replace(guard).is_none() && line.is_empty()),
                    None => line.push_back(wait),
                }
            }
            2 => drop(held.take()),
            3 if !line.is_empty() => drop(line.remove(dice.below(line.len()))),
            _ => {
                let at = line.iter().position(Hand::is_woken);
                assert!(at.is_none_or(|at| at == 0 && held.is_none()));
                if at.is_some() {
                    held = line.pop_front().map(|mut wait| wait.finish());
                }
            }
        }
        let next_is_woken = line.front().is_some_and(Hand::is_woken);
        assert_eq!(lock.is_locked(), held.is_some() || next_is_woken);
        assert!(
            line.is_empty() || held.is_some() || next_is_woken,
            "nobody is woken"
        );
    }
    drop((held, line));
    assert!(!lock.is_locked());
}
