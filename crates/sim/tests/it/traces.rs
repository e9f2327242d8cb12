//! Traces: the same to the byte from the same seed, on every machine.

use std::time::Duration;

use entracte::sync::Queue;
use entracte::task::Spawn;
use entracte::{sleep, spawn};
use entracte_sim::net::Net;
use entracte_sim::{Sim, Trace, note};

/// A bit of everything: names, a queue, time, the network.
async fn program() {
    let net = Net::new();
    let listener = net.host("server").bind(80).expect("the port is free");
    let server = Spawn::new().name("server").spawn(async move {
        let (stream, from) = listener.accept().await.expect("it is open");
        note(format_args!("accepted {from}"));
        let mut bytes = Vec::new();
        stream
            .read_to_end(&mut bytes)
            .await
            .expect("nobody resets it");
        bytes
    });
    let queue = std::rc::Rc::new(Queue::bounded(1));
    let puts = std::rc::Rc::clone(&queue);
    let producer = spawn(async move {
        for letter in *b"abc" {
            puts.put(letter).await.expect("it is open");
            sleep(Duration::from_millis(3)).await;
        }
    });
    let stream = net
        .host("client")
        .connect(("server", 80))
        .await
        .expect("it listens");
    for _ in 0..3 {
        let letter = queue.get().await.expect("it is open");
        stream
            .write_all(&[letter; 7])
            .await
            .expect("nobody resets it");
    }
    drop(stream);
    producer.await.expect("nobody cancels it");
    assert_eq!(
        server.await.expect("nobody cancels it"),
        b"aaaaaaabbbbbbbccccccc"
    );
}

fn trace_of(seed: u64) -> Trace {
    let report = Sim::new(seed).trace().run(program()).expect("it ends");
    report.trace.expect("it was wanted")
}

#[test]
fn two_runs_from_one_seed_have_the_same_trace() {
    for seed in 0..100 {
        assert_eq!(trace_of(seed), trace_of(seed));
    }
    assert_ne!(trace_of(0), trace_of(1));
}

/// Written once; to write it anew, set `ENTRACTE_WRITE=1`.
#[test]
fn the_trace_is_the_same_on_every_machine() {
    let trace = trace_of(7);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/trace.out");
    if std::env::var_os("ENTRACTE_WRITE").is_some() {
        std::fs::write(file, trace.as_str()).expect("the file can be written");
    }
    assert_eq!(trace.as_str(), include_str!("trace.out"));
}

#[test]
fn a_failure_has_the_trace_that_led_to_it() {
    let failure = Sim::new(7)
        .trace()
        .run(async {
            note("the last thing that was done");
            std::future::pending::<()>().await;
        })
        .unwrap_err();
    let trace = failure.trace().expect("it was wanted");
    assert!(
        trace.as_str().contains("- the last thing that was done\n"),
        "{trace}"
    );
    assert!(failure.to_string().contains(trace.as_str()));
}
