//! Random callbacks that do to their loop whatever safe code can, in calls and in drops alike.
//!
//! Run under valgrind and the address sanitizer, it shows that none of it reaches freed memory.
//! `ENTRACTE_SEED=n` replays one program, `ROUNDS=n` runs more of them.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use entracte_event_loop::{
    Callback, CallbackRef, EventLoop, Handle, Random, RunError, SeededRandom, Step, TimerHandle,
    Token, WakeTimer, with_waker,
};

use crate::support::{OnDrop, Time};

/// How many actors a program has at most.
const MOST: usize = 60;
/// How deep actions may nest, through eager calls and drops.
const DEEPEST: usize = 4;

/// All that the actors of one program share.
struct World {
    event_loop: EventLoop,
    time: Time,
    dice: RefCell<SeededRandom>,
    depth: Cell<usize>,
    /// For each actor, how often it was dropped.
    dropped: RefCell<Vec<u32>>,
    tokens: RefCell<Vec<Token>>,
    wakers: RefCell<Vec<Waker>>,
    callbacks: RefCell<Vec<CallbackRef>>,
    handles: RefCell<Vec<Handle>>,
    timers: RefCell<Vec<TimerHandle>>,
    wake_timers: RefCell<Vec<WakeTimer>>,
}

impl World {
    fn new(seed: u64) -> Rc<Self> {
        let time = Time::default();
        let mut settings = time.settings();
        if seed.is_multiple_of(3) {
            settings = settings.debug(true);
        }
        let event_loop = EventLoop::with(settings).expect("a test opens few loops");
        Rc::new(Self {
            event_loop,
            time,
            dice: RefCell::new(SeededRandom::from_seed(seed)),
            depth: Cell::new(0),
            dropped: RefCell::default(),
            tokens: RefCell::default(),
            wakers: RefCell::default(),
            callbacks: RefCell::default(),
            handles: RefCell::default(),
            timers: RefCell::default(),
            wake_timers: RefCell::default(),
        })
    }

    fn below(&self, limit: usize) -> usize {
        let drawn = self.dice.borrow_mut().below(limit as u64);
        usize::try_from(drawn).expect("below a usize")
    }

    /// A random element, taken out, so that nothing is borrowed while it is used or dropped.
    fn take<T>(&self, from: &RefCell<Vec<T>>) -> Option<T> {
        let length = from.borrow().len();
        (length > 0).then(|| from.borrow_mut().swap_remove(self.below(length)))
    }

    fn token(&self) -> Token {
        let tokens = self.tokens.borrow();
        match tokens.len() {
            0 => Token::NOBODY,
            length => tokens[self.below(length)],
        }
    }

    fn actor(self: &Rc<Self>) -> Option<CallbackRef> {
        let number = self.dropped.borrow().len();
        if number == MOST || self.event_loop.is_closed() {
            return None;
        }
        self.dropped.borrow_mut().push(0);
        Some(CallbackRef::new(Actor {
            number,
            canary: Box::new(number),
            world: Rc::clone(self),
            is_called: Cell::new(false),
            is_done: Cell::new(false),
        }))
    }

    /// A value that acts when it is dropped.
    fn meddler(self: &Rc<Self>) -> OnDrop<impl FnMut() + use<>> {
        let world = Rc::clone(self);
        OnDrop(move || world.act())
    }

    fn act(self: &Rc<Self>) {
        if self.depth.get() == DEEPEST {
            return;
        }
        self.depth.set(self.depth.get() + 1);
        match self.below(3) {
            0 => self.add(),
            1 => self.meddle(),
            _ => self.schedule(),
        }
        self.depth.set(self.depth.get() - 1);
    }

    fn add(self: &Rc<Self>) {
        let Some(actor) = self.actor() else {
            return;
        };
        let token = match self.below(4) {
            0 => self.event_loop.add_and_call(actor),
            1 => self.event_loop.keep(actor),
            _ => self.event_loop.add(actor),
        };
        self.tokens.borrow_mut().push(token);
    }

