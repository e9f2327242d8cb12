//! `Barrier`: lets tasks through when all have come.
//!
//! | phase | a task that comes | leaves when |
//! |---|---|---|
//! | **filling** | waits inside; the last one begins the draining | it is full, reset or broken off |
//! | **draining** | waits outside | the last one inside has left: filling |
//! | **resetting** | waits outside | the last one inside has left: filling |
//! | **broken** | fails | it is reset |

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use entracte_event_loop::Wakeup;

use super::wait_queue::{Line, Ticket, WaitQueue, Waiter};
use crate::task::waiting::Wait;

/// Lets tasks through when as many have come as it has parties, again and again.
///
/// A task that comes while others are leaving waits until they have left. Clones are handles to
/// the same barrier.
///
/// # Python
///
/// [`asyncio.Barrier`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier). Here
/// [`reset`](Self::reset) and [`break_off`](Self::break_off) do not wait.
///
/// # Examples
///
/// ```
/// use entracte::sync::Barrier;
///
/// entracte::run(async {
///     let barrier = Barrier::new(2).unwrap();
///     let other = barrier.clone();
///     let task = entracte::spawn(async move { other.wait().await });
///     assert!(barrier.wait().await.is_ok());
///     assert!(task.await.unwrap().is_ok());
/// })
/// .unwrap();
/// ```
#[derive(Clone)]
#[doc(alias = "asyncio.Barrier")]
pub struct Barrier {
    state: Rc<RefCell<State>>,
}

struct State {
    parties: usize,
    phase: Phase,
    /// How many are inside: they wait, or have yet to leave.
    count: usize,
    inside: WaitQueue,
    outside: WaitQueue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Filling,
    Draining,
    Resetting,
    Broken,
}

impl Phase {
    const fn is_emptying(self) -> bool {
        matches!(self, Self::Draining | Self::Resetting)
    }

    const fn is_broken_for_those_inside(self) -> bool {
        matches!(self, Self::Broken | Self::Resetting)
    }
}

impl Barrier {
    /// Makes a barrier for this many tasks.
    ///
    /// # Errors
    ///
    /// Returns [`NoParties`] if it is for none.
    pub fn new(parties: usize) -> Result<Self, NoParties> {
        if parties == 0 {
            return Err(NoParties);
        }
        let (inside, outside) = (WaitQueue::new(), WaitQueue::new());
        let state = State {
            parties,
            phase: Phase::Filling,
            count: 0,
            inside,
            outside,
        };
        Ok(Self {
            state: Rc::new(RefCell::new(state)),
        })
    }

    /// Waits until as many tasks have come as there are parties; the last does not wait.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but a turn that was given is lost: if `wait` is cancelled before all have come,
    /// the task counts as not having come; if later, the others go through without it.
    ///
    /// # Errors
    ///
    /// Returns [`BarrierBroken`] if the barrier is broken, or is reset or broken off meanwhile.
    ///
    /// # Python
    ///
    /// [`asyncio.Barrier.wait`](https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier.wait).
    #[doc(alias = "asyncio.Barrier.wait")]
    pub async fn wait(&self) -> Result<BarrierTurn, BarrierBroken> {
        while self.phase().is_emptying() {
            Waiter::new(Outside(&self.state)).await;
        }
        let (index, place) = self.go_in()?;
        if index + 1 == self.parties() {
            self.open();
        } else {
            Waiter::new(Inside(&self.state)).await;
            // Looked at now, not when it was woken: it may have been broken since.
            if self.phase().is_broken_for_those_inside() {
                return Err(BarrierBroken);
            }
        }
        drop(place);
        Ok(BarrierTurn { index })
    }

