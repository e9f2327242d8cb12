//! `add_reader` and `add_writer` on real pipes, sockets, terminals and files.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, PipeReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::time::Duration;

use entracte_event_loop::{EventLoop, WatchHandle};

use crate::support::{Log, OnDrop};

type Checked = io::Result<()>;

/// How many bytes a pipe or a socket gives at once here.
fn read_some(mut from: impl Read) -> usize {
    from.read(&mut [0; 2]).expect("it is ready")
}

/// Turns until nothing happens any more; a callback that would be called for ever ends that.
fn turns(event_loop: &EventLoop, count: usize) -> Checked {
    for _ in 0..count {
        // So that a turn in which nothing is ready does not wait.
        event_loop.stop();
        event_loop.turn()?;
    }
    Ok(())
}

fn noting_reader(
    event_loop: &EventLoop,
    reader: &Rc<PipeReader>,
    log: &Log,
) -> io::Result<WatchHandle> {
    let (own, log) = (Rc::clone(reader), log.clone());
    event_loop.add_reader(&**reader, move || log.note(read_some(&*own).to_string()))
}

#[test]
fn a_reader_is_called_once_a_turn_while_there_is_something_left() -> Checked {
    let event_loop = EventLoop::new()?;
    let (reader, mut writer) = io::pipe()?;
    let (reader, log) = (Rc::new(reader), Log::default());
    let watched = noting_reader(&event_loop, &reader, &log)?;
    turns(&event_loop, 2)?;
    assert_eq!(log.take(), "");
    writer.write_all(b"hello")?;
    event_loop.turn()?;
    assert_eq!(log.take(), "2");
    turns(&event_loop, 4)?;
    assert_eq!(log.take(), "2 1");
    writer.write_all(b"more")?;
    turns(&event_loop, 4)?;
    assert_eq!(log.take(), "2 2");
    assert!(watched.cancel()?);
    Ok(())
}

#[test]
fn sources_that_are_ready_come_before_timers_that_are_due() -> Checked {
    let event_loop = EventLoop::new()?;
    let (reader, writer) = io::pipe()?;
    drop(writer);
    let log = Log::default();
    event_loop.call_later(Duration::ZERO, log.noting("timer"));
    let noted = log.clone();
    let watched = event_loop.add_reader(&reader, move || noted.note("reader"))?;
    event_loop.turn()?;
    assert_eq!(log.take(), "reader timer");
    assert!(watched.cancel()?);
    Ok(())
}

#[test]
fn the_end_of_a_pipe_can_be_read_again_and_again() -> Checked {
    let event_loop = EventLoop::new()?;
    let (reader, writer) = io::pipe()?;
    let (reader, log) = (Rc::new(reader), Log::default());
    let watched = noting_reader(&event_loop, &reader, &log)?;
    drop(writer);
    turns(&event_loop, 3)?;
    assert_eq!(log.take(), "0 0 0");
    assert!(watched.cancel()?);
    assert!(!watched.cancel()?, "it is over already");
    turns(&event_loop, 1)?;
    assert_eq!(log.take(), "");
    Ok(())
}

