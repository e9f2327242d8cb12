//! Very many clients: at once, one after the other, and those that break off.

use std::io;
use std::net::Ipv4Addr;

use entracte::io::Stream;
use entracte::net::{Connect, TcpStream, connect};
use entracte::process::Command;
use entracte::stdio::stdin;
use entracte::{EventLoop, task_group};

use crate::alone;
use crate::clients::{Echo, ping};
use crate::limits::{descriptors, raise_descriptors, resident_kilobytes};

const AT_ONCE: usize = 10_000;

/// Where the clients connect to, in their own process.
const ADDRESS: &str = "ENTRACTE_TEST_ADDRESS";

#[test]
fn ten_thousand_clients_at_once_leave_nothing_behind() {
    let _alone = alone();
    raise_descriptors(AT_ONCE as u64 + 500);
    entracte::run(async {
        let event_loop = EventLoop::current().expect("a loop runs");
        let echo = Echo::start().await;
        // The first use of the loop's threads and buffers is not of interest.
        ping(&mut connect(echo.address).await.unwrap(), 0)
            .await
            .unwrap();
        echo.is_idle().await;
        let (open, alive) = (descriptors(), event_loop.alive());

        let myself = std::env::current_exe().expect("a test knows its binary");
        let clients = Command::new(myself).env(ADDRESS, echo.address.to_string());
        let program = [
            "many::clients_of_a_test",
            "--exact",
            "--ignored",
            "--nocapture",
        ];
        let mut clients = clients.args(program).piped().spawn().expect("it is there");
        let mut said = clients.stdout.take().expect("it is a pipe");
        while said.read_line().await.unwrap().expect("it goes on") != "all are there" {}
        assert_eq!(echo.handle.clients(), AT_ONCE);
        let status = clients.communicate("").await.unwrap().status;
        assert!(status.success(), "{status}");
        drop((clients, said));

        echo.is_idle().await;
        assert_eq!(descriptors(), open);
        assert_eq!(event_loop.alive(), alive);
        echo.end().await;
    })
    .unwrap();
}

/// Connects ten thousand times, has each connection answered while all are there, and keeps them
/// until nobody writes to it any more.
#[test]
#[ignore = "the program of a test"]
fn clients_of_a_test() {
    raise_descriptors(AT_ONCE as u64 + 500);
    let address = std::env::var(ADDRESS).expect("the test says where to");
    entracte::run(async {
        let mut clients = Vec::new();
        for _ in 0..AT_ONCE {
            clients.push(connect(&address).await.unwrap());
        }
        let clients = ping_all(clients).await.unwrap();
        println!("\nall are there");
        stdin().read_to_end().await.unwrap();
        drop(clients);
    })
    .unwrap();
}

async fn pinged((number, mut client): (usize, Stream<TcpStream>)) -> io::Result<Stream<TcpStream>> {
    ping(&mut client, number).await?;
    Ok(client)
}

/// Each pings, all at the same time, and none goes.
async fn ping_all(
    clients: Vec<Stream<TcpStream>>,
) -> Result<Vec<Stream<TcpStream>>, entracte::ErrorGroup> {
    task_group(async |group| {
        let numbered = clients.into_iter().enumerate();
        let handles: Vec<_> = numbered.map(|client| group.spawn(pinged(client))).collect();
        let mut clients = Vec::new();
        for handle in handles {
            clients.push(handle.await?);
        }
        Ok::<_, entracte::TaskError>(clients)
    })
    .await
}

/// Short connections, from many local addresses, as each has only so many ports to forget.
async fn short_connections(echo: &Echo, from: usize, count: usize) {
    for number in from..from + count {
        let local = Ipv4Addr::new(127, 0, 1, (number % 200) as u8 + 1);
        let client = Connect::new().local_address((local, 0).into());
        let stream = client.to(echo.address).await.expect("the server accepts");
        let mut stream = Stream::new(stream);
        ping(&mut stream, number).await.expect("the server echoes");
        // Every second one breaks off instead of closing.
        if number % 2 == 0 {
            stream
                .with(TcpStream::set_reset_on_close)
                .expect("it is connected");
        }
    }
}

/// `CONNECTIONS=1000000` makes it the long one.
#[test]
fn memory_is_flat_over_many_short_connections() {
    let _alone = alone();
    let count = std::env::var("CONNECTIONS");
    let count: usize = count.map_or(5_000, |text| text.parse().expect("a number"));
    entracte::run(async move {
        let event_loop = EventLoop::current().expect("a loop runs");
        let echo = Echo::start().await;
        short_connections(&echo, 0, count / 5).await;
        echo.is_idle().await;
        let (open, alive) = (descriptors(), event_loop.alive());
        let before = resident_kilobytes();
        short_connections(&echo, count / 5, count - count / 5).await;
        echo.is_idle().await;
        let after = resident_kilobytes();
        println!("{count} connections: {before} kB of memory, then {after} kB");
        assert!(
            after <= before + 512,
            "{before} kB of memory became {after}"
        );
        assert!(descriptors() <= open, "descriptors are left");
        assert!(event_loop.alive() <= alive, "tasks are left");
        assert_eq!(echo.handle.accepted(), count as u64);
        echo.end().await;
    })
    .unwrap();
}
