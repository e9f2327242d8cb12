//! Visits: a host runs the loop bit by bit, in the order in which the loop would have run itself.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use entracte_event_loop::{
    Event, EventLoop, Interest, Observer, OsSelector, Random, RunError, SeededRandom, Selector,
    Settings, Visit,
};

use crate::front_end::spawn;
use crate::support::{Log, Time, virtual_loop};

const NOTHING: Visit = Visit::Resting {
    at_most: None,
    is_stuck: true,
};

#[test]
fn a_visit_runs_what_is_ready_and_then_rests() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (inner, again) = (event_loop.clone(), log.clone());
    event_loop.call_soon(move || {
        again.note("one");
        inner.call_soon(again.noting("three"));
    });
    event_loop.call_soon(log.noting("two"));
    assert_eq!(event_loop.visit(100, || false)?, NOTHING);
    assert_eq!(log.take(), "one two three");
    assert!(EventLoop::current().is_none());
    Ok(())
}

#[test]
fn a_long_turn_stretches_over_several_visits() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    for word in ["a", "b", "c", "d", "e"] {
        let (inner, log) = (event_loop.clone(), log.clone());
        event_loop.call_soon(move || {
            log.note(word);
            inner.call_soon(log.noting("again"));
        });
    }
    for expected in ["a b", "c d", "e again", "again again", "again again"] {
        assert_eq!(event_loop.visit(2, || false)?, Visit::Busy);
        assert_eq!(log.take(), expected);
    }
    assert_eq!(event_loop.visit(2, || false)?, NOTHING);
    Ok(())
}

#[test]
fn it_is_asked_whether_it_is_done_before_each_turn_and_not_within_one() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    for _ in 0..4 {
        event_loop.call_soon(|| {});
    }
    let asked = Cell::new(0);
    let ask = || {
        asked.set(asked.get() + 1);
        asked.get() > 1
    };
    assert_eq!(event_loop.visit(3, ask)?, Visit::Busy);
    assert_eq!(asked.get(), 1);
    assert_eq!(event_loop.visit(3, ask)?, Visit::Done);
    assert_eq!((asked.get(), event_loop.ready()), (2, 0));
    Ok(())
}

#[test]
fn a_loop_with_a_timer_rests_until_that_is_due() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let log = Log::default();
    event_loop.call_later(Duration::from_secs(7), log.noting("fired"));
    let rests = |seconds| Visit::Resting {
        at_most: Some(Duration::from_secs(seconds)),
        is_stuck: false,
    };
    assert_eq!(event_loop.visit(100, || false)?, rests(7));
    time.work(3_000_000_000);
    assert_eq!(event_loop.visit(100, || false)?, rests(4));
    time.work(4_000_000_000);
    assert_eq!(event_loop.visit(100, || false)?, NOTHING);
    assert_eq!(log.take(), "fired");
    Ok(())
}

#[test]
fn a_loop_that_is_stopped_is_done_after_its_turn() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    let (inner, words) = (event_loop.clone(), log.clone());
    event_loop.call_soon(move || {
        words.note("stops");
        inner.stop();
        inner.call_soon(words.noting("later"));
    });
    event_loop.call_soon(log.noting("still"));
    assert_eq!(event_loop.visit(1, || false)?, Visit::Busy);
    assert_eq!(event_loop.visit(1, || false)?, Visit::Done);
    assert_eq!(log.take(), "stops still");
    event_loop.stop();
    assert_eq!(event_loop.visit(100, || false)?, Visit::Done);
    assert_eq!(log.take(), "later");
    Ok(())
}

#[test]
fn a_loop_is_not_visited_inside_a_loop_nor_when_it_is_closed() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let (inner, nested) = (event_loop.clone(), Rc::new(RefCell::new(None)));
    let outcome = Rc::clone(&nested);
    event_loop.call_soon(move || {
        outcome.replace(Some(inner.visit(1, || false)));
    });
    event_loop.visit(1, || false)?;
    assert!(matches!(nested.take(), Some(Err(RunError::Nested))));
    event_loop.close();
    let closed = event_loop.visit(1, || false);
    assert!(matches!(closed, Err(RunError::Closed)));
    Ok(())
}

/// A selector that counts how often its notifier was called.
struct Counting(OsSelector, Arc<AtomicUsize>);

impl Selector for Counting {
    fn wait(&mut self, timeout: Option<Duration>, events: &mut Vec<Event>) -> io::Result<()> {
        assert_eq!(timeout, Some(Duration::ZERO), "a visit never waits");
        self.0.wait(timeout, events)
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        let calls = Arc::clone(&self.1);
        Arc::new(move || {
            calls.fetch_add(1, Ordering::Relaxed);
        })
    }

    fn add(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        self.0.add(source, key, interest)
    }

    fn change(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        self.0.change(source, key, interest)
    }

    fn remove(&mut self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.0.remove(source)
    }
}

fn counting_loop() -> Result<(EventLoop, Arc<AtomicUsize>), RunError> {
    let calls = Arc::new(AtomicUsize::new(0));
    let selector = Counting(
        OsSelector::new().map_err(RunError::Selector)?,
        Arc::clone(&calls),
    );
    let time = Time::default();
    let settings = Settings::from_parts(time, selector, SeededRandom::from_seed(0));
    let event_loop = EventLoop::with(settings).map_err(RunError::Selector)?;
    Ok((event_loop, calls))
}

/// Has a task wait twice, and gives its waker away each time.
fn waiting(event_loop: &EventLoop) -> mpsc::Receiver<Waker> {
    let (sender, receiver) = mpsc::channel();
    let mut left = 2;
    spawn(
        event_loop,
        poll_fn(move |cx| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            sender.send(cx.waker().clone()).expect("the test listens");
            Poll::Pending
        }),
    );
    receiver
}

