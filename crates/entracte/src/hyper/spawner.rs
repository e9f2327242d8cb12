//! `Spawner`: what hyper wants to have run beside a connection becomes tasks of the loop.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use ::hyper::rt;

use crate::sync::Event;
use crate::task::spawn;

/// Runs what hyper wants to have run beside a connection: tasks of the current loop, which need not
/// be `Send`.
///
/// HTTP/2 needs one. The tasks end by themselves once their connection is gone; who must not go on
/// before that waits by [`ended`](Self::ended). Clones count the same tasks.
///
/// # Examples
///
/// ```
/// use ::hyper::rt::Executor as _;
/// use entracte::hyper::Spawner;
///
/// entracte::run(async {
///     let spawner = Spawner::new();
///     spawner.execute(async { println!("beside") });
///     assert_eq!(spawner.tasks(), 1);
///     spawner.ended().await;
///     assert_eq!(spawner.tasks(), 0);
/// })
/// .unwrap();
/// ```
#[derive(Clone, Default)]
pub struct Spawner {
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    tasks: Cell<usize>,
    /// Set whenever the last task has ended.
    ended: Event,
}

impl Spawner {
    /// A spawner that has not spawned anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many of its tasks have not ended.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.state.tasks.get()
    }

    /// Waits until all of its tasks have ended, those that are spawned meanwhile as well.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    pub async fn ended(&self) {
        while self.tasks() > 0 {
            self.state.ended.clear();
            self.state.ended.wait().await;
        }
    }

    /// To be kept by a task for as long as it counts.
    pub(super) fn count(&self) -> Counted {
        self.state.tasks.set(self.tasks() + 1);
        Counted(Rc::clone(&self.state))
    }
}

impl<F: Future + 'static> rt::Executor<F> for Spawner {
    /// Spawns a task.
    ///
    /// # Panics
    ///
    /// Panics outside an event loop.
    fn execute(&self, future: F) {
        let counted = self.count();
        let task = spawn(async move {
            future.await;
            drop(counted);
        });
        task.detach();
    }
}

pub(super) struct Counted(Rc<State>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.tasks.set(self.0.tasks.get() - 1);
        if self.0.tasks.get() == 0 {
            self.0.ended.set();
        }
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner")
            .field("tasks", &self.tasks())
            .finish_non_exhaustive()
    }
}
