//! Requests on their way: aimed at a scope, delivered downwards, propagated outwards, never lost.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::task::scope::{Phase, Scope, next_number};
use crate::task::task_ref::TaskRef;

/// A cancellation on its way.
#[derive(Debug)]
pub(crate) struct Request {
    /// The scope at which it ends.
    pub(super) aim: u64,
    /// Which is newer: of two requests that met, the newer of both.
    pub(super) serial: u64,
    /// How deep that is: the outer of two is the smaller.
    depth: u32,
    message: Option<Arc<str>>,
}

impl Request {
    pub(crate) fn message(&self) -> Option<Arc<str>> {
        self.message.clone()
    }
}

impl Scope {
    /// Aims a cancellation at this scope.
    pub(crate) fn cancel(self: &Rc<Self>, message: Option<Arc<str>>) {
        self.deliver_below(&Rc::new(Request {
            aim: self.id,
            serial: next_number(),
            depth: self.depth,
            message,
        }));
    }

    pub(super) fn deliver(self: &Rc<Self>, request: &Rc<Request>) {
        if self.is_shield {
            let held = self.held.take().into_iter().fold(Rc::clone(request), outer);
            self.held.replace(Some(held));
        } else if !self.is_busy_since(request.serial) {
            // One that has this request already is not asked twice.
            self.deliver_below(request);
        }
    }

    pub(super) fn deliver_below(self: &Rc<Self>, request: &Rc<Request>) {
        let live: Vec<_> = self.children().filter(|it| !it.is_handling()).collect();
        if live.is_empty() {
            self.ask(request);
            return;
        }
        self.has_delivered.set(true);
        for child in live {
            child.deliver(request);
        }
    }

    /// Has the scope unwind by this request at its next await, or by one that is here already.
    pub(super) fn ask(self: &Rc<Self>, request: &Rc<Request>) {
        self.take_over(request);
        if self.phase.get() == Phase::Unwinding {
            // Asked once more while it awaits the tasks it left behind: they are asked once more.
            ask_stragglers(self);
        }
        self.wake();
    }

    /// Goes on unwinding from a child, which has let go.
    pub(crate) fn propagate(&self, request: &Rc<Request>) {
        self.hand_up(request);
        self.is_certain.set(true);
    }

    /// Takes a request from a child that ended otherwise: this scope is asked at its next await.
    pub(crate) fn hand_up(&self, request: &Rc<Request>) {
        self.take_over(request);
        self.wake();
    }

    /// Stores a request, or one with an outer aim that is here already or being handled below.
    fn take_over(&self, request: &Rc<Request>) {
        let handling = self.children().filter(|child| child.is_handling());
        let handled = handling.filter_map(|it| it.asked.borrow().clone());
        let asked = self.asked.borrow().clone();
        let outermost = handled.chain(asked).fold(Rc::clone(request), outer);
        self.asked.replace(Some(outermost));
    }

    /// Passes the request on to the scopes that are below by now and have not been asked by it.
    ///
    /// One that only waits here goes down whole. One that is certain stays, and asks those who are
    /// left when all others have answered: branches that swallowed it and went on into new blocks.
    /// They are asked once more, not for ever.
    pub(super) fn settle(self: &Rc<Self>) {
        let asked = self.asked.borrow().clone();
        let Some(request) = asked else {
            return;
        };
        let mut live = self.children().filter(|it| !it.is_handling()).peekable();
        if live.peek().is_none() {
            return;
        }
        if !self.must_unwind() {
            // Others have yet to answer it, and what is below may be their clean-up.
            return;
        }
        if !self.is_certain.get() {
            self.asked.take();
            self.deliver_below(&request);
        } else if !self.has_asked_the_rest.replace(true) {
            for child in live.filter(|child| !child.is_passed_by()) {
                child.deliver(&request);
            }
        }
    }

    /// Whether it was not polled when the scope around it was, though both are woken together.
    pub(super) fn is_passed_by(&self) -> bool {
        self.parent.as_ref().is_some_and(|parent| {
            self.seen_at.get() != parent.polls.get() && self.has_the_waker_of(parent)
        })
    }

    /// Takes requests back from children that are not polled any more, and so cannot answer.
    ///
    /// Such a one was woken together with this scope, by the same waker, and yet passed by.
    pub(super) fn reclaim(self: &Rc<Self>) {
        if !self.has_delivered.replace(false) {
            return;
        }
        for child in self.children() {
            if !child.is_passed_by() {
                self.has_delivered.set(true);
            } else if let Some(request) = child.take_request() {
                self.hand_up(&request);
                self.is_certain.set(true);
            }
        }
    }

    pub(super) fn has_the_waker_of(&self, other: &Self) -> bool {
        match (&*self.waker.borrow(), &*other.waker.borrow()) {
            (Some(own), Some(other)) => own.is_same(other),
            _ => false,
        }
    }

    /// Takes the outermost request out that waits in this scope or below, or that a shield holds.
    pub(super) fn take_request(&self) -> Option<Rc<Request>> {
        let own = Some(self).filter(|it| it.phase.get() == Phase::Running);
        let asked = own.and_then(|it| it.asked.take());
        let below = self.children().filter_map(|child| child.take_request());
        below.chain(asked).chain(self.held.take()).reduce(outer)
    }

    pub(super) fn wake(&self) {
        if self.is_polled.get() {
            // Whoever polls it looks when the poll is over.
            return;
        }
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

thread_local! {
    /// Tasks to be cancelled by whoever does so already: they may await each other in long chains.
    static TO_ASK: RefCell<Option<Vec<TaskRef>>> = const { RefCell::new(None) };
}

/// Cancels the tasks that a scope waits for, and those that these wait for.
fn ask_stragglers(scope: &Rc<Scope>) {
    if scope.is_asking.replace(true) {
        return; // in a ring
    }
    let stragglers = scope.stragglers.borrow().clone();
    let is_first = TO_ASK.with_borrow_mut(|to_ask| {
        let is_first = to_ask.is_none();
        // Taken from the end: first in, first out.
        to_ask
            .get_or_insert_default()
            .extend(stragglers.into_iter().rev());
        is_first
    });
    if is_first {
        while let Some(task) = TO_ASK.with_borrow_mut(|to_ask| to_ask.as_mut()?.pop()) {
            task.cancel();
        }
        TO_ASK.set(None);
    }
    scope.is_asking.set(false);
}

/// Of two requests, the one whose aim is further out, the newer if they are equal; as new as the
/// newer of both.
fn outer(newer: Rc<Request>, older: Rc<Request>) -> Rc<Request> {
    let serial = newer.serial.max(older.serial);
    let outer = if older.depth < newer.depth {
        older
    } else {
        newer
    };
    if outer.serial == serial {
        return outer;
    }
    Rc::new(Request {
        serial,
        message: outer.message(),
        ..*outer
    })
}