    fn meddle(&self) {
        let token = self.token();
        match self.below(9) {
            0 => drop(self.event_loop.remove(token)),
            1 => {
                let waker = with_waker(token, Waker::clone);
                self.wakers.borrow_mut().push(waker);
            }
            2 => drop(self.take(&self.wakers).map(Waker::wake)),
            3 => drop(self.take(&self.wakers)),
            4 => {
                let callback = self.event_loop.callback(token);
                self.callbacks.borrow_mut().extend(callback);
            }
            5 => drop(self.take(&self.callbacks)),
            6 if self.below(40) == 0 => self.event_loop.close(),
            6 => drop(self.event_loop.callbacks().count()),
            _ => self.event_loop.wake(token),
        }
    }

    fn schedule(self: &Rc<Self>) {
        match self.below(8) {
            0 => drop(self.take(&self.handles).map(|handle| handle.cancel())),
            1 => drop(self.take(&self.timers).map(|timer| timer.cancel())),
            2 => drop(self.take(&self.wake_timers)),
            3 => self.event_loop.stop(),
            4 => {
                let deadline = self.event_loop.time() + Duration::from_nanos(3);
                let timer = with_waker(self.token(), |waker| WakeTimer::set(deadline, waker));
                self.wake_timers.borrow_mut().extend(timer);
            }
            5 => self.time.work(2),
            _ if self.event_loop.is_closed() => {}
            6 => {
                let value = self.meddler();
                let handle = self.event_loop.call_soon(move || drop(value));
                self.handles.borrow_mut().push(handle);
            }
            _ => {
                let (value, delay) = (self.meddler(), Duration::from_nanos(2));
                let timer = self.event_loop.call_later(delay, move || drop(value));
                self.timers.borrow_mut().push(timer);
            }
        }
    }

    /// Lets go of all that is left, in any order.
    fn clear(&self) {
        while self.take(&self.wakers).is_some() {}
        while self.take(&self.handles).is_some() {}
        while self.take(&self.timers).is_some() {}
        while self.take(&self.wake_timers).is_some() {}
        while self.take(&self.callbacks).is_some() {}
    }
}

struct Actor {
    number: usize,
    /// On the heap, so that a use after the drop is seen by whoever watches memory.
    canary: Box<usize>,
    world: Rc<World>,
    is_called: Cell<bool>,
    is_done: Cell<bool>,
}

impl Callback for Actor {
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        assert!(!self.is_called.replace(true), "called while it is called");
        assert!(!self.is_done.get(), "called after it was done");
        self.world.tokens.borrow_mut().push(step.token());
        for _ in 0..self.world.below(4) {
            self.world.act();
        }
        self.is_called.set(false);
        assert_eq!(*self.canary, self.number);
        if self.world.below(3) > 0 {
            return Poll::Pending;
        }
        self.is_done.set(true);
        Poll::Ready(())
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        assert!(!self.is_called.get(), "dropped while it is called");
        assert_eq!(*self.canary, self.number);
        self.world.dropped.borrow_mut()[self.number] += 1;
        self.world.act();
    }
}

fn run(seed: u64) -> usize {
    let world = World::new(seed);
    for _ in 0..6 {
        world.add();
    }
    // The selector of the tests fails where this would wait for ever, for a waker that nobody uses.
    for _ in 0..100 {
        if let Err(RunError::Closed | RunError::Stuck) = world.event_loop.turn() {
            break;
        }
        world.act();
    }
    world.event_loop.close();
    world.clear();
    world.clear();
    assert_eq!(world.event_loop.alive(), 0, "kept after the close");
    let dropped = world.dropped.take();
    assert!(dropped.iter().all(|times| *times == 1), "{dropped:?}");
    assert_eq!(Rc::strong_count(&world), 1, "something is left");
    dropped.len()
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn whatever_callbacks_do_each_is_dropped_once_and_never_while_it_is_called() {
    let seeds = match number("ENTRACTE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("ROUNDS").unwrap_or(2000),
    };
    let mut actors = 0;
    for seed in seeds {
        let shown = OnDrop(|| {
            if std::thread::panicking() {
                println!("replay: ENTRACTE_SEED={seed} cargo test -p entracte-event-loop chaos");
            }
        });
        actors += run(seed);
        drop(shown);
    }
    println!("{actors} actors");
}
