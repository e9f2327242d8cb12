//! Partitions and crashes: what is half-open, what waits, and what is lost.

use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use entracte::{sleep, spawn, timeout};
use entracte_sim::net::{Link, Net};
use entracte_sim::{check, elapsed, run};

use crate::network::stream_between;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_stream_across_a_partition_is_half_open_and_goes_on_when_it_is_healed() {
    check(0..100, async || {
        let net = Net::new();
        let (near, far) = stream_between(&net, "a", "b").await;
        near.write_all(b"before ").await?;
        net.partition("b", "a");
        near.write_all(b"meanwhile ").await?; // nobody tells the writer
        let mut bytes = [0; 22];
        let read = timeout(SECOND, far.read_exact(&mut bytes)).await;
        assert!(read.is_err(), "it got through");
        net.heal("a", "b");
        let (near, far) = (Rc::new(near), Rc::new(far));
        near.write_all(b"after").await?;
        near.shut_down();
        let mut rest = Vec::new();
        far.read_to_end(&mut rest).await?;
        assert!(b"before meanwhile after".ends_with(&rest[..]));
        assert!(rest.len() >= b"after".len());
        Ok::<(), std::io::Error>(())
    });
}

async fn cut_twenty_times(net: Net) {
    for _ in 0..20 {
        net.partition("a", "b");
        sleep(Duration::from_millis(7)).await;
        net.heal("a", "b");
        sleep(Duration::from_millis(3)).await;
    }
}

#[test]
fn nothing_is_lost_or_out_of_order_however_often_a_stream_is_cut() {
    check(0..50, async || {
        let net = Net::new();
        net.set_links(Link::new().buffer(64));
        let (near, far) = stream_between(&net, "a", "b").await;
        let bytes: Vec<u8> = (0..=255).collect();
        let sent = bytes.clone();
        let writer = spawn(async move { near.write_all(&sent).await });
        let cuts = spawn(cut_twenty_times(net));
        let mut read = Vec::new();
        far.read_to_end(&mut read).await?;
        assert_eq!(read, bytes);
        cuts.await.expect("nobody cancels it");
        writer.await.expect("nobody cancels it")
    });
}

#[test]
fn a_connect_waits_for_the_partition_to_heal() {
    run(7, async {
        let net = Net::new();
        let listener = net.host("b").bind(80).expect("the port is free");
        net.partition("a", "b");
        let connects = spawn({
            let net = net.clone();
            async move { net.host("a").connect(("b", 80)).await }
        });
        sleep(SECOND).await;
        assert!(!connects.is_done());
        net.heal("a", "b");
        connects
            .await
            .expect("nobody cancels it")
            .expect("it listens");
        assert!(elapsed() > SECOND);
        drop(listener);
    });
}

#[test]
fn hosts_on_the_same_side_are_not_concerned() {
    run(7, async {
        let net = Net::new();
        net.partition("a", "b");
        net.partition("a", "a");
        let _open = stream_between(&net, "a", "c").await;
        let _alone = stream_between(&net, "a", "a").await;
        assert!(
            timeout(SECOND, stream_between(&net, "b", "a"))
                .await
                .is_err()
        );
    });
}

#[test]
fn datagrams_are_lost_in_a_partition_also_those_on_their_way() {
    run(7, async {
        let net = Net::new();
        let (here, there) = (net.host("a").datagrams(1), net.host("b").datagrams(2));
        let (here, there) = (here.expect("it is free"), there.expect("it is free"));
        here.send(b"on its way", there.local_address());
        net.partition("a", "b");
        here.send(b"into the dark", there.local_address());
        sleep(SECOND).await;
        net.heal("a", "b");
        here.send(b"again", there.local_address());
        assert_eq!(there.receive().await.0, b"again");
    });
}

#[test]
fn a_reset_is_heard_when_the_partition_is_healed() {
    run(7, async {
        let net = Net::new();
        let (near, far) = stream_between(&net, "a", "b").await;
        net.partition("a", "b");
        near.reset();
        assert!(timeout(SECOND, far.read(&mut [0; 1])).await.is_err());
        net.heal("a", "b");
        let error = far.read(&mut [0; 1]).await.expect_err("it was reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_crash_closes_listeners_and_resets_streams() {
    run(7, async {
        let net = Net::new();
        let listener = net.host("b").bind(80).expect("the port is free");
        let client = net.host("a").connect(("b", 80)).await.expect("it listens");
        net.host("b").crash();
        // The one that waited to be accepted is gone with the rest.
        let error = client.read(&mut [0; 1]).await.expect_err("it was reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let error = listener.accept().await.expect_err("the host crashed");
        assert_eq!(error.kind(), ErrorKind::NotConnected);
        let error = net
            .host("a")
            .connect(("b", 80))
            .await
            .expect_err("nobody listens");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        drop(listener);
        assert!(net.host("b").bind(80).is_ok());
    });
}

#[test]
fn every_stream_between_two_hosts_can_be_reset() {
    run(7, async {
        let net = Net::new();
        let (one, _) = stream_between(&net, "a", "b").await;
        let (two, _kept) = stream_between(&net, "b", "a").await;
        let (other, _other) = stream_between(&net, "a", "c").await;
        net.reset("a", "b");
        sleep(SECOND).await;
        for stream in [one, two] {
            let error = stream.read(&mut [0; 1]).await.expect_err("it was reset");
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        assert!(other.write(b"fine").await.is_ok());
    });
}
