//! One event loop, and coroutines run to their end on it, one after the other.

use std::time::Duration;

use entracte::{RunError, Task, finally, sleep, spawn};
use virtual_time::{clock, runner};

async fn tick() {
    let ticking = async {
        loop {
            println!("{} tick", clock());
            sleep(Duration::from_millis(600)).await;
        }
    };
    let clean_up = async { println!("{} the ticking stops", clock()) };
    finally(ticking, clean_up).await;
}

async fn start() -> Task<()> {
    spawn(tick())
}

async fn greet(name: &str) -> usize {
    println!("{} Hello, {name}", clock());
    sleep(Duration::from_secs(1)).await;
    println!("{} Goodbye, {name}", clock());
    name.len()
}

fn main() -> Result<(), RunError> {
    let running = runner()?;
    let ticking = running.run(start())?;
    let mut letters = running.run(greet("Ada"))?;
    println!("between two runs, nothing happens");
    letters += running.run(greet("Grace"))?;
    println!(
        "greeted {letters} letters, the ticking is done: {}",
        said(&ticking)
    );
    running.close();
    println!("closed, the ticking is done: {}", said(&ticking));
    Ok(())
}

/// As Python prints a bool.
fn said(task: &Task<()>) -> &'static str {
    if task.is_done() { "True" } else { "False" }
}
