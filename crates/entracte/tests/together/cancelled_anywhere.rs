//! Each of them is cancelled at every turn in which it can be, alone and with a slow clean-up.

use std::cell::Cell;
use std::rc::Rc;

use entracte::task::When;
use entracte::{as_completed, finally, gather, race, shield, sleep, spawn, wait};

use crate::hand::{ms, others, turns_pass};
use crate::support::run_virtual;

/// Counts the children that began, and those whose clean-up is over.
#[derive(Clone, Default)]
struct Books {
    begun: Rc<Cell<usize>>,
    ended: Rc<Cell<usize>>,
}

impl Books {
    async fn work(self, turns: usize) -> Result<usize, &'static str> {
        self.begun.set(self.begun.get() + 1);
        turns_pass(turns).await;
        (turns != 5).then_some(turns).ok_or("wrong")
    }

    async fn clean_up(self) {
        sleep(ms(1)).await;
        self.ended.set(self.ended.get() + 1);
    }

    fn children(&self) -> Vec<impl Future<Output = Result<usize, &'static str>> + use<>> {
        let child = |turns: usize| {
            let books = self.clone();
            // Shielded, as a child may be cleaning up already when it is cancelled.
            finally(self.clone().work(turns), shield(books.clean_up()))
        };
        [0, 1, 3, 5].map(child).into()
    }
}

/// Runs a block as a task once for each turn, and cancels it in that turn.
fn cancel_anywhere<F: Future<Output = ()> + 'static>(block: impl Fn(Books) -> F) {
    for turn in 0..16 {
        let books = Books::default();
        let cancelled = run_virtual(async {
            let task = spawn(block(books.clone()));
            turns_pass(turn).await;
            task.cancel();
            drop(task.await);
            assert_eq!(others(), 0, "a task is left, cancelled in turn {turn}");
        });
        cancelled.expect("the main task is not cancelled");
        let (begun, ended) = (books.begun.get(), books.ended.get());
        assert!(
            ended >= begun,
            "{ended} of {begun} cleaned up, cancelled in turn {turn}"
        );
    }
}

#[test]
fn gather_leaves_no_child_behind() {
    cancel_anywhere(|books| async move {
        let children = books
            .children()
            .into_iter()
            .map(async |it| it.await.or(Ok::<_, &str>(0)));
        drop(gather(children.collect::<Vec<_>>()).await);
    });
}

#[test]
fn outcomes_leave_no_child_behind() {
    cancel_anywhere(|books| async move {
        drop(gather(books.children()).outcomes().await);
    });
}

#[test]
fn wait_leaves_no_task_behind() {
    for when in [When::FirstCompleted, When::FirstError, When::All] {
        cancel_anywhere(move |books| async move {
            let mut tasks: Vec<_> = books.children().into_iter().map(spawn).collect();
            while !tasks.is_empty() {
                drop(wait(&mut tasks, when).await);
            }
        });
    }
}

#[test]
fn as_completed_leaves_no_child_behind() {
    cancel_anywhere(|books| async move {
        let mut children = as_completed(books.children());
        while children.next().await.is_some() {}
    });
}

#[test]
fn race_leaves_no_racer_behind() {
    cancel_anywhere(|books| async move {
        drop(race(books.children()).await);
    });
}
