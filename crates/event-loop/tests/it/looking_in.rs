//! Debug mode, observers, schedules and the error handler: what their documents promise.

use std::cell::Cell;
use std::panic::{Location, resume_unwind};
use std::rc::Rc;
use std::time::Duration;

use entracte_event_loop::{EventLoop, Observer, Report, RunError, Schedule, Settings, Token};

use crate::front_end::{spawn, turn_over};
use crate::support::{Log, Time, virtual_loop};

fn with(settings: Settings) -> EventLoop {
    EventLoop::with(settings).expect("a test opens few loops")
}

fn noting_reports(event_loop: &EventLoop) -> Log {
    let log = Log::default();
    let reported = log.clone();
    event_loop.set_error_handler(Some(Rc::new(move |report: &Report<'_>| {
        let detail = report.detail.map(ToString::to_string).unwrap_or_default();
        reported.note(format!("{} ({detail}).", report.message));
        assert_eq!(report.origin.map(Location::file), Some(file!()));
    })));
    log
}

#[test]
fn debug_mode_reports_a_callback_that_takes_long() -> Result<(), RunError> {
    let time = Time::default();
    let event_loop = with(time.settings().debug(true));
    let log = noting_reports(&event_loop);
    for millis in [99, 100, 101] {
        let time = time.clone();
        event_loop.call_soon(move || time.work(millis * 1_000_000));
    }
    event_loop.turn()?;
    let message = "a callback kept the loop for long";
    assert_eq!(log.take(), format!("{message} (100ms). {message} (101ms)."));
    event_loop.set_slow_callback(Duration::from_millis(5));
    let busy = time.clone();
    event_loop.call_soon(move || busy.work(5_000_000));
    event_loop.turn()?;
    assert_eq!(log.take(), format!("{message} (5ms)."));
    event_loop.set_debug(false);
    assert!(!event_loop.is_debug());
    event_loop.call_soon(move || time.work(5_000_000));
    event_loop.turn()?;
    assert_eq!(log.take(), "");
    Ok(())
}

#[test]
fn debug_mode_reports_a_timer_that_takes_long() -> Result<(), RunError> {
    let time = Time::default();
    let event_loop = with(time.settings().debug(true));
    let log = noting_reports(&event_loop);
    event_loop.call_later(Duration::ZERO, move || time.work(200_000_000));
    event_loop.turn()?;
    assert_eq!(log.take(), "a callback kept the loop for long (200ms).");
    Ok(())
}

#[test]
fn debug_mode_reports_a_reader_that_takes_long() -> Result<(), RunError> {
    let time = Time::default();
    let selector = entracte_event_loop::OsSelector::new()?;
    let random = entracte_event_loop::SeededRandom::from_seed(0);
    let event_loop = with(Settings::from_parts(time.clone(), selector, random).debug(true));
    let log = noting_reports(&event_loop);
    let (reader, writer) = std::io::pipe()?;
    drop(writer);
    let watched = event_loop.add_reader(&reader, move || time.work(200_000_000))?;
    event_loop.turn()?;
    assert_eq!(log.take(), "a callback kept the loop for long (200ms).");
    assert!(watched.cancel()?);
    Ok(())
}

#[derive(Clone, Default)]
struct Watching(Log);

impl Observer for Watching {
    fn before_step(&self, token: Token, origin: &'static Location<'static>) {
        assert!(origin.file().ends_with(".rs"));
        self.0.note(format!("before {}", token.slot()));
    }

    fn after_step(&self, token: Token, _: &'static Location<'static>, took: Duration) {
        self.0
            .note(format!("after {} {}", token.slot(), took.as_nanos()));
    }

    fn before_wait(&self, at_most: Option<Duration>) {
        self.0
            .note(format!("wait {:?}", at_most.map(|it| it.as_nanos())));
    }

    fn after_wait(&self, events: usize) {
        self.0.note(format!("waited {events}"));
    }
}

#[test]
fn an_observer_sees_each_step_and_each_wait() -> Result<(), RunError> {
    let time = Time::default();
    let watching = Watching::default();
    let log = watching.0.clone();
    let event_loop = with(time.settings().observer(Rc::new(watching)));
    let (busy, noted) = (time.clone(), log.clone());
    event_loop.call_soon(move || {
        busy.work(3);
        noted.note("called");
    });
    spawn(&event_loop, turn_over());
    event_loop.turn()?;
    assert_eq!(log.take(), "before 0 called after 0 3 before 1 after 1 0");
    event_loop.turn()?;
    assert_eq!(log.take(), "before 1 after 1 0");
    let timer = event_loop.call_later(Duration::from_nanos(7), || {});
    event_loop.turn()?;
    assert!(log.take().starts_with("wait Some(7) waited 0"));
    assert!(!timer.cancel());
    event_loop.set_observer(None);
    event_loop.call_soon(|| {});
    event_loop.turn()?;
    assert_eq!(log.take(), "");
    Ok(())
}

