//! Waiting for others: until they all wait, or until a time has passed for them.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::world::World;

/// Waits until every other task waits.
///
/// Then nothing is ready, and nothing can happen before time passes. A task that sleeps waits, and
/// so does one to which the network has not delivered yet. Several that call it go on together.
///
/// # Cancel safety
///
/// Cancel safe: it does nothing but wait.
///
/// # Panics
///
/// Panics when it is awaited outside a simulation.
///
/// # Python
///
/// Trio's [`wait_all_tasks_blocked`]; asyncio has no twin.
///
/// [`wait_all_tasks_blocked`]: https://trio.readthedocs.io/en/stable/reference-testing.html#trio.testing.wait_all_tasks_blocked
///
/// # Examples
///
/// ```
/// use entracte::sync::Event;
/// use entracte_sim::wait_all_blocked;
///
/// entracte_sim::run(7, async {
///     let event = std::rc::Rc::new(Event::new());
///     let waits = std::rc::Rc::clone(&event);
///     let task = entracte::spawn(async move { waits.wait().await });
///     wait_all_blocked().await;
///     assert!(!task.is_done()); // it waits for the event by now
///     event.set();
///     task.await.unwrap();
/// });
/// ```
pub fn wait_all_blocked() -> AllBlocked {
    AllBlocked { waiting: None }
}

/// The future of [`wait_all_blocked`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AllBlocked {
    /// The simulation, and what this waiter is known by.
    waiting: Option<(Rc<World>, u64)>,
}

impl Future for AllBlocked {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.waiting.take() {
            Some((world, number)) if !world.is_blocked(number) => return Poll::Ready(()),
            Some((world, number)) => world.unblock(number),
            None => {}
        }
        let world = current();
        let number = world.block(cx.waker().clone());
        self.waiting = Some((world, number));
        Poll::Pending
    }
}

impl Drop for AllBlocked {
    fn drop(&mut self) {
        if let Some((world, number)) = self.waiting.take() {
            world.unblock(number);
        }
    }
}

impl std::fmt::Debug for AllBlocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AllBlocked").finish_non_exhaustive()
    }
}

/// Lets others do everything that is due until `time` has passed, and what follows from it.
///
/// Before time passes, and after, it waits until every other task waits. So what is due at the end
/// has happened as well, which a `sleep` of that length does not promise.
///
/// # Cancel safety
///
/// Cancel safe: it does nothing but wait.
///
/// # Panics
///
/// Panics when it is awaited outside a simulation.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte_sim::{advance, elapsed};
///
/// entracte_sim::run(7, async {
///     let second = Duration::from_secs(1);
///     let task = entracte::spawn(async move { entracte::sleep(second).await });
///     advance(second).await;
///     assert!(task.is_done());
///     assert_eq!(elapsed(), second);
/// });
/// ```
pub async fn advance(time: Duration) {
    wait_all_blocked().await;
    entracte::sleep(time).await;
    wait_all_blocked().await;
}

/// Tells how much virtual time has passed since the simulation began.
///
/// # Panics
///
/// Panics outside a simulation.
#[must_use]
pub fn elapsed() -> Duration {
    Duration::from_nanos(current().now().as_nanos())
}

#[track_caller]
fn current() -> Rc<World> {
    World::current().expect("this is for use inside a simulation")
}
