//! `download URL…`: fetches files over HTTP, several at once, and resumes what was not finished.
//!
//! A file is written as `NAME.part`, and gets its name when all of it is there: whatever stops the
//! program, under its name a file is complete or not there at all.

use std::io;
use std::process::ExitCode;
use std::rc::Rc;

use entracte::sync::Semaphore;
use entracte::{RunError, catch_cancel, spawn, task_group};

use crate::fetch::{Settings, download};
use crate::options::{HELP, Options};
use crate::progress::{Board, Item};

mod body;
mod fetch;
mod options;
mod part;
mod progress;
mod response;
mod url;

/// What a shell reports for a program that Ctrl-C stopped.
const INTERRUPTED: u8 = 128 + 2;

fn main() -> ExitCode {
    let options = match Options::from_env() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("download: {error}\nTry 'download --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match entracte::run(download_all(options)) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => ExitCode::FAILURE,
        Err(RunError::Interrupted) => ExitCode::from(INTERRUPTED),
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("download: {error}");
    ExitCode::FAILURE
}

/// Whether everything was fetched.
async fn download_all(options: Options) -> io::Result<bool> {
    std::fs::create_dir_all(&options.folder)?;
    let items = options.sources.iter().map(|source| Item::new(&source.name));
    let board = Rc::new(Board::new(items.collect(), options.quiet));
    let drawing = Rc::clone(&board);
    let _drawing = spawn(async move { drawing.draw().await });
    let gate = Semaphore::new(options.at_once);
    let settings = Rc::new(options.settings);

    let all = task_group(async |group| {
        for (number, source) in options.sources.into_iter().enumerate() {
            let (board, gate) = (Rc::clone(&board), gate.clone());
            let settings: Rc<Settings> = Rc::clone(&settings);
            let target = options.folder.join(&source.name);
            group.spawn(async move {
                let _permit = gate.acquire().await;
                let item = board.item(number);
                let fetched = download(&source.url, &target, item, &settings).await;
                board.tell(item, fetched);
            });
        }
    });
    match catch_cancel(all).await {
        Ok(ended) => ended.map_err(io::Error::other)?,
        // Ctrl-C: every download has come to rest.
        Err(cancelled) => {
            board.tell_of_the_rest();
            cancelled.propagate().await;
        }
    }
    Ok(board.is_all_done())
}
