//! Redis by hand, over our own buffered streams.

use std::time::Duration;

use entracte::io::Stream;
use entracte::net::{self, TcpStream};
use entracte::{BoxError, run, spawn, timeout};
use entracte_ecosystem::{REDIS, server};

const LONG: Duration = Duration::from_secs(20);

/// A connection, and the part of the protocol that is needed here.
struct Redis(Stream<TcpStream>);

impl Redis {
    async fn connect() -> Result<Self, BoxError> {
        Ok(Self(net::connect(server(REDIS)).await?))
    }

    async fn send(&mut self, words: &[&[u8]]) -> Result<(), BoxError> {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            command.extend_from_slice(word);
            command.extend_from_slice(b"\r\n");
        }
        self.0.writer.write_all(&command).await?;
        Ok(())
    }

    /// One answer; those that have parts give them in order.
    async fn answer(&mut self) -> Result<Vec<Vec<u8>>, BoxError> {
        let (mut parts, mut left) = (Vec::new(), 1);
        while left > 0 {
            left -= 1;
            let line = self
                .0
                .reader
                .read_line()
                .await?
                .ok_or("the server hung up")?;
            let (kind, rest) = line.split_at(1);
            match kind {
                "*" => left += rest.parse::<usize>()?,
                "$" => {
                    let mut bytes = self
                        .0
                        .reader
                        .read_exactly(rest.parse::<usize>()? + 2)
                        .await?;
                    bytes.truncate(bytes.len() - 2);
                    parts.push(bytes);
                }
                "-" => return Err(rest.into()),
                _ => parts.push(rest.into()),
            }
        }
        Ok(parts)
    }

    async fn ask(&mut self, words: &[&[u8]]) -> Result<Vec<Vec<u8>>, BoxError> {
        self.send(words).await?;
        self.answer().await
    }
}

#[test]
fn values_of_any_bytes_come_back_whole() -> Result<(), BoxError> {
    run(async {
        let mut redis = Redis::connect().await?;
        for length in [0, 1, 4096, 1_000_000] {
            let value: Vec<u8> = (0..length).map(|n| (n % 256) as u8).collect();
            assert_eq!(redis.ask(&[b"SET", b"value", &value]).await?, [b"OK"]);
            assert!(redis.ask(&[b"GET", b"value"]).await? == [value]);
        }
        let refused = redis.ask(&[b"HGET", b"value", b"field"]).await;
        assert!(refused.is_err_and(|error| error.to_string().starts_with("WRONGTYPE")));
        Ok(())
    })?
}

#[test]
fn ten_thousand_commands_are_pipelined() -> Result<(), BoxError> {
    run(async {
        let mut redis = Redis::connect().await?;
        redis.ask(&[b"DEL", b"count"]).await?;
        for _ in 0..10_000 {
            redis.send(&[b"INCR", b"count"]).await?;
        }
        for n in 1..=10_000 {
            assert_eq!(redis.answer().await?, [n.to_string().into_bytes()]);
        }
        Ok(())
    })?
}

#[test]
fn what_is_published_reaches_a_task_that_subscribed() -> Result<(), BoxError> {
    run(async {
        let mut subscriber = Redis::connect().await?;
        subscriber.ask(&[b"SUBSCRIBE", b"news"]).await?;
        let hearing = spawn(async move {
            let mut heard = Vec::new();
            for _ in 0..10 {
                heard.extend(subscriber.answer().await?.pop());
            }
            Ok::<_, BoxError>(heard)
        });
        let mut publisher = Redis::connect().await?;
        for n in 0..10 {
            publisher
                .ask(&[b"PUBLISH", b"news", n.to_string().as_bytes()])
                .await?;
        }
        let heard = timeout(LONG, hearing).await???;
        assert_eq!(
            heard,
            (0..10)
                .map(|n| n.to_string().into_bytes())
                .collect::<Vec<_>>()
        );
        Ok(())
    })?
}
