//! Timeouts: what their docs promise, and what happens when several aims meet.

use entracte::time::{Elapsed, now, sleep_until, timeout_with};
use entracte::{catch_cancel, checkpoint, finally, sleep, spawn, timeout, timeout_at};

use crate::log::{LONG, Log, elapsed, ms, play};
use crate::model::cancelled_after_1_of;

#[test]
fn a_timeout_gives_the_value_of_what_is_done_in_time() {
    let given = play(async { (timeout(ms(5), async { 7 }).await, elapsed()) });
    assert_eq!(given, (Ok(7), 0));
}

#[test]
fn a_timeout_is_counted_from_its_first_poll() {
    let given = play(async {
        let waits = timeout(ms(5), sleep(LONG));
        sleep(ms(5)).await;
        (waits.await, elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 10));
}

#[test]
fn a_timeout_at_a_past_time_lets_its_block_take_one_step() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let block = async {
                log.say("began");
                checkpoint().await;
                checkpoint().await;
                log.say("went on");
            };
            timeout_at(now(), block).await
        }
    });
    assert_eq!(given, Err(Elapsed));
    assert_eq!(log.take(), ["began"]);
}

#[test]
fn a_timeout_of_no_time_gives_what_is_there_at_once() {
    assert_eq!(play(timeout(ms(0), async { 7 })), Ok(7));
}

#[test]
fn elapsed_is_given_when_the_clean_up_is_over() {
    let given = play(async {
        let waited = timeout(ms(5), finally(sleep(LONG), sleep(ms(7)))).await;
        (waited, elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 12));
}

#[test]
fn a_block_that_swallows_its_timeout_goes_on_and_its_value_counts() {
    let given = play(async {
        let block = async {
            drop(catch_cancel(sleep(LONG)).await);
            sleep(ms(5)).await;
            7
        };
        (timeout(ms(5), block).await, elapsed())
    });
    assert_eq!(given, (Ok(7), 10));
}

#[test]
fn what_is_ready_when_the_time_is_up_and_was_ready_first_counts() {
    let given = play(async { timeout(ms(5), sleep(ms(5))).await });
    // The timeout began to wait before the sleep within it.
    assert_eq!(given, Err(Elapsed));
    let given = play(async {
        let deadline = now() + ms(5);
        let mut first = Box::pin(sleep_until(deadline));
        assert!(futures::poll!(&mut first).is_pending());
        let waited = timeout_at(deadline, first).await;
        (waited, elapsed())
    });
    // Both are due in one turn: the request is there before the block is polled, as in asyncio.
    assert_eq!(given, (Err(Elapsed), 5));
}

#[test]
fn a_timeout_without_a_deadline_never_goes_off_until_it_gets_one() {
    let given = play(async {
        let waited = timeout_with(None, async |limit| {
            assert_eq!(limit.deadline(), None);
            sleep(ms(100)).await;
            limit.reschedule(Some(now() + ms(5)));
            sleep(LONG).await;
        });
        (waited.await, elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 105));
}

#[test]
fn a_deadline_can_be_moved_and_taken_away() {
    let given = play(async {
        let waited = timeout_with(Some(now() + ms(5)), async |limit| {
            for _ in 0..5 {
                limit.reschedule(Some(now() + ms(5)));
                sleep(ms(4)).await;
            }
            limit.reschedule(None);
            sleep(ms(80)).await;
            assert!(!limit.is_expired());
        });
        (waited.await, elapsed())
    });
    assert_eq!(given, (Ok(()), 100));
}

#[test]
fn l_a_deadline_in_the_past_can_be_taken_away_in_the_first_step() {
    let given = play(async {
        timeout_with(Some(now()), async |limit| {
            limit.reschedule(None);
            sleep(ms(1)).await;
        })
        .await
    });
    assert_eq!(given, Ok(()));
}

#[test]
fn m_a_limit_is_expired_as_soon_as_the_block_was_told() {
    let given = play(async {
        timeout_with(Some(now() + ms(1)), async |limit| {
            assert!(!limit.is_expired());
            drop(catch_cancel(sleep(LONG)).await);
            limit.is_expired()
        })
        .await
    });
    assert_eq!(given, Ok(true));
}

#[test]
fn n_a_limit_cannot_be_moved_once_the_block_was_told() {
    let given = play(async {
        let waited = timeout_with(Some(now() + ms(1)), async |limit| {
            let clean_up = async {
                limit.reschedule(Some(now() + ms(1)));
                sleep(ms(3)).await;
            };
            finally(sleep(LONG), clean_up).await;
        });
        (waited.await, elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 4));
}

#[test]
fn of_nested_timeouts_with_one_deadline_the_outer_is_given() {
    let given = play(async {
        let deadline = now() + ms(5);
        let outer = timeout_at(deadline, timeout_at(deadline, sleep(LONG))).await;
        (outer, elapsed())
    });
    assert_eq!(given, (Err(Elapsed), 5));
}

#[test]
fn a_cancel_from_outside_wins_over_a_timeout_that_is_cleaning_up() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let task = spawn(async move {
                let block = finally(sleep(LONG), log.clean_up("clean-up", 100));
                let waited = timeout(ms(1), block).await;
                log.say(format_args!("never {waited:?}"));
            });
            sleep(ms(3)).await;
            task.cancel();
            (
                task.await.is_err_and(|error| error.is_cancelled()),
                elapsed(),
            )
        }
    });
    assert_eq!(given, (true, 3));
    assert_eq!(log.take(), ["1 clean-up begins"]);
}

#[test]
fn a_timeout_that_goes_off_while_the_task_unwinds_interrupts_its_clean_up_and_no_more() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let task = spawn(async move {
                let block = finally(sleep(LONG), log.clean_up("inner", 100));
                let whole = finally(timeout(ms(3), block), log.clean_up("outer", 5));
                let waited = whole.await;
                log.say(format_args!("never {waited:?}"));
            });
            sleep(ms(1)).await;
            task.cancel();
            (
                task.await.is_err_and(|error| error.is_cancelled()),
                elapsed(),
            )
        }
    });
    assert_eq!(given, (true, 8));
    assert_eq!(
        log.take(),
        ["1 inner begins", "3 outer begins", "8 outer ends"]
    );
}

#[test]
fn a_timeout_within_a_clean_up_ends_there() {
    let outcome = play(cancelled_after_1_of(finally(sleep(LONG), async {
        assert_eq!(timeout(ms(5), sleep(LONG)).await, Err(Elapsed));
    })));
    assert_eq!(outcome, "6 the task was cancelled");
}

#[test]
fn an_outer_timeout_interrupts_the_clean_up_of_an_inner_one() {
    let log = Log::default();
    let given = play({
        let log = log.clone();
        async move {
            let inner = timeout(ms(1), finally(sleep(LONG), log.clean_up("inner", 100)));
            let outer = timeout(ms(3), finally(inner, log.clean_up("outer", 2)));
            (Box::pin(outer).await, elapsed())
        }
    });
    assert_eq!(given, (Err(Elapsed), 5));
    assert_eq!(
        log.take(),
        ["1 inner begins", "3 outer begins", "5 outer ends"]
    );
}

#[test]
fn a_timeout_that_is_dropped_leaves_no_timer() {
    let runner = crate::support::virtual_runner();
    let ran = runner.run(async {
        tokio::select! { biased; _ = timeout(LONG, sleep(LONG)) => {}, () = sleep(ms(1)) => {} }
        assert_eq!(timeout(LONG, async { 7 }).await, Ok(7));
    });
    ran.expect("it ends");
    assert!(runner.event_loop().turn().is_err(), "a timer is left");
}
