//! A program in which everything waits: found to be stuck, and only if tokio cannot change it.

use std::future::pending;
use std::time::Duration;

use entracte::{BoxError, RunError, host, promise};
use tokio::sync::oneshot;

const SHORT: Duration = Duration::from_millis(1);

fn is_stuck<T>(outcome: &Result<T, RunError>) -> bool {
    matches!(outcome, Err(RunError::Deadlock(_)))
}

#[test]
fn a_program_that_waits_for_nothing_is_stuck() {
    assert!(is_stuck(&host::run(pending::<()>())));
    let kept = host::run(async {
        let (_resolver, promise) = promise::<()>();
        promise.await
    });
    assert!(is_stuck(&kept));
}

#[test]
fn a_program_is_stuck_once_the_last_waker_is_gone_from_another_thread() {
    let stuck = host::run(async {
        let mut thread = None;
        std::future::poll_fn(|cx| {
            let waker = cx.waker().clone();
            thread.get_or_insert_with(|| std::thread::spawn(move || drop(waker)));
            std::task::Poll::<()>::Pending
        })
        .await;
    });
    assert!(is_stuck(&stuck));
}

#[test]
fn a_program_that_waits_for_tokio_is_not_stuck() -> Result<(), BoxError> {
    host::run(async {
        tokio::time::sleep(SHORT).await;
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(async move {
            tokio::time::sleep(SHORT).await;
            sender.send(()).expect("somebody waits");
        });
        receiver.await?;
        let blocking = tokio::task::spawn_blocking(std::thread::yield_now);
        blocking.await?;
        Ok::<_, BoxError>(())
    })?
}

#[test]
fn a_program_is_stuck_once_the_last_task_of_tokios_is_over() {
    let stuck = host::run(async {
        tokio::spawn(tokio::time::sleep(SHORT));
        pending::<()>().await;
    });
    assert!(is_stuck(&stuck));
}
