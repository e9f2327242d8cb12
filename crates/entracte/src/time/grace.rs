//! `finally_within`: a clean-up that may take so long, whatever happens.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::task::{finally, lost, shield};
use crate::time::sleep;

/// As [`finally`], with a clean-up that no cancellation interrupts for as long as `grace`.
///
/// A clean-up that takes longer is dropped where it waits.
///
/// # Cancel safety
///
/// Cancel safe: the clean-up runs in any case, once the future was polled.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::{finally_within, sleep, spawn};
///
/// # entracte::run(async {
/// let long = Duration::from_secs(3600);
/// let task = spawn(finally_within(Duration::from_millis(1), sleep(long), sleep(long)));
/// entracte::checkpoint().await;
/// task.cancel();
/// assert!(task.await.is_err_and(|error| error.is_cancelled()));
/// # }).unwrap();
/// ```
pub fn finally_within<F: Future>(
    grace: Duration,
    future: F,
    clean_up: impl Future<Output = ()>,
) -> impl Future<Output = F::Output> {
    finally(future, async move {
        if !shield(ends_within(grace, clean_up)).await {
            let detail = format_args!("{grace:?}");
            lost::report("a clean-up did not end in time and was dropped", &detail);
        }
    })
}

/// Polls a clean-up until it ends, or drops it when the time is up; whether it ended.
async fn ends_within(grace: Duration, clean_up: impl Future<Output = ()>) -> bool {
    let mut clean_up = pin!(clean_up);
    let mut alarm = pin!(sleep(grace));
    poll_fn(|cx| {
        if clean_up.as_mut().poll(cx).is_ready() {
            return Poll::Ready(true);
        }
        alarm.as_mut().poll(cx).map(|()| false)
    })
    .await
}
