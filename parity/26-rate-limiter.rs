//! A rate limiter: a bucket of tokens that fills up as time goes by.

use std::time::Duration;

use entracte::sync::BoundedSemaphore;
use entracte::{BoxError, gather, sleep, spawn};
use virtual_time::{clock, run};

/// Holds at most `size` tokens; one is added each second.
#[derive(Clone)]
struct Bucket {
    tokens: BoundedSemaphore,
}

impl Bucket {
    fn new(size: usize) -> Self {
        let tokens = BoundedSemaphore::new(size);
        Self { tokens }
    }

    async fn fill(self) {
        loop {
            sleep(Duration::from_secs(1)).await;
            if self.tokens.release().is_err() {
                println!("{} the bucket is full", clock());
            }
        }
    }

    async fn take(&self) {
        self.tokens.acquire().await.forget();
    }
}

async fn request(bucket: Bucket, number: u32) {
    bucket.take().await;
    println!("{} request {number}", clock());
}

async fn program() -> Result<(), BoxError> {
    let bucket = Bucket::new(2);
    let requests = |numbers: std::ops::Range<u32>| {
        let requests = numbers.map(|number| request(bucket.clone(), number));
        requests.collect::<Vec<_>>()
    };
    let filling = spawn(bucket.clone().fill());
    gather(requests(1..6)).await?;
    sleep(Duration::from_millis(3500)).await;
    println!("{} a second burst", clock());
    gather(requests(6..10)).await?;
    filling.cancel();
    Ok(())
}

fn main() -> Result<(), BoxError> {
    run(program())?
}
