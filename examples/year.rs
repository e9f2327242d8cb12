//! A year of virtual time with a timer every second: 31 536 000 of them, in seconds.

use std::time::Duration;

use entracte::sleep;
use entracte_sim::Sim;

const SECONDS: u64 = 365 * 24 * 60 * 60;

async fn year() -> u64 {
    let mut ticks = 0;
    for _ in 0..SECONDS {
        sleep(Duration::from_secs(1)).await;
        ticks += 1;
    }
    ticks
}

fn main() -> Result<(), entracte_sim::Failure> {
    let report = Sim::new(0).run(year())?;
    println!(
        "{} timers in {:?} of virtual time",
        report.value, report.elapsed
    );
    Ok(())
}
