//! Scopes: the tree that a cancellation runs down to the innermost, and unwinds back up.
//!
//! A scope is a task's root or a block that asked to catch. It exists from its first poll until it
//! is done; plain futures are no scopes, and cost nothing.
//!
//! - **X1** A request is delivered to the innermost scopes under its aim, to all of them in a block
//!   with branches. A scope that is handling, and one behind a shield, is passed by.
//! - **X2** A scope that is asked drops its future when it is next polled, unless it has to wait.
//! - **X3** A scope waits for its children that are busy with the same request, or a newer one: the
//!   slowest clean-up decides. A newer request interrupts those that are busy with an older one.
//! - **X4** Tasks whose handles are dropped by the unwinding are awaited before the scope answers.
//! - **X5** Of two requests that meet, the one with the outer aim goes on.
//! - **X6** A request is not lost: a scope that ends otherwise hands it to the scope around it, which
//!   is asked at its next await. Only its aim ends it, or whoever drops a `Cancelled`.

mod act;
mod request;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::Waker;

use entracte_event_loop::{EventLoop, Wakeup, replace_lasting_note};

use crate::task::front::TaskFront;
use crate::task::task_ref::TaskRef;

pub(crate) use act::{Act, AfterPoll};
pub(crate) use request::Request;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Scope>>> = const { RefCell::new(None) };
    static NEXT_NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// What a scope is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Its future is there.
    Running,
    /// Its future is being dropped, or the tasks that left behind are awaited.
    Unwinding,
    /// It has answered that it was cancelled, and its caller has not let go of that.
    Handling,
}

pub(crate) struct Scope {
    id: u64,
    depth: u32,
    is_shield: bool,
    parent: Option<Rc<Scope>>,
    /// Its children, oldest first, linked through `previous` and `next`.
    first: RefCell<Weak<Scope>>,
    last: RefCell<Weak<Scope>>,
    previous: RefCell<Weak<Scope>>,
    next: RefCell<Weak<Scope>>,
    phase: Cell<Phase>,
    asked: RefCell<Option<Rc<Request>>>,
    /// Asked by a child that is on its way out, so it must unwind. Otherwise the request only waits
    /// here for the next await, and goes down to the scopes that are there by then.
    is_certain: Cell<bool>,
    has_asked_the_rest: Cell<bool>,
    /// What a shield holds off.
    held: RefCell<Option<Rc<Request>>>,
    waker: RefCell<Option<Wakeup>>,
    stragglers: RefCell<Vec<TaskRef>>,
    /// How often it was polled, and at which poll of its parent it last was.
    polls: Cell<u32>,
    seen_at: Cell<u32>,
    /// A request went through to its children, who may not be polled any more.
    has_delivered: Cell<bool>,
    /// Its `Cancelled` is the user's, who may handle it or merely keep it.
    is_given_out: Cell<bool>,
    /// Its future is being polled.
    is_polled: Cell<bool>,
    /// It is asking the tasks that it waits for: one of them may wait for this one.
    is_asking: Cell<bool>,
    /// While the future was polled, something in it waited that is not on its way out; `None` if
    /// that is not known.
    has_waited: Cell<Option<bool>>,
}

/// The scope that is being polled on this thread; the root of the running task if it has none yet.
pub(crate) fn current() -> Option<Rc<Scope>> {
    CURRENT.with_borrow(Clone::clone).or_else(|| {
        let event_loop = EventLoop::current()?;
        let token = event_loop.running()?;
        let callback = event_loop.callback(token)?;
        TaskFront::of(&callback).map(|front| front.root(callback.word(), token))
    })
}

/// The scope whose unwinding runs right now on this thread.
pub(crate) fn unwinding() -> Option<Rc<Scope>> {
    CURRENT
        .with_borrow(Clone::clone)
        .filter(|scope| scope.is_unwinding())
}

/// Numbers of scopes and serial numbers of requests: the later is the greater.
fn next_number() -> u64 {
    NEXT_NUMBER.replace(NEXT_NUMBER.get() + 1)
}

/// Calls `act` outside any scope: in a task that is started from within another.
pub(crate) fn outside<R>(act: impl FnOnce() -> R) -> R {
    let _restored = Restore(CURRENT.take());
    act()
}

/// Puts the scope back that was current.
struct Restore(Option<Rc<Scope>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Says that a scope is polled, for as long as it is.
struct Polled<'a>(&'a Cell<bool>);

