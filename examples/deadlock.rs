//! Five philosophers who each take the fork at their left first: `run` shows who waits for what.

use entracte::sync::Lock;
use entracte::task::Spawn;
use entracte::{BoxError, RunError, TaskError, checkpoint, run};

async fn dine(name: &str, left: Lock, right: Lock) {
    let _left = left.acquire().await;
    checkpoint().await; // meanwhile the others take their left fork
    let _right = right.acquire().await;
    println!("{name} eats");
}

async fn dinner() -> Result<(), TaskError> {
    let names = ["Aristotle", "Hypatia", "Laozi", "Plato", "Seneca"];
    let forks = names.map(|_| Lock::new(()));
    let mut philosophers = Vec::new();
    for (seat, name) in names.into_iter().enumerate() {
        let (left, right) = (forks[seat].clone(), forks[(seat + 1) % 5].clone());
        philosophers.push(Spawn::new().name(name).spawn(dine(name, left, right)));
    }
    for philosopher in philosophers {
        philosopher.await?;
    }
    Ok(())
}

fn main() -> Result<(), BoxError> {
    match run(dinner()) {
        Err(RunError::Deadlock(tree)) => print!("Nobody eats:\n{tree}"),
        ended => ended??,
    }
    Ok(())
}
