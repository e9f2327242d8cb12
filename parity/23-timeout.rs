//! A time limit: what is late is cancelled and cleans up, limits within limits.

use std::time::Duration;

use entracte::{RunError, finally, sleep, timeout};
use virtual_time::{clock, run};

const SECOND: Duration = Duration::from_secs(1);

async fn copy(name: &str, seconds: u32) -> String {
    println!("{} {name}: opens its file", clock());
    let clean_up = async {
        sleep(SECOND / 2).await;
        println!("{} {name}: closed its file", clock());
    };
    finally(sleep(seconds * SECOND), clean_up).await;
    format!("copied in {seconds} s")
}

async fn limited(name: &str, seconds: u32) {
    match timeout(2 * SECOND, copy(name, seconds)).await {
        Ok(copied) => println!("{} {name}: {copied}", clock()),
        Err(_) => println!("{} {name}: too late", clock()),
    }
}

async fn program() {
    limited("small", 1).await;
    limited("large", 3).await;
    if timeout(SECOND, limited("in a hurry", 3)).await.is_err() {
        println!("{} the outer limit was the shorter one", clock());
    }
}

fn main() -> Result<(), RunError> {
    run(program())
}
