//! `nc HOST PORT`: standard input to a socket and the socket to standard output, as netcat does.

use std::process::ExitCode;

use entracte::BoxError;
use entracte::io::Stream;
use entracte::net::{Listen, TcpListener, UdpSocket, connect, connect_unix};

mod options;
mod talk;

use crate::options::{HELP, Options, Target};

#[entracte::main]
async fn main() -> ExitCode {
    let options = match Options::from_env() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("nc: {error}\nTry 'nc --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nc: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), BoxError> {
    let say = |text: String| {
        if options.verbose {
            eprintln!("{text}");
        }
    };
    match (options.target, options.listen) {
        (Target::Tcp(address), false) => {
            let stream = connect(address).await?;
            say(format!("connected to {}", stream.peer_address()?));
            talk::over_stream(stream).await
        }
        (Target::Tcp(address), true) => {
            let listener = TcpListener::bind(address).await?;
            say(format!("listening on {}", listener.local_address()?));
            let (stream, from) = listener.accept().await?;
            drop(listener);
            say(format!("connection from {from}"));
            talk::over_stream(Stream::new(stream)).await
        }
        (Target::Unix(path), false) => {
            let stream = connect_unix(&path).await?;
            say(format!("connected to {}", path.display()));
            talk::over_stream(stream).await
        }
        (Target::Unix(path), true) => {
            let listener = Listen::new().on_path(&path)?;
            say(format!("listening on {}", path.display()));
            let stream = listener.accept().await?;
            drop(listener);
            std::fs::remove_file(&path)?;
            talk::over_stream(Stream::new(stream)).await
        }
        (Target::Udp(address), false) => {
            let socket = UdpSocket::connect(address).await?;
            talk::over_datagrams(&socket, options.wait).await
        }
        (Target::Udp(address), true) => {
            let socket = UdpSocket::bind(address).await?;
            say(format!("listening on {}", socket.local_address()?));
            talk::with_first_comer(&socket, options.wait).await
        }
    }
}
