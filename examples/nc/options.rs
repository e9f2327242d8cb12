//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use entracte::net::Address;
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const HELP: &str = "\
Usage: nc [-luv] [-w SECONDS] HOST PORT
       nc [-lv] -U PATH
Connects, or with -l waits for one connection; then sends standard input, and prints what comes
back. The end of standard input is passed on. Ends when both sides have.

  -l          listen; without a HOST on all addresses
  -u          UDP: a datagram for each piece of standard input
  -U          a Unix socket
  -v          say on standard error what is listened on, and who has come
  -w SECONDS  with -u: end when standard input has, and so long nothing came
      --help  print this";

/// What the command line asks for.
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) listen: bool,
    pub(crate) verbose: bool,
    pub(crate) wait: Option<Duration>,
}

/// What to connect to, or to listen on.
pub(crate) enum Target {
    Tcp(Address),
    Udp(Address),
    Unix(PathBuf),
}

impl Options {
    /// Reads the command line; `None` for help.
    pub(crate) fn from_env() -> Result<Option<Self>, lexopt::Error> {
        let (mut listen, mut udp, mut unix, mut verbose) = (false, false, false, false);
        let (mut wait, mut words) = (None, Vec::new());
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Short('l') => listen = true,
                Arg::Short('u') => udp = true,
                Arg::Short('U') => unix = true,
                Arg::Short('v') => verbose = true,
                Arg::Short('w') => wait = Some(Duration::from_secs(parser.value()?.parse()?)),
                Arg::Long("help") => return Ok(None),
                Arg::Value(word) => words.push(word.string()?),
                other => return Err(other.unexpected()),
            }
        }
        let target = match &words[..] {
            [path] if unix && !udp => Target::Unix(path.into()),
            [host, port] if !unix => internet(udp, host, port)?,
            [port] if listen && !unix => internet(udp, "0.0.0.0", port)?,
            _ => return Err("a host and a port are needed, or with -U a path".into()),
        };
        Ok(Some(Self {
            target,
            listen,
            verbose,
            wait,
        }))
    }
}

fn internet(udp: bool, host: &str, port: &str) -> Result<Target, lexopt::Error> {
    let port: u16 = port
        .parse()
        .map_err(|_| format!("{port:?} is not a port"))?;
    let address = Address::from((host, port));
    Ok(if udp {
        Target::Udp(address)
    } else {
        Target::Tcp(address)
    })
}
