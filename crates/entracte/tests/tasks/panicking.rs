//! Panics of tasks, of clean-ups and of destructors; tasks awaited in blocks that are cancelled.

use std::panic::{AssertUnwindSafe, catch_unwind};

use entracte::{catch_cancel, checkpoint, finally, sleep, spawn};

use crate::log::{LONG, Log, ms, play};
use crate::support::run_virtual;

use crate::{Bomb, panics};

#[test]
fn a_panic_of_the_main_task_goes_on_once_the_others_are_gone() {
    let log = Log::default();
    let clean_up = log.clean_up("other", 5);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        run_virtual(async move {
            spawn(finally(sleep(LONG), clean_up)).detach();
            checkpoint().await;
            panics("main");
        })
    }));
    let payload = caught.expect_err("it panicked");
    assert_eq!(
        payload.downcast_ref::<String>().map(String::as_str),
        Some("main")
    );
    assert_eq!(log.take(), ["0 other begins", "5 other ends"]);
}

#[test]
fn a_panic_of_a_task_harms_nobody_else() {
    let given = play(async {
        let bad = spawn(async {
            sleep(ms(1)).await;
            panics("bad");
        });
        let good = spawn(async {
            sleep(ms(2)).await;
            7
        });
        (
            bad.await.is_err_and(|error| error.is_panic()),
            good.await.ok(),
        )
    });
    assert_eq!(given, (true, Some(7)));
}

#[test]
fn a_panic_in_a_clean_up_ends_the_task_and_drops_its_frames() {
    let log = Log::default();
    let given = play({
        let guard = log.guard("frame");
        async move {
            let task = spawn(async move {
                let _guard = guard;
                finally(sleep(LONG), async { panics("clean-up") }).await;
            });
            sleep(ms(1)).await;
            task.cancel();
            task.await.expect_err("it panicked").to_string()
        }
    });
    assert_eq!(given, "the task panicked: clean-up");
    assert_eq!(log.take(), ["drop frame"]);
}

#[test]
fn a_panic_in_a_destructor_that_unwinding_runs_ends_the_task() {
    for in_a_block in [false, true] {
        let log = Log::default();
        let given = play({
            let guard = log.guard("frame");
            async move {
                let task = spawn(async move {
                    let _guard = guard;
                    let block = async {
                        let _bomb = Bomb("destructor");
                        sleep(LONG).await;
                    };
                    if in_a_block {
                        drop(catch_cancel(block).await);
                    } else {
                        block.await;
                    }
                });
                sleep(ms(1)).await;
                task.cancel();
                let text = task.await.expect_err("it panicked").to_string();
                sleep(ms(1)).await;
                text
            }
        });
        assert_eq!(given, "the task panicked: destructor");
        assert_eq!(log.take(), ["drop frame"]);
    }
}

#[test]
fn a_panic_in_a_destructor_after_the_value_ends_the_task() {
    let given = play(async {
        let task = spawn(async {
            let _bomb = Bomb("late");
            7
        });
        task.await.expect_err("it panicked").to_string()
    });
    assert_eq!(given, "the task panicked: late");
}

#[test]
fn a_panic_beside_a_handle_cancels_the_task_behind_it() {
    let log = Log::default();
    play({
        let clean_up = log.clean_up("child", 2);
        async move {
            let task = spawn(async move {
                let _child = spawn(finally(sleep(LONG), clean_up));
                sleep(ms(1)).await;
                panics("parent");
            });
            assert!(task.await.is_err_and(|error| error.is_panic()));
        }
    });
    assert_eq!(log.take(), ["1 child begins", "3 child ends"]);
}

#[test]
fn a_cancelled_block_cancels_the_task_that_it_owns_and_waits_for_it() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let stubborn = async {
                drop(catch_cancel(sleep(LONG)).await);
                sleep(ms(5)).await;
                7
            };
            let task = spawn(async move {
                let inner = spawn(stubborn);
                let caught = catch_cancel(inner).await;
                log.at(format_args!("cancelled: {}", caught.is_err()));
            });
            sleep(ms(1)).await;
            task.cancel();
            task.await.is_ok()
        }
    });
    assert!(given);
    // In asyncio the task that swallowed gives its value to who awaits it, and the block goes on.
    assert_eq!(log.take(), ["6 cancelled: true"]);
}

#[test]
fn a_cancelled_block_leaves_a_task_alone_that_it_awaits_by_reference() {
    let given = play(async {
        let task = spawn(async {
            let mut inner = spawn(async {
                sleep(ms(5)).await;
                7
            });
            drop(catch_cancel(&mut inner).await);
            inner.await.ok()
        });
        sleep(ms(1)).await;
        task.cancel();
        task.await.ok().flatten()
    });
    assert_eq!(given, Some(7));
}
