//! `gather`: awaits several futures as tasks, and gives their values in order.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use entracte_coroutine::BoxError;
use entracte_event_loop::EventLoop;

use crate::task::together::bell::Bell;
use crate::task::together::child::{self, Parent};
use crate::task::together::shapes::{Gather, Starter};
use crate::task::waiting::{Wait, waits_for};

/// Starts several futures, each as a task, in order; gives their values in the same order.
///
/// `futures` is a `Vec`, an array, or a tuple of two to eight different futures. The first that
/// fails ends it: the error comes back at once, and the others run on,
/// [detached](crate::Task::detach). A future fails if its value is an `Err`, or if it panics or
/// cancels its own task, which gives a [`TaskError`](crate::TaskError).
///
/// [`outcomes`](Gathering::outcomes) awaits all of them instead, whatever they give.
///
/// As tasks, they cannot borrow from the caller: "argument requires that … is borrowed for
/// `'static`", the compiler says of those that do (E0597). [`local_group`](crate::local_group()) runs
/// futures that borrow.
///
/// # Cancel safety
///
/// Cancel safe, but what the futures gave is lost. Each that is not done is cancelled as well, and
/// the unwinding waits until all have cleaned up.
///
/// # Errors
///
/// Gives the error of the future that failed first.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Python
///
/// [`asyncio.gather`](https://docs.python.org/3/library/asyncio-task.html#asyncio.gather). A
/// cancelled gather does not wait there for those whose clean-up takes longer than the first, and
/// errors after the first are forgotten, where here the loop's error handler is told.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{gather, sleep};
///
/// async fn double(number: u64) -> u64 {
///     sleep(Duration::from_millis(10 - number)).await;
///     2 * number
/// }
///
/// # entracte::run(async {
/// assert_eq!(gather(vec![double(1), double(2)]).await?, [2, 4]);
///
/// let text = async { Ok::<_, std::num::ParseIntError>("four") };
/// assert_eq!(gather((double(1), text)).await?, (2, "four"));
///
/// let wrong = async { "four".parse::<u8>() };
/// assert!(gather((double(1), wrong)).await.is_err());
/// # Ok::<(), entracte::BoxError>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.gather")]
#[doc(alias = "join_all")]
#[track_caller]
pub fn gather<G: Gather>(futures: G) -> Gathering<G> {
    let tally = Rc::new(Tally {
        event_loop: child::current_loop("gather"),
        left: Cell::new(0),
        failed: Cell::new(None),
        is_complete: Cell::new(false),
        bell: Bell::default(),
    });
    let starter = Starter::new(Rc::clone(&tally), Location::caller());
    let tasks = futures.start(&starter);
    tally.is_complete.set(tally.left.get() == 0);
    Gathering {
        tally,
        tasks: Some(tasks),
    }
}

/// The future of [`gather`]. Dropping it cancels the tasks.
#[must_use = "the tasks are cancelled when it is dropped: await it"]
pub struct Gathering<G: Gather> {
    tally: Rc<Tally>,
    tasks: Option<G::Tasks>,
}

// The tasks are never pinned in it, and they are all that depends on `G`.
impl<G: Gather> Unpin for Gathering<G> {}

impl<G: Gather> Gathering<G> {
    /// Awaits all of the futures, and gives what became of each, in their order.
    ///
    /// A future that panicked or was cancelled has an error in its place.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but what the futures gave is lost. Each that is not done is cancelled as well,
    /// and the unwinding waits until all have cleaned up.
    ///
    /// # Panics
    ///
    /// Panics if it was awaited before, and gave its values.
    ///
    /// # Python
    ///
    /// `return_exceptions=True`.
    ///
    /// # Examples
    ///
    /// ```
    /// # entracte::run(async {
    /// let numbers = ["1", "two"].map(|text| async move { text.parse::<u8>() });
    /// let [one, two] = entracte::gather(numbers).outcomes().await;
    /// assert_eq!(one?, Ok(1));
    /// assert!(two?.is_err());
    /// # Ok::<(), entracte::TaskError>(())
    /// # }).unwrap().unwrap();
    /// ```
    #[doc(alias = "return_exceptions")]
    pub async fn outcomes(mut self) -> G::Outcomes {
        poll_fn(|cx| self.poll_until(cx, |tally| tally.is_complete.get())).await;
        G::outcomes(self.take_tasks())
    }

    fn poll_until(&self, cx: &Context<'_>, is_over: impl Fn(&Tally) -> bool) -> Poll<()> {
        // The tasks of a loop that was closed say so themselves.
        if is_over(&self.tally) || self.tally.event_loop.is_closed() {
            return Poll::Ready(());
        }
        self.tally.bell.listen(cx.waker());
        waits_for(Wait::Children);
        Poll::Pending
    }

    fn take_tasks(&mut self) -> G::Tasks {
        let tasks = self.tasks.take();
        tasks.expect("a gathering is not awaited after its end")
    }
}

impl<G: Gather> Drop for Gathering<G> {
    fn drop(&mut self) {
        // A child that just ended may be about to ring: the caller waits for something else by then.
        self.tally.bell.silence();
    }
}

impl<G: Gather> Future for Gathering<G> {
    type Output = Result<G::Values, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let is_over = |tally: &Tally| tally.is_complete.get() || tally.failed.get().is_some();
        if self.poll_until(cx, is_over).is_pending() {
            return Poll::Pending;
        }
        let tasks = self.take_tasks();
        Poll::Ready(match self.tally.failed.get() {
            None => G::values(tasks),
            Some(failed) => {
                let error = G::failure(tasks, failed);
                Err(error.expect("the child that failed has an error"))
            }
        })
    }
}

impl<G: Gather> fmt::Debug for Gathering<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering")
            .field("left", &self.tally.left.get())
            .finish_non_exhaustive()
    }
}

/// Counts the children that end.
#[derive(Debug)]
pub(super) struct Tally {
    event_loop: EventLoop,
    left: Cell<usize>,
    /// The child that failed first.
    failed: Cell<Option<usize>>,
    is_complete: Cell<bool>,
    bell: Bell,
}

impl Tally {
    pub(super) fn expect_one_more(&self) {
        self.left.set(self.left.get() + 1);
    }

    /// What a child says in the turn after it ended, if it failed or was the last.
    fn settle(&self, failed: Option<usize>) {
        self.failed.set(self.failed.get().or(failed));
        self.is_complete.set(self.left.get() == 0);
        self.bell.ring();
    }
}

impl Parent for Tally {
    fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    #[inline]
    fn gave(self: &Rc<Self>, index: usize, is_failure: bool) {
        self.left.set(self.left.get() - 1);
        // The others have nothing to say, so that costs them nothing.
        if is_failure || self.left.get() == 0 {
            let tally = Rc::clone(self);
            let failed = is_failure.then_some(index);
            child::call_soon(&self.event_loop, move || tally.settle(failed));
        }
    }

    fn lost(self: &Rc<Self>, index: usize) {
        self.left.set(self.left.get() - 1);
        self.settle(Some(index));
    }
}