    fn go_in(&self) -> Result<(usize, Place<'_>), BarrierBroken> {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Broken {
            return Err(BarrierBroken);
        }
        let index = state.count;
        state.count += 1;
        Ok((index, Place(&self.state)))
    }

    fn open(&self) {
        self.turn_to(Phase::Draining);
    }

    /// Changes the phase, and wakes those inside.
    fn turn_to(&self, phase: Phase) {
        let mut state = self.state.borrow_mut();
        state.phase = phase;
        let woken = state.inside.grant_all(());
        drop(state);
        woken.wake();
    }

    /// Makes the barrier whole again; those who wait in it fail.
    #[doc(alias = "asyncio.Barrier.reset")]
    pub fn reset(&self) {
        let is_empty = self.state.borrow().count == 0;
        self.turn_to(if is_empty {
            Phase::Filling
        } else {
            Phase::Resetting
        });
    }

    /// Breaks the barrier: those who wait fail, and those who come as well, until it is reset.
    ///
    /// For when a task that the others wait for will not come.
    #[doc(alias = "asyncio.Barrier.abort")]
    pub fn break_off(&self) {
        let outside = self.state.borrow_mut().outside.grant_all(());
        self.turn_to(Phase::Broken);
        outside.wake();
    }

    /// How many tasks it is for.
    #[doc(alias = "asyncio.Barrier.parties")]
    #[must_use]
    pub fn parties(&self) -> usize {
        self.state.borrow().parties
    }

    /// How many tasks wait for the others to come.
    #[doc(alias = "asyncio.Barrier.n_waiting")]
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        let state = self.state.borrow();
        if state.phase == Phase::Filling {
            state.count
        } else {
            0
        }
    }

    /// Whether it was broken off, and not reset since.
    #[doc(alias = "asyncio.Barrier.broken")]
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.phase() == Phase::Broken
    }

    fn phase(&self) -> Phase {
        self.state.borrow().phase
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        f.debug_struct("Barrier")
            .field("parties", &state.parties)
            .field("phase", &state.phase)
            .field("inside", &state.count)
            .finish_non_exhaustive()
    }
}

/// A place in the barrier; dropping it, whatever the reason, is leaving.
struct Place<'a>(&'a RefCell<State>);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.borrow_mut();
        state.count -= 1;
        if state.count > 0 || !state.phase.is_emptying() {
            return;
        }
        state.phase = Phase::Filling;
        let woken = state.outside.grant_all(());
        drop(state);
        woken.wake();
    }
}

/// What a task gets when it was let through: which of the tasks it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierTurn {
    index: usize,
}

impl BarrierTurn {
    /// The how-manieth it was to come: each from 0 up to the parties is given once, unless one who
    /// had come was cancelled while the others were awaited. asyncio counts in the same way.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index
    }

    /// Whether it is the one that does what only one should do: the first to come.
    #[must_use]
    pub const fn is_leader(self) -> bool {
        self.index == 0
    }
}

/// The barrier is broken, or was reset while the task waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "asyncio.BrokenBarrierError")]
pub struct BarrierBroken;

impl fmt::Display for BarrierBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot wait at a barrier that was broken off or reset")
    }
}

impl Error for BarrierBroken {}

/// A barrier was to be made for no task at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoParties;

impl fmt::Display for NoParties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot make a barrier for no tasks")
    }
}

impl Error for NoParties {}

#[derive(Clone, Copy)]
struct Inside<'a>(&'a RefCell<State>);

#[derive(Clone, Copy)]
struct Outside<'a>(&'a RefCell<State>);

impl Line for Inside<'_> {
    type Grant = ();
    const WAITS_FOR: Wait = Wait::Barrier;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, ()> {
        let mut state = self.0.borrow_mut();
        if state.phase == Phase::Filling {
            Ok(state.inside.enter(wakeup))
        } else {
            Err(())
        }
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue) -> R) -> R {
        act(&mut self.0.borrow_mut().inside)
    }

    fn hand_back(self, (): ()) {}
}

impl Line for Outside<'_> {
    type Grant = ();
    const WAITS_FOR: Wait = Wait::Barrier;

    fn enter(self, wakeup: Wakeup) -> Result<Ticket, ()> {
        let mut state = self.0.borrow_mut();
        if state.phase.is_emptying() {
            Ok(state.outside.enter(wakeup))
        } else {
            Err(())
        }
    }

    fn with<R>(self, act: impl FnOnce(&mut WaitQueue) -> R) -> R {
        act(&mut self.0.borrow_mut().outside)
    }

    fn hand_back(self, (): ()) {}
}
