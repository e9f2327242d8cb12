//! A producer and a consumer, and a queue that knows when all is consumed.

use std::time::Duration;

use entracte::sync::Queue;
use entracte::{BoxError, finally, gather, sleep, spawn, timeout};
use virtual_time::{clock, run};

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
    let clean_up = async { println!("Consumer: cleaned up at {}", clock()) };
    finally(consuming, clean_up).await
}

async fn until_all_is_consumed() -> Result<(), BoxError> {
    let queue = Queue::unbounded();
    let consumer = spawn(consume(queue.clone()));
    produce(queue.clone()).await?;
    queue.join().await;
    consumer.cancel();
    Ok(())
}

async fn for_ever() -> Result<(), BoxError> {
    let queue = Queue::unbounded();
    gather((produce(queue.clone()), consume(queue))).await?;
    Ok(())
}

async fn for_a_while() -> Result<(), BoxError> {
    match timeout(Duration::from_secs(6), for_ever()).await {
        Ok(ended) => ended?,
        Err(_) => println!("The time is up"),
    }
    Ok(())
}

fn main() -> Result<(), BoxError> {
    run(until_all_is_consumed())??;
    run(for_a_while())?
}
