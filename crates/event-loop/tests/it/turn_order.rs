//! Turn order is asyncio's: random programs of callbacks, each with the trace that CPython's loop left.
//!
//! `../turn_order.py` makes the programs and says what their words mean; `../turn_order.out` is what
//! it wrote. `ENTRACTE_TURN_ORDER=file` compares another file of its making: `.ci/turn-order` does.

use std::cell::{Cell, RefCell};
use std::panic::resume_unwind;
use std::rc::{Rc, Weak};
use std::time::Duration;

use crate::support::{OnDrop, Time, virtual_loop};
use entracte_event_loop::{EventLoop, Handle, Instant, RunError, TimerHandle};

const MOST: usize = 40;
const RUNS: usize = 6;

enum Made {
    Soon(Handle),
    Timer(TimerHandle),
}

struct Program {
    me: Weak<Self>,
    bodies: Vec<Vec<String>>,
    event_loop: EventLoop,
    time: Time,
    turns: Cell<usize>,
    place: RefCell<String>,
    trace: RefCell<Vec<String>>,
    made: RefCell<Vec<Made>>,
}

impl Program {
    fn new(text: &str) -> Rc<Self> {
        let (event_loop, time) = virtual_loop();
        let words = |body: &str| body.split_whitespace().map(str::to_owned).collect();
        Rc::new_cyclic(|me| Self {
            me: me.clone(),
            bodies: text.split(';').map(words).collect(),
            event_loop,
            time,
            turns: Cell::new(0),
            place: RefCell::default(),
            trace: RefCell::default(),
            made: RefCell::default(),
        })
    }

    fn note(&self, word: impl Into<String>) {
        let place = format!("{}@{}", self.turns.get(), self.time.nanos());
        let mut trace = self.trace.borrow_mut();
        if *self.place.borrow() != place {
            trace.push(place.clone());
            self.place.replace(place);
        }
        trace.push(word.into());
    }

    /// What is called with this number.
    fn callback(&self, number: usize, body: usize) -> impl FnOnce() + 'static {
        let program = self.me.clone();
        move || {
            let program = program.upgrade().expect("the program outlives its loop");
            program.note(number.to_string());
            program.perform(number, body);
        }
    }

    fn perform(&self, number: usize, body: usize) {
        for word in &self.bodies[body] {
            let (verb, rest) = word.split_at(1);
            self.word(number, verb, rest);
        }
    }

    fn word(&self, number: usize, verb: &str, rest: &str) {
        match verb {
            "s" | "l" | "a" => self.make(verb, rest),
            "c" => self.cancel(rest.parse().expect("a number")),
            "x" => self.event_loop.stop(),
            "w" => self.time.work(rest.parse().expect("a number")),
            "n" => {
                if matches!(self.event_loop.run_forever(), Err(RunError::Nested)) {
                    self.note("n");
                }
            }
            // Past the panic hook, which would write to standard error.
            "p" => resume_unwind(Box::new(number.to_string())),
            _ => panic!("no such word: {verb}{rest}"),
        }
    }

    fn make(&self, verb: &str, rest: &str) {
        let number = self.made.borrow().len();
        if number == MOST {
            return;
        }
        let (body, time) = rest.split_once(':').unwrap_or((rest, "0"));
        let act = self.callback(number, body.parse().expect("a number"));
        let nanos: u64 = time.parse().expect("a number");
        let made = match verb {
            "s" => Made::Soon(self.event_loop.call_soon(act)),
            "l" => Made::Timer(self.event_loop.call_later(Duration::from_nanos(nanos), act)),
            _ => Made::Timer(self.event_loop.call_at(Instant::from_nanos(nanos), act)),
        };
        self.made.borrow_mut().push(made);
    }

    fn cancel(&self, back: usize) {
        let made = self.made.borrow();
        if made.is_empty() {
            return;
        }
        match &made[made.len() - 1 - back % made.len()] {
            Made::Soon(handle) => handle.cancel(),
            Made::Timer(handle) => {
                handle.cancel();
            }
        }
    }

    /// Runs the program; its trace.
    fn run(&self) -> String {
        let me = self.me.clone();
        self.event_loop
            .set_error_handler(Some(Rc::new(move |report| {
                let number = report.detail.map(ToString::to_string).unwrap_or_default();
                let program = me.upgrade().expect("the program outlives its loop");
                program.note(format!("p{number}"));
            })));
        self.perform(0, 0);
        for _ in 0..RUNS {
            let count_turn = || {
                self.turns.set(self.turns.get() + 1);
                false
            };
            match self.event_loop.run_until(count_turn) {
                Ok(()) => {
                    self.note("!");
                    self.perform(0, 1);
                }
                Err(RunError::Stuck) => {
                    self.note("?");
                    break;
                }
                Err(error) => panic!("{error}"),
            }
        }
        self.event_loop.close();
        self.trace.take().join(" ")
    }
}

fn corpus() -> (String, String) {
    match std::env::var("ENTRACTE_TURN_ORDER") {
        Ok(path) => {
            let text = std::fs::read_to_string(&path).expect("ENTRACTE_TURN_ORDER is a file");
            (path, text)
        }
        Err(_) => (
            "turn_order.out".into(),
            include_str!("../turn_order.out").into(),
        ),
    }
}

#[test]
fn random_programs_run_in_the_order_of_cpythons_loop() {
    let (path, lines) = corpus();
    let mut compared = 0;
    let mut callbacks = 0;
    for (number, line) in lines.lines().enumerate() {
        let (text, expected) = line.split_once('\t').expect("program TAB trace");
        let place = OnDrop(|| {
            if std::thread::panicking() {
                eprintln!("{path}:{}: {text}", number + 1);
            }
        });
        let program = Program::new(text);
        let trace = program.run();
        assert_eq!(trace, expected);
        drop(place);
        compared += 1;
        callbacks += program.made.borrow().len();
    }
    println!("{compared} programs, {callbacks} callbacks");
    assert!(compared >= 300, "{path}: only {compared} programs");
}
