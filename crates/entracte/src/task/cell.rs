//! A task's place in memory: its future, then its value, and how the loop drives them.

use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_event_loop::{Callback, Step};

use crate::task::front::{TaskFront, word};
use crate::task::scope::Scope;
use crate::task::scoped::{Drive, Driven, drive};
use crate::task::{TaskError, lost};

/// The future until it is done, then its value until it is taken.
enum Stage<F: Future> {
    Future(F),
    Value(F::Output),
    Empty,
}

/// Who may touch the stage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The next call by the loop.
    Idle,
    /// The call that runs, and nobody else.
    Running,
    /// Whoever takes the value.
    Done,
}

/// The question what a function says of a task's value.
pub(crate) struct Look<T> {
    pub(crate) judge: fn(&T) -> bool,
    pub(crate) answer: bool,
}

/// Gives the turn back to whoever takes the value.
struct Reset<'a>(&'a Cell<Turn>);

impl Drop for Reset<'_> {
    fn drop(&mut self) {
        self.0.set(Turn::Done);
    }
}

/// A task, as the loop keeps it: one callback.
///
/// The front can be reached at any time; the stage only by whose turn it is.
pub(crate) struct TaskCell<F: Future> {
    front: TaskFront,
    turn: Cell<Turn>,
    stage: UnsafeCell<Stage<F>>,
}

impl<F: Future + 'static> TaskCell<F> {
    pub(crate) const fn new(front: TaskFront, future: F) -> Self {
        Self {
            front,
            turn: Cell::new(Turn::Idle),
            stage: UnsafeCell::new(Stage::Future(future)),
        }
    }

    /// Polls the future once. A value that it gives is stored, and the future dropped before.
    ///
    /// # Safety
    ///
    /// It is the turn of the caller, who set it to `Running`.
    #[inline]
    unsafe fn poll(&self, step: &Step<'_>) -> Poll<()> {
        // SAFETY: the turn is `Running`: `call` and `take` stay away from the stage, also if the
        // future awaits, asks, drops or adds its own task, until the turn is set again, which is
        // after the last use of this reference.
        let stage = unsafe { &mut *self.stage.get() };
        let Stage::Future(future) = stage else {
            return Poll::Ready(());
        };
        // SAFETY: the stage lies in a block that does not move, and a `Future` leaves it only by
        // being dropped in place, when another stage is assigned.
        let future = unsafe { Pin::new_unchecked(future) };
        let value = match future.poll(&mut Context::from_waker(step.waker())) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(value) => value,
        };
        // On its own: if the destructor panics, the stage is `Empty`, and the panic is the end.
        *stage = Stage::Empty;
        *stage = Stage::Value(value);
        Poll::Ready(())
    }

    /// Drops the future.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    unsafe fn clear(&self) {
        // SAFETY: as in `poll`.
        let stage = unsafe { &mut *self.stage.get() };
        *stage = Stage::Empty;
    }

    /// Takes the value out of a task that is done.
    fn take(&self) -> Option<F::Output> {
        if self.turn.get() != Turn::Done {
            return None;
        }
        // SAFETY: `Done` is set once the loop's last call is over, and `call` does not touch the
        // stage any more. This borrow ends before anything else can run.
        let stage = unsafe { &mut *self.stage.get() };
        match std::mem::replace(stage, Stage::Empty) {
            Stage::Value(value) => Some(value),
            Stage::Future(_) | Stage::Empty => None,
        }
    }

    /// What `judge` says of the value, if it is there.
    fn look(&self, judge: fn(&F::Output) -> bool) -> bool {
        if self.turn.get() != Turn::Done {
            return false;
        }
        // `judge` is the user's, and must find nobody's turn if it comes back here.
        self.turn.set(Turn::Running);
        let _done = Reset(&self.turn);
        // SAFETY: as in `take`; the turn keeps everybody else away while `judge` runs.
        match unsafe { &*self.stage.get() } {
            Stage::Value(value) => judge(value),
            Stage::Future(_) | Stage::Empty => false,
        }
    }

    /// Says that the task is done, and tells those who wait for it.
    #[inline]
    fn finish(&self, step: &Step<'_>) -> Poll<()> {
        self.turn.set(Turn::Done);
        step.word().set(step.word().get() | word::DONE);
        self.front.tell_done();
        Poll::Ready(())
    }

    /// The step of a task that has scopes: it may have been asked to unwind.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    #[cold]
    unsafe fn poll_scoped(&self, root: &Rc<Scope>, step: &Step<'_>) -> Poll<()> {
        if step.word().get() & word::DROPPED != 0 {
            // SAFETY: the caller's promise.
            unsafe { self.clear() };
            self.front.fail(TaskError::Cancelled(None));
            return Poll::Ready(());
        }
        let mut running = Running { cell: self, step };
        drive(root, step.waker(), &mut running).map(|driven| {
            if let Driven::Unwound(request) = driven {
                self.front.fail(TaskError::Cancelled(request.message()));
            }
        })
    }
}

