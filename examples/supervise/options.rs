//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

pub(crate) const HELP: &str = "\
Usage: supervise [OPTION]... CONFIG
Runs the programs that CONFIG names, and restarts them when they end.

  -c, --control=PATH     listen on a Unix socket for lines that say status,
                         start NAME, stop NAME or restart NAME
  -b, --backoff=SECONDS  wait so long before a restart, each time twice as long,
                         up to a minute; 0.5 unless given
      --help             print this

In CONFIG, each program has a part of its own. Only `run` must be there:

  [web]
  run = python3 -m http.server 8000    # a line for the shell
  restart = always                     # or on-failure, or never
  grace = 5                            # seconds to end in after SIGTERM
  directory = /srv/www
  env LANG = C.UTF-8

SIGUSR1 shows how they are. The first Ctrl-C or SIGTERM ends the programs, each
within its grace; the second kills them. Exits with 0 then, or when all have
ended in peace and none is to be restarted; with 1 if one of those failed.
";

/// What the command line asks for.
pub(crate) struct Options {
    pub(crate) config: PathBuf,
    pub(crate) control: Option<PathBuf>,
    pub(crate) backoff: Duration,
}

impl Options {
    /// Reads the command line; `None` if it asks for help.
    pub(crate) fn from_env() -> Result<Option<Self>, lexopt::Error> {
        let (mut config, mut control) = (None, None);
        let mut backoff = Duration::from_millis(500);
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Short('c') | Arg::Long("control") => control = Some(parser.value()?.into()),
                Arg::Short('b') | Arg::Long("backoff") => {
                    backoff = parser.value()?.parse_with(seconds)?;
                }
                Arg::Long("help") => return Ok(None),
                Arg::Value(path) if config.is_none() => config = Some(path.into()),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(Self {
            config: config.ok_or("no CONFIG is given")?,
            control,
            backoff,
        }))
    }
}

/// Reads seconds, with a fraction.
pub(crate) fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse::<f64>().map_err(|_| "not a number")?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "not so many seconds")
}
