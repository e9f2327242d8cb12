//! `Log`: the lines of all programs, one after the other, on standard output.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use entracte::io::{ReadError, Reader};
use entracte::process::PipeReader;
use entracte::sync::Queue;
use entracte::time::{Instant, now};
use entracte::{Task, spawn, timeout, to_thread};

/// How many lines may wait; a program whose lines nobody takes has to wait then, as at a terminal.
const LINES: usize = 256;

/// How long the supervisor waits to say something itself, and to say the last of it.
const PATIENCE: Duration = Duration::from_secs(1);

const OWN_NAME: &str = "supervise";

#[derive(Clone)]
pub(crate) struct Log {
    lines: Queue<String>,
    width: usize,
    _writing: Rc<Task<()>>,
}

impl Log {
    /// A log for names of these lengths.
    pub(crate) fn new(lengths: impl Iterator<Item = usize>) -> Self {
        let lines = Queue::bounded(LINES);
        let writing = spawn(write(lines.clone()));
        Self {
            lines,
            width: lengths.fold(OWN_NAME.len(), usize::max),
            _writing: Rc::new(writing),
        }
    }

    /// Says something of the supervisor's own.
    pub(crate) async fn say(&self, line: &str) {
        // Programs are seen to, whether or not somebody listens.
        timeout(PATIENCE, self.put(OWN_NAME, line))
            .await
            .unwrap_or_default();
    }

    /// Whether there is still a log.
    async fn put(&self, name: &str, line: &str) -> bool {
        let width = self.width;
        let line = format!("{name:width$} | {line}\n");
        self.lines.put(line).await.is_ok()
    }

    /// Says what a program says, up to its end; notes when it last did.
    pub(crate) async fn follow(
        &self,
        name: &str,
        mut from: Reader<PipeReader>,
        heard: &Cell<Instant>,
    ) {
        loop {
            let line = match from.read_line().await {
                Ok(Some(line)) => line,
                Err(ReadError::NotUtf8 { bytes }) => lossy(&bytes),
                // As much of the line as there is; the rest comes as another.
                Err(ReadError::TooLong { .. }) => match from.chunk().await {
                    Ok(part) => lossy(part),
                    Err(_) => return,
                },
                Ok(None) | Err(_) => return,
            };
            if !self.put(name, &line).await {
                return;
            }
            heard.set(now());
        }
    }

    /// Waits until everything is said.
    pub(crate) async fn close(&self) {
        timeout(PATIENCE, self.lines.join())
            .await
            .unwrap_or_default();
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes lines, as many at a time as there are, on a thread: whoever reads them may be slow.
async fn write(lines: Queue<String>) {
    while let Ok(line) = lines.get().await {
        let mut text = line;
        let mut count = 1;
        while let Ok(line) = lines.try_get() {
            text += &line;
            count += 1;
        }
        let written = to_thread(move || io::stdout().write_all(text.as_bytes())).await;
        for _ in 0..count {
            lines.task_done().expect("it was taken");
        }
        if written.is_err() {
            lines.shut_down_now();
        }
    }
}
