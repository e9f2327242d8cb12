//! `Watched` where things end: stale reports, numbers used again, and who is counted.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use entracte_event_loop::{
    Direction, Event, EventLoop, Interest, MonotonicClock, RunError, SeededRandom, Selector,
    Settings, Watched,
};

use crate::front_end::spawn;
use crate::support::{Log, virtual_loop};
use crate::watched::{Checked, settle};

/// A selector that reports what the test says, and notes the keys it was given.
#[derive(Clone, Default)]
struct Told {
    events: Rc<RefCell<Vec<Event>>>,
    keys: Rc<RefCell<Vec<usize>>>,
    refuses: Rc<Cell<bool>>,
}

impl Told {
    fn event_loop(&self) -> io::Result<EventLoop> {
        let parts = Settings::from_parts(
            MonotonicClock::new(),
            self.clone(),
            SeededRandom::from_seed(0),
        );
        EventLoop::with(parts)
    }

    fn tell(&self, key: usize) {
        self.events.borrow_mut().push(Event {
            key,
            readable: true,
            writable: true,
            ended: false,
        });
    }

    fn last_key(&self) -> usize {
        *self.keys.borrow().last().expect("something was watched")
    }
}

impl Selector for Told {
    fn wait(&mut self, _: Option<Duration>, events: &mut Vec<Event>) -> io::Result<()> {
        events.append(&mut self.events.borrow_mut());
        Ok(())
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(|| {})
    }

