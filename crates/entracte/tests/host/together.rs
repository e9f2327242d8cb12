//! What is tokio's and what is ours, awaited from either side.

use std::time::Duration;

use entracte::threads::LoopHandle;
use entracte::time::{now, sleep_until};
use entracte::{
    BoxError, EventLoop, checkpoint, host, promise, race, sleep, spawn, task_group, to_thread,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

const SHORT: Duration = Duration::from_millis(2);
const FOR_EVER: Duration = Duration::from_hours(24);

#[test]
fn tasks_of_both_kinds_are_awaited_in_one_task() -> Result<(), BoxError> {
    let sum = host::run(async {
        let theirs = tokio::spawn(async {
            tokio::task::yield_now().await;
            1
        });
        let local = tokio::task::spawn_local(async { std::rc::Rc::new(10) });
        let blocking = tokio::task::spawn_blocking(|| 100);
        let ours = spawn(async {
            checkpoint().await;
            1000
        });
        let thread = to_thread(|| 10_000).await;
        let inner = theirs.await? + *local.await? + blocking.await?;
        Ok::<_, BoxError>(inner + ours.await? + thread)
    })?;
    assert_eq!(sum?, 11_111);
    Ok(())
}

#[test]
fn sleeps_of_both_kinds_take_their_time() -> Result<(), BoxError> {
    host::run(async {
        let event_loop = EventLoop::current().expect("it runs");
        let began = event_loop.time();
        for _ in 0..3 {
            sleep(SHORT).await;
            tokio::time::sleep(SHORT).await;
        }
        assert!(event_loop.time() - began >= 6 * SHORT);
    })?;
    Ok(())
}

#[test]
fn the_shorter_sleep_wins_whichever_kind_it_is() -> Result<(), BoxError> {
    async fn either(is_ours: bool, delay: Duration) {
        if is_ours {
            sleep(delay).await;
        } else {
            tokio::time::sleep(delay).await;
        }
    }
    host::run(async {
        for ours_is_shorter in [true, false] {
            let (ours, theirs) = if ours_is_shorter {
                (SHORT, FOR_EVER)
            } else {
                (FOR_EVER, SHORT)
            };
            let raced = race([either(true, ours), either(false, theirs)]).await?;
            assert_eq!(raced.winner.0, usize::from(!ours_is_shorter));
        }
        Ok::<_, BoxError>(())
    })?
}

/// Begins twenty timers, those that fire last first, and gives the order in which they fired, and
/// how long it took to begin them.
async fn fired(step: Duration) -> (Vec<u32>, Duration) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let before = Instant::now();
    for number in (0..20_u32).rev() {
        let sender = sender.clone();
        // Both kinds have deadlines of their own, so that neither waits for the other's.
        spawn(async move {
            let (ours, theirs) = (
                sleep_until(now() + number * step),
                tokio::time::sleep(number * step),
            );
            let begun = before.elapsed();
            if number % 2 == 0 {
                ours.await;
            } else {
                theirs.await;
            }
            sender.send((number, begun)).expect("the test listens");
        })
        .detach();
    }
    drop(sender);
    let (mut order, mut begun) = (Vec::new(), Duration::ZERO);
    while let Some((number, at)) = receiver.recv().await {
        order.push(number);
        begun = begun.max(at);
    }
    (order, begun)
}

#[test]
fn timers_fire_in_the_order_of_their_deadlines() -> Result<(), BoxError> {
    let order = host::run(async {
        let mut step = SHORT;
        loop {
            let (order, begun) = fired(step).await;
            // On a machine that was busy elsewhere meanwhile, the deadlines are in no order.
            if begun < step {
                return order;
            }
            step *= 2;
        }
    })?;
    // Between the kinds a slow machine may turn two around, which fire in the same moment then.
    for parity in 0..2 {
        let of_one_kind = order.iter().filter(|number| **number % 2 == parity);
        assert!(of_one_kind.is_sorted(), "{order:?}");
    }
    assert_eq!(order.len(), 20);
    Ok(())
}

#[test]
fn ten_thousand_items_go_through_channels_of_tokio_in_both_directions() -> Result<(), BoxError> {
    const ITEMS: u64 = 10_000;
    let sum = host::run(async {
        let (to_theirs, mut from_ours) = mpsc::channel(3);
        let (to_ours, mut from_theirs) = mpsc::channel(5);
        let theirs = tokio::spawn(async move {
            while let Some(item) = from_ours.recv().await {
                to_ours.send(item + 1).await.expect("ours listens");
            }
        });
        task_group(async |group| {
            group.spawn(async move {
                for item in 0..ITEMS {
                    to_theirs.send(item).await.expect("theirs listens");
                }
            });
            let mut sum = 0;
            while let Some(item) = from_theirs.recv().await {
                sum += item;
            }
            theirs.await?;
            Ok::<_, tokio::task::JoinError>(sum)
        })
        .await
    })?;
    assert_eq!(sum?, ITEMS * (ITEMS + 1) / 2);
    Ok(())
}

#[test]
fn a_local_task_of_tokio_keeps_a_promise_of_ours() -> Result<(), BoxError> {
    host::run(async {
        let (resolver, promise) = promise();
        tokio::task::spawn_local(async move {
            tokio::time::sleep(SHORT).await;
            resolver.set(42).expect("somebody waits");
        });
        // No waker of the loop is at large now, and yet it is not stuck.
        assert_eq!(promise.await, Ok(42));
    })?;
    Ok(())
}

#[test]
fn a_task_of_tokio_starts_a_task_of_ours_by_a_handle() -> Result<(), BoxError> {
    let value = host::run(async {
        let here = LoopHandle::current().expect("a loop runs");
        let theirs = tokio::spawn(async move {
            assert!(EventLoop::current().is_none());
            here.spawn(|| async {
                sleep(SHORT).await;
                7
            })
            .await
        });
        theirs.await
    })?;
    assert_eq!(value??, 7);
    Ok(())
}

#[test]
fn another_thread_wakes_through_a_channel_of_tokio_and_through_a_handle() -> Result<(), BoxError> {
    for _ in 0..200 {
        let values = host::run(async {
            let here = LoopHandle::current().expect("a loop runs");
            let (sender, receiver) = oneshot::channel();
            let thread = std::thread::spawn(move || {
                sender.send(1).expect("somebody waits");
                here.spawn(|| async { 2 }).join()
            });
            let first = receiver.await?;
            let second = to_thread(|| thread.join().expect("it does not panic")).await?;
            Ok::<_, BoxError>((first, second))
        })?;
        assert_eq!(values?, (1, 2));
    }
    Ok(())
}

#[test]
fn wakers_that_combinators_make_work_for_both_kinds() -> Result<(), BoxError> {
    use futures::StreamExt;
    use futures::future::{BoxFuture, FutureExt};
    use futures::stream::FuturesUnordered;

    host::run(async {
        let mut waiting = FuturesUnordered::<futures::future::LocalBoxFuture<'_, u32>>::new();
        for number in 0..50 {
            let theirs: BoxFuture<'_, u32> =
                tokio::time::sleep(SHORT).map(move |()| number).boxed();
            waiting.push(theirs);
            waiting.push(sleep(SHORT).map(move |()| number).boxed_local());
        }
        let sum: u32 = waiting
            .by_ref()
            .fold(0, async |sum, number| sum + number)
            .await;
        assert_eq!(sum, 2 * (0..50).sum::<u32>());
    })?;
    Ok(())
}
