//! A child: a future that runs as a task, and tells its parent when it ends.

use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::EventLoop;
use pin_project_lite::pin_project;

use crate::task::Task;
use crate::task::spawn::spawn_in;
use crate::task::task_ref::TaskRef;

/// What is told of the ends of its children. Not who awaits them: it may be gone by then.
pub(super) trait Parent: 'static {
    fn event_loop(&self) -> &EventLoop;

    /// A child ends in this very step, with a value.
    fn gave(self: &Rc<Self>, index: usize, is_failure: bool);

    /// A child ended in the turn before, without a value.
    fn lost(self: &Rc<Self>, index: usize);
}

/// Calls `act` in the next turn, where asyncio has its done callbacks.
pub(super) fn call_soon(event_loop: &EventLoop, act: impl FnOnce() + 'static) {
    // A child may have closed its own loop.
    if !event_loop.is_closed() {
        event_loop.call_soon(act);
    }
}

/// The loop that is to have the children.
#[track_caller]
pub(super) fn current_loop(act: &str) -> EventLoop {
    let Some(event_loop) = EventLoop::current() else {
        panic!("cannot {act} outside an event loop");
    };
    event_loop
}

pin_project! {
    struct Child<F, P: Parent, J> {
        // Taken out before the parent is told, so that its destructors have run by then.
        #[pin]
        future: Option<F>,
        judge: J,
        place: Place<P>,
    }
}

/// Spawns a future as a child. `judge` says whether its value is a failure.
pub(super) fn start<F, P, J>(
    parent: &Rc<P>,
    index: usize,
    origin: &'static Location<'static>,
    future: F,
    judge: J,
) -> Task<F::Output>
where
    F: Future + 'static,
    P: Parent,
    J: Fn(&F::Output) -> bool + 'static,
{
    let child = Child {
        future: Some(future),
        judge,
        place: Place {
            parent: Some(Rc::clone(parent)),
            index,
        },
    };
    let task = spawn_in(parent.event_loop().clone(), origin, child);
    task.task_ref().note_awaiter();
    task
}

impl<F: Future, P: Parent, J: Fn(&F::Output) -> bool> Future for Child<F, P, J> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut();
        let future = future.expect("a task does not poll what has ended");
        let Poll::Ready(value) = future.poll(cx) else {
            return Poll::Pending;
        };
        this.future.set(None);
        let is_failure = (this.judge)(&value);
        if let Some(parent) = this.place.parent.take() {
            parent.gave(this.place.index, is_failure);
        }
        Poll::Ready(value)
    }
}

/// A child's place with its parent, which it leaves once.
struct Place<P: Parent> {
    parent: Option<Rc<P>>,
    index: usize,
}

impl<P: Parent> Drop for Place<P> {
    fn drop(&mut self) {
        let Some(parent) = self.parent.take() else {
            return;
        };
        // The task unwinds or panicked, so it is the running one; unless its loop is being closed.
        let Some(task) = TaskRef::running() else {
            return;
        };
        if task.event_loop.is_same(parent.event_loop()) && !task.event_loop.is_closed() {
            let index = self.index;
            let tell = move || parent.lost(index);
            task.front().add_on_done(Box::new(tell));
        }
    }
}
