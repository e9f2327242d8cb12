//! The command line.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

use crate::fetch::Settings;
use crate::part;
use crate::url::Url;

pub(crate) const HELP: &str = "\
Usage: download [OPTION]... URL...
Fetches each URL, plain http, and names the file after the end of its path.

  -j, --at-once=NUM      fetch so many at the same time; 4 unless given
  -d, --folder=FOLDER    put the files there
  -o, --output=NAME      name the file so; for one URL
  -f, --force            replace files that are there; they are skipped otherwise
  -t, --timeout=SECONDS  how long a server may say nothing; 30 unless given
      --tries=NUM        give up after so many failures in a row; 5 unless given
  -q, --quiet            no bars
      --help             print this

A file is written as NAME.part, with NAME.part.tag beside it, which says of what
version of the file it is a part. Run it again to resume what was not finished.
Exits with 0 if all files are there, with 1 if not, with 130 after Ctrl-C.
";

/// One file to be fetched.
pub(crate) struct Source {
    pub(crate) url: Url,
    pub(crate) name: String,
}

/// What the command line asks for.
pub(crate) struct Options {
    pub(crate) sources: Vec<Source>,
    pub(crate) folder: PathBuf,
    pub(crate) at_once: usize,
    pub(crate) quiet: bool,
    pub(crate) settings: Settings,
}

impl Options {
    /// Reads the command line; `None` if it asks for help.
    pub(crate) fn from_env() -> Result<Option<Self>, lexopt::Error> {
        let mut options = Self {
            sources: Vec::new(),
            folder: PathBuf::from("."),
            at_once: 4,
            quiet: false,
            settings: Settings {
                force: false,
                patience: Duration::from_secs(30),
                tries: 5,
            },
        };
        let (mut urls, mut output) = (Vec::new(), None);
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Short('j') | Arg::Long("at-once") => {
                    options.at_once = parser.value()?.parse_with(at_least_one)?;
                }
                Arg::Short('d') | Arg::Long("folder") => options.folder = parser.value()?.into(),
                Arg::Short('o') | Arg::Long("output") => output = Some(parser.value()?.string()?),
                Arg::Short('f') | Arg::Long("force") => options.settings.force = true,
                Arg::Short('t') | Arg::Long("timeout") => {
                    let seconds = parser.value()?.parse_with(at_least_one)?;
                    options.settings.patience = Duration::from_secs(seconds as u64);
                }
                Arg::Long("tries") => {
                    options.settings.tries = parser.value()?.parse_with(at_least_one)?;
                }
                Arg::Short('q') | Arg::Long("quiet") => options.quiet = true,
                Arg::Long("help") => return Ok(None),
                Arg::Value(url) => urls.push(url.string()?),
                other => return Err(other.unexpected()),
            }
        }
        options.sources = sources(urls, output)?;
        Ok(Some(options))
    }
}

fn sources(urls: Vec<String>, output: Option<String>) -> Result<Vec<Source>, String> {
    if urls.is_empty() {
        return Err("no URL is given".to_owned());
    }
    if output.is_some() && urls.len() > 1 {
        return Err("--output is for one URL".to_owned());
    }
    let mut taken = HashSet::new();
    let mut sources = Vec::new();
    for text in urls {
        let url = Url::parse(&text).map_err(|error| format!("cannot fetch {text:?}: {error}"))?;
        let name = output.clone().unwrap_or_else(|| url.name());
        // Files that are written on the way count as well.
        for name in std::iter::once(name.clone()).chain(part::side_names(&name)) {
            if !taken.insert(name.clone()) {
                return Err(format!("two files would be called {name:?}"));
            }
        }
        sources.push(Source { url, name });
    }
    Ok(sources)
}

fn at_least_one(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().map_err(|_| "not a number")?;
    if number == 0 {
        return Err("must be at least 1");
    }
    Ok(number)
}
