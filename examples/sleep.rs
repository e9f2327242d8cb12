//! A coroutine that starts, sleeps a second and resumes: on the clock of the machine.

use std::time::Duration;

use entracte::sleep;

async fn coroutine() {
    println!("Coroutine started");
    sleep(Duration::from_secs(1)).await;
    println!("Coroutine resumed");
}

#[entracte::main]
async fn main() {
    coroutine().await;
}
