//! Happy eyeballs: attempts begin one after the other, the first that connects wins.

use std::time::Duration;

use entracte::sync::Queue;
use entracte::time::{now, timeout_with};
use entracte::{BoxError, catch_cancel, sleep, spawn};
use virtual_time::{clock, run};

type Address = &'static str;

/// Each address with the seconds until it answers, and whether it accepts.
const NETWORK: [(Address, f64, bool); 5] = [
    ("[2001:db8::1]", 30.0, true),
    ("[2001:db8::2]", 0.1, false),
    ("192.0.2.1", 0.6, true),
    ("192.0.2.2", 0.7, true),
    ("192.0.2.3", 0.1, false),
];

/// The connection was refused.
struct Refused;

async fn connect(address: Address) -> Result<String, Refused> {
    println!("{} {address}: connecting", clock());
    let peer = NETWORK.iter().find(|peer| peer.0 == address);
    let (_, seconds, accepts) = peer.expect("the address is in the network");
    if let Err(cancelled) = catch_cancel(sleep(Duration::from_secs_f64(*seconds))).await {
        println!("{} {address}: cancelled, its socket is closed", clock());
        cancelled.propagate().await;
    }
    if !accepts {
        println!("{} {address}: refused", clock());
        return Err(Refused);
    }
    println!("{} {address}: connected", clock());
    Ok(format!("socket to {address}"))
}

async fn attempt(address: Address, outcomes: Queue<Result<String, Refused>>) {
    let outcome = connect(address).await;
    let put = outcomes.try_put(outcome);
    put.expect("an unbounded queue has room");
}

/// Begins the next attempt after the delay, or as soon as one has failed.
async fn happy_eyeballs(addresses: &[Address], delay: Duration) -> Result<String, BoxError> {
    let (outcomes, mut attempts, mut failed) = (Queue::unbounded(), Vec::new(), 0);
    let mut addresses = addresses.iter();
    while addresses.len() > 0 || failed < attempts.len() {
        let mut limit = None;
        if let Some(address) = addresses.next() {
            attempts.push(spawn(attempt(address, outcomes.clone())));
            limit = Some(now() + delay);
        }
        let Ok(outcome) = timeout_with(limit, async |_| outcomes.get().await).await else {
            continue;
        };
        if let Ok(socket) = outcome? {
            for loser in &attempts {
                loser.cancel();
            }
            for loser in attempts {
                let _cancelled = loser.await;
            }
            return Ok(socket);
        }
        failed += 1;
    }
    Err(format!("none of {failed} addresses answered").into())
}

async fn program() -> Result<(), BoxError> {
    let delay = Duration::from_millis(300);
    let addresses = NETWORK.map(|(address, ..)| address);
    let socket = happy_eyeballs(&addresses[..4], delay).await?;
    println!("{} {socket}", clock());
    if let Err(error) = happy_eyeballs(&["[2001:db8::2]", "192.0.2.3"], delay).await {
        println!("{} {error}", clock());
    }
    Ok(())
}

fn main() -> Result<(), BoxError> {
    run(program())?
}
