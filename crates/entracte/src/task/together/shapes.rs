//! `Gather`: what can be gathered, a `Vec`, an array, or a tuple of different futures.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;

use entracte_coroutine::BoxError;

use crate::task::together::child;
use crate::task::together::gather::Tally;
use crate::task::{Outcome, Task, TaskError};

/// Futures that [`gather`](crate::gather) takes: a `Vec` or an array of one type, or a tuple of two
/// to eight types.
///
/// Each future gives an [`Outcome`]: a `Result`, or a plain value.
pub trait Gather: Sized {
    /// The values, in the order of the futures.
    type Values;
    /// What became of each future, in their order.
    type Outcomes;
    #[doc(hidden)]
    type Tasks;

    #[doc(hidden)]
    fn start(self, starter: &Starter) -> Self::Tasks;
    #[doc(hidden)]
    fn values(tasks: Self::Tasks) -> Result<Self::Values, BoxError>;
    #[doc(hidden)]
    fn failure(tasks: Self::Tasks, failed: usize) -> Option<BoxError>;
    #[doc(hidden)]
    fn outcomes(tasks: Self::Tasks) -> Self::Outcomes;
}

/// Starts children one after another.
#[derive(Debug)]
#[expect(unnameable_types, reason = "keeps `Gather` to the shapes of this file")]
pub struct Starter {
    tally: Rc<Tally>,
    origin: &'static Location<'static>,
    started: Cell<usize>,
}

impl Starter {
    pub(super) const fn new(tally: Rc<Tally>, origin: &'static Location<'static>) -> Self {
        Self {
            tally,
            origin,
            started: Cell::new(0),
        }
    }

    fn start<F: Future<Output: Outcome> + 'static>(&self, future: F) -> Task<F::Output> {
        self.tally.expect_one_more();
        let index = self.started.replace(self.started.get() + 1);
        let judge = <F::Output as Outcome>::is_failure;
        child::start(&self.tally, index, self.origin, future, judge)
    }
}

type Value<F> = <<F as Future>::Output as Outcome>::Value;
type Ended<F> = Result<<F as Future>::Output, TaskError>;

fn outcome<T: 'static>(task: Task<T>) -> Result<T, TaskError> {
    task.try_outcome().expect("what is over is taken apart")
}

fn value<T: Outcome + 'static>(task: Task<T>) -> Result<T::Value, BoxError> {
    outcome(task)?.into_result()
}

/// The error of the task that failed; any other runs on.
fn error<T: Outcome + 'static>(task: Task<T>, has_failed: bool) -> Option<BoxError> {
    if has_failed {
        return value(task).err();
    }
    task.detach();
    None
}

impl<F: Future<Output: Outcome> + 'static> Gather for Vec<F> {
    type Values = Vec<Value<F>>;
    type Outcomes = Vec<Ended<F>>;
    type Tasks = Vec<Task<F::Output>>;

    fn start(self, starter: &Starter) -> Self::Tasks {
        self.into_iter().map(|it| starter.start(it)).collect()
    }

    fn values(tasks: Self::Tasks) -> Result<Self::Values, BoxError> {
        tasks.into_iter().map(value).collect()
    }

    fn failure(tasks: Self::Tasks, failed: usize) -> Option<BoxError> {
        let tasks = tasks.into_iter().enumerate();
        // To the end, as the others are detached on the way.
        tasks.fold(None, |found, (index, task)| {
            error(task, index == failed).or(found)
        })
    }

    fn outcomes(tasks: Self::Tasks) -> Self::Outcomes {
        tasks.into_iter().map(outcome).collect()
    }
}

fn array<T, const N: usize>(values: Vec<T>) -> [T; N] {
    let values = values.try_into().ok();
    values.expect("there is one for each future")
}

impl<F: Future<Output: Outcome> + 'static, const N: usize> Gather for [F; N] {
    type Values = [Value<F>; N];
    type Outcomes = [Ended<F>; N];
    type Tasks = Vec<Task<F::Output>>;

    fn start(self, starter: &Starter) -> Self::Tasks {
        self.into_iter().map(|it| starter.start(it)).collect()
    }

    fn values(tasks: Self::Tasks) -> Result<Self::Values, BoxError> {
        Vec::<F>::values(tasks).map(array)
    }

    fn failure(tasks: Self::Tasks, failed: usize) -> Option<BoxError> {
        Vec::<F>::failure(tasks, failed)
    }

    fn outcomes(tasks: Self::Tasks) -> Self::Outcomes {
        array(Vec::<F>::outcomes(tasks))
    }
}

macro_rules! tuples {
    ($(($($future:ident $index:tt),+)),+ $(,)?) => {$(
        impl<$($future),+> Gather for ($($future,)+)
        where
            $($future: Future<Output: Outcome> + 'static),+
        {
            type Values = ($(Value<$future>,)+);
            type Outcomes = ($(Ended<$future>,)+);
            type Tasks = ($(Task<$future::Output>,)+);

            fn start(self, starter: &Starter) -> Self::Tasks {
                ($(starter.start(self.$index),)+)
            }

            fn values(tasks: Self::Tasks) -> Result<Self::Values, BoxError> {
                Ok(($(value(tasks.$index)?,)+))
            }

            fn failure(tasks: Self::Tasks, failed: usize) -> Option<BoxError> {
                let errors = [$(error(tasks.$index, $index == failed)),+];
                errors.into_iter().flatten().next()
            }

            fn outcomes(tasks: Self::Tasks) -> Self::Outcomes {
                ($(outcome(tasks.$index),)+)
            }
        }
    )+};
}

tuples!(
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
);
