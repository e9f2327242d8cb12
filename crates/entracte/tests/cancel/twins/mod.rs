//! Twins: the same programs in asyncio, cancelled at every moment, say the same lines.
//!
//! Each `NN-name.out` is what CPython printed for `NN-name.py`.

mod groups;
mod plain;
mod primitives;
mod timeouts;

use std::cell::RefCell;
use std::fmt::{Display, Write as _};
use std::rc::Rc;
use std::time::Duration;

use entracte::event_loop::EventLoop;
use entracte::{Task, finally, sleep, spawn};

use crate::log::{elapsed, play};

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What the programs say, each line with the time in seconds before it.
#[derive(Clone, Default)]
pub(crate) struct Voice(Rc<RefCell<String>>);

impl Voice {
    pub(crate) fn say(&self, line: impl Display) {
        let seconds = Duration::from_millis(elapsed()).as_secs_f64();
        let written = writeln!(self.0.borrow_mut(), "{seconds:.1} {line}");
        written.expect("writing to a string does not fail");
    }

    /// Says a line when it is dropped: Python's `finally` around a line that does not wait.
    pub(crate) fn says_on_drop(&self, line: &'static str) -> SaysOnDrop {
        SaysOnDrop(self.clone(), line)
    }
}

pub(crate) struct SaysOnDrop(Voice, &'static str);

impl Drop for SaysOnDrop {
    fn drop(&mut self) {
        self.0.say(self.1);
    }
}

/// A block and a clean-up of so many seconds, which says how it ends.
pub(crate) async fn cleaned_up<F: Future>(
    voice: &Voice,
    block: F,
    seconds: u64,
    last: &'static str,
) -> F::Output {
    let clean_up = async {
        sleep(s(seconds)).await;
        voice.say(last);
    };
    finally(block, clean_up).await
}

/// Compares a program, cancelled at every moment, with what CPython printed for its twin.
pub(crate) fn compare<F: Future<Output = &'static str> + 'static>(
    printed: &str,
    until: u64,
    is_twice: bool,
    program: impl Fn(Voice) -> F,
) {
    let voice = Voice::default();
    perform(&voice, &[], &program);
    for first in (0..until).map(|second| 1000 * second + 500) {
        perform(&voice, &[first], &program);
        if is_twice {
            perform(&voice, &[first, first + 1000], &program);
            perform(&voice, &[first, first + 2000], &program);
        }
    }
    let said = voice.0.take();
    for (number, (expected, found)) in printed.lines().zip(said.lines()).enumerate() {
        assert_eq!(found, expected, "line {}, of\n{said}", number + 1);
    }
    assert_eq!(said.lines().count(), printed.lines().count(), "{said}");
}

fn perform<F: Future<Output = &'static str> + 'static>(
    voice: &Voice,
    cuts: &[u64],
    program: &impl Fn(Voice) -> F,
) {
    let times: Vec<_> = cuts.iter().map(|cut| format!("{}.5", cut / 1000)).collect();
    let title = match times.is_empty() {
        true => "not cancelled".to_owned(),
        false => format!("cancelled at {}", times.join(" and ")),
    };
    let written = writeln!(voice.0.borrow_mut(), "-- {title}");
    written.expect("writing to a string does not fail");
    play(async {
        let task = Rc::new(spawn(program(voice.clone())));
        for cut in cuts {
            let task = Rc::clone(&task);
            let event_loop = EventLoop::current().expect("a loop runs");
            event_loop.call_later(Duration::from_millis(*cut), move || {
                task.cancel_with("enough");
            });
        }
        while !task.is_done() {
            let done = Rc::new(entracte::sync::Event::new());
            let tells = Rc::clone(&done);
            task.on_done(move || tells.set());
            done.wait().await;
        }
        say_outcome(voice, &task);
    });
}

fn say_outcome(voice: &Voice, task: &Task<&'static str>) {
    if task.is_cancelled() {
        voice.say("cancelled");
    } else {
        voice.say("gave the end");
    }
}
