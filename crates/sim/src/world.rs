//! What the parts of one simulation share: its time, its steps, what it heard and what it wrote.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use entracte::task::TaskTree;
use entracte_event_loop::{EventLoop, Instant};

use crate::faults::Aim;
use crate::trace::Trace;

thread_local! {
    static CURRENT: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// One simulation, as its clock, selector, schedule and observer see it.
pub(crate) struct World {
    now: Cell<Instant>,
    steps: Cell<u64>,
    most_steps: u64,
    /// The tasks when there had been too many steps.
    overrun: RefCell<Option<TaskTree>>,
    /// The tasks when all of them waited for something that is not simulated.
    outside: RefCell<Option<TaskTree>>,
    reports: RefCell<Vec<String>>,
    trace: RefCell<Option<Trace>>,
    /// Those who wait until all others wait. Their wakers are counted by the loop, which therefore
    /// asks the selector before it says that it is stuck.
    blocked: RefCell<Vec<(u64, Waker)>>,
    next_blocked: Cell<u64>,
    aim: RefCell<Option<Rc<Aim>>>,
}

impl World {
    pub(crate) fn new(most_steps: u64, trace: Option<Trace>, aim: Option<Rc<Aim>>) -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(Instant::from_nanos(0)),
            steps: Cell::new(0),
            most_steps,
            overrun: RefCell::new(None),
            outside: RefCell::new(None),
            reports: RefCell::default(),
            trace: RefCell::new(trace),
            blocked: RefCell::default(),
            next_blocked: Cell::new(0),
            aim: RefCell::new(aim),
        })
    }

    /// The simulation that runs on this thread.
    pub(crate) fn current() -> Option<Rc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the simulation of the thread until the answer is dropped.
    pub(crate) fn enter(self: &Rc<Self>) -> Entered {
        Entered(CURRENT.replace(Some(Rc::clone(self))))
    }

    pub(crate) const fn now(&self) -> Instant {
        self.now.get()
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    pub(crate) const fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Counts a step; too many, and the loop stops.
    pub(crate) fn count_step(&self) {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > self.most_steps {
            self.overrun_by_a_step();
        }
    }

    #[cold]
    fn overrun_by_a_step(&self) {
        // Whoever spins must not keep the time of the clean-up from passing.
        self.pass(Duration::from_millis(1));
        if self.overrun.borrow().is_none()
            && let Some(event_loop) = EventLoop::current()
        {
            self.overrun.replace(Some(TaskTree::of(&event_loop)));
            event_loop.stop();
        }
    }

    /// Every task waits for something that is not simulated, and so for ever.
    pub(crate) fn waits_for_the_outside(&self) {
        let event_loop = EventLoop::current();
        let tree = event_loop.map(|event_loop| TaskTree::of(&event_loop));
        *self.outside.borrow_mut() = tree;
    }

    pub(crate) fn take_overrun(&self) -> Option<TaskTree> {
        self.overrun.take()
    }

    pub(crate) fn take_outside(&self) -> Option<TaskTree> {
        self.outside.take()
    }

    pub(crate) fn hear(&self, report: String) {
        self.reports.borrow_mut().push(report);
    }

    pub(crate) fn take_reports(&self) -> Vec<String> {
        self.reports.take()
    }

    /// Has `act` write to the trace, if there is one.
    pub(crate) fn trace(&self, act: impl FnOnce(&mut Trace)) {
        if let Some(trace) = &mut *self.trace.borrow_mut() {
            act(trace);
        }
    }

    pub(crate) fn take_trace(&self) -> Option<Trace> {
        self.trace.take()
    }

    pub(crate) fn aim(&self) -> Option<Rc<Aim>> {
        self.aim.borrow().clone()
    }

    // ---- those who wait until all others wait -----------------------------------------------

    /// Adds one who waits; gives what it is known by.
    pub(crate) fn block(&self, waker: Waker) -> u64 {
        let number = self.next_blocked.get();
        self.next_blocked.set(number + 1);
        self.blocked.borrow_mut().push((number, waker));
        number
    }

    pub(crate) fn is_blocked(&self, number: u64) -> bool {
        let blocked = self.blocked.borrow();
        blocked.iter().any(|(other, _)| *other == number)
    }

    pub(crate) fn unblock(&self, number: u64) {
        let left = |(other, _): &mut (u64, Waker)| *other == number;
        let gone: Vec<_> = self.blocked.borrow_mut().extract_if(.., left).collect();
        drop(gone);
    }

    /// Wakes them: nobody else is ready. Tells whether there were any.
    pub(crate) fn wake_blocked(&self) -> bool {
        let blocked = self.blocked.take();
        let any = !blocked.is_empty();
        for (_, waker) in blocked {
            waker.wake();
        }
        any
    }
}

/// Puts the simulation back that was there before, which is none but within another.
pub(crate) struct Entered(Option<Rc<World>>);

impl Drop for Entered {
    fn drop(&mut self) {
        drop(CURRENT.replace(self.0.take()));
    }
}
