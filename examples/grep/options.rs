//! The command line.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};

use lexopt::{Arg, Parser, ValueExt};

use crate::pattern::Pattern;

pub(crate) const HELP: &str = "\
Usage: grep [OPTION]... PATTERN [FILE]...
Prints the lines of each FILE that contain PATTERN, a fixed string (as grep -F).
A PATTERN of several lines is several strings. Without a FILE, or when it is -,
reads standard input; with -r, the directory in which it is run.

  -e, --regexp=PATTERN      search for PATTERN; may be given several times
  -i, --ignore-case         ASCII letters match in either case
  -v, --invert-match        select the lines that do not match
  -m, --max-count=NUM       stop after NUM selected lines of each file
  -n, --line-number         print the number of each line
  -H, --with-filename       print the name of the file before each line
  -h, --no-filename         do not, even with several files
  -c, --count               print only how many lines were selected
  -l, --files-with-matches  print only the names of files with selected lines
  -q, --quiet, --silent     print nothing; exit with 0 at the first selected line
  -s, --no-messages         no messages about files that cannot be read
  -a, --text                treat binary files as text
  -r, --recursive           search all files of each directory
      --color[=WHEN]        mark matches: always, never, or auto (on a terminal)
      --follow              go on when the files grow, until a signal or NUM lines
  -F, --fixed-strings       as it is in any case
      --help                print this

A file with a NUL byte is binary; where the locale says UTF-8, so is one with a
selected line that is not. Exits with 0 if a line was selected, with 1 if none
was, with 2 if something went wrong.
";

/// What is printed about a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    Lines,
    Count,
    Name,
    Nothing,
}

/// What the command line asks for.
pub(crate) struct Options {
    pub(crate) pattern: Pattern,
    pub(crate) files: Vec<OsString>,
    pub(crate) report: Report,
    pub(crate) invert: bool,
    /// How many lines to select in each file.
    pub(crate) most: u64,
    pub(crate) numbered: bool,
    /// Whether to print names; by default that depends on how many files there are.
    pub(crate) named: Option<bool>,
    pub(crate) silent: bool,
    pub(crate) text: bool,
    pub(crate) recursive: bool,
    pub(crate) color: bool,
    pub(crate) follow: bool,
    locale_is_utf8: bool,
}

/// What the command line says, as it is read.
#[derive(Default)]
struct Given {
    patterns: Vec<Vec<u8>>,
    files: Vec<OsString>,
    ignore_case: bool,
    invert: bool,
    most: Option<u64>,
    numbered: bool,
    named: Option<bool>,
    count: bool,
    names: bool,
    quiet: bool,
    silent: bool,
    text: bool,
    recursive: bool,
    color: bool,
    follow: bool,
    help: bool,
}

impl Options {
    /// Reads the command line; `None` if it asks for help.
    pub(crate) fn from_env() -> Result<Option<Self>, lexopt::Error> {
        let mut given = Given::default();
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            if let Arg::Value(value) = arg {
                given.files.push(value);
            } else {
                let option = Opt::of(&arg).ok_or_else(|| arg.unexpected())?;
                given.take(option, &mut parser)?;
            }
        }
        if given.help {
            return Ok(None);
        }
        given.finish().map(Some)
    }

    /// Whether a line that is not UTF-8 is not to be printed.
    pub(crate) fn utf8_only(&self) -> bool {
        self.locale_is_utf8 && !self.text
    }
}

/// An option, by its short name; those without one have a letter that is no option.
struct Opt(char);

impl Opt {
    fn of(arg: &Arg<'_>) -> Option<Self> {
        let short = match arg {
            Arg::Short(short) => *short,
            Arg::Long(long) => match *long {
                "regexp" => 'e',
                "ignore-case" => 'i',
                "invert-match" => 'v',
                "max-count" => 'm',
                "line-number" => 'n',
                "with-filename" => 'H',
                "no-filename" => 'h',
                "count" => 'c',
                "files-with-matches" => 'l',
                "quiet" | "silent" => 'q',
                "no-messages" => 's',
                "text" => 'a',
                "recursive" => 'r',
                "fixed-strings" => 'F',
                "color" | "colour" => '1',
                "follow" => '2',
                "help" => '3',
                _ => return None,
            },
            Arg::Value(_) => return None,
        };
        let known = "eivmnHhclqsarF".contains(short) || matches!(arg, Arg::Long(_));
        known.then_some(Self(short))
    }
}

impl Given {
    fn take(&mut self, option: Opt, parser: &mut Parser) -> Result<(), lexopt::Error> {
        match option.0 {
            'e' => self.patterns.push(parser.value()?.into_encoded_bytes()),
            'i' => self.ignore_case = true,
            'v' => self.invert = true,
            'm' => self.most = Some(max_count(&parser.value()?.string()?)?),
            'n' => self.numbered = true,
            'H' => self.named = Some(true),
            'h' => self.named = Some(false),
            'c' => self.count = true,
            'l' => self.names = true,
            'q' => self.quiet = true,
            's' => self.silent = true,
            'a' => self.text = true,
            'r' => self.recursive = true,
            '1' => self.color = color(parser.optional_value())?,
            '2' => self.follow = true,
            '3' => self.help = true,
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Options, lexopt::Error> {
        if self.patterns.is_empty() {
            if self.files.is_empty() {
                return Err("no pattern was given".into());
            }
            let pattern = self.files.remove(0).into_encoded_bytes();
            self.patterns.push(pattern);
        }
        let report = match self {
            Self { quiet: true, .. } => Report::Nothing,
            Self { names: true, .. } => Report::Name,
            Self { count: true, .. } => Report::Count,
            _ => Report::Lines,
        };
        if self.follow && (self.recursive || matches!(report, Report::Count | Report::Name)) {
            return Err("--follow prints lines: it goes with none of -c, -l and -r".into());
        }
        if self.follow && (self.files.is_empty() || self.files.iter().any(|file| file == "-")) {
            return Err("--follow needs files: standard input is read to its end anyway".into());
        }
        Ok(Options {
            pattern: Pattern::new(&self.patterns, self.ignore_case),
            files: self.files,
            report,
            invert: self.invert,
            most: self.most.unwrap_or(u64::MAX),
            numbered: self.numbered,
            named: self.named,
            silent: self.silent,
            text: self.text,
            recursive: self.recursive,
            color: self.color,
            follow: self.follow,
            locale_is_utf8: locale_is_utf8(),
        })
    }
}

/// As many as there are if it is negative.
fn max_count(text: &str) -> Result<u64, lexopt::Error> {
    let number: i128 = text.parse().map_err(|_| "invalid max count")?;
    Ok(u64::try_from(number).unwrap_or(u64::MAX))
}

fn color(when: Option<OsString>) -> Result<bool, lexopt::Error> {
    match when.as_deref().and_then(|when| when.to_str()) {
        Some("always" | "yes" | "force") => Ok(true),
        Some("never" | "no" | "none") => Ok(false),
        Some("auto" | "tty" | "if-tty") => Ok(can_show_color()),
        None if when.is_none() => Ok(can_show_color()),
        _ => Err("--color is always, never or auto".into()),
    }
}

fn can_show_color() -> bool {
    let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
    io::stdout().is_terminal() && !dumb
}

/// What the environment says of the encoding; only the C library knows whether that locale exists.
fn locale_is_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(env::var_os)
        .find(|value| !value.is_empty())
        .and_then(|value| value.into_string().ok())
        .is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains(".utf-8") || value.contains(".utf8")
        })
}
