//! `echo serve ADDRESS` sends back all that it is sent; `echo ask ADDRESS TEXT…` asks such a server.

use std::env::args;
use std::process::ExitCode;

use entracte::io::{Stream, copy};
use entracte::net::{Server, TcpListener, TcpStream, connect};
use entracte::{BoxError, local_group};

const USAGE: &str = "\
Usage: echo serve HOST:PORT
       echo ask HOST:PORT TEXT...
The server sends back all that it is sent, until Ctrl-C; port 0 is any that is free. The client
sends each TEXT as a line, prints what comes back, and fails if that is anything else.";

#[entracte::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["serve", address] => serve(address).await,
        ["ask", address, ref texts @ ..] => ask(address, texts).await,
        ["--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(address: &str) -> Result<(), BoxError> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_address()?);
    Server::new(listener).serve(echo).await;
    Ok(())
}

/// What a client sends is read no faster than the client reads what comes back.
async fn echo(mut client: Stream<TcpStream>) -> Result<(), BoxError> {
    copy(&mut client.reader, &mut client.writer).await?;
    client.writer.close().await?;
    Ok(())
}

async fn ask(address: &str, texts: &[&str]) -> Result<(), BoxError> {
    let Stream {
        mut reader,
        mut writer,
    } = connect(address).await?;
    local_group(async |group| {
        // At the same time: who sends everything first has both sides wait for each other.
        group.spawn(async move {
            for text in texts {
                writer.write_all(format!("{text}\n").as_bytes()).await?;
            }
            writer.close().await
        });
        for text in texts {
            let sent = format!("{text}\n");
            let answer = reader.read_exactly(sent.len()).await?;
            if answer != sent.as_bytes() {
                let answer = String::from_utf8_lossy(&answer);
                return Err(format!("{sent:?} came back as {answer:?}").into());
            }
            print!("{sent}");
        }
        Ok::<(), BoxError>(())
    })
    .await?;
    Ok(())
}
