//! `grep-line`: a pipeline of coroutines that searches two hundred megabytes of text by the line.

use std::cell::Cell;
use std::rc::Rc;

use memchr::memmem::Finder;

use crate::harness::{HAND_WRITTEN, Settings, Workload};
use crate::ours;

const TEXT_BYTES: usize = 200 << 20;
/// Of the text when instructions are counted: it is searched over and over.
const SMALL_TEXT_BYTES: usize = 64 << 10;
const NEEDLE: &[u8] = b"needle";
const PYTHON_SHARE: u64 = 10;

pub fn grep_line(settings: Settings) -> Workload {
    let bytes = match settings {
        Settings { count: true, .. } => SMALL_TEXT_BYTES,
        Settings { quick: true, .. } => TEXT_BYTES / 10,
        _ => TEXT_BYTES,
    };
    let text = Text::generate(bytes);
    let about = format!(
        "push lines of {} MB of text to a filter and a sink",
        bytes >> 20
    );
    let mut workload = Workload::new("grep-line", about, text.lines, HAND_WRITTEN);
    workload.add("hand-written", move |n| text.each(n, plain_loop));
    workload.note("a plain loop");
    #[cfg(native)]
    workload.add("native", move |n| text.each(n, crate::native::grep));
    workload.add("entracte", move |n| text.each(n, ours::boxed::grep));
    workload.add("entracte send", move |n| text.each(n, ours::send::grep));
    workload.add("entracte shared", move |n| text.each(n, ours::shared::grep));
    workload.add("entracte async", move |n| text.each(n, ours::async_::grep));
    workload.add("entracte pull", move |n| text.each(n, ours::grep_pull));
    workload.note("pulls");
    workload.add("genawaiter", move |n| text.each(n, genawaiter));
    workload.add("next-gen", move |n| text.each(n, next_gen));
    workload.note("pulls");
    workload.add("remit", move |n| text.each(n, remit));
    workload.note("pulls");
    workload.add("fauxgen", move |n| text.each(n, fauxgen));
    workload.add("corosensei", move |n| text.each(n, corosensei));
    workload.add_share("generator", 4, move |n| text.each(n, generator));
    workload.note("pulls");
    workload.add_python(settings, PYTHON_SHARE);
    let read = workload.last_python().map(|python| {
        let lines = text.first(text.lines / PYTHON_SHARE);
        let path = std::env::temp_dir().join(format!("compare-{}.txt", std::process::id()));
        std::fs::write(&path, lines).map_err(|error| error.to_string())?;
        let read = python.read_text(&path);
        std::fs::remove_file(&path).map_err(|error| error.to_string())?;
        read
    });
    if let Some(Err(reason)) = read {
        workload
            .notes
            .push(format!("CPython has no text: {reason}"));
    }
    workload
}

/// Generated lines, the same in every run; kept until the end of the process.
#[derive(Clone, Copy)]
pub struct Text {
    bytes: &'static [u8],
    lines: u64,
}

const WORDS: [&str; 14] = [
    "once", "upon", "a", "time", "there", "was", "program", "which", "waited", "for", "its",
    "turn", "and", "yielded",
];

impl Text {
    fn generate(bytes: usize) -> Self {
        let mut text = Vec::with_capacity(bytes + 256);
        let (mut lines, mut state) = (0, 88_172_645_463_325_252_u64);
        while text.len() < bytes {
            let words = 4 + state % 16;
            for _ in 0..words {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let pick = (state >> 33) as usize % 1000;
                text.extend_from_slice(word(pick));
                text.push(b' ');
            }
            text.pop();
            text.push(b'\n');
            lines += 1;
        }
        Self {
            bytes: text.leak(),
            lines,
        }
    }

    /// The first `lines` lines.
    fn first(self, lines: u64) -> &'static [u8] {
        if lines == 0 {
            return &[];
        }
        let mut ends = memchr::memchr_iter(b'\n', self.bytes);
        ends.nth(lines as usize - 1)
            .map_or(self.bytes, |end| &self.bytes[..=end])
    }

    /// Searches `n` lines: the text as often as needed and a part of it.
    fn each(self, n: u64, search: impl Fn(&'static [u8]) -> u64) -> u64 {
        let mut total = 0;
        for _ in 0..n / self.lines {
            total += search(self.bytes);
        }
        match n % self.lines {
            0 => total,
            rest => total + search(self.first(rest)),
        }
    }
}

/// Three words in a thousand are the needle: about one line in thirty has it.
fn word(pick: usize) -> &'static [u8] {
    if pick < 3 {
        return NEEDLE;
    }
    WORDS[pick % WORDS.len()].as_bytes()
}