    fn add(&mut self, _: BorrowedFd<'_>, key: usize, _: Interest) -> io::Result<()> {
        self.keys.borrow_mut().push(key);
        match self.refuses.get() {
            true => Err(ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }

    fn change(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
        Ok(())
    }

    fn remove(&mut self, _: BorrowedFd<'_>) -> io::Result<()> {
        Ok(())
    }
}

fn socket() -> io::Result<Watched<UnixStream>> {
    let (near, _) = UnixStream::pair()?;
    Ok(Watched::new(near, Interest::BOTH))
}

/// A task that waits to read from a descriptor that would always block; counts its tries.
fn waiting(event_loop: &EventLoop, near: Watched<UnixStream>) -> Rc<Cell<u32>> {
    let tries = Rc::new(Cell::new(0));
    let counted = Rc::clone(&tries);
    spawn(event_loop, async move {
        let act = |_: &UnixStream| {
            counted.set(counted.get() + 1);
            Err::<(), _>(ErrorKind::WouldBlock.into())
        };
        drop(poll_fn(|cx| near.poll(Direction::Read, cx.waker(), act)).await);
    });
    tries
}

#[test]
fn a_report_that_is_not_true_costs_a_try_and_nothing_else() -> Checked {
    let told = Told::default();
    let event_loop = told.event_loop()?;
    let tries = waiting(&event_loop, socket()?);
    settle(&event_loop)?;
    for round in 1..4 {
        assert_eq!(tries.get(), round);
        told.tell(told.last_key());
        settle(&event_loop)?;
    }
    Ok(())
}

#[test]
fn a_report_of_one_that_is_gone_does_not_reach_the_next_in_its_place() -> Checked {
    let told = Told::default();
    let event_loop = told.event_loop()?;
    let mut stale = Vec::new();
    // Whatever a key is made of, it must not come back within a batch.
    for round in 0..50 {
        let own = event_loop.clone();
        let gone = Rc::new(Cell::new(Some(socket()?)));
        let taken = Rc::clone(&gone);
        event_loop.call_soon(move || {
            let near = taken.take().expect("it is there");
            let block = |_: &UnixStream| Err::<(), _>(ErrorKind::WouldBlock.into());
            assert!(
                near.poll(Direction::Read, Waker::noop(), block)
                    .is_pending()
            );
            drop(near);
            assert!(own.is_current());
        });
        settle(&event_loop)?;
        stale.push(told.last_key());
        let next = waiting(&event_loop, socket()?);
        settle(&event_loop)?;
        assert!(!stale.contains(&told.last_key()), "in round {round}");
        stale.iter().for_each(|&key| told.tell(key));
        settle(&event_loop)?;
        assert_eq!(next.get(), 1, "in round {round}");
        stale.push(told.last_key());
        for (token, _) in event_loop.callbacks().collect::<Vec<_>>() {
            assert!(event_loop.remove(token));
        }
    }
    Ok(())
}

#[test]
fn one_that_another_loop_refused_is_watched_again_by_the_first() -> Checked {
    let [first, second] = [Told::default(), Told::default()];
    let loops = [first.event_loop()?, second.event_loop()?];
    second.refuses.set(true);
    let near = Rc::new(socket()?);
    let answers = Log::default();
    for event_loop in [&loops[0], &loops[1], &loops[0]] {
        let (own, noted) = (Rc::clone(&near), answers.clone());
        event_loop.call_soon(move || {
            let block = |_: &UnixStream| Err::<(), _>(ErrorKind::WouldBlock.into());
            let answer = own.poll(Direction::Read, Waker::noop(), block);
            noted.note(if answer.is_pending() {
                "waits"
            } else {
                "refused"
            });
        });
        settle(event_loop)?;
    }
    assert_eq!(answers.take(), "waits refused waits");
    assert_eq!(first.keys.borrow().len(), 2, "it was added again");
    Ok(())
}

#[test]
fn who_waits_in_one_loop_is_told_when_another_has_refused() -> Checked {
    let [first, second] = [Told::default(), Told::default()];
    let loops = [first.event_loop()?, second.event_loop()?];
    second.refuses.set(true);
    let near = Rc::new(socket()?);
    let tries = [&loops[0], &loops[1]].map(|event_loop| {
        let (tries, own) = (Rc::new(Cell::new(0)), Rc::clone(&near));
        let counted = Rc::clone(&tries);
        spawn(event_loop, async move {
            let act = |_: &UnixStream| {
                counted.set(counted.get() + 1);
                Err::<(), _>(ErrorKind::WouldBlock.into())
            };
            drop(poll_fn(|cx| own.poll(Direction::Read, cx.waker(), act)).await);
        });
        tries
    });
    for event_loop in [&loops[0], &loops[1], &loops[0]] {
        settle(event_loop)?;
    }
    first.tell(first.last_key());
    settle(&loops[0])?;
    assert_eq!(first.keys.borrow().len(), 2, "it was added again");
    assert_eq!(tries[0].get(), 2, "and heard of what came then");
    Ok(())
}

type Two = RefCell<Vec<Option<Rc<Watched<UnixStream>>>>>;

/// Reads from one of two, and drops the other if that gave something.
fn read_and_drop_other(all: &Two, own: usize, waker: &Waker, log: &Log) -> Poll<()> {
    let near = all.borrow()[own].clone();
    let Some(near) = near else {
        log.note("gone");
        return Poll::Ready(());
    };
    let read = |mut it: &UnixStream| it.read(&mut [0; 8]);
    let answer = near.poll(Direction::Read, waker, read);
    if answer.is_ready() {
        log.note("ready");
        all.borrow_mut()[1 - own] = None;
    }
    answer.map(drop)
}

#[test]
fn one_that_is_ready_may_drop_another_that_is() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    let all = Rc::new(Two::default());
    let mut far_ends = Vec::new();
    for (near, far) in [UnixStream::pair()?, UnixStream::pair()?] {
        near.set_nonblocking(true)?;
        let near = Watched::new(near, Interest::BOTH);
        all.borrow_mut().push(Some(Rc::new(near)));
        far_ends.push(far);
    }
    for own in 0..2 {
        let (all, log) = (Rc::clone(&all), log.clone());
        let reading = poll_fn(move |cx| read_and_drop_other(&all, own, cx.waker(), &log));
        spawn(&event_loop, reading);
    }
    settle(&event_loop)?;
    for far in &mut far_ends {
        far.write_all(b"hi")?;
    }
    settle(&event_loop)?;
    assert_eq!(log.take(), "ready gone");
    Ok(())
}

#[test]
fn a_number_that_is_used_again_is_watched_again() -> Checked {
    let event_loop = EventLoop::new()?;
    let log = Log::default();
    let (near, _far) = UnixStream::pair()?;
    let mut near = Some(near);
    let number = near.as_ref().map(AsRawFd::as_raw_fd);
    let mut same = 0;
    for _ in 0..20 {
        let (own, mut other) = match near.take() {
            Some(near) => (near, None),
            None => UnixStream::pair().map(|(near, far)| (near, Some(far)))?,
        };
        same += usize::from(Some(own.as_raw_fd()) == number);
        own.set_nonblocking(true)?;
        let (watched, noted) = (Watched::new(own, Interest::BOTH), log.clone());
        let token = spawn(&event_loop, async move {
            let read = |mut it: &UnixStream| it.read(&mut [0; 8]);
            let count = poll_fn(|cx| watched.poll(Direction::Read, cx.waker(), read)).await;
            noted.note(count.expect("it is open").to_string());
        });
        settle(&event_loop)?;
        assert_eq!(log.take(), "");
        if let Some(far) = &mut other {
            far.write_all(b"hi")?;
            settle(&event_loop)?;
            assert_eq!(log.take(), "2");
        }
        event_loop.remove(token);
    }
    assert!(same > 0, "other tests open descriptors, but not that many");
    Ok(())
}

#[test]
fn a_plain_file_cannot_be_waited_for() -> Checked {
    let event_loop = EventLoop::new()?;
    let log = Log::default();
    let file = Watched::new(File::open("Cargo.toml")?, Interest::READABLE);
    let noted = log.clone();
    spawn(&event_loop, async move {
        let read = |mut it: &File| it.read(&mut [0; 8]);
        let count = poll_fn(|cx| file.poll(Direction::Read, cx.waker(), read)).await;
        noted.note(count.expect("it is ready").to_string());
        let block = |_: &File| Err::<(), _>(ErrorKind::WouldBlock.into());
        let error = poll_fn(|cx| file.poll(Direction::Read, cx.waker(), block)).await;
        noted.note(format!("{:?}", error.expect_err("it cannot be").kind()));
    });
    settle(&event_loop)?;
    assert_eq!(log.take(), "8 PermissionDenied");
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
    Ok(())
}

#[test]
fn a_loop_is_not_stuck_while_somebody_waits_for_a_descriptor() -> Checked {
    let (event_loop, _) = virtual_loop();
    let (near, far) = (Rc::new(socket()?), socket()?);
    let own = Rc::clone(&near);
    let token = spawn(&event_loop, async move {
        let block = |_: &UnixStream| Err::<(), _>(ErrorKind::WouldBlock.into());
        drop(poll_fn(|cx| own.poll(Direction::Read, cx.waker(), block)).await);
    });
    event_loop.turn()?;
    let waits = event_loop.turn();
    assert!(
        matches!(&waits, Err(RunError::Selector(error)) if error.to_string().contains("for ever")),
        "{waits:?}"
    );
    assert!(event_loop.remove(token));
    drop((near, far));
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
    Ok(())
}

#[test]
fn a_descriptor_that_nobody_waits_for_keeps_no_loop() -> Checked {
    let told = Told::default();
    let event_loop = told.event_loop()?;
    let near = Rc::new(socket()?);
    let own = Rc::clone(&near);
    let mut is_first = true;
    spawn(&event_loop, async move {
        let act = move |_: &UnixStream| match std::mem::replace(&mut is_first, false) {
            true => Err(ErrorKind::WouldBlock.into()),
            false => Ok(()),
        };
        let act = RefCell::new(act);
        let used = poll_fn(|cx| own.poll(Direction::Read, cx.waker(), |it| (act.borrow_mut())(it)));
        used.await.expect("it is ready the second time");
    });
    event_loop.turn()?;
    told.tell(told.last_key());
    settle(&event_loop)?;
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
    drop(near);
    Ok(())
}

#[test]
fn what_is_taken_out_is_watched_by_nobody() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, mut far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    let near = Rc::new(Watched::new(near, Interest::READABLE));
    let own = Rc::clone(&near);
    event_loop.call_soon(move || {
        let read = |mut it: &UnixStream| it.read(&mut [0; 8]);
        assert!(own.poll(Direction::Read, Waker::noop(), read).is_pending());
    });
    event_loop.turn()?;
    let near = Rc::into_inner(near).expect("the callback is gone");
    let mut near = near.into_inner();
    assert!(matches!(event_loop.turn(), Err(RunError::Stuck)));
    far.write_all(b"hi")?;
    assert_eq!(near.read(&mut [0; 8])?, 2, "it is open");
    let again = Watched::new(near, Interest::READABLE);
    spawn(&event_loop, async move {
        let read = |mut it: &UnixStream| it.read(&mut [0; 8]);
        drop(poll_fn(|cx| again.poll(Direction::Read, cx.waker(), read)).await);
    });
    settle(&event_loop)?;
    assert_eq!(event_loop.alive(), 1);
    far.write_all(b"hi")?;
    settle(&event_loop)?;
    assert_eq!(event_loop.alive(), 0);
    Ok(())
}

#[test]
fn a_use_that_was_interrupted_is_tried_again_and_one_that_fails_is_over() -> Checked {
    let near = socket()?;
    let tries = Cell::new(0);
    let act = |_: &UnixStream| {
        tries.set(tries.get() + 1);
        let kind = [ErrorKind::Interrupted, ErrorKind::TimedOut][tries.get() / 3];
        Err::<(), _>(kind.into())
    };
    let answer = near.poll(Direction::Read, Waker::noop(), act);
    assert!(matches!(answer, Poll::Ready(Err(error)) if error.kind() == ErrorKind::TimedOut));
    assert_eq!(tries.get(), 3);
    Ok(())
}
