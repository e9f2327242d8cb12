//! A producer and a consumer that waits for more, for ever: Ctrl-C ends it, with its clean-up.

use std::time::Duration;

use entracte::sync::Queue;
use entracte::{BoxError, finally, gather, sleep};

async fn produce(queue: Queue<u32>) -> Result<(), BoxError> {
    for item in 0..5 {
        queue.put(item).await?;
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

async fn consume(queue: Queue<u32>) -> Result<(), BoxError> {
    let consuming = async {
        loop {
            let item = queue.get().await?;
            println!("Consumed: {item}");
            queue.task_done()?;
        }
    };
    let clean_up = async { println!("Consumer: cleaned up") };
    finally(consuming, clean_up).await
}

#[entracte::main]
async fn main() {
    let queue = Queue::unbounded();
    let both = gather((produce(queue.clone()), consume(queue)));
    if let Err(error) = both.await {
        eprintln!("{error}");
    }
}
