//! A task group: one child fails, the others are cancelled and clean up first.

use std::time::Duration;

use entracte::{BoxError, ErrorGroup, TaskError, catch_cancel, sleep, task_group};
use virtual_time::{clock, run};

const SECOND: Duration = Duration::from_secs(1);

async fn download(name: &str, seconds: u32) -> u32 {
    println!("{} {name}: begins", clock());
    if let Err(cancelled) = catch_cancel(sleep(seconds * SECOND)).await {
        sleep(seconds * SECOND / 10).await;
        println!("{} {name}: cancelled, and hung up", clock());
        cancelled.propagate().await;
    }
    println!("{} {name}: done", clock());
    seconds
}

async fn fail(seconds: u32) -> Result<(), BoxError> {
    sleep(seconds * SECOND).await;
    println!("{} the cable breaks", clock());
    Err("no connection".into())
}

async fn all_well() -> Result<(), ErrorGroup> {
    let seconds = task_group(async |group| {
        let small = group.spawn(download("small", 1));
        let large = group.spawn(download("large", 2));
        Ok::<_, TaskError>(small.await? + large.await?)
    })
    .await?;
    println!("{} {seconds} s of downloads", clock());
    Ok(())
}

async fn one_fails() {
    let ended = task_group(async |group| {
        group.spawn(download("small", 1));
        group.spawn(download("large", 3));
        group.spawn(download("huge", 4));
        group.spawn(fail(2));
    });
    if let Err(failed) = ended.await {
        for error in failed.errors() {
            println!("{} the group failed: {error}", clock());
        }
    }
}

fn main() -> Result<(), BoxError> {
    run(all_well())??;
    run(one_fails())?;
    Ok(())
}
