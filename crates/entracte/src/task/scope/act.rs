//! What whoever polls a scope does next: poll its future, unwind it, wait, or answer.

use std::rc::Rc;

use entracte_event_loop::EventLoop;

use crate::task::scope::{Phase, Request, Scope};
use crate::task::task_ref::TaskRef;

/// What whoever polls a scope has to do next.
pub(crate) enum Act {
    /// Poll the future.
    Poll,
    /// Drop the future.
    Unwind,
    /// Wait for tasks that the unwinding left behind.
    Wait,
    /// Answer that the scope was cancelled.
    Answer(Rc<Request>),
}

/// What is to be done when the future of a scope was polled and waits.
pub(crate) enum AfterPoll {
    Wait,
    WaitForNextTurn,
    Unwind,
}

impl Scope {
    /// Whether it, or a scope below, has yet to answer this request or a newer one.
    pub(super) fn is_busy_since(&self, serial: u64) -> bool {
        // What nobody polls any more will never be done with it, nor will anything below.
        let is_kept = self.is_handling() && self.is_given_out.get();
        if !is_kept && self.is_passed_by() {
            return false;
        }
        let is_asked = |request: &Rc<Request>| request.serial >= serial;
        let is_shielding = self.is_shield && self.phase.get() == Phase::Running;
        is_shielding
            || self.asked.borrow().as_ref().is_some_and(is_asked)
            || self.children().any(|child| child.is_busy_since(serial))
    }

    /// Whether it, or a scope below, has yet to answer any request.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy_since(0)
    }

    /// Whether it was asked, and has no child to wait for.
    pub(super) fn must_unwind(&self) -> bool {
        let serial = match &*self.asked.borrow() {
            Some(request) => request.serial,
            None => return false,
        };
        let is_idle = self.is_idle();
        let is_waited_for =
            |child: Rc<Self>| child.is_busy_since(serial) && !(is_idle && child.is_merely_kept());
        !self.children().any(is_waited_for)
    }

    /// Whether it has answered, and its `Cancelled` is all that is left of it.
    pub(super) fn is_merely_kept(&self) -> bool {
        self.is_handling() && self.is_given_out.get()
    }

    /// Whether its future does nothing any more but wait to be dropped: it is on its way out, nothing
    /// in it waited in its last poll, and nobody is going to wake it. A `Cancelled` that is kept in
    /// there, as a `join!` keeps the results of its branches, will never be let go of.
    pub(super) fn is_idle(&self) -> bool {
        let nobody_wakes = |event_loop: EventLoop| {
            let token = event_loop.running();
            event_loop.wakers_at_large() == 0 && !token.is_some_and(|it| event_loop.is_ready(it))
        };
        self.is_certain.get()
            && self.has_waited.get() == Some(false)
            && EventLoop::current().is_some_and(nobody_wakes)
    }

    /// The `Cancelled` of this scope is the user's from now on.
    pub(crate) fn give_out(&self) {
        self.is_given_out.set(true);
    }

    /// To be called when its future was polled and waits: what is to be done about that.
    ///
    /// What propagates from within unwinds in the same step, as an exception does. A request that
    /// came in the midst of the step is met in the next turn, as in asyncio.
    pub(crate) fn after_poll(self: &Rc<Self>) -> AfterPoll {
        self.reclaim();
        self.settle();
        match (self.must_unwind(), self.is_certain.get()) {
            (true, true) => AfterPoll::Unwind,
            (true, false) => AfterPoll::WaitForNextTurn,
            // Since this very poll: the next will show whether anything in it waits.
            (false, true) if self.has_waited.get().is_none() => AfterPoll::WaitForNextTurn,
            (false, _) => AfterPoll::Wait,
        }
    }

    pub(crate) fn next_act(self: &Rc<Self>) -> Act {
        // Whether anything in it waits is known for the moment after a poll only.
        self.has_waited.set(None);
        if self.phase.get() == Phase::Unwinding {
            let mut stragglers = self.stragglers.borrow_mut();
            while stragglers.last().is_some_and(TaskRef::is_done) {
                stragglers.pop();
            }
            if !stragglers.is_empty() {
                return Act::Wait;
            }
            self.phase.set(Phase::Handling);
        }
        if self.is_handling() {
            let request = self.asked.borrow().clone();
            return Act::Answer(request.expect("a scope that unwinds was asked to"));
        }
        self.settle();
        if self.must_unwind() {
            Act::Unwind
        } else {
            Act::Poll
        }
    }

    /// Its future gave a value: a request that is not for this scope goes on to the one around it.
    pub(crate) fn end_with_value(&self) {
        let asked = self.asked.take();
        self.phase.set(Phase::Handling);
        if let (Some(request), Some(parent)) = (asked, &self.parent)
            && !self.is_aim_of(&request)
        {
            parent.hand_up(&request);
        }
    }
}
