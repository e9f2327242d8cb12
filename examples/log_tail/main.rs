//! `log_tail FILE ADDRESS`: the lines of a growing file, through a pipeline of coroutines, to sockets.

use std::process::ExitCode;
use std::rc::Rc;

use entracte::net::{Server, TcpListener};
use entracte::{BoxError, local_group};

mod follow;
mod hub;
mod options;
mod stages;

use crate::follow::{News, follow};
use crate::hub::Hub;
use crate::options::{HELP, Options};

#[entracte::main]
async fn main() -> ExitCode {
    let options = match Options::from_env() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("log_tail: {error}\nTry 'log_tail --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match serve(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("log_tail: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: &Options) -> Result<(), BoxError> {
    let listener = TcpListener::bind(&options.address).await?;
    println!("listening on {}", listener.local_address()?);
    let hub = Rc::new(Hub::new(options.last));
    let clients = Rc::clone(&hub);
    let server = Server::new(listener).max_clients(options.max_clients);
    local_group(async |group| {
        group.spawn(server.serve(async move |client| hub::serve(&clients, client).await));
        pass_on(options, &hub).await
    })
    .await?;
    Ok(())
}

/// Sends what the file gets through the pipeline; a new one for each file that takes its place.
async fn pass_on(options: &Options, hub: &Hub) -> Result<(), BoxError> {
    let mut source = follow(&options.file);
    loop {
        let mut pipeline = stages::pipeline(&options.filters, |line| hub.publish(&line));
        pipeline.next()?;
        loop {
            match source.next().await? {
                News::Bytes(bytes) => pipeline.send(bytes)?,
                News::Pause => hub.open(),
                News::NewFile => break,
            }
        }
        pipeline.close()?;
    }
}
