//! `chat ADDRESS`: a chat with rooms for `nc` and its like; who reads too slowly is told and dropped.

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::rc::Rc;

use entracte::BoxError;
use entracte::net::{Server, TcpListener};
use lexopt::{Arg, Parser, ValueExt};

mod hall;
mod talk;

use crate::hall::Hall;

const HELP: &str = "\
Usage: chat [--max-clients=N] HOST:PORT
Serves a chat until Ctrl-C; port 0 is any that is free. Join it with `nc HOST PORT`.

      --max-clients=N  at most N are there at once, the others wait; 1000 by default
      --help           print this";

struct Options {
    address: String,
    max_clients: usize,
}

#[entracte::main]
async fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("chat: {error}\nTry 'chat --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match serve(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for; `None` for help.
fn options() -> Result<Option<Options>, lexopt::Error> {
    let (mut address, mut max_clients) = (None, 1000);
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") => return Ok(None),
            Arg::Long("max-clients") => {
                max_clients = parser.value()?.parse::<NonZeroUsize>()?.get();
            }
            Arg::Value(value) if address.is_none() => address = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let address = address.ok_or("no address is given")?;
    Ok(Some(Options {
        address,
        max_clients,
    }))
}

async fn serve(options: &Options) -> Result<(), BoxError> {
    let listener = TcpListener::bind(&options.address).await?;
    println!("listening on {}", listener.local_address()?);
    let hall = Rc::new(Hall::default());
    let server = Server::new(listener).max_clients(options.max_clients);
    server
        .serve(async move |client| talk::with(&hall, client).await)
        .await;
    Ok(())
}
