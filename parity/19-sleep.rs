//! A coroutine that starts, sleeps a second and resumes.

use std::time::Duration;

use entracte::{RunError, sleep};
use virtual_time::run;

async fn coroutine() {
    println!("Coroutine started");
    sleep(Duration::from_secs(1)).await;
    println!("Coroutine resumed");
}

fn main() -> Result<(), RunError> {
    run(coroutine())
}
