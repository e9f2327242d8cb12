//! An echo server and its clients: streams, a server that is closed, and what is left then.

use std::io;
use std::net::SocketAddr;

use entracte::io::Stream;
use entracte::net::{Server, TcpListener, TcpStream, connect};
use entracte::{BoxError, gather, spawn};

async fn echo(mut stream: Stream<TcpStream>) -> Result<(), BoxError> {
    while let Some(line) = stream.reader.read_line().await? {
        let answer = format!("{}\n", line.to_uppercase());
        stream.writer.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

async fn talk(address: SocketAddr, name: &str) -> Result<Vec<String>, BoxError> {
    let mut stream = connect(address).await?;
    let mut lines = Vec::new();
    for number in 0..3 {
        let line = format!("{name} says {number}\n");
        stream.writer.write_all(line.as_bytes()).await?;
        lines.extend(stream.reader.read_line().await?);
    }
    stream.writer.close().await?;
    assert_eq!(stream.reader.read_to_end().await?, b"");
    Ok(lines)
}

fn main() -> Result<(), BoxError> {
    entracte::run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_address()?;
        let server = Server::new(listener);
        let handle = server.handle();
        let serving = spawn(server.serve(echo));
        let (ann, bob) = gather((talk(address, "Ann"), talk(address, "Bob"))).await?;
        for lines in [ann, bob] {
            println!("{}", format!("{lines:?}").replace('"', "'"));
        }
        handle.close();
        serving.await?;
        if let Err(error) = connect(address).await {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
            println!("nobody listens any more");
        }
        Ok(())
    })?
}
