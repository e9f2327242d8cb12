//! All files one after the other: names, messages, and the exit code.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use entracte::BoxError;

use crate::follow::follow;
use crate::options::{Options, Report};
use crate::output::Output;
use crate::search::{Failure, Search};
use crate::tree::files;

/// What is known while the files are searched.
pub(crate) struct Run<'a> {
    pub(crate) options: &'a Options,
    pub(crate) out: Output,
    /// A line was selected.
    matched: bool,
    /// A file could not be read.
    failed: bool,
}

/// Searches all files; gives the exit code, or the error of the output.
pub(crate) fn run(options: &Options) -> Result<u8, BoxError> {
    if options.most == 0 || options.invert && options.pattern.is_empty() {
        // No line can be selected, so no file is looked at; GNU grep does the same.
        return Ok(1);
    }
    let mut run = Run {
        options,
        out: Output::new(options.color),
        matched: false,
        failed: false,
    };
    if options.follow {
        follow(&mut run)?;
    } else {
        run.operands()?;
    }
    run.out.flush()?;
    Ok(match run {
        Run { matched: true, .. } if options.report == Report::Nothing => 0,
        Run { failed: true, .. } => 2,
        Run { matched, .. } => u8::from(!matched),
    })
}

impl Run<'_> {
    fn operands(&mut self) -> Result<(), BoxError> {
        let options = self.options;
        match (&options.files[..], options.recursive) {
            ([], true) => self.tree(PathBuf::new())?,
            ([], false) => self.file(OsStr::new("-"), false)?,
            _ => {}
        }
        for file in &options.files {
            if self.is_decided() {
                break;
            }
            if options.recursive && Path::new(file).is_dir() {
                self.tree(PathBuf::from(file))?;
            } else {
                self.file(file, options.files.len() > 1)?;
            }
        }
        Ok(())
    }

    /// Nothing that is still to come could change the exit code.
    pub(crate) fn is_decided(&self) -> bool {
        self.matched && self.options.report == Report::Nothing
    }

    fn tree(&mut self, directory: PathBuf) -> Result<(), BoxError> {
        for found in files(directory) {
            match found {
                Ok(path) => self.file(path.as_os_str(), true)?,
                Err((path, error)) => self.problem(path.as_os_str(), &error)?,
            }
            if self.is_decided() {
                break;
            }
        }
        Ok(())
    }

    fn file(&mut self, file: &OsStr, named: bool) -> Result<(), BoxError> {
        let named = self.options.named.unwrap_or(named);
        if file == "-" {
            let standard_input = io::stdin().lock();
            return self.search(standard_input, OsStr::new("(standard input)"), named);
        }
        match File::open(file) {
            Ok(opened) if self.is_output(&opened) => {
                self.failed = true;
                self.say(file, "input file is also the output")
            }
            Ok(opened) => self.search(opened, file, named),
            Err(error) => self.problem(file, &error),
        }
    }

    fn search(&mut self, file: impl Read, name: &OsStr, named: bool) -> Result<(), BoxError> {
        let mut search = Search::new(self.options, name.as_encoded_bytes(), named);
        match search.run(file, &mut self.out) {
            Ok(()) => {}
            Err(Failure::Write(error)) => return Err(error),
            Err(Failure::Read(error)) => self.problem(name, &error)?,
        }
        self.report(&search, name, named)
    }

    /// Says what is to be said about a file when all of it was searched.
    pub(crate) fn report(
        &mut self,
        search: &Search<'_>,
        name: &OsStr,
        named: bool,
    ) -> Result<(), BoxError> {
        self.matched |= search.selected() > 0;
        let bytes = name.as_encoded_bytes();
        match self.options.report {
            Report::Count => self.out.count(named.then_some(bytes), search.selected())?,
            Report::Name if search.selected() > 0 => self.out.name(bytes)?,
            _ => {}
        }
        if search.matched_binary() {
            self.say(name, "binary file matches")?;
        }
        Ok(self.out.show()?)
    }

    /// Reports a file that cannot be read, unless nobody wants to know.
    pub(crate) fn problem(&mut self, name: &OsStr, error: &io::Error) -> Result<(), BoxError> {
        self.failed = true;
        match self.options.silent {
            true => Ok(()),
            false => self.say(name, &without_number(error)),
        }
    }

    /// Writes a message about a file, after all that was printed before.
    pub(crate) fn say(&mut self, name: &OsStr, message: &str) -> Result<(), BoxError> {
        self.out.flush()?;
        let name = name.as_encoded_bytes();
        let line = [b"grep: ", name, b": ", message.as_bytes(), b"\n"].concat();
        // If there is nobody to tell, the exit code still says it.
        drop(io::stderr().write_all(&line));
        Ok(())
    }

    /// Whether lines printed would be lines to search, for ever.
    #[cfg(unix)]
    fn is_output(&self, file: &File) -> bool {
        use std::os::fd::AsFd;
        use std::os::unix::fs::MetadataExt;

        if self.options.report != Report::Lines || self.options.most == 1 {
            return false;
        }
        let output = io::stdout().as_fd().try_clone_to_owned().map(File::from);
        match (output.and_then(|output| output.metadata()), file.metadata()) {
            (Ok(output), Ok(file)) => {
                file.is_file() && (file.dev(), file.ino()) == (output.dev(), output.ino())
            }
            _ => false,
        }
    }

    #[cfg(not(unix))]
    fn is_output(&self, _: &File) -> bool {
        false
    }
}

/// The error of the system as its own tools print it.
pub(crate) fn without_number(error: &(dyn Error + 'static)) -> String {
    let message = error.to_string();
    match message.find(" (os error") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

/// Whether whoever read the output has left.
pub(crate) fn is_broken_pipe(error: &BoxError) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
