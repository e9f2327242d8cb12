//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

use crate::stages::Filter;

pub(crate) const HELP: &str = "\
Usage: log_tail [OPTION]... FILE HOST:PORT
Sends the lines of FILE to everybody who connects, and goes on with what is appended, until Ctrl-C.
A file that is cut off or replaced is followed from its beginning. Port 0 is any that is free.

The lines go through these, in the order in which they are given, each as often as you like:
      --keep=TEXT      only lines with TEXT
      --drop=TEXT      only lines without TEXT
      --squeeze        of equal lines in a row only the first, then how many there were
      --number         with their number before them

      --last=N         who connects gets the last N lines at first; 10 by default
      --max-clients=N  at most N are served at once, the others wait; 1000 by default
      --help           print this";

/// What the command line asks for.
pub(crate) struct Options {
    pub(crate) file: PathBuf,
    pub(crate) address: String,
    pub(crate) filters: Vec<Filter>,
    pub(crate) last: usize,
    pub(crate) max_clients: usize,
}

impl Options {
    /// Reads the command line; `None` for help.
    pub(crate) fn from_env() -> Result<Option<Self>, lexopt::Error> {
        let (mut words, mut filters) = (Vec::new(), Vec::new());
        let (mut last, mut max_clients) = (10, 1000);
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("keep") => filters.push(Filter::Keep(bytes(&mut parser)?)),
                Arg::Long("drop") => filters.push(Filter::Drop(bytes(&mut parser)?)),
                Arg::Long("squeeze") => filters.push(Filter::Squeeze),
                Arg::Long("number") => filters.push(Filter::Number),
                Arg::Long("last") => last = parser.value()?.parse()?,
                Arg::Long("max-clients") => {
                    max_clients = parser.value()?.parse::<NonZeroUsize>()?.get();
                }
                Arg::Long("help") => return Ok(None),
                Arg::Value(word) => words.push(word),
                other => return Err(other.unexpected()),
            }
        }
        let [file, address] = <[_; 2]>::try_from(words)
            .map_err(|_| "a file and an address to listen on are needed")?;
        let (file, address) = (file.into(), address.string()?);
        Ok(Some(Self {
            file,
            address,
            filters,
            last,
            max_clients,
        }))
    }
}

fn bytes(parser: &mut Parser) -> Result<Vec<u8>, lexopt::Error> {
    Ok(parser.value()?.into_encoded_bytes())
}