#[test]
fn a_writer_is_called_while_there_is_room_and_when_the_peer_is_gone() -> Checked {
    let event_loop = EventLoop::new()?;
    let (near, far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    let near = Rc::new(near);
    let (own, log) = (Rc::clone(&near), Log::default());
    let noted = log.clone();
    let watched = event_loop.add_writer(&*near, move || {
        let wrote = (&*own).write(&[0; 65536]);
        noted.note(wrote.map_or_else(|error| format!("{:?}", error.kind()), |_| "wrote".into()));
    })?;
    turns(&event_loop, 100)?;
    let full = log.take();
    assert!(
        full.starts_with("wrote") && full.matches("wrote").count() < 90,
        "{full}"
    );
    turns(&event_loop, 2)?;
    assert_eq!(log.take(), "", "no room");
    drop(far);
    turns(&event_loop, 1)?;
    assert_eq!(log.take(), "BrokenPipe");
    assert!(watched.cancel()?);
    Ok(())
}

#[test]
fn a_descriptor_has_a_reader_and_a_writer_at_once() -> Checked {
    let event_loop = EventLoop::new()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let log = Log::default();
    let (accepting, noted) = (listener.try_clone()?, log.clone());
    let accepted: Rc<RefCell<Option<TcpStream>>> = Rc::default();
    let kept = Rc::clone(&accepted);
    let listening = event_loop.add_reader(&listener, move || {
        kept.replace(accepting.accept().ok().map(|it| it.0));
        noted.note("accepted");
    })?;
    let near = Rc::new(TcpStream::connect(listener.local_addr()?)?);
    let [own, noted] = [(); 2].map(|()| (Rc::clone(&near), log.clone()));
    let reading = event_loop.add_reader(&*near, move || {
        noted.1.note(format!("read {}", read_some(&*own.0)));
    })?;
    event_loop.turn()?;
    assert_eq!(log.take(), "accepted");
    let noted = log.clone();
    let writing = event_loop.add_writer(&*near, move || noted.note("room"))?;
    accepted
        .borrow()
        .as_ref()
        .expect("accepted")
        .write_all(b"hi")?;
    turns(&event_loop, 2)?;
    let seen = log.take();
    assert!(seen.contains("read 2") && seen.contains("room"), "{seen}");
    assert!(writing.cancel()?);
    turns(&event_loop, 1)?;
    assert_eq!(log.take(), "");
    accepted
        .borrow()
        .as_ref()
        .expect("accepted")
        .write_all(b"yo")?;
    turns(&event_loop, 1)?;
    assert_eq!(
        log.take(),
        "read 2",
        "the reader goes on without the writer"
    );
    assert!(reading.cancel()? && listening.cancel()?);
    Ok(())
}

#[test]
fn a_reader_that_cancels_itself_is_called_no_more_and_dropped() -> Checked {
    let event_loop = EventLoop::new()?;
    let (reader, writer) = io::pipe()?;
    drop(writer);
    let log = Log::default();
    let watched: Rc<RefCell<Option<WatchHandle>>> = Rc::default();
    let (own, noted, dropped) = (Rc::clone(&watched), log.clone(), log.clone());
    let guard = OnDrop(move || dropped.note("dropped"));
    watched.replace(Some(event_loop.add_reader(&reader, move || {
        let _ = &guard;
        noted.note("called");
        let cancelled = own.borrow().as_ref().expect("it was added").cancel();
        assert!(cancelled.is_ok_and(|was_on| was_on));
    })?));
    turns(&event_loop, 3)?;
    assert_eq!(log.take(), "called dropped");
    drop(watched);
    Ok(())
}

#[test]
fn a_new_watch_is_not_called_for_what_one_before_it_was_ready_for() -> Checked {
    let event_loop = EventLoop::new()?;
    let [(first, _), (second, _)] = [io::pipe()?, io::pipe()?].map(|(reader, _)| (reader, ()));
    // Both have ended, so both are ready in the same turn; whoever is first takes the other away
    // and puts a pipe in its place in which there is nothing.
    let (quiet, _writer) = io::pipe()?;
    let log = Log::default();
    let handles: Rc<RefCell<Vec<WatchHandle>>> = Rc::default();
    for (reader, other) in [(&first, 1), (&second, 0)] {
        let (own, noted) = (Rc::clone(&handles), log.clone());
        let (adding, quiet) = (event_loop.clone(), quiet.try_clone()?);
        let watched = event_loop.add_reader(reader, move || {
            noted.note("ended");
            assert!(own.borrow()[other].cancel().is_ok_and(|was_on| was_on));
            let called = noted.clone();
            let added = adding.add_reader(&quiet, move || called.note("quiet"));
            own.borrow_mut().push(added.expect("a pipe can be watched"));
        })?;
        handles.borrow_mut().push(watched);
    }
    event_loop.turn()?;
    assert_eq!(log.take(), "ended");
    handles.take();
    event_loop.close();
    Ok(())
}

#[test]
fn a_descriptor_may_be_closed_while_it_is_watched() -> Checked {
    let event_loop = EventLoop::new()?;
    let (reader, mut writer) = io::pipe()?;
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let watched = event_loop.add_reader(&reader, move || counted.set(counted.get() + 1))?;
    drop(reader);
    // The number of the closed one is in use again, for something that is never ready.
    let (_other, _kept) = io::pipe()?;
    writer.write_all(b"hello")?;
    turns(&event_loop, 2)?;
    assert_eq!(calls.get(), 2, "the loop has its own");
    assert!(watched.cancel()?);
    let error = writer.write_all(b"hello").expect_err("now it is closed");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    Ok(())
}

#[test]
fn closing_the_loop_lets_go_of_its_descriptors() -> Checked {
    let event_loop = EventLoop::new()?;
    let (reader, mut writer) = io::pipe()?;
    let watched = event_loop.add_reader(&reader, || {})?;
    drop(reader);
    event_loop.close();
    assert!(writer.write_all(b"hello").is_err());
    assert!(!watched.cancel()?);
    drop(event_loop);
    assert!(!watched.cancel()?);
    Ok(())
}

#[test]
fn a_plain_file_cannot_be_watched() -> Checked {
    let event_loop = EventLoop::new()?;
    let file = File::open("Cargo.toml")?;
    let error = event_loop
        .add_reader(&file, || {})
        .expect_err("it is always ready");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let error = event_loop
        .add_writer(&file, || {})
        .expect_err("it is always ready");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(matches!(
        event_loop.turn(),
        Err(entracte_event_loop::RunError::Stuck)
    ));
    Ok(())
}

#[test]
fn a_terminal_can_be_watched() -> Checked {
    let Ok(terminal) = OpenOptions::new().read(true).write(true).open("/dev/ptmx") else {
        println!("there are no terminals here");
        return Ok(());
    };
    let event_loop = EventLoop::new()?;
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let watched =
        event_loop.add_writer(&terminal.as_fd(), move || counted.set(counted.get() + 1))?;
    turns(&event_loop, 2)?;
    assert_eq!(calls.get(), 2, "there is room");
    assert!(watched.cancel()?);
    Ok(())
}

#[test]
fn a_reader_that_panics_is_reported_and_called_no_more() -> Checked {
    let event_loop = EventLoop::new()?;
    let log = Log::default();
    let reported = log.clone();
    event_loop.set_error_handler(Some(Rc::new(move |report| {
        reported.note(report.detail.map(ToString::to_string).unwrap_or_default());
    })));
    let [(first, _), (second, _)] = [io::pipe()?, io::pipe()?].map(|(reader, _)| (reader, ()));
    let bad = event_loop.add_reader(&first, || resume_unwind(Box::new("bang")))?;
    let noted = log.clone();
    let good = event_loop.add_reader(&second, move || noted.note("good"))?;
    turns(&event_loop, 2)?;
    let seen = log.take();
    assert_eq!(seen.matches("bang").count(), 1, "{seen}");
    assert_eq!(seen.matches("good").count(), 2, "{seen}");
    assert!(!bad.cancel()?, "it is over already");
    assert!(good.cancel()?);
    Ok(())
}

#[test]
fn more_sources_than_one_wait_reports_are_all_called() -> Checked {
    let event_loop = EventLoop::new()?;
    let calls = Rc::new(Cell::new(0));
    let (near, far) = UnixStream::pair()?;
    drop(far);
    let mut watched = Vec::new();
    // All of them watch one socket, through duplicates, to be sparing with descriptors.
    for _ in 0..300 {
        let (counted, mut is_first) = (Rc::clone(&calls), true);
        watched.push(event_loop.add_reader(&near, move || {
            counted.set(counted.get() + usize::from(std::mem::replace(&mut is_first, false)));
        })?);
    }
    turns(&event_loop, 3)?;
    assert_eq!(calls.get(), 300);
    for watched in watched {
        assert!(watched.cancel()?);
    }
    Ok(())
}
