//! Five philosophers dine: each takes the fork with the lower number first.

use std::time::Duration;

use entracte::sync::Lock;
use entracte::{BoxError, ErrorGroup, sleep, task_group};
use virtual_time::{clock, run};

async fn dine(name: &str, seconds: f64, lower: Lock, higher: Lock) {
    let eating = Duration::from_secs_f64(seconds);
    for meal in 1..3 {
        {
            let _lower = lower.acquire().await;
            let _higher = higher.acquire().await;
            println!("{} {name} eats meal {meal}", clock());
            sleep(eating).await;
        }
        println!("{} {name} thinks", clock());
        sleep(eating / 2).await;
    }
}

async fn program() -> Result<(), ErrorGroup> {
    let forks: [Lock; 5] = std::array::from_fn(|_| Lock::new(()));
    let fork = |number: usize| forks[number].clone();
    task_group(async |group| {
        group.spawn(dine("Aristotle", 1.0, fork(0), fork(1)));
        group.spawn(dine("Hypatia", 1.2, fork(1), fork(2)));
        group.spawn(dine("Laozi", 1.4, fork(2), fork(3)));
        group.spawn(dine("Plato", 1.6, fork(3), fork(4)));
        group.spawn(dine("Seneca", 1.8, fork(0), fork(4)));
    })
    .await?;
    println!("{} everybody has dined", clock());
    Ok(())
}

fn main() -> Result<(), BoxError> {
    run(program())??;
    Ok(())
}
