//! `Watched`: edges, ends, waiters that come and go, and loops that do.

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use entracte_event_loop::{Direction, EventLoop, Interest, RunError, Watched};

use crate::front_end::{spawn, turn_over};
use crate::support::{Log, virtual_loop};

pub(crate) type Checked = Result<(), RunError>;
pub(crate) type Socket = Rc<Watched<UnixStream>>;

/// An end that is watched, and the other, which is the test's own.
pub(crate) fn pair() -> io::Result<(Socket, UnixStream)> {
    let (near, far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    Ok((Rc::new(Watched::new(near, Interest::BOTH)), far))
}

/// Turns until nothing happens any more, and never waits.
pub(crate) fn settle(event_loop: &EventLoop) -> Checked {
    for _ in 0..6 {
        event_loop.stop();
        event_loop.turn()?;
    }
    Ok(())
}

/// Reads as endpoints do: what is short says so.
async fn read(near: &Watched<UnixStream>, size: usize, calls: &Cell<u32>) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    let count = poll_fn(|cx| {
        near.poll(Direction::Read, cx.waker(), |mut it| {
            calls.set(calls.get() + 1);
            it.read(&mut bytes)
        })
    })
    .await?;
    if count > 0 && count < size {
        near.note_short(Direction::Read);
    }
    bytes.truncate(count);
    Ok(bytes)
}

/// A task that notes all it reads, up to the end or an error; and how often it asked the system.
fn reading(event_loop: &EventLoop, near: &Socket, size: usize, log: &Log) -> Rc<Cell<u32>> {
    let calls = Rc::new(Cell::new(0));
    let (near, log, counted) = (Rc::clone(near), log.clone(), Rc::clone(&calls));
    spawn(event_loop, async move {
        loop {
            match read(&near, size, &counted).await {
                Ok(bytes) if bytes.is_empty() => return log.note("end"),
                Ok(bytes) => log.note(String::from_utf8_lossy(&bytes)),
                Err(error) => return log.note(format!("{:?}", error.kind())),
            }
        }
    });
    calls
}

#[test]
fn a_short_read_waits_without_asking_and_goes_on_with_what_comes_later() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    let (near, mut far) = pair()?;
    let calls = reading(&event_loop, &near, 8, &log);
    for word in ["one", "two", "three"] {
        settle(&event_loop)?;
        far.write_all(word.as_bytes())?;
        let before = calls.get();
        settle(&event_loop)?;
        assert_eq!(log.take(), word);
        assert_eq!(
            calls.get(),
            before + 1,
            "the next read was known to be too early"
        );
    }
    Ok(())
}

#[test]
fn what_comes_between_a_short_read_and_the_wait_is_found() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    let (near, far) = pair()?;
    let (own, noted) = (Rc::clone(&near), log.clone());
    spawn(&event_loop, async move {
        for word in ["one", "two"] {
            (&far).write_all(word.as_bytes()).expect("there is room");
            let bytes = read(&own, 8, &Cell::new(0)).await.expect("it is open");
            noted.note(String::from_utf8_lossy(&bytes));
            // Before anybody waits, so before it is registered, and again after it was.
            (&far).write_all(b"more").expect("there is room");
            let bytes = read(&own, 8, &Cell::new(0)).await.expect("it is open");
            noted.note(String::from_utf8_lossy(&bytes));
        }
    });
    settle(&event_loop)?;
    settle(&event_loop)?;
    assert_eq!(log.take(), "one more two more");
    Ok(())
}

#[test]
fn data_and_the_end_that_come_together_are_both_found() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    for half in [true, false] {
        for waits_before in [true, false] {
            let (near, mut far) = pair()?;
            if waits_before {
                reading(&event_loop, &near, 8, &log);
                settle(&event_loop)?;
            }
            far.write_all(b"bye")?;
            let kept = half.then(|| far.try_clone()).transpose()?;
            far.shutdown(Shutdown::Write)?;
            drop(far);
            if !waits_before {
                reading(&event_loop, &near, 8, &log);
            }
            settle(&event_loop)?;
            assert_eq!(
                log.take(),
                "bye end",
                "half {half}, waits before {waits_before}"
            );
            drop(kept);
        }
    }
    Ok(())
}

#[test]
fn the_end_that_comes_after_a_short_read_is_found() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    let (near, mut far) = pair()?;
    reading(&event_loop, &near, 8, &log);
    settle(&event_loop)?;
    far.write_all(b"bye")?;
    settle(&event_loop)?;
    drop(far);
    settle(&event_loop)?;
    assert_eq!(log.take(), "bye end");
    Ok(())
}

#[test]
fn all_who_wait_for_one_direction_are_woken_and_each_gets_something() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    let (near, mut far) = pair()?;
    for name in ["a", "b", "c"] {
        let (near, log) = (Rc::clone(&near), log.clone());
        spawn(&event_loop, async move {
            let bytes = read(&near, 1, &Cell::new(0)).await.expect("it is open");
            log.note(format!("{name}{}", String::from_utf8_lossy(&bytes)));
        });
    }
    settle(&event_loop)?;
    for (byte, seen) in [("1", "a1"), ("2", "b2"), ("3", "c3")] {
        far.write_all(byte.as_bytes())?;
        settle(&event_loop)?;
        assert_eq!(log.take(), seen, "the first to wait is the first to try");
    }
    Ok(())
}

