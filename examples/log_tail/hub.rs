//! The hub: who is connected, and the last lines for those who come.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use entracte::io::{Reader, Stream, Writer};
use entracte::net::TcpStream;
use entracte::sync::Event;
use entracte::task::{CurrentTask, TaskId};
use entracte::{catch_cancel, current_task, timeout};

use crate::stages::Line;

/// How many bytes may wait to be sent to somebody, beside those in the system's own buffers.
const OUTBOX: usize = 1024 * 1024;

/// How long the last words to somebody may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);

const TOO_SLOW: &str = "log_tail: you read too slowly\n";

/// Everybody who is connected, and the last lines.
pub(crate) struct Hub {
    clients: RefCell<HashMap<TaskId, Client>>,
    lines: RefCell<VecDeque<Line>>,
    last: usize,
    is_open: Event,
}

struct Client {
    writer: Writer<TcpStream>,
    task: CurrentTask,
}

impl Client {
    /// Never waits, so that nobody's slowness is another's.
    fn send(&mut self, line: &[u8]) {
        if self.task.cancelling() > 0 {
            return; // On its way out.
        }
        if self.writer.write(line).is_err() {
            self.task.cancel();
        } else if self.writer.waiting_bytes() > OUTBOX {
            self.task.cancel_with(TOO_SLOW);
        }
    }
}

impl Hub {
    pub(crate) fn new(last: usize) -> Self {
        Self {
            clients: RefCell::default(),
            lines: RefCell::default(),
            last,
            is_open: Event::new(),
        }
    }

    /// Lets clients in: what is in the file already went by too fast for any of them.
    pub(crate) fn open(&self) {
        self.is_open.set();
    }

    /// Sends a line to everybody.
    pub(crate) fn publish(&self, line: &Line) {
        for client in self.clients.borrow_mut().values_mut() {
            client.send(line);
        }
        let mut lines = self.lines.borrow_mut();
        lines.push_back(line.clone());
        if lines.len() > self.last {
            lines.pop_front();
        }
    }

    fn enter(&self, writer: Writer<TcpStream>) -> TaskId {
        let task = current_task().expect("a client is served by a task");
        let id = task.id();
        let mut client = Client { writer, task };
        for line in self.lines.borrow().iter() {
            client.send(line);
        }
        self.clients.borrow_mut().insert(id, client);
        id
    }

    fn leave(&self, id: TaskId) -> Option<Writer<TcpStream>> {
        let client = self.clients.borrow_mut().remove(&id);
        client.map(|client| client.writer)
    }
}

/// Serves a client until it is gone, or the hub has its task cancelled.
pub(crate) async fn serve(hub: &Rc<Hub>, client: Stream<TcpStream>) {
    let Ok(peer) = client.peer_address() else {
        return; // It is gone.
    };
    let Stream { reader, writer } = client;
    hub.is_open.wait().await;
    let id = hub.enter(writer);
    let ended = catch_cancel(listen(reader)).await;
    let Some(mut writer) = hub.leave(id) else {
        return;
    };
    let last_words = match &ended {
        Err(cancelled) if cancelled.message().is_some() => {
            eprintln!("log_tail: {peer} reads too slowly");
            TOO_SLOW
        }
        _ => "",
    };
    let end = async {
        writer.write(last_words.as_bytes())?;
        writer.close().await
    };
    if !matches!(timeout(PATIENCE, end).await, Ok(Ok(()))) {
        writer.discard(); // It does not read, or is gone.
    }
    if let Err(cancelled) = ended {
        cancelled.propagate().await;
    }
}

/// Waits until a client is gone. What it says does not matter, nor that it says no more.
async fn listen(mut reader: Reader<TcpStream>) -> io::Result<()> {
    while !reader.chunk().await?.is_empty() {}
    pending().await
}
