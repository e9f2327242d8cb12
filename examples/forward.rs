//! `forward FROM TO`: a port that is another one, with half-closes and resets as they were.

use std::num::NonZeroUsize;
use std::process::ExitCode;

use entracte::io::{Stream, copy};
use entracte::net::{Server, TcpListener, TcpStream, connect};
use entracte::{BoxError, local_group};
use lexopt::{Arg, Parser, ValueExt};

const HELP: &str = "\
Usage: forward [--max-connections=N] HOST:PORT TARGET:PORT
Passes each connection to HOST:PORT on to TARGET:PORT, until Ctrl-C; port 0 is any that is free.

      --max-connections=N  at most N at once, further ones wait; 1000 by default
      --help               print this";

struct Options {
    from: String,
    to: String,
    max_connections: usize,
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
            eprintln!("forward: {error}\nTry 'forward --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("forward: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for; `None` for help.
fn options() -> Result<Option<Options>, lexopt::Error> {
    let (mut addresses, mut max_connections) = (Vec::new(), 1000);
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") => return Ok(None),
            Arg::Long("max-connections") => {
                max_connections = parser.value()?.parse::<NonZeroUsize>()?.get();
            }
            Arg::Value(value) if addresses.len() < 2 => addresses.push(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let [from, to] = <[String; 2]>::try_from(addresses)
        .map_err(|_| "two addresses are needed: from where, and to where")?;
    Ok(Some(Options {
        from,
        to,
        max_connections,
    }))
}

async fn serve(options: Options) -> Result<(), BoxError> {
    let listener = TcpListener::bind(&options.from).await?;
    println!("listening on {}", listener.local_address()?);
    let server = Server::new(listener).max_clients(options.max_connections);
    let to = options.to;
    server
        .serve(async move |near| {
            if let Err(error) = forward(near, &to).await {
                eprintln!("forward: {error}");
            }
        })
        .await;
    Ok(())
}

async fn forward(near: Stream<TcpStream>, to: &str) -> Result<(), BoxError> {
    let mut near = Unfinished::new(near);
    let mut far = Unfinished::new(connect(to).await?);
    let (near_end, far_end) = (&mut near.end, &mut far.end);
    local_group(async |group| {
        group.spawn(async {
            copy(&mut near_end.reader, &mut far_end.writer).await?;
            far_end.writer.close().await
        });
        group.spawn(async {
            copy(&mut far_end.reader, &mut near_end.writer).await?;
            near_end.writer.close().await
        });
    })
    .await?;
    near.is_finished = true;
    far.is_finished = true;
    Ok(())
}

/// One end of a connection. If it is dropped before both directions have ended, because the other end
/// was reset, or on Ctrl-C, it is reset: nobody is to take that for the end of what was sent.
struct Unfinished {
    end: Stream<TcpStream>,
    is_finished: bool,
}

impl Unfinished {
    const fn new(end: Stream<TcpStream>) -> Self {
        Self {
            end,
            is_finished: false,
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            self.end.writer.discard();
            // The connection may be gone, which is as well.
            drop(self.end.with(TcpStream::set_reset_on_close));
        }
    }
}
