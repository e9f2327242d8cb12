//! Twins of task groups.

use entracte::{sleep, task_group};

use super::{Voice, cleaned_up, compare, s};

#[test]
fn a_task_group_that_is_cancelled_from_outside() {
    async fn child(voice: Voice, is_done: &'static str, ends: &'static str, seconds: u64) {
        let block = async {
            sleep(s(3 + seconds)).await;
            voice.say(is_done);
        };
        cleaned_up(&voice, block, seconds, ends).await;
    }
    compare(
        include_str!("10-task-group.out"),
        8,
        false,
        async |voice: Voice| {
            let group = task_group(async |group| {
                group.spawn(child(voice.clone(), "one is done", "one ends", 3));
                group.spawn(child(voice.clone(), "two is done", "two ends", 1));
                cleaned_up(&voice, sleep(s(2)), 1, "block ends").await;
            });
            group.await.expect("no child fails");
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn a_child_that_fails() {
    compare(
        include_str!("11-failing-child.out"),
        2,
        false,
        async |voice: Voice| {
            let group = task_group(async |group| {
                let own = voice.clone();
                group.spawn(async move { cleaned_up(&own, sleep(s(9)), 2, "child ends").await });
                let own = voice.clone();
                group.spawn(async move {
                    sleep(s(2)).await;
                    own.say("fails");
                    Err::<(), _>("failed")
                });
                let _frame = voice.says_on_drop("block ends");
                sleep(s(9)).await;
            });
            if let Err(errors) = group.await {
                voice.say(format_args!(
                    "{} error: {}",
                    errors.len(),
                    errors.errors()[0]
                ));
            }
            sleep(s(1)).await;
            "the end"
        },
    );
}

#[test]
fn a_group_in_a_group() {
    compare(
        include_str!("12-groups-in-groups.out"),
        8,
        false,
        async |voice: Voice| {
            let outer = task_group(async |outer| {
                let own = voice.clone();
                outer.spawn(
                    async move { cleaned_up(&own, sleep(s(5)), 2, "outer child ends").await },
                );
                let inner = task_group(async |inner| {
                    let own = voice.clone();
                    let child =
                        async move { cleaned_up(&own, sleep(s(5)), 1, "inner child ends").await };
                    inner.spawn(child);
                    sleep(s(1)).await;
                });
                inner.await.expect("no child fails");
                voice.say("inner group ends");
            });
            outer.await.expect("no child fails");
            voice.say("outer group ends");
            "the end"
        },
    );
}
