//! `--follow`: goes on with files that grow, are cut off, or are replaced by new ones.
//!
//! Each file is a generator that searches what is new and says whether there was anything. A
//! `fan_in` gives them turns.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Seek};
use std::time::Duration;

use entracte::pipeline::pull::fan_in;
use entracte::{BoxError, Co, Generator};

use crate::chunks::Chunks;
use crate::run::Run;
use crate::search::{Failure, Search};

/// How long to wait when no file has grown.
const PAUSE: Duration = Duration::from_millis(100);

/// Searches all files until each has given as many lines as were asked for, or for ever.
pub(crate) fn follow(run: &mut Run<'_>) -> Result<(), BoxError> {
    let files = &run.options.files;
    let run = RefCell::new(run);
    let mut idle = 0;
    let mut turns = fan_in(files.iter().map(|file| follower(file, &run)));
    for grew in turns.by_ref() {
        idle = if grew { 0 } else { idle + 1 };
        if run.borrow().is_decided() {
            return Ok(());
        }
        if idle >= files.len() {
            pause();
            idle = 0;
        }
    }
    match turns.outcome() {
        Some(Err(error)) => Err(error),
        _ => Ok(()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "no portable call waits for a file to grow"
)]
fn pause() {
    std::thread::sleep(PAUSE);
}

/// Gives whether the file had grown, again and again.
fn follower<'a>(path: &'a OsStr, run: &'a RefCell<&mut Run<'_>>) -> Generator<'a, bool> {
    Generator::new(async move |mut co| {
        if let Err(error) = follow_one(&mut co, path, run).await {
            co.raise(error).await;
        }
    })
}

async fn follow_one(
    co: &mut Co<'_, bool, ()>,
    path: &OsStr,
    run: &RefCell<&mut Run<'_>>,
) -> Result<(), BoxError> {
    let options = run.borrow().options;
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return run.borrow_mut().problem(path, &error),
    };
    let named = options.named.unwrap_or(options.files.len() > 1);
    let mut search = Search::new(options, path.as_encoded_bytes(), named);
    let ended = loop {
        // Until it is another file, or starts anew.
        let mut chunks = Chunks::new(&mut file, options.text);
        match follow_on(co, path, run, &mut search, &mut chunks).await {
            Ok(Some(next)) => file = next,
            Ok(None) => break Ok(()),
            Err(failure) => break Err(failure),
        }
        search.restart();
    };
    let mut run = run.borrow_mut();
    match ended {
        Ok(()) => {}
        Err(Failure::Write(error)) => return Err(error),
        Err(Failure::Read(error)) => run.problem(path, &error)?,
    }
    run.report(&search, path, named)
}

/// Searches what an open file gets; answers the file to go on with, if lines are still wanted.
async fn follow_on(
    co: &mut Co<'_, bool, ()>,
    path: &OsStr,
    run: &RefCell<&mut Run<'_>>,
    search: &mut Search<'_>,
    chunks: &mut Chunks<&mut File>,
) -> Result<Option<File>, Failure> {
    let mut position = 0;
    loop {
        // What the old file got before it was replaced is there by now, and is read below.
        let replacement = replacement(path, chunks.reader()).map_err(Failure::Read)?;
        if !search.read_on(chunks, &mut run.borrow_mut().out)? {
            return Ok(None);
        }
        let flushed = run.borrow_mut().out.flush();
        flushed.map_err(|error| Failure::Write(error.into()))?;
        if let Some(new) = replacement {
            let more = search.chunk(&chunks.rest(), &mut run.borrow_mut().out)?;
            return Ok(more.then_some(new));
        }
        let before = position;
        position = chunks.reader().stream_position().map_err(Failure::Read)?;
        if chunks.reader().metadata().map_err(Failure::Read)?.len() < position {
            let said = run.borrow_mut().say(path, "file was cut off");
            said.map_err(Failure::Write)?;
            return rewound(chunks.reader()).map_err(Failure::Read);
        }
        co.yield_(position > before).await;
    }
}

fn rewound(file: &File) -> io::Result<Option<File>> {
    let mut again = file.try_clone()?;
    again.rewind()?;
    Ok(Some(again))
}

/// The file that has taken the place of an open one, if there is one.
fn replacement(path: &OsStr, file: &File) -> io::Result<Option<File>> {
    // While there is none, the old one is still being written, or a new one is on its way.
    let Ok(there) = fs::metadata(path) else {
        return Ok(None);
    };
    match is_same(&there, &file.metadata()?) {
        true => Ok(None),
        false => Ok(File::open(path).ok()),
    }
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