#[test]
fn an_observer_sees_timers_being_called() -> Result<(), RunError> {
    let (event_loop, time) = virtual_loop();
    let watching = Watching::default();
    let log = watching.0.clone();
    event_loop.set_observer(Some(Rc::new(watching)));
    event_loop.call_later(Duration::ZERO, move || time.work(3));
    event_loop.turn()?;
    let seen = log.take();
    assert!(seen.contains("before") && seen.contains(" 3"), "{seen}");
    Ok(())
}

#[test]
fn an_observer_sees_a_callback_that_panics() -> Result<(), RunError> {
    let (event_loop, _) = virtual_loop();
    let _reports = noting_reports(&event_loop);
    let watching = Watching::default();
    let log = watching.0.clone();
    event_loop.set_observer(Some(Rc::new(watching)));
    event_loop.call_soon(|| resume_unwind(Box::new("bang")));
    event_loop.turn()?;
    assert_eq!(log.take(), "before 0 after 0 0");
    Ok(())
}

/// Picks what it is told to, and notes among how many.
struct Picking(usize, Log);

impl Schedule for Picking {
    fn pick(&mut self, ready: usize) -> usize {
        self.1.note(ready.to_string());
        self.0
    }
}

#[test]
fn a_schedule_orders_the_callbacks_of_a_turn() -> Result<(), RunError> {
    for (pick, expected) in [(0, "a b c d"), (1, "b c d a"), (usize::MAX, "d c b a")] {
        let (log, picks) = (Log::default(), Log::default());
        let settings = Time::default()
            .settings()
            .schedule(Picking(pick, picks.clone()));
        let event_loop = with(settings);
        for name in ["a", "b", "c", "d"] {
            event_loop.call_soon(log.noting(name));
        }
        let next_turn = event_loop.clone();
        event_loop.call_soon(move || drop(next_turn.call_soon(|| {})));
        event_loop.turn()?;
        assert_eq!(log.take(), expected);
        assert_eq!(
            picks.take(),
            "5 4 3 2 1",
            "what they make ready is not in it"
        );
        event_loop.turn()?;
        assert_eq!(picks.take(), "1");
    }
    Ok(())
}

#[test]
fn under_a_schedule_a_wake_counts_once_the_step_has_begun() -> Result<(), RunError> {
    let settings = Time::default()
        .settings()
        .schedule(Picking(0, Log::default()));
    let event_loop = with(settings);
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let waking = event_loop.clone();
    let token: Rc<Cell<Token>> = Rc::new(Cell::new(Token::NOBODY));
    let woken = Rc::clone(&token);
    event_loop.call_soon(move || waking.wake(woken.get()));
    token.set(spawn(&event_loop, async move {
        counted.set(counted.get() + 1);
        turn_over().await;
        counted.set(counted.get() + 1);
    }));
    event_loop.turn()?;
    assert_eq!(calls.get(), 1);
    event_loop.turn()?;
    assert_eq!(calls.get(), 2);
    assert_eq!(event_loop.alive(), 0);
    Ok(())
}

#[test]
fn a_report_says_all_it_knows() {
    let origin = Location::caller();
    let report = Report::new("something happened").at(origin).with(&7);
    assert_eq!(
        report.to_string(),
        format!("something happened: 7 (made at {origin})")
    );
    assert_eq!(Report::new("bare").to_string(), "bare");
    assert_eq!(format!("{:?}", Report::new("bare")), "Report(bare)");
}

#[test]
fn the_error_handler_is_told_what_a_front_end_reports() {
    let (event_loop, _) = virtual_loop();
    let log = noting_reports(&event_loop);
    event_loop.report(&Report::new("told").at(Location::caller()).with(&"so"));
    assert_eq!(log.take(), "told (so).");
}

#[test]
fn the_random_numbers_of_a_loop_follow_from_its_seed() {
    let numbers = || {
        let (event_loop, _) = virtual_loop();
        [(); 8].map(|()| event_loop.random())
    };
    assert_eq!(numbers(), numbers());
}
