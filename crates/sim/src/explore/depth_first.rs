//! Every schedule within a bound, those with the fewest reorderings first.

use entracte::task::Outcome;

use super::{Explored, Found, Schedule, Script, execute, wanted};
use crate::sim::Sim;

/// How far an exploration goes.
///
/// # Examples
///
/// ```
/// use entracte_sim::explore::Bound;
///
/// let bound = Bound::reorderings(2).schedules(10_000);
/// assert_eq!(Bound::from(2), Bound::reorderings(2));
/// # drop(bound);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    reorderings: usize,
    schedules: u64,
}

impl Bound {
    /// All schedules with at most so many reorderings, but no more than a million.
    #[must_use]
    pub const fn reorderings(most: usize) -> Self {
        Self {
            reorderings: most,
            schedules: 1_000_000,
        }
    }

    /// Sets how many schedules are tried at most.
    #[must_use]
    pub const fn schedules(mut self, most: u64) -> Self {
        self.schedules = most;
        self
    }
}

impl From<usize> for Bound {
    fn from(reorderings: usize) -> Self {
        Self::reorderings(reorderings)
    }
}

/// Runs a program under every schedule within a bound, those with the fewest reorderings first.
///
/// So a schedule that is found has as few as can be. With `ENTRACTE_SCHEDULE=3:1,7:2` in the
/// environment, this schedule alone is run.
///
/// # Errors
///
/// Returns the first schedule under which the program panics, returns an error, or deadlocks.
///
/// # Examples
///
/// A wake-up that is lost if the one who waits comes too late:
/// ```
/// use std::{cell::Cell, future::poll_fn, rc::Rc, task::{Poll, Waker}};
/// use entracte_sim::explore;
///
/// let found = explore::depth_first(1, async || {
///     let waits: Rc<Cell<Option<Waker>>> = Rc::default();
///     let wakes = Rc::clone(&waits);
///     let mut was_polled = false;
///     let waiter = entracte::spawn(poll_fn(move |cx| {
///         waits.set(Some(cx.waker().clone()));
///         if std::mem::replace(&mut was_polled, true) { Poll::Ready(()) } else { Poll::Pending }
///     }));
///     let waker = entracte::spawn(async move { wakes.take().map(Waker::wake) });
///     waker.await.unwrap();
///     waiter.await.unwrap();
/// });
/// let found = found.unwrap_err();
/// assert_eq!(found.schedule.len(), 1);
/// assert!(found.to_string().contains("deadlock"));
/// ```
#[track_caller]
pub fn depth_first<T: Outcome>(
    bound: impl Into<Bound>,
    program: impl AsyncFn() -> T,
) -> Result<Explored, Found> {
    if let Some(replayed) = wanted(&program) {
        return replayed;
    }
    let bound = bound.into();
    let mut search = Search {
        program: &program,
        schedules: 0,
        left: bound.schedules,
    };
    let mut is_complete = true;
    // Deeper each time: what lies above is run again, which is little beside what lies below.
    for depth in 0..=bound.reorderings {
        is_complete = search.below(&Schedule::default(), depth)?;
    }
    Ok(Explored {
        schedules: search.schedules,
        is_complete,
    })
}

struct Search<'a, P> {
    program: &'a P,
    schedules: u64,
    left: u64,
}

impl<T: Outcome, P: AsyncFn() -> T> Search<'_, P> {
    /// Runs the schedules that have `deeper` reorderings more; whether it was all of them.
    #[track_caller]
    fn below(&mut self, schedule: &Schedule, deeper: usize) -> Result<bool, Found> {
        if self.left == 0 {
            return Ok(false);
        }
        let ran = execute(Sim::new(0), Script::fixed(schedule), self.program);
        if deeper == 0 {
            self.left -= 1;
        }
        if let Err(failure) = ran.result {
            return Err(Found {
                schedule: schedule.clone(),
                failure,
                before: self.schedules,
            });
        }
        if deeper == 0 {
            self.schedules += 1;
            return Ok(true);
        }
        let mut is_complete = true;
        for (choice, ready) in (0_u32..).zip(ran.choices).skip(schedule.end() as usize) {
            for pick in 1..ready {
                is_complete &= self.below(&schedule.with(choice, pick), deeper - 1)?;
            }
        }
        Ok(is_complete)
    }
}
