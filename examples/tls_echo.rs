//! An echo server that speaks TLS, and a client that asks any such server.

use std::env::args;
use std::fs::read;
use std::process::ExitCode;

use entracte::io::{Stream, copy};
use entracte::net::{Server, TcpListener, TcpStream};
use entracte::tls::{
    Listener, TlsStream, client_config, connect, server_config, system_client_config,
};
use entracte::{BoxError, local_group};

const USAGE: &str = "\
Usage: tls_echo serve HOST:PORT CERTIFICATE KEY
       tls_echo ask HOST:PORT ROOTS TEXT...
CERTIFICATE, KEY and ROOTS are PEM files. The server sends back all that it is sent, until Ctrl-C;
port 0 is any that is free. The client trusts what ROOTS vouch for, with - what the system trusts;
it sends each TEXT as a line, and prints what comes back.";

#[entracte::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["serve", address, certificate, key] => serve(address, certificate, key).await,
        ["ask", address, roots, ref texts @ ..] => ask(address, roots, texts).await,
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
            eprintln!("tls_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(address: &str, certificate: &str, key: &str) -> Result<(), BoxError> {
    let config = server_config(&file(certificate)?, &file(key)?)?;
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_address()?);
    Server::new(Listener::new(listener, &config))
        .serve(echo)
        .await;
    Ok(())
}

/// The handshake is made by the first read, in the task of the client.
async fn echo(mut client: Stream<TlsStream<TcpStream>>) -> Result<(), BoxError> {
    copy(&mut client.reader, &mut client.writer).await?;
    client.writer.close().await?; // without it, the client would have to think that it was cut off
    Ok(())
}

async fn ask(address: &str, roots: &str, texts: &[&str]) -> Result<(), BoxError> {
    let config = match roots {
        "-" => system_client_config()?,
        path => client_config(&file(path)?)?,
    };
    let stream = connect(address, &config).await?;
    let Stream {
        mut reader,
        mut writer,
    } = stream;
    local_group(async |group| {
        group.spawn(async move {
            for text in texts {
                writer.write_all(format!("{text}\n").as_bytes()).await?;
            }
            writer.close().await
        });
        while let Some(line) = reader.read_line().await? {
            println!("{line}");
        }
        Ok::<(), BoxError>(())
    })
    .await?;
    Ok(())
}

fn file(path: &str) -> Result<Vec<u8>, BoxError> {
    read(path).map_err(|error| format!("cannot read {path}: {error}").into())
}
