//! Blocks that catch, shield and limit cut off everywhere: clean-ups run, commits are whole.

use std::cell::Cell;
use std::rc::Rc;

use entracte::{catch_cancel, checkpoint, finally, shield, sleep, timeout};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _, join};

use crate::everywhere::{Scenario, everywhere};
use crate::log::ms;

#[test]
fn a_shielded_commit_is_whole_unless_it_is_dropped() {
    let runs = everywhere("commit", |stage| {
        let stage = stage.clone();
        let (one, two) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let sides = (Rc::clone(&one), Rc::clone(&two));
        let program = async move {
            let task = stage.spawn(async move {
                for _ in 0..3 {
                    sleep(ms(1)).await;
                    shield(async {
                        one.set(one.get() + 1);
                        sleep(ms(1)).await;
                        checkpoint().await;
                        two.set(two.get() + 1);
                    })
                    .await;
                }
            });
            drop(task.await);
        };
        Scenario::new(program, move || assert_eq!(sides.0.get(), sides.1.get()))
    });
    assert!(runs > 50, "{runs}");
}

/// Counts what began and what was cleaned up.
#[derive(Clone, Default)]
struct Balance(Rc<Cell<i32>>);

impl Balance {
    /// A block whose clean-up, which cannot be interrupted, makes up for its beginning.
    async fn block(self, millis: u64) {
        let began = async {
            self.0.set(self.0.get() + 1);
            sleep(ms(millis)).await;
        };
        let clean_up = shield(async {
            sleep(ms(1)).await;
            self.0.set(self.0.get() - 1);
        });
        finally(began, clean_up).await;
    }
}

#[test]
fn clean_ups_run_in_every_branch_of_nested_blocks_and_timeouts() {
    let runs = everywhere("branches", |stage| {
        let (stage, balance) = (stage.clone(), Balance::default());
        let after = balance.clone();
        let program = async move {
            // In a task of its own: what drops the main program does not drop this.
            let task = stage.spawn(async move {
                let left = timeout(ms(3), balance.clone().block(9));
                let right = finally(balance.clone().block(2), balance.clone().block(1));
                let caught = catch_cancel(balance.clone().block(4));
                let (_, (), caught) = join!(left, right, caught);
                if let Err(cancelled) = caught {
                    cancelled.propagate().await;
                }
            });
            drop(task.await);
        };
        Scenario::new(program, move || assert_eq!(after.0.get(), 0))
    });
    assert!(runs > 50, "{runs}");
}

#[test]
fn a_clean_up_in_a_set_goes_on_beside_one_that_propagates() {
    let runs = everywhere("set", |stage| {
        let stage = stage.clone();
        let program = async move {
            let task = stage.spawn(async {
                let propagates = finally(sleep(ms(3)), sleep(ms(1)));
                let swallows = async {
                    if let Err(cancelled) = catch_cancel(sleep(ms(4))).await {
                        finally(sleep(ms(3)), sleep(ms(1))).await;
                        drop(cancelled);
                    }
                };
                let blocks = [propagates.boxed_local(), swallows.boxed_local()];
                let mut blocks: FuturesUnordered<_> = blocks.into_iter().collect();
                while blocks.next().await.is_some() {}
            });
            drop(task.await);
        };
        Scenario::new(program, || {})
    });
    assert!(runs > 50, "{runs}");
}

#[test]
fn a_shield_that_nobody_polls_any_more_holds_nothing_up() {
    let runs = everywhere("parked shield", |stage| {
        let stage = stage.clone();
        let program = async move {
            let task = stage.spawn(async {
                let mut shielded = Box::pin(shield(sleep(ms(2))));
                tokio::select! { biased; () = &mut shielded => {}, () = sleep(ms(1)) => {} }
                drop(catch_cancel(sleep(ms(3))).await);
                sleep(ms(2)).await;
            });
            drop(task.await);
        };
        Scenario::new(program, || {})
    });
    assert!(runs > 50, "{runs}");
}