/// The lines of a text, without their ends.
#[inline]
pub fn lines(text: &'static [u8]) -> impl Iterator<Item = &'static [u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text).map(move |end| {
        let line = &text[start..end];
        start = end + 1;
        line
    })
}

/// Searches one line after the other for the needle.
#[inline]
pub fn finder() -> Finder<'static> {
    Finder::new(NEEDLE)
}

fn plain_loop(text: &'static [u8]) -> u64 {
    let finder = finder();
    let mut total = 0;
    for line in lines(text) {
        if finder.find(line).is_some() {
            total += line.len() as u64;
        }
    }
    total
}

fn genawaiter(text: &'static [u8]) -> u64 {
    use genawaiter::rc::{Co, Gen};
    type Line = &'static [u8];
    let total = Rc::new(Cell::new(0));
    let sum = Rc::clone(&total);
    let mut sink = Gen::new(|co: Co<(), Line>| async move {
        loop {
            let line = co.yield_(()).await;
            sum.set(sum.get() + line.len() as u64);
        }
    });
    sink.resume_with(b"");
    let mut filter = Gen::new(|co: Co<(), Line>| async move {
        let finder = finder();
        loop {
            let line = co.yield_(()).await;
            if finder.find(line).is_some() {
                sink.resume_with(line);
            }
        }
    });
    filter.resume_with(b"");
    for line in lines(text) {
        filter.resume_with(line);
    }
    total.get()
}

fn next_gen(text: &'static [u8]) -> u64 {
    use next_gen::prelude::*;
    #[generator(yield(&'static [u8]))]
    fn source(text: &'static [u8]) {
        for line in lines(text) {
            yield_!(line);
        }
    }
    #[generator(yield(&'static [u8]))]
    fn filter(text: &'static [u8]) {
        let finder = finder();
        mk_gen!(let source = box source(text));
        for line in source {
            if finder.find(line).is_some() {
                yield_!(line);
            }
        }
    }
    mk_gen!(let found = box filter(text));
    found.map(|line| line.len() as u64).sum()
}

fn remit(text: &'static [u8]) -> u64 {
    let source = remit::Generator::boxed(move |remit| async move {
        for line in lines(text) {
            remit.value(line).await;
        }
    });
    let found = remit::Generator::boxed(move |remit| async move {
        let finder = finder();
        for line in source {
            if finder.find(line).is_some() {
                remit.value(line).await;
            }
        }
    });
    found.map(|line| line.len() as u64).sum()
}

fn fauxgen(text: &'static [u8]) -> u64 {
    use fauxgen::{Generator as _, GeneratorToken};
    type Line = &'static [u8];
    let total = Rc::new(Cell::new(0));
    let sum = Rc::clone(&total);
    let mut sink = Box::pin(fauxgen::r#gen!(|token: GeneratorToken<(), Line>| {
        loop {
            let line = token.yield_(()).await;
            sum.set(sum.get() + line.len() as u64);
        }
    }));
    sink.as_mut().resume(b"");
    let mut filter = Box::pin(fauxgen::r#gen!(|token: GeneratorToken<(), Line>| {
        let finder = finder();
        loop {
            let line = token.yield_(()).await;
            if finder.find(line).is_some() {
                sink.as_mut().resume(line);
            }
        }
    }));
    filter.as_mut().resume(b"");
    for line in lines(text) {
        filter.as_mut().resume(line);
    }
    total.get()
}

fn corosensei(text: &'static [u8]) -> u64 {
    use corosensei::{Coroutine, Yielder};
    type Line = &'static [u8];
    let total = Rc::new(Cell::new(0));
    let sum = Rc::clone(&total);
    let mut sink = Coroutine::<Line, (), ()>::new(move |yielder: &Yielder<Line, ()>, _| {
        loop {
            let line = yielder.suspend(());
            sum.set(sum.get() + line.len() as u64);
        }
    });
    sink.resume(b"");
    let mut filter = Coroutine::<Line, (), ()>::new(move |yielder: &Yielder<Line, ()>, _| {
        let finder = finder();
        loop {
            let line = yielder.suspend(());
            if finder.find(line).is_some() {
                sink.resume(line);
            }
        }
    });
    filter.resume(b"");
    for line in lines(text) {
        filter.resume(line);
    }
    total.get()
}

fn generator(text: &'static [u8]) -> u64 {
    use generator::Gn;
    let source = Gn::<()>::new_scoped(move |mut scope| {
        for line in lines(text) {
            scope.yield_(line);
        }
        generator::done!()
    });
    let found = Gn::<()>::new_scoped(move |mut scope| {
        let finder = finder();
        for line in source {
            if finder.find(line).is_some() {
                scope.yield_(line);
            }
        }
        generator::done!()
    });
    found.map(|line| line.len() as u64).sum()
}
