//! psql and PostgreSQL, which know nothing of us, with a server of ours between them.

use std::net::SocketAddr;

use entracte::io::{ReadError, Stream, copy};
use entracte::net::{Server, TcpListener, TcpStream, connect};
use entracte::process::exec;
use entracte::{local_group, spawn};
use entracte_ecosystem::{POSTGRES, server};

/// Passes on what each side says, until both have ended.
async fn pass_on(near: Stream<TcpStream>, to: SocketAddr) -> Result<(), entracte::BoxError> {
    let (mut near, mut far) = (near, connect(to).await?);
    local_group(async |group| {
        group.spawn(async {
            copy(&mut near.reader, &mut far.writer).await?;
            far.writer.close().await
        });
        group.spawn(async {
            copy(&mut far.reader, &mut near.writer).await?;
            near.writer.close().await
        });
        Ok::<(), ReadError>(())
    })
    .await?;
    Ok(())
}

#[test]
fn psql_talks_to_postgresql_through_a_server_of_ours() {
    let url = server(POSTGRES);
    let (user, rest) = url.split_once('@').expect("the URL names a user");
    let (address, database) = rest.split_once('/').expect("the URL names a database");
    let to: SocketAddr = address.parse().expect("the URL has an address");
    entracte::run(async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let here = listener.local_address().expect("it is bound");
        let server = Server::new(listener);
        let handle = server.handle();
        let serving = spawn(server.serve(async move |near| pass_on(near, to).await));
        let psql = exec("psql", ["--no-psqlrc", "-qtA", "-c"])
            .arg("select sum(n), count(*) from generate_series(1, 1000000) as n")
            .arg("-c")
            .arg("select repeat('x', 3000000)")
            .arg(format!("{user}@{here}/{database}?sslmode=disable"));
        let output = psql.output().await.expect("psql is there");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let text = String::from_utf8(output.stdout).expect("it prints text");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "500000500000|1000000");
        assert_eq!(lines[1].len(), 3_000_000);
        handle.close();
        serving.await.expect("it ends");
        assert_eq!(handle.accepted(), 1);
    })
    .expect("it runs");
}
