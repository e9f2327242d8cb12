//! `file_server [FOLDER]`: serves the files of a folder over HTTP/1.1, until Ctrl-C or SIGTERM.
//!
//! A task for each client; files are read on threads, a piece at a time, and the next piece is read
//! only when the client has taken most of the last.

use std::io::{self, Write};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use entracte::net::{Server, TcpListener};
use entracte::signal::{self, Signal};
use entracte::{RunError, catch_cancel, spawn};

use crate::client::Service;
use crate::options::{HELP, Options};
use crate::site::Site;

mod answer;
mod client;
mod date;
mod listing;
mod options;
mod request;
mod site;
mod target;
mod wanted;

/// How long clients may go on after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let options = match Options::from_env() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("file_server: {error}\nTry 'file_server --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match entracte::run(serve(options)) {
        // Pressed before it listened.
        Ok(Ok(())) | Err(RunError::Interrupted) => ExitCode::SUCCESS,
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("file_server: {error}");
    ExitCode::FAILURE
}

async fn serve(options: Options) -> io::Result<()> {
    let site = Site::new(&options.folder, options.hidden)?;
    let listener = TcpListener::bind(&options.address).await?;
    let address = listener.local_address()?;
    let server = Server::new(listener)
        .max_clients(options.max_clients)
        .grace(GRACE);
    // Listened to before anybody can know that the server is there.
    let mut told_to_end = signal::stream([Signal::TERM])?;
    say(&format!(
        "serving {} on http://{address}/",
        site.root().display()
    ));

    let service = Rc::new(Service::new(&options, site, server.handle()));
    let clients = Rc::clone(&service);
    let mut serving = spawn(server.serve(async move |stream| clients.serve(stream).await));
    // Ctrl-C cancels the main task, and here it comes to rest.
    let ended = catch_cancel(futures_lite::future::or(
        async { Some((&mut serving).await) },
        async {
            told_to_end.next().await;
            None
        },
    ))
    .await;
    if let Ok(Some(ended)) = ended {
        return ended.map_err(io::Error::other);
    }
    say("closing");
    service.close();
    serving.await.map_err(io::Error::other)
}

/// A line of the log. Whether somebody reads it is no concern of the clients.
fn say(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}
