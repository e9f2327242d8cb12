//! A counter on three hosts that survives the loss of one; and a bug in it that seeds find.
//!
//! A client that counts up tells all three replicas, again and again, until a majority has said
//! yes. Whoever asks a majority for the counter must then see at least as much. With the bug, it
//! counts the answers and not who they are from: one replica that says yes twice is a majority.

use std::collections::BTreeSet;
use std::time::Duration;

use entracte::task::Spawn;
use entracte::{Task, sleep, timeout};
use entracte_sim::net::{Datagrams, Link, Net};
use entracte_sim::{Failure, find};

const REPLICAS: [&str; 3] = ["one", "two", "three"];
const PORT: u16 = 7000;
const MAJORITY: usize = 2;
const PATIENCE: Duration = Duration::from_millis(30);

/// Keeps the largest number it has been told, and answers each message with what it has.
async fn replica(socket: Datagrams) {
    let mut count = 0;
    loop {
        let (message, from) = socket.receive().await;
        count = count.max(message[0]);
        socket.send(&[count], from);
    }
}

/// Tells all replicas a number until a majority has heard it; gives the largest that they have.
async fn tell_a_majority(socket: &Datagrams, number: u8, has_bug: bool) -> u8 {
    let (mut hosts, mut answers, mut largest) = (BTreeSet::new(), 0, 0);
    loop {
        for host in REPLICAS {
            socket.send(&[number], (host, PORT));
        }
        while let Ok((message, from)) = timeout(PATIENCE, socket.receive()).await {
            hosts.insert(from.host().to_owned());
            answers += 1;
            largest = largest.max(message[0]);
            let enough = if has_bug { answers } else { hosts.len() };
            if enough >= MAJORITY {
                return largest;
            }
        }
    }
}

/// Cuts off one replica after the other.
async fn trouble(net: Net) {
    for host in REPLICAS.into_iter().cycle() {
        sleep(Duration::from_millis(40)).await;
        net.partition("client", host);
        sleep(Duration::from_millis(40)).await;
        net.heal("client", host);
    }
}

async fn counts_to_five(has_bug: bool) {
    let net = Net::new();
    net.set_links(Link::new().latency(Duration::ZERO..=PATIENCE).loss(0.2));
    let replicas: Vec<Task<()>> = REPLICAS
        .into_iter()
        .map(|host| {
            let socket = net.host(host).datagrams(PORT).expect("the port is free");
            Spawn::new().name(host).spawn(replica(socket))
        })
        .collect();
    let trouble = Spawn::new().name("trouble").spawn(trouble(net.clone()));
    for number in 1..=5 {
        let socket = net.host("client").datagrams(0).expect("some port is free");
        tell_a_majority(&socket, number, has_bug).await;
        // Zero tells nothing new: it only asks.
        let socket = net.host("client").datagrams(0).expect("some port is free");
        let seen = tell_a_majority(&socket, 0, false).await;
        entracte_sim::note(format_args!("told {number}, saw {seen}"));
        assert!(
            seen >= number,
            "the counter went back from {number} to {seen}"
        );
    }
    drop((replicas, trouble));
}

/// Looks for a seed from which the counter goes back.
pub(crate) fn search(seeds: u64, has_bug: bool) -> Option<Failure> {
    find(0..seeds, async || counts_to_five(has_bug).await)
}

fn main() {
    match search(1000, false) {
        None => println!("as it should be: 1000 seeds, and the counter never went back"),
        Some(failure) => println!("as it should be: {failure}"),
    }
    match search(1000, true) {
        None => println!("with the bug: not found"),
        Some(failure) => println!("with the bug: {failure}"),
    }
}
