//! Streams of the network under the traits of `futures-io`.

use futures::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy};

use entracte::spawn;
use entracte_sim::check;
use entracte_sim::net::Net;

#[test]
fn lines_go_through_an_echo_of_the_crate_futures() {
    check(0..100, async || {
        let net = Net::new();
        let listener = net.host("server").bind(80)?;
        let echo = spawn(async move {
            let (stream, _) = listener.accept().await?;
            copy(&stream, &mut &stream).await
        });
        let mut stream = net.host("client").connect(("server", 80)).await?;
        AsyncWriteExt::write_all(&mut stream, b"one\ntwo\n").await?;
        stream.flush().await?;
        stream.close().await?;
        let (reader, _writer) = stream.split();
        let mut reader = BufReader::new(reader);
        let (mut first, mut rest) = (String::new(), String::new());
        reader.read_line(&mut first).await?;
        reader.read_to_string(&mut rest).await?;
        assert_eq!((&*first, &*rest), ("one\n", "two\n"));
        assert_eq!(echo.await.expect("nobody cancels it")?, 8);
        Ok::<(), std::io::Error>(())
    });
}
