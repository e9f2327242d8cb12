//! A supervisor restarts its children, after a pause that doubles each time they fail.

use std::time::Duration;

use entracte::{BoxError, RunError, finally, sleep, task_group};
use virtual_time::{clock, run};

async fn supervise(
    name: &str,
    child: impl AsyncFn(u32) -> Result<&'static str, BoxError>,
    restarts: u32,
) -> Result<(), BoxError> {
    let mut pause = Duration::from_secs(1);
    for start in 0..=restarts {
        match child(start).await {
            Ok(value) => {
                println!("{} {name}: ended with {value}", clock());
                return Ok(());
            }
            Err(error) => {
                println!(
                    "{} {name}: {error}, next start in {} s",
                    clock(),
                    pause.as_secs()
                );
            }
        }
        sleep(pause).await;
        pause *= 2;
    }
    Err(format!("{name} failed {} times", restarts + 1).into())
}

async fn steady(_start: u32) -> Result<&'static str, BoxError> {
    let working = async {
        loop {
            sleep(Duration::from_millis(3300)).await;
            println!("{} steady: still here", clock());
        }
    };
    let clean_up = async { println!("{} steady: cleaned up", clock()) };
    finally(working, clean_up).await
}

async fn shaky(start: u32) -> Result<&'static str, BoxError> {
    sleep(Duration::from_millis(200)).await;
    if start < 2 {
        return Err(format!("tripped on start {start}").into());
    }
    Ok("a good result")
}

async fn broken(_start: u32) -> Result<&'static str, BoxError> {
    sleep(Duration::from_millis(500)).await;
    Err("cannot start at all".into())
}

async fn program() {
    let ended = task_group(async |group| {
        group.spawn(supervise("steady", steady, 3));
        group.spawn(supervise("shaky", shaky, 3));
        group.spawn(supervise("broken", broken, 3));
    });
    if let Err(failed) = ended.await {
        for error in failed.errors() {
            println!("{} given up: {error}", clock());
        }
    }
}

fn main() -> Result<(), RunError> {
    run(program())
}
