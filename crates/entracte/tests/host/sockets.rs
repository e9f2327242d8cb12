//! Sockets of tokio's and of the loop's, in one program.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream as StdStream};
use std::os::unix::net::UnixStream;

use entracte::event_loop::{Direction, Interest, Watched};
use entracte::{BoxError, host, spawn, task_group};
use tokio::net::TcpListener;

/// A stream that our loop watches.
struct Ours(Watched<StdStream>);

impl Ours {
    fn new(stream: StdStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self(Watched::new(stream, Interest::BOTH)))
    }

    async fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| {
            let read = |mut stream: &StdStream| stream.read(into);
            self.0.poll(Direction::Read, cx.waker(), read)
        })
        .await
    }

    async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|cx| {
                let write = |mut stream: &StdStream| stream.write(bytes);
                self.0.poll(Direction::Write, cx.waker(), write)
            })
            .await?;
            bytes = &bytes[written..];
        }
        Ok(())
    }
}

async fn echo(stream: &tokio::net::TcpStream) -> io::Result<()> {
    let mut bytes = [0; 1000];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(read) => send(stream, &bytes[..read]).await?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn send(stream: &tokio::net::TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Echoes in tasks of tokio's.
async fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move { echo(&stream).await });
        }
    });
    Ok(address)
}

async fn talk(address: SocketAddr, client: u8) -> io::Result<()> {
    let stream = Ours::new(StdStream::connect(address)?)?;
    for round in 0..50 {
        let sent = [client, round];
        stream.write_all(&sent).await?;
        let mut got = [0; 2];
        let mut filled = 0;
        while filled < got.len() {
            let read = stream.read(&mut got[filled..]).await?;
            assert!(read > 0, "the server closed the connection");
            filled += read;
        }
        assert_eq!(got, sent);
    }
    Ok(())
}

#[test]
fn our_sockets_talk_to_those_of_tokio() -> Result<(), BoxError> {
    host::run(async {
        let address = serve().await?;
        task_group(async |group| {
            for client in 0..40 {
                group.spawn(talk(address, client));
            }
            Ok::<_, io::Error>(())
        })
        .await?;
        Ok::<_, BoxError>(())
    })?
}

#[test]
fn a_megabyte_comes_back_whole() -> Result<(), BoxError> {
    const LENGTH: usize = 1 << 20;
    host::run(async {
        let address = serve().await?;
        let stream = std::rc::Rc::new(Ours::new(StdStream::connect(address)?)?);
        let sent: Vec<u8> = (0..LENGTH).map(|index| (index % 251) as u8).collect();
        let (writer, bytes) = (stream.clone(), sent.clone());
        let writing = spawn(async move { writer.write_all(&bytes).await });
        let mut got = vec![0; LENGTH];
        let mut filled = 0;
        while filled < LENGTH {
            filled += stream.read(&mut got[filled..]).await?;
        }
        writing.await??;
        assert!(got == sent);
        Ok::<_, BoxError>(())
    })?
}

async fn read_unix(stream: &Watched<UnixStream>) -> io::Result<usize> {
    let mut bytes = [0; 5];
    poll_fn(|cx| {
        let read = |mut stream: &UnixStream| stream.read(&mut bytes);
        stream.poll(Direction::Read, cx.waker(), read)
    })
    .await
}

/// Lets this process have as many descriptors as it may.
fn raise_the_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("the hard limit stays");
}

#[test]
fn more_sources_than_the_selector_reports_at_once_are_all_heard() -> Result<(), BoxError> {
    const SOURCES: usize = 1100;
    raise_the_limit();
    host::run(async {
        let (mut tasks, mut fars) = (Vec::new(), Vec::new());
        for _ in 0..SOURCES {
            let (near, far) = UnixStream::pair()?;
            near.set_nonblocking(true)?;
            let near = Watched::new(near, Interest::READABLE);
            tasks.push(spawn(async move { read_unix(&near).await }));
            fars.push(far);
        }
        entracte::checkpoint().await;
        tokio::task::yield_now().await;
        for far in &mut fars {
            far.write_all(b"x")?;
        }
        for task in tasks {
            assert_eq!(task.await??, 1);
        }
        Ok::<_, BoxError>(())
    })?
}

#[test]
fn what_came_between_two_runs_is_read_in_the_second() -> Result<(), BoxError> {
    let runner = host::runner()?;
    let (near, mut far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    let near = Watched::new(near, Interest::READABLE);
    let reading = runner.run(async {
        let reading = spawn(async move { read_unix(&near).await });
        entracte::checkpoint().await;
        reading
    })?;
    far.write_all(b"hello")?;
    assert_eq!(runner.run(reading)???, 5);
    Ok(())
}