/// A task in the midst of `call`: made by `poll_scoped` alone, which is the one that may.
struct Running<'a, F: Future> {
    cell: &'a TaskCell<F>,
    step: &'a Step<'a>,
}

impl<F: Future + 'static> Drive for Running<'_, F> {
    type Value = ();

    fn poll(&mut self) -> Poll<()> {
        // SAFETY: the turn is `Running`, by the promise of whoever called `poll_scoped`.
        unsafe { self.cell.poll(self.step) }
    }

    fn drop_future(&mut self) {
        // SAFETY: as above.
        unsafe { self.cell.clear() };
    }
}

impl<F: Future> Drop for TaskCell<F> {
    #[inline]
    fn drop(&mut self) {
        let is_value = matches!(self.stage.get_mut(), Stage::Value(_));
        if is_value && size_of::<F::Output>() > 0 {
            lost::report_unused("a task gave a value, and nobody took it");
        }
    }
}

impl<F: Future + 'static> Callback for TaskCell<F> {
    #[inline]
    fn call(self: Pin<&Self>, step: &Step<'_>) -> Poll<()> {
        if self.turn.get() != Turn::Idle {
            return Poll::Ready(());
        }
        self.turn.set(Turn::Running);
        step.clear_note();
        let polled = if step.word().get() & (word::SCOPED | word::DROPPED) == 0 {
            // SAFETY: the turn was `Idle` and is `Running` now.
            unsafe { self.poll(step) }
        } else {
            let root = self.front.root(step.word(), step.token());
            // SAFETY: as above.
            unsafe { self.poll_scoped(&root, step) }
        };
        if polled.is_ready() {
            return self.finish(step);
        }
        self.turn.set(Turn::Idle);
        word::set_note(step.word(), step.note());
        Poll::Pending
    }

    fn closed(self: Pin<&Self>) {
        self.front.closed();
        if self.turn.get() == Turn::Idle {
            self.turn.set(Turn::Running);
            // SAFETY: the turn was `Idle` and is `Running` now. If a destructor panics it stays so:
            // nobody touches the stage any more.
            unsafe { self.clear() };
            self.turn.set(Turn::Done);
        }
    }

    fn front(&self) -> &dyn Any {
        &self.front
    }

    fn ask(self: Pin<&Self>, question: &mut dyn Any) {
        if let Some(answer) = question.downcast_mut::<Option<F::Output>>() {
            *answer = self.take();
        } else if let Some(look) = question.downcast_mut::<Look<F::Output>>() {
            look.answer = self.look(look.judge);
        }
    }

    fn panicked(
        self: Pin<&Self>,
        step: &Step<'_>,
        payload: Box<dyn Any + Send>,
    ) -> Option<Box<dyn Any + Send>> {
        if self.turn.get() != Turn::Running {
            return Some(payload);
        }
        self.front.fail(TaskError::panicked(payload));
        // A second panic, out of the future's destructor, has nothing to add.
        //
        // SAFETY: the turn is `Running`, and the call that set it is over: it panicked.
        let dropped = panic::catch_unwind(AssertUnwindSafe(|| unsafe { self.clear() }));
        drop(dropped);
        let _ = self.finish(step);
        None
    }
}