#[test]
fn a_loop_that_rests_is_notified_once() -> Result<(), RunError> {
    let (event_loop, calls) = counting_loop()?;
    let wakers = waiting(&event_loop);
    let rests = Visit::Resting {
        at_most: None,
        is_stuck: false,
    };
    assert_eq!(event_loop.visit(100, || false)?, rests);
    let waker = wakers.recv().expect("the task was polled");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| waker.wake_by_ref());
        }
    });
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(event_loop.visit(100, || false)?, rests);
    assert_eq!(
        calls.load(Ordering::Relaxed),
        1,
        "it did not rest meanwhile"
    );
    let last = wakers.recv().expect("the task was polled again");
    drop(waker);
    assert_eq!(event_loop.visit(100, || false)?, rests, "one is left");
    let before = calls.load(Ordering::Relaxed);
    drop(last);
    assert_eq!(
        calls.load(Ordering::Relaxed),
        before + 1,
        "it may be stuck now"
    );
    assert_eq!(event_loop.visit(100, || false)?, NOTHING);
    Ok(())
}

#[test]
fn a_visit_that_is_kept_busy_still_looks_at_the_selector() -> Result<(), Box<dyn std::error::Error>>
{
    let (event_loop, _) = counting_loop()?;
    let (near, mut far) = UnixStream::pair()?;
    let was_read = Rc::new(Cell::new(false));
    let flag = Rc::clone(&was_read);
    let _watch = event_loop.add_reader(&near, move || flag.set(true))?;
    spins(&event_loop);
    event_loop.visit(1000, || false)?;
    assert!(!was_read.get());
    far.write_all(b"hello")?;
    for _ in 0..100 {
        assert_eq!(event_loop.visit(1, || false)?, Visit::Busy);
    }
    assert!(was_read.get());
    Ok(())
}

/// Notes the waits that it is told of.
struct Waits(Log);

impl Observer for Waits {
    fn before_wait(&self, at_most: Option<Duration>) {
        self.0.note(format!("waits {at_most:?}"));
    }

    fn after_wait(&self, _: usize) {
        self.0.note("goes on");
    }
}

#[test]
fn an_observer_hears_of_the_time_between_two_visits_as_of_a_wait() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let log = Log::default();
    event_loop.set_observer(Some(Rc::new(Waits(log.clone()))));
    event_loop.call_soon(|| {});
    assert_eq!(event_loop.visit(1, || false)?, Visit::Busy);
    assert_eq!(log.take(), "");
    event_loop.visit(1, || false)?;
    assert_eq!(log.take(), "waits None");
    event_loop.call_soon(log.noting("works"));
    event_loop.visit(1, || false)?;
    assert_eq!(log.take(), "goes on works");
    Ok(())
}

/// A callback that is always ready.
fn spins(event_loop: &EventLoop) {
    spawn(
        event_loop,
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        }),
    );
}

/// A program whose callbacks schedule others at random; each notes its number and the time.
struct Program {
    event_loop: EventLoop,
    time: Time,
    dice: RefCell<SeededRandom>,
    made: Cell<u64>,
    trace: RefCell<Vec<(u64, u64)>>,
}

impl Program {
    fn new(seed: u64) -> Rc<Self> {
        let (event_loop, time) = virtual_loop();
        let program = Rc::new(Self {
            event_loop,
            time,
            dice: RefCell::new(SeededRandom::from_seed(seed)),
            made: Cell::new(0),
            trace: RefCell::default(),
        });
        program.schedule(8);
        program
    }

    fn below(&self, bound: u64) -> u64 {
        self.dice.borrow_mut().next_u64() % bound
    }

    fn schedule(self: &Rc<Self>, count: u64) {
        for _ in 0..count {
            let number = self.made.replace(self.made.get() + 1);
            let program = Rc::clone(self);
            let act = move || program.act(number);
            let delay = Duration::from_nanos(self.below(4) * 1_000_000);
            if delay.is_zero() {
                self.event_loop.call_soon(act);
            } else {
                self.event_loop.call_later(delay, act);
            }
        }
    }

    fn act(self: &Rc<Self>, number: u64) {
        self.trace.borrow_mut().push((number, self.time.nanos()));
        self.time.work(self.below(3) * 500_000);
        if self.made.get() < 500 {
            let count = self.below(4);
            self.schedule(count);
        }
    }
}

fn run_itself(seed: u64) -> Vec<(u64, u64)> {
    let program = Program::new(seed);
    let ended = program.event_loop.run_forever();
    assert!(matches!(ended, Err(RunError::Stuck)));
    program.trace.take()
}

fn run_by_visits(seed: u64) -> Result<Vec<(u64, u64)>, RunError> {
    let program = Program::new(seed);
    let mut dice = SeededRandom::from_seed(!seed);
    loop {
        let steps = dice.next_u64() % 9 + 1;
        match program.event_loop.visit(steps as usize, || false)? {
            Visit::Resting { is_stuck: true, .. } => return Ok(program.trace.take()),
            Visit::Resting { at_most, .. } => {
                let nanos = at_most.expect("there is a timer").as_nanos();
                program
                    .time
                    .work(u64::try_from(nanos).expect("it is short"));
            }
            _ => {}
        }
    }
}

#[test]
fn the_order_of_visits_is_the_order_of_a_run() -> Result<(), RunError> {
    let seeds = match std::env::var("ENTRACTE_SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (0..200).collect(),
    };
    for seed in seeds {
        let expected = run_itself(seed);
        assert_eq!(run_by_visits(seed)?, expected, "ENTRACTE_SEED={seed}");
    }
    Ok(())
}
