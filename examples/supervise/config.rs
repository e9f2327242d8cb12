//! `Config`: reads the file that says what is to run.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use entracte::process::Command;

use crate::options::seconds;

/// When a program is started again after it ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    Always,
    OnFailure,
    Never,
}

/// What is known of a program.
pub(crate) struct Settings {
    pub(crate) name: String,
    /// A line for the shell.
    pub(crate) line: String,
    pub(crate) restart: Restart,
    pub(crate) grace: Duration,
    pub(crate) directory: Option<PathBuf>,
    pub(crate) environment: Vec<(String, String)>,
}

pub(crate) struct Config {
    pub(crate) programs: Vec<Settings>,
}

impl Config {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let text = format!("cannot read {}: {error}", path.display());
            io::Error::new(error.kind(), text)
        })?;
        Self::parse(&text).map_err(|(line, problem)| {
            let text = format!("cannot read {}: line {line}: {problem}", path.display());
            io::Error::new(ErrorKind::InvalidData, text)
        })
    }

    /// Reads the text of a file; an error comes with the number of its line.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut programs: Vec<Settings> = Vec::new();
        let mut number = 0;
        for line in text.lines() {
            number += 1;
            let line = match line.trim() {
                line if line.starts_with('#') => "",
                line => line.split(" #").next().unwrap_or_default().trim(),
            };
            let name = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            let done = match (name, programs.last_mut()) {
                _ if line.is_empty() => Ok(()),
                (Some(name), _) => {
                    let done = check_name(name, &programs);
                    programs.push(Settings::new(name));
                    done
                }
                (None, Some(program)) => program.set(line),
                (None, None) => Err("what comes before the first [name]?".to_owned()),
            };
            done.map_err(|problem| (number, problem))?;
        }
        match programs.iter().find(|program| program.line.is_empty()) {
            Some(program) => Err((number, format!("{} has no `run`", program.name))),
            None if programs.is_empty() => Err((number, "there is nothing to run".to_owned())),
            None => Ok(Self { programs }),
        }
    }
}

fn check_name(name: &str, others: &[Settings]) -> Result<(), String> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err("a name is one word".to_owned());
    }
    match others.iter().any(|other| other.name == name) {
        true => Err(format!("there is another {name}")),
        false => Ok(()),
    }
}

impl Settings {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            line: String::new(),
            restart: Restart::Always,
            grace: Command::GRACE,
            directory: None,
            environment: Vec::new(),
        }
    }

    /// Reads `name = value`.
    fn set(&mut self, line: &str) -> Result<(), String> {
        let (name, value) = line.split_once('=').ok_or("it is no `name = value`")?;
        let (name, value) = (name.trim(), value.trim());
        match name {
            "run" => self.line = value.to_owned(),
            "restart" => self.restart = restart(value)?,
            "grace" => self.grace = seconds(value)?,
            "directory" => self.directory = Some(value.into()),
            _ => {
                let variable = name.strip_prefix("env ").map(str::trim);
                let variable = variable.ok_or_else(|| format!("there is no {name:?}"))?;
                let pair = (variable.to_owned(), value.to_owned());
                self.environment.push(pair);
            }
        }
        Ok(())
    }
}

fn restart(text: &str) -> Result<Restart, String> {
    match text {
        "always" => Ok(Restart::Always),
        "on-failure" => Ok(Restart::OnFailure),
        "never" => Ok(Restart::Never),
        _ => Err("`restart` is always, on-failure or never".to_owned()),
    }
}
