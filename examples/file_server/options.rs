//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

pub(crate) const HELP: &str = "\
Usage: file_server [OPTION]... [FOLDER]
Serves the files of FOLDER, or of the current one, over HTTP/1.1.

  -a, --address=HOST:PORT  listen there; 127.0.0.1:8000 unless given, port 0 is any
  -n, --max-clients=NUM    serve so many at once, others wait; 1000 unless given
  -t, --timeout=SECONDS    how long a client may take to ask for something, and to take
                           each 128 KiB that it is sent; 30 unless given
      --hidden             serve what begins with a dot, too
  -q, --quiet              do not log requests
      --help               print this

Links are followed as far as they stay within FOLDER. Ctrl-C or SIGTERM lets the
clients finish what they are being sent, for five seconds.
";

/// What the command line asks for.
pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) address: String,
    pub(crate) max_clients: usize,
    pub(crate) timeout: Duration,
    pub(crate) hidden: bool,
    pub(crate) quiet: bool,
}

impl Options {
    /// Reads the command line; `None` if it asks for help.
    pub(crate) fn from_env() -> Result<Option<Self>, lexopt::Error> {
        let mut options = Self {
            folder: PathBuf::from("."),
            address: "127.0.0.1:8000".to_owned(),
            max_clients: 1000,
            timeout: Duration::from_secs(30),
            hidden: false,
            quiet: false,
        };
        let mut folders = 0;
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Short('a') | Arg::Long("address") => {
                    options.address = parser.value()?.string()?;
                }
                Arg::Short('n') | Arg::Long("max-clients") => {
                    options.max_clients = parser.value()?.parse_with(at_least_one)?;
                }
                Arg::Short('t') | Arg::Long("timeout") => {
                    let seconds = parser.value()?.parse_with(at_least_one)?;
                    options.timeout = Duration::from_secs(seconds as u64);
                }
                Arg::Long("hidden") => options.hidden = true,
                Arg::Short('q') | Arg::Long("quiet") => options.quiet = true,
                Arg::Long("help") => return Ok(None),
                Arg::Value(folder) if folders == 0 => {
                    folders = 1;
                    options.folder = folder.into();
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn at_least_one(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().map_err(|_| "not a number")?;
    if number == 0 {
        return Err("must be at least 1");
    }
    Ok(number)
}
