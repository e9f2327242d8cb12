//! `Board`: how far each file is, as bars on a terminal, and as a line when one is done.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use entracte::sleep;
use entracte::time::{Instant, now};
use rustix::termios::tcgetwinsize;

use crate::fetch::{Failure, Fetched};

/// How often the bars are drawn.
const PERIOD: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waits,
    Runs,
    Done,
    Failed,
}

/// One file.
pub(crate) struct Item {
    name: String,
    state: Cell<State>,
    is_told: Cell<bool>,
    since: Cell<Option<Instant>>,
    /// How much was there before.
    from: Cell<u64>,
    there: Cell<u64>,
    total: Cell<Option<u64>>,
}

impl Item {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: Cell::new(State::Waits),
            is_told: Cell::new(false),
            since: Cell::new(None),
            from: Cell::new(0),
            there: Cell::new(0),
            total: Cell::new(None),
        }
    }

    pub(crate) fn begin(&self) {
        self.state.set(State::Runs);
        self.since.set(Some(now()));
    }

    pub(crate) fn go_on(&self, from: u64, total: Option<u64>) {
        self.from.set(from);
        self.there.set(from);
        self.total.set(total);
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.there.set(self.there.get() + bytes);
    }

    pub(crate) fn end(&self) {
        self.state.set(State::Done);
    }

    fn speed(&self) -> f64 {
        let fetched = self.there.get() - self.from.get();
        let time = self
            .since
            .get()
            .map_or(Duration::ZERO, |since| now() - since);
        fetched as f64 / time.as_secs_f64().max(0.001)
    }

    /// `name      [=====>    ]  51%   1.5 MiB of 3.0 MiB   2.0 MiB/s`, as wide as the terminal.
    fn bar(&self, width: usize) -> String {
        let there = self.there.get();
        let (part, size) = match self.total.get() {
            Some(total) => {
                let part = there as f64 / (total as f64).max(1.0);
                let percent = 100.0 * part;
                (
                    part,
                    format!("{percent:3.0}%  {} of {}", readable(there), readable(total)),
                )
            }
            None => (0.0, readable(there)),
        };
        let speed = readable(self.speed() as u64);
        let right = format!("{size}  {speed:>10}/s");
        let room = (width / 4).max(8);
        let name: String = self.name.chars().take(room).collect();
        let cells = width.saturating_sub(room + right.len() + 6);
        let full = ((cells as f64 * part) as usize).min(cells);
        let (full, empty) = ("=".repeat(full), " ".repeat(cells - full));
        let line = format!("{name:room$} [{full}>{empty}] {right}");
        line.chars().take(width).collect()
    }
}

/// All files.
pub(crate) struct Board {
    items: Vec<Item>,
    has_bars: bool,
    /// How many lines of the terminal are bars now.
    drawn: Cell<usize>,
}

impl Board {
    pub(crate) fn new(items: Vec<Item>, quiet: bool) -> Self {
        Self {
            items,
            has_bars: !quiet && io::stderr().is_terminal(),
            drawn: Cell::new(0),
        }
    }

    pub(crate) fn item(&self, number: usize) -> &Item {
        &self.items[number]
    }

    pub(crate) fn is_all_done(&self) -> bool {
        self.items
            .iter()
            .all(|item| item.state.get() == State::Done)
    }

    /// Draws the bars for ever.
    pub(crate) async fn draw(&self) {
        if !self.has_bars {
            return;
        }
        loop {
            self.redraw(true);
            sleep(PERIOD).await;
        }
    }

    /// Says what became of a file.
    pub(crate) fn tell(&self, item: &Item, fetched: Result<Fetched, Failure>) {
        let speed = format!("{}/s", readable(item.speed() as u64));
        let there = readable(item.there.get());
        match fetched {
            Ok(Fetched::Whole) => self.say(item, &format!("{there}, {speed}")),
            Ok(Fetched::Resumed(from)) => {
                self.say(
                    item,
                    &format!("{there}, resumed at {}, {speed}", readable(from)),
                );
            }
            Ok(Fetched::WasThere) => {
                item.end();
                self.say(item, "is there already");
            }
            Err(failure) => {
                item.state.set(State::Failed);
                self.redraw(false);
                eprintln!("download: {}: {}", item.name, failure.text);
            }
        }
    }

    /// Says what became of those that were stopped.
    pub(crate) fn tell_of_the_rest(&self) {
        for item in &self.items {
            match item.state.get() {
                State::Waits => self.say(item, "not begun"),
                State::Runs => {
                    let (there, name) = (readable(item.there.get()), &item.name);
                    let of = item
                        .total
                        .get()
                        .map(|total| format!(" of {}", readable(total)));
                    let of = of.unwrap_or_default();
                    self.say(item, &format!("stopped, {there}{of} in {name}.part"));
                }
                // It ended while it was being stopped.
                State::Done if !item.is_told.get() => self.tell(item, Ok(Fetched::Whole)),
                State::Done | State::Failed => {}
            }
        }
    }

    fn say(&self, item: &Item, what: &str) {
        item.is_told.set(true);
        self.redraw(false);
        // Whether somebody reads it is no concern of the files.
        drop(writeln!(io::stdout(), "{}: {what}", item.name));
    }

    /// Takes the bars away, and draws them anew if they are to be there.
    fn redraw(&self, has_bars: bool) {
        if !self.has_bars {
            return;
        }
        let (width, height) = size();
        let mut text = String::new();
        if self.drawn.get() > 0 {
            text = format!("\x1b[{}A\r\x1b[J", self.drawn.get());
        }
        let running = self
            .items
            .iter()
            .filter(|item| item.state.get() == State::Runs);
        let bars = running.take(if has_bars { height - 1 } else { 0 });
        let bars: Vec<String> = bars.map(|item| item.bar(width - 1) + "\n").collect();
        self.drawn.set(bars.len());
        text.extend(bars);
        drop(io::stderr().write_all(text.as_bytes()));
    }
}

/// Of the terminal, in letters.
fn size() -> (usize, usize) {
    let size = tcgetwinsize(io::stderr()).ok();
    let size = size.filter(|size| size.ws_col > 1 && size.ws_row > 1);
    size.map_or((80, 24), |it| (it.ws_col.into(), it.ws_row.into()))
}

/// `1.5 MiB`, and so on.
fn readable(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut units = ["KiB", "MiB", "GiB", "TiB"].iter().peekable();
    if size < 1024.0 {
        return format!("{bytes} B");
    }
    while let Some(unit) = units.next() {
        size /= 1024.0;
        if size < 1024.0 || units.peek().is_none() {
            return format!("{size:.1} {unit}");
        }
    }
    unreachable!("the last unit is large enough")
}
