//! The network: streams, listeners and datagrams when nothing is cut off.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::time::Duration;

use entracte::{EventLoop, sleep, spawn, timeout};
use entracte_sim::net::{Address, Link, Net, Stream};
use entracte_sim::{check, elapsed, find, run};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A stream from a host to another, both ends.
pub(crate) async fn stream_between(net: &Net, from: &str, to: &str) -> (Stream, Stream) {
    let listener = net.host(to).bind(0).expect("some port is free");
    let near = net.host(from).connect(listener.local_address()).await;
    let (far, _) = listener.accept().await.expect("it is open");
    (near.expect("it listens"), far)
}

#[test]
fn bytes_arrive_whole_and_in_order_whatever_the_seed() {
    check(0..100, async || {
        let net = Net::new();
        net.set_links(Link::new().buffer(100).piece(30));
        let (near, far) = stream_between(&net, "a", "b").await;
        let bytes: Vec<u8> = (0..2000_u32).map(|number| number as u8).collect();
        let sent = bytes.clone();
        let writer = spawn(async move { near.write_all(&sent).await });
        let mut read = Vec::new();
        far.read_to_end(&mut read).await?;
        assert_eq!(read, bytes);
        writer.await.expect("nobody cancels it")
    });
}

/// Reads so many bytes; gives how many each read gave.
async fn lengths_of_reads(stream: &Stream, mut left: usize) -> Vec<usize> {
    let mut lengths = Vec::new();
    while left > 0 {
        let read = stream.read(&mut [0; 10]).await;
        let count = read.expect("nobody resets it");
        lengths.push(count);
        left -= count;
    }
    lengths
}

#[test]
fn reads_and_writes_are_short_unless_the_link_is_perfect() {
    let lengths = |link: Link| {
        run(7, async {
            let net = Net::new();
            net.set_links(link);
            let (near, far) = stream_between(&net, "a", "b").await;
            let mut lengths = BTreeSet::new();
            for _ in 0..500 {
                let count = near.write(&[7; 10]).await.expect("nobody resets it");
                sleep(ms(20)).await;
                lengths.extend(lengths_of_reads(&far, count).await);
            }
            lengths.len()
        })
    };
    assert_eq!(lengths(Link::perfect()), 1);
    assert_eq!(lengths(Link::new()), 10);
    assert_eq!(lengths(Link::new().piece(3)), 3);
}

#[test]
fn each_way_takes_its_latency() {
    run(7, async {
        let net = Net::new();
        net.set_link("a", "b", Link::perfect().latency(ms(30)..=ms(30)));
        let (near, far) = stream_between(&net, "a", "b").await;
        assert_eq!(elapsed(), ms(60));
        near.write_all(b"ping").await.expect("nobody resets it");
        assert_eq!(elapsed(), ms(60));
        far.read_exact(&mut [0; 4]).await.expect("nobody resets it");
        assert_eq!(elapsed(), ms(90));
    });
}

#[test]
fn a_slow_link_takes_its_time() {
    run(7, async {
        let net = Net::new();
        net.set_links(Link::perfect().bytes_per_second(1000));
        let (near, far) = stream_between(&net, "a", "b").await;
        near.write_all(&[0; 2000]).await.expect("nobody resets it");
        far.read_exact(&mut [0; 2000])
            .await
            .expect("nobody resets it");
        assert_eq!(elapsed(), Duration::from_secs(2));
    });
}

#[test]
fn a_writer_waits_while_the_buffer_is_full() {
    run(7, async {
        let net = Net::new();
        net.set_links(Link::perfect().buffer(10));
        let (near, far) = stream_between(&net, "a", "b").await;
        near.write_all(&[1; 10]).await.expect("there is room");
        assert!(timeout(ms(1), near.write(&[2])).await.is_err());
        far.read_exact(&mut [0; 1]).await.expect("it is there");
        assert_eq!(near.write(&[2, 3]).await.expect("there is room"), 1);
    });
}

#[test]
fn one_way_can_end_while_the_other_goes_on() {
    run(7, async {
        let net = Net::new();
        let (near, far) = stream_between(&net, "a", "b").await;
        near.shut_down();
        assert_eq!(far.read(&mut [0; 9]).await.expect("that is no error"), 0);
        let error = near.write(b"more").await.expect_err("it was shut down");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        far.write_all(b"answer").await.expect("this way is open");
        drop(far);
        let mut answer = Vec::new();
        near.read_to_end(&mut answer).await.expect("it ended well");
        assert_eq!(answer, b"answer");
    });
}