impl<'a> Polled<'a> {
    fn new(flag: &'a Cell<bool>) -> Self {
        flag.set(true);
        Self(flag)
    }
}

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Scope {
    fn new(parent: Option<Rc<Self>>, is_shield: bool, waker: Option<Wakeup>) -> Rc<Self> {
        let scope = Rc::new(Self {
            id: next_number(),
            depth: parent.as_ref().map_or(0, |parent| parent.depth + 1),
            is_shield,
            parent,
            first: RefCell::default(),
            last: RefCell::default(),
            previous: RefCell::default(),
            next: RefCell::default(),
            phase: Cell::new(Phase::Running),
            asked: RefCell::new(None),
            held: RefCell::new(None),
            is_certain: Cell::new(false),
            has_asked_the_rest: Cell::new(false),
            waker: RefCell::new(waker),
            stragglers: RefCell::default(),
            polls: Cell::new(0),
            seen_at: Cell::new(0),
            has_delivered: Cell::new(false),
            is_given_out: Cell::new(false),
            is_polled: Cell::new(false),
            is_asking: Cell::new(false),
            has_waited: Cell::new(None),
        });
        if let Some(parent) = &scope.parent {
            parent.link(&scope);
        }
        scope
    }

    /// The scope that is a whole task.
    pub(crate) fn root(waker: Wakeup) -> Rc<Self> {
        Self::new(None, false, Some(waker))
    }

    /// A scope within the one that is being polled.
    pub(crate) fn inner() -> Rc<Self> {
        Self::new(current(), false, None)
    }

    /// A scope within this one.
    pub(crate) fn within(parent: &Rc<Self>) -> Rc<Self> {
        Self::new(Some(Rc::clone(parent)), false, None)
    }

    /// A scope that holds off what is delivered from above.
    pub(crate) fn shield() -> Rc<Self> {
        Self::new(current(), true, None)
    }

    fn link(&self, child: &Rc<Self>) {
        let last = self.last.replace(Rc::downgrade(child));
        match last.upgrade() {
            Some(last) => {
                last.next.replace(Rc::downgrade(child));
                child.previous.replace(Rc::downgrade(&last));
            }
            None => {
                self.first.replace(Rc::downgrade(child));
            }
        }
    }

    fn children(&self) -> impl Iterator<Item = Rc<Self>> + use<> {
        let mut at = self.first.borrow().upgrade();
        std::iter::from_fn(move || {
            let child = at.take()?;
            at = child.next.borrow().upgrade();
            Some(child)
        })
    }

    fn is_handling(&self) -> bool {
        self.phase.get() == Phase::Handling
    }

    /// Makes this the current scope while `act` polls its future.
    pub(crate) fn enter<R>(self: &Rc<Self>, waker: &Waker, act: impl FnOnce() -> R) -> R {
        self.set_waker(waker);
        self.polls.set(self.polls.get().wrapping_add(1));
        let _restored = Restore(CURRENT.replace(Some(Rc::clone(self))));
        let _polled = Polled::new(&self.is_polled);
        if !self.is_certain.get() {
            return act();
        }
        let outside = replace_lasting_note(false);
        let polled = act();
        let has_waited = replace_lasting_note(outside);
        if has_waited {
            replace_lasting_note(true);
        }
        self.has_waited.set(Some(has_waited));
        polled
    }

    /// Makes this the current scope while `drop_future` drops its future.
    pub(crate) fn unwind(self: &Rc<Self>, drop_future: impl FnOnce()) {
        self.phase.set(Phase::Unwinding);
        let _restored = Restore(CURRENT.replace(Some(Rc::clone(self))));
        let _polled = Polled::new(&self.is_polled);
        drop_future();
    }

    pub(crate) fn set_waker(&self, waker: &Waker) {
        let mut own = self.waker.borrow_mut();
        if !own.as_ref().is_some_and(|own| own.will_wake(waker)) {
            *own = Some(Wakeup::of(waker));
        }
        drop(own);
        // One after the other: each tells the scope once, however many there are.
        if let Some(straggler) = self.stragglers.borrow().last() {
            straggler.tell(Wakeup::of(waker));
        }
    }

    /// It, or its clean-up, is being polled, together with the scope around it.
    pub(crate) fn mark_seen(&self) {
        if let Some(parent) = &self.parent {
            self.seen_at.set(parent.polls.get());
        }
    }

    /// Has the scope wait for a task before it answers.
    pub(crate) fn await_straggler(&self, straggler: TaskRef) {
        self.stragglers.borrow_mut().push(straggler);
    }

    /// Whether a request ends here.
    pub(crate) fn is_aim_of(&self, request: &Request) -> bool {
        self.id == request.aim
    }

    /// A shield is over: what it held goes on to the scope around it.
    pub(crate) fn release_held(&self) {
        let held = self.held.take();
        self.phase.set(Phase::Handling);
        if let (Some(request), Some(parent)) = (held, &self.parent) {
            parent.hand_up(&request);
        }
    }

    /// Whether the scope is being left by its unwinding.
    pub(crate) fn is_unwinding(&self) -> bool {
        self.phase.get() == Phase::Unwinding
    }

    pub(crate) fn parent(&self) -> Option<&Rc<Self>> {
        self.parent.as_ref()
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let (previous, next) = (self.previous.take(), self.next.take());
        let Some(parent) = &self.parent else {
            return;
        };
        match previous.upgrade() {
            Some(previous) => *previous.next.borrow_mut() = next.clone(),
            None => *parent.first.borrow_mut() = next.clone(),
        }
        match next.upgrade() {
            Some(next) => *next.previous.borrow_mut() = previous,
            None => *parent.last.borrow_mut() = previous,
        }
        // Dropped before it could answer: whoever dropped it is asked instead.
        let asked = self.asked.take();
        if let Some(request) = asked
            && self.phase.get() == Phase::Running
            && request.aim != self.id
        {
            parent.hand_up(&request);
        } else if parent.asked.borrow().is_some() {
            // It may have been the last that the parent had to wait for.
            parent.wake();
        }
    }
}
