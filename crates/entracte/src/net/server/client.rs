//! The clients of a server: their tasks, and what is told of those that fail.

use std::cell::RefCell;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use entracte_event_loop::{EventLoop, Report};
use pin_project_lite::pin_project;
use slab::Slab;

use super::state::State;
use crate::task::{Outcome, Task, TaskError, spawn};

/// The tasks of the clients, until they are done.
pub(super) struct Clients<R> {
    tasks: RefCell<Slab<Task<R>>>,
    state: Rc<State>,
}

impl<R: Outcome + 'static> Clients<R> {
    pub(super) fn new(state: &Rc<State>) -> Rc<Self> {
        Rc::new(Self {
            tasks: RefCell::default(),
            state: Rc::clone(state),
        })
    }

    /// Spawns the task of a client, and keeps it until it is done.
    pub(super) fn spawn(
        self: &Rc<Self>,
        peer: Option<SocketAddr>,
        client: impl Future<Output = R> + 'static,
    ) {
        let mut tasks = self.tasks.borrow_mut();
        let entry = tasks.vacant_entry();
        self.state.clients.set(self.state.clients.get() + 1);
        self.state.accepted.set(self.state.accepted.get() + 1);
        let place = Place {
            clients: Rc::downgrade(self),
            state: Rc::clone(&self.state),
            key: entry.key(),
            peer,
        };
        entry.insert(spawn(Client {
            future: client,
            place,
        }));
    }

    pub(super) fn cancel(&self) {
        for (_, task) in self.tasks.borrow().iter() {
            task.cancel();
        }
    }

    /// Lets go of a task that is done, and tells of its failure.
    fn reap(self: Rc<Self>, key: usize, peer: Option<SocketAddr>) {
        let mut tasks = self.tasks.borrow_mut();
        if let Some(task) = tasks.get(key).filter(|task| !task.is_done()) {
            // Its future is gone, but it waits for tasks that this left behind.
            let clients = Rc::clone(&self);
            task.on_done(move || clients.reap(key, peer));
            return;
        }
        let task = tasks.try_remove(key);
        drop(tasks);
        task.into_iter().for_each(|task| report(task, peer));
        self.state.clients.set(self.state.clients.get() - 1);
        self.state.wake();
    }
}

pin_project! {
    /// A client's future, and its place. An async block would keep two copies of the future.
    struct Client<F, R>
    where
        R: Outcome,
        R: 'static,
    {
        #[pin]
        future: F,
        place: Place<R>,
    }
}

impl<F: Future<Output = R>, R: Outcome + 'static> Future for Client<F, R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        self.project().future.poll(cx)
    }
}

/// The place of a client among the others, given back when its future is gone. A callback of the
/// task's would do as well, and cost each client a fifth more memory.
struct Place<R: Outcome + 'static> {
    clients: Weak<Clients<R>>,
    state: Rc<State>,
    key: usize,
    peer: Option<SocketAddr>,
}

impl<R: Outcome + 'static> Drop for Place<R> {
    fn drop(&mut self) {
        let event_loop = EventLoop::current().filter(|it| !it.is_closed());
        match (self.clients.upgrade(), event_loop) {
            (Some(clients), Some(event_loop)) => {
                let (key, peer) = (self.key, self.peer);
                event_loop.call_soon(move || clients.reap(key, peer));
            }
            // The server was cancelled, and nobody keeps the task any more.
            _ => self.state.clients.set(self.state.clients.get() - 1),
        }
    }
}

/// Tells the error handler how a client failed, unless it merely went.
fn report<R: Outcome + 'static>(task: Task<R>, peer: Option<SocketAddr>) {
    let outcome = match task.try_outcome() {
        Ok(Ok(value)) => value.into_result().map(drop),
        Ok(Err(TaskError::Panicked(panic))) => Err(panic.text().into()),
        _ => Ok(()),
    };
    let Err(error) = outcome else {
        return;
    };
    if !has_gone(&*error)
        && let Some(event_loop) = EventLoop::current()
    {
        let peer = peer.map_or_else(String::new, |it| format!(" ({it})"));
        let message = format!("a client of a server failed{peer}");
        let report = Report::new(&message);
        event_loop.report(&report.with(&error));
    }
}

/// Whether an error says that the other end has gone, which is its right.
fn has_gone(error: &(dyn Error + 'static)) -> bool {
    let is_gone = error.downcast_ref::<io::Error>().is_some_and(|error| {
        let kind = error.kind();
        matches!(
            kind,
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted
        )
    });
    is_gone || error.source().is_some_and(has_gone)
}

/// Whether an error of accepting concerns nobody but the client that it was about (`accept(2)`).
pub(super) fn is_of_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::NotConnected
            | ErrorKind::PermissionDenied
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::TimedOut
    )
}
