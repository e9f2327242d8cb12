//! One port for several loops, each on a thread of its own.

use std::net::SocketAddr;
use std::os::unix::net as std_unix;
use std::thread;

use entracte::io::Stream;
use entracte::net::{Listen, Server, TcpStream, UnixStream, connect};
use entracte::{run, spawn};

use crate::alone::alone;

/// Serves until `stop` ends, and gives how many clients there were.
fn serve(to: SocketAddr, stop: std_unix::UnixStream) -> u64 {
    let served = run(async move {
        let mut stop = Stream::new(UnixStream::from_std(stop).expect("it can be"));
        let listener = Listen::new()
            .reuse_port()
            .on(to)
            .await
            .expect("it is shared");
        let server = Server::new(listener);
        let handle = server.handle();
        let serving = spawn(
            server.serve(async |mut client: Stream<TcpStream>| client.writer.write_all(b"!").await),
        );
        stop.writer.write_all(b"!").await.expect("it is open");
        stop.reader.read_to_end().await.expect("it ends");
        handle.close();
        serving.await.expect("it ends");
        handle.accepted()
    });
    served.expect("it runs")
}

#[test]
fn loops_on_two_threads_share_the_connections_of_a_port() {
    alone(async {
        let first = Listen::new().reuse_port().on("127.0.0.1:0").await;
        let first = first.expect("it is free");
        let to = first.local_address().expect("it listens");
        let mut threads = Vec::new();
        for _ in 0..2 {
            let (near, far) = std_unix::UnixStream::pair().expect("there are sockets");
            let near = UnixStream::from_std(near).expect("it can be");
            let near = Stream::new(near);
            threads.push((thread::spawn(move || serve(to, far)), near));
            let near = &mut threads.last_mut().expect("it is there").1;
            near.reader.read_exactly(1).await.expect("it listens");
        }
        drop(first);
        for _ in 0..64 {
            let mut near = connect(to).await.expect("they listen");
            assert_eq!(near.reader.read_to_end().await.expect("it ends"), b"!");
        }
        let mut served = Vec::new();
        for (thread, near) in threads {
            drop(near);
            served.push(thread.join().expect("it ends"));
        }
        assert_eq!(served.iter().sum::<u64>(), 64);
        assert!(served.iter().all(|&count| count > 0), "{served:?}");
    });
}