#[test]
fn a_waiter_that_is_gone_takes_nothing_from_the_others() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    let (near, mut far) = pair()?;
    let waits = |name: &'static str| {
        let (near, log) = (Rc::clone(&near), log.clone());
        spawn(&event_loop, async move {
            drop(read(&near, 8, &Cell::new(0)).await);
            log.note(name);
        })
    };
    let gone = [(); 40].map(|()| waits("gone"));
    waits("stays");
    settle(&event_loop)?;
    for token in gone {
        assert!(event_loop.remove(token));
    }
    waits("comes");
    settle(&event_loop)?;
    far.write_all(b"hi")?;
    settle(&event_loop)?;
    assert_eq!(log.take(), "stays");
    far.write_all(b"hi")?;
    settle(&event_loop)?;
    assert_eq!(log.take(), "comes");
    Ok(())
}

#[test]
fn reading_and_writing_wait_for_themselves() -> Checked {
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    let (near, mut far) = pair()?;
    reading(&event_loop, &near, 8, &log);
    let (own, noted) = (Rc::clone(&near), log.clone());
    spawn(&event_loop, async move {
        let write = |mut it: &UnixStream| it.write(&[7; 65536]);
        for _ in 0..100 {
            let wrote = poll_fn(|cx| own.poll(Direction::Write, cx.waker(), write)).await;
            if let Err(error) = wrote {
                return noted.note(format!("write {:?}", error.kind()));
            }
        }
    });
    settle(&event_loop)?;
    far.write_all(b"hi")?;
    settle(&event_loop)?;
    assert_eq!(log.take(), "hi", "the writer waits for room meanwhile");
    let mut taken = vec![0; 65536];
    assert!(far.read(&mut taken)? > 0);
    settle(&event_loop)?;
    assert_eq!(log.take(), "", "it goes on writing");
    drop(far);
    settle(&event_loop)?;
    let seen = log.take();
    assert!(seen.contains("write BrokenPipe"), "{seen}");
    assert!(
        seen.contains("ConnectionReset") || seen.contains("end"),
        "{seen}"
    );
    Ok(())
}

pub(crate) fn try_read(near: &Watched<UnixStream>, waker: &Waker) -> Poll<io::Result<usize>> {
    near.poll(Direction::Read, waker, |mut it| it.read(&mut [0; 8]))
}

#[test]
fn outside_a_loop_it_can_be_used_but_not_waited_for() -> Checked {
    let (near, mut far) = pair()?;
    far.write_all(b"hi")?;
    assert!(matches!(try_read(&near, Waker::noop()), Poll::Ready(Ok(2))));
    let Poll::Ready(Err(error)) = try_read(&near, Waker::noop()) else {
        panic!("it waits for nobody");
    };
    assert_eq!(
        error.to_string(),
        "cannot wait for a descriptor outside an event loop"
    );
    let (event_loop, log) = (EventLoop::new()?, Log::default());
    reading(&event_loop, &near, 8, &log);
    far.write_all(b"yo")?;
    settle(&event_loop)?;
    assert_eq!(log.take(), "yo", "the mistake is forgotten");
    Ok(())
}

#[test]
fn it_moves_to_the_loop_that_waits_for_it() -> Checked {
    let [first, second] = [EventLoop::new()?, EventLoop::new()?];
    let (near, mut far) = pair()?;
    let log = Log::default();
    for event_loop in [&first, &second, &first] {
        reading(event_loop, &near, 8, &log);
        settle(event_loop)?;
        far.write_all(b"hi")?;
        settle(event_loop)?;
        assert_eq!(log.take(), "hi");
    }
    assert!(second.turn().is_ok(), "who waited there is to try again");
    Ok(())
}

#[test]
fn it_outlives_the_loop_that_watched_it() -> Checked {
    let (near, mut far) = pair()?;
    let log = Log::default();
    for keeps_handle in [true, false] {
        let event_loop = EventLoop::new()?;
        reading(&event_loop, &near, 8, &log);
        settle(&event_loop)?;
        event_loop.close();
        let kept = keeps_handle.then(|| event_loop.clone());
        drop(event_loop);
        let next = EventLoop::new()?;
        reading(&next, &near, 8, &log);
        settle(&next)?;
        far.write_all(b"hi")?;
        settle(&next)?;
        assert_eq!(log.take(), "hi", "keeps a handle: {keeps_handle}");
        drop(kept);
    }
    drop(near);
    assert!(far.write_all(b"hi").is_err(), "it is closed");
    Ok(())
}

#[test]
fn one_that_is_always_ready_starves_nobody() -> Checked {
    let (event_loop, time) = virtual_loop();
    let (near, _far) = pair()?;
    let (uses, turns) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (used, turned) = (Rc::clone(&uses), Rc::clone(&turns));
    spawn(&event_loop, async move {
        for number in 0..1000 {
            let direction = [Direction::Read, Direction::Write][number % 2];
            let act = |_: &UnixStream| {
                used.set(used.get() + 1);
                Ok(())
            };
            let done = poll_fn(|cx| near.poll(direction, cx.waker(), act)).await;
            done.expect("it is ready");
        }
    });
    spawn(&event_loop, async move {
        loop {
            turned.set(turned.get() + 1);
            turn_over().await;
        }
    });
    let fired = Log::default();
    event_loop.call_later(Duration::from_nanos(3), fired.noting("timer"));
    while uses.get() < 1000 {
        let before = uses.get();
        time.work(1);
        event_loop.turn()?;
        assert!(uses.get() - before <= 64, "64 in a row at most");
    }
    assert!(turns.get() >= 1000 / 65, "{}", turns.get());
    assert_eq!(fired.take(), "timer");
    Ok(())
}
