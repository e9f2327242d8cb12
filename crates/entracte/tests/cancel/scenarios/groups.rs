//! Groups, `gather` and supervisors cut off everywhere: nobody outlives the block around it.

use std::cell::Cell;
use std::rc::Rc;

use entracte::{checkpoint, finally, gather, local_group, sleep, spawn, task_group, timeout};

use crate::everywhere::{Scenario, Stage, everywhere};
use crate::log::ms;

/// Adds one while it lives.
struct Counted(Rc<Cell<i32>>);

impl Counted {
    fn new(count: &Rc<Cell<i32>>) -> Self {
        count.set(count.get() + 1);
        Self(Rc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Works, and cleans up in whatever way it ends; counted meanwhile.
async fn work(count: Rc<Cell<i32>>, millis: u64) {
    let _counted = Counted::new(&count);
    finally(sleep(ms(millis)), sleep(ms(2))).await;
}

#[test]
fn nested_groups_with_a_failing_child_leave_nobody_behind() {
    let runs = everywhere("groups", |stage| {
        let stage = stage.clone();
        let alive = Rc::new(Cell::new(0));
        let after = Rc::clone(&alive);
        let program = async move {
            let outer = task_group(async |outer| {
                outer.spawn(stage.actor(work(Rc::clone(&alive), 9)));
                let (own, count) = (stage.clone(), Rc::clone(&alive));
                outer.spawn(stage.actor(inner_group(own, count)));
                sleep(ms(3)).await;
            });
            let outer = outer.await;
            assert_eq!(alive.get(), 0, "a child outlives its group");
            drop(outer);
        };
        Scenario::new(program, move || assert_eq!(after.get(), 0))
    });
    assert!(runs > 200, "{runs}");
}

async fn inner_group(stage: Stage, alive: Rc<Cell<i32>>) {
    let own = Rc::new(Cell::new(0));
    let _counted = Counted::new(&alive);
    let inner = task_group(async |inner| {
        inner.spawn(stage.actor(work(Rc::clone(&own), 5)));
        inner.spawn(stage.actor(work(Rc::clone(&own), 7)));
        inner.spawn(stage.actor(async {
            sleep(ms(2)).await;
            Err::<(), _>("failed")
        }));
    });
    drop(inner.await);
    assert_eq!(own.get(), 0, "a child outlives its group");
}

#[test]
fn a_local_group_leaves_nobody_behind() {
    let runs = everywhere("local group", |stage| {
        let stage = stage.clone();
        let alive = Rc::new(Cell::new(0));
        let after = Rc::clone(&alive);
        let program = async move {
            let task = stage.spawn(async move {
                let group = local_group(async |group| {
                    for millis in 1..=3 {
                        group.spawn(work(Rc::clone(&alive), millis));
                    }
                    group.spawn(async {
                        sleep(ms(2)).await;
                        Err::<(), _>("failed")
                    });
                    checkpoint().await;
                });
                drop(group.await);
                assert_eq!(alive.get(), 0, "a child outlives its group");
            });
            drop(task.await);
        };
        Scenario::new(program, move || assert_eq!(after.get(), 0))
    });
    assert!(runs > 50, "{runs}");
}

#[test]
fn a_cancelled_gather_waits_for_its_children() {
    let runs = everywhere("gather", |stage| {
        let stage = stage.clone();
        let alive = Rc::new(Cell::new(0));
        let after = Rc::clone(&alive);
        let program = async move {
            let caught = entracte::catch_cancel(async {
                let children = [3, 1, 2].map(|millis| stage.actor(work(Rc::clone(&alive), millis)));
                gather(children).await
            });
            let caught = caught.await;
            if let Err(cancelled) = caught {
                assert_eq!(alive.get(), 0, "a child outlives the gather");
                cancelled.propagate().await;
            }
        };
        Scenario::new(program, move || assert_eq!(after.get(), 0))
    });
    assert!(runs > 100, "{runs}");
}

#[test]
fn a_supervisor_restarts_its_children_and_ends_with_them() {
    let runs = everywhere("supervisor", |stage| {
        let stage = stage.clone();
        let alive = Rc::new(Cell::new(0));
        let after = Rc::clone(&alive);
        let program = async move {
            let group = task_group(async |group| {
                for millis in 1..=2 {
                    let (own, alive) = (stage.clone(), Rc::clone(&alive));
                    group.spawn(stage.actor(async move {
                        for _ in 0..2 {
                            let child = spawn(own.actor(work(Rc::clone(&alive), millis)));
                            drop(child.await);
                        }
                    }));
                }
            });
            group.await.expect("no child fails");
            assert_eq!(alive.get(), 0, "a child outlives its supervisor");
        };
        Scenario::new(program, move || assert_eq!(after.get(), 0))
    });
    assert!(runs > 200, "{runs}");
}

#[test]
fn a_group_in_a_timeout_in_a_group_leaves_nobody_behind() {
    let runs = everywhere("timed group", |stage| {
        let stage = stage.clone();
        let alive = Rc::new(Cell::new(0));
        let after = Rc::clone(&alive);
        let program = async move {
            let outer = task_group(async |outer| {
                outer.spawn(stage.actor(work(Rc::clone(&alive), 6)));
                let (own, alive) = (stage.clone(), Rc::new(Cell::new(0)));
                let inner = task_group(async |inner| {
                    inner.spawn(own.actor(work(Rc::clone(&alive), 8)));
                    inner.spawn(own.actor(work(Rc::clone(&alive), 1)));
                });
                let inner = timeout(ms(4), inner).await;
                assert_eq!(alive.get(), 0, "a child outlives its group");
                drop(inner);
            });
            outer.await.expect("no child fails");
        };
        Scenario::new(program, move || assert_eq!(after.get(), 0))
    });
    assert!(runs > 200, "{runs}");
}
