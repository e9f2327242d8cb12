//! Neither side starves the other, whatever it does.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use entracte::{BoxError, checkpoint, host, sleep, spawn};
use tokio::sync::mpsc;
use tokio::task::{spawn_local, yield_now};

const SHORT: Duration = Duration::from_millis(1);

#[test]
fn our_tasks_that_never_wait_let_tokio_go_on() -> Result<(), BoxError> {
    host::run(async {
        for _ in 0..300 {
            spawn(async {
                loop {
                    checkpoint().await;
                }
            })
            .detach();
        }
        tokio::spawn(async {
            tokio::time::sleep(SHORT).await;
            yield_now().await;
        })
        .await?;
        sleep(SHORT).await;
        Ok::<_, BoxError>(())
    })?
}

#[test]
fn tasks_of_tokio_that_never_wait_let_ours_go_on() -> Result<(), BoxError> {
    host::run(async {
        for _ in 0..300 {
            tokio::spawn(async {
                loop {
                    yield_now().await;
                }
            });
        }
        spawn(sleep(SHORT)).await?;
        for _ in 0..10 {
            checkpoint().await;
        }
        Ok::<_, BoxError>(())
    })?
}

#[test]
fn a_source_of_tokio_that_is_always_ready_starves_nobody() -> Result<(), BoxError> {
    host::run(async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        sender.send(()).expect("the receiver is there");
        let greedy = spawn(async move {
            while receiver.recv().await.is_some() {
                sender.send(()).expect("the receiver is there");
            }
        });
        let ours = spawn(async {
            for _ in 0..10 {
                checkpoint().await;
            }
        });
        tokio::spawn(yield_now()).await?;
        ours.await?;
        sleep(SHORT).await;
        assert!(!greedy.is_done());
        Ok::<_, BoxError>(())
    })?
}

/// Tokio gives all steps of one poll a common budget. Once it is used up, its futures only say
/// "later": the steps in vain must not be many more than those that count.
#[test]
fn many_tasks_that_use_tokio_take_few_steps_in_vain() -> Result<(), BoxError> {
    const TASKS: usize = 2000;
    const ROUNDS: usize = 10;
    const ITEMS: usize = 4;
    let polls = Rc::new(Cell::new(0));
    let counter = Rc::clone(&polls);
    host::run(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let polls = Rc::clone(&counter);
                spawn(async move {
                    let (sender, mut receiver) = mpsc::channel(1);
                    for round in 0..ROUNDS * ITEMS {
                        sender.try_send(()).expect("there is room");
                        let mut receive = pin!(receiver.recv());
                        let counted = poll_fn(|cx| {
                            polls.set(polls.get() + 1);
                            receive.as_mut().poll(cx)
                        });
                        counted.await.expect("the sender is there");
                        if round % ITEMS == 0 {
                            checkpoint().await;
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await?;
        }
        Ok::<_, BoxError>(())
    })??;
    let polls = polls.get();
    let needed = TASKS * ROUNDS * ITEMS;
    assert!(polls < needed * 4 / 3, "{polls} polls, {needed} needed");
    Ok(())
}

#[test]
fn both_sides_go_on_at_about_the_same_pace() -> Result<(), BoxError> {
    let steps = Rc::new(Cell::new(0_u64));
    let turns = host::run(async {
        let counter = Rc::clone(&steps);
        spawn(async move {
            loop {
                checkpoint().await;
                counter.set(counter.get() + 1);
            }
        })
        .detach();
        spawn_local(async {
            let mut turns = 0_u64;
            for _ in 0..10_000 {
                yield_now().await;
                turns += 1;
            }
            turns
        })
        .await
    })??;
    let steps = steps.get();
    assert!(
        steps > turns / 4 && steps < turns * 1000,
        "{steps} and {turns}"
    );
    Ok(())
}