#[test]
fn a_stream_dropped_with_something_unread_is_reset() {
    run(7, async {
        let net = Net::new();
        let (near, far) = stream_between(&net, "a", "b").await;
        near.write_all(b"nobody reads it")
            .await
            .expect("it is open");
        sleep(ms(200)).await;
        drop(far);
        let error = near.read(&mut [0; 9]).await.expect_err("it was reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn who_writes_to_an_end_that_is_gone_hears_of_it() {
    run(7, async {
        let net = Net::new();
        let (near, far) = stream_between(&net, "a", "b").await;
        drop(far);
        near.write_all(b"into the void")
            .await
            .expect("it does not know yet");
        sleep(ms(100)).await;
        let error = near.write(b"again").await.expect_err("it was reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_reset_reaches_those_who_wait_at_both_ends() {
    run(7, async {
        let net = Net::new();
        let (near, far) = stream_between(&net, "a", "b").await;
        let waits = spawn(async move { far.read(&mut [0; 9]).await });
        let here = spawn(async move {
            let (read, ()) = futures::join!(async { near.read(&mut [0; 9]).await }, async {
                sleep(ms(1)).await;
                near.reset();
            });
            read
        });
        for task in [waits, here] {
            let read: io::Result<usize> = task.await.expect("nobody cancels it");
            assert_eq!(
                read.expect_err("it was reset").kind(),
                ErrorKind::ConnectionReset
            );
        }
    });
}

#[test]
fn nobody_listens_so_the_connection_is_refused() {
    run(7, async {
        let net = Net::new();
        let listener = net.host("b").bind(80).expect("the port is free");
        drop(listener);
        let refused = net.host("a").connect(("b", 80)).await;
        let error = refused.expect_err("nobody listens");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(elapsed() > ms(0), "it takes a way there and back to know");
    });
}

#[test]
fn a_backlog_that_is_full_refuses() {
    run(7, async {
        let net = Net::new();
        let listener = net
            .host("b")
            .bind_with_backlog(80, 1)
            .expect("the port is free");
        let host = net.host("a");
        let _first = host.connect(("b", 80)).await.expect("one may wait");
        let second = host.connect(("b", 80)).await;
        assert_eq!(
            second.expect_err("two may not").kind(),
            ErrorKind::ConnectionRefused
        );
        let (stream, from) = listener.accept().await.expect("it is open");
        assert_eq!(from.host(), "a");
        assert_eq!(stream.local_address(), &Address::from(("b", 80)));
        host.connect(("b", 80)).await.expect("there is room again");
    });
}

#[test]
fn a_port_is_given_once() {
    let net = Net::new();
    let host = net.host("a");
    let _kept = (host.bind(80), host.datagrams(80));
    assert_eq!(
        host.bind(80).expect_err("it is taken").kind(),
        ErrorKind::AddrInUse
    );
    assert_eq!(
        host.datagrams(80).expect_err("it is taken").kind(),
        ErrorKind::AddrInUse
    );
    let ports = [(); 3].map(|()| host.bind(0).expect("some are free"));
    let ports = ports.iter().map(|listener| listener.local_address().port());
    assert_eq!(ports.collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn datagrams_are_lost_doubled_and_overtake_each_other() {
    let counts = |link: Link| {
        run(7, async {
            let net = Net::new();
            net.set_links(link);
            let (here, there) = (net.host("a").datagrams(1), net.host("b").datagrams(2));
            let (here, there) = (here.expect("it is free"), there.expect("it is free"));
            for number in 0..100_u8 {
                here.send(&[number], there.local_address());
            }
            let mut got = Vec::new();
            while let Ok((bytes, from)) = timeout(ms(500), there.receive()).await {
                assert_eq!(from, *here.local_address());
                got.push(bytes[0]);
            }
            let is_sorted = got.is_sorted();
            let came = got.len();
            let different = got.into_iter().collect::<BTreeSet<_>>().len();
            (came, different, is_sorted)
        })
    };
    assert_eq!(counts(Link::perfect()), (100, 100, true));
    assert_eq!(counts(Link::new()), (100, 100, false));
    let (came, different, _) = counts(Link::new().loss(0.5));
    assert!((30..70).contains(&came) && came == different, "{came}");
    let (came, different, _) = counts(Link::new().doubling(0.5));
    assert!((130..170).contains(&came) && different == 100, "{came}");
    assert_eq!(counts(Link::new().loss(1.0)), (0, 0, true));
}

#[test]
fn all_of_it_is_drawn_from_the_seed() {
    let took = |seed| {
        run(seed, async {
            drop(stream_between(&Net::new(), "a", "b").await);
            (elapsed(), EventLoop::current().expect("it runs").random())
        })
    };
    assert_eq!(took(7), took(7));
    assert_ne!(took(7), took(8));
}

#[test]
fn who_expects_whole_messages_is_found_out() {
    let failure = find(0..100, async || {
        let (near, far) = stream_between(&Net::new(), "a", "b").await;
        near.write_all(b"hello").await?;
        let mut bytes = [0; 5];
        let count = far.read(&mut bytes).await?;
        assert_eq!(&bytes[..count], b"hello");
        Ok::<(), io::Error>(())
    });
    assert!(failure.is_some());
}
