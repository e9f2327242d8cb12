//! `grep PATTERN [FILE…]`: prints the lines with a fixed string, as `grep -F`; made of coroutines.
//!
//! Each file is read in big chunks. The lines of a chunk are borrowed, never copied, and pushed
//! through a pipeline of three coroutines (`stages.rs`).

use std::process::ExitCode;

use crate::options::{HELP, Options};

mod chunks;
mod follow;
mod options;
mod output;
mod pattern;
mod run;
mod search;
mod stages;
mod tree;

/// What a shell reports for a program that the closed end of a pipe stopped.
const BROKEN_PIPE: u8 = 128 + 13;

fn main() -> ExitCode {
    let options = match Options::from_env() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("grep: {error}\nUsage: grep [OPTION]... PATTERN [FILE]...");
            eprintln!("Try 'grep --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match run::run(&options) {
        Ok(code) => ExitCode::from(code),
        Err(error) if run::is_broken_pipe(&error) => ExitCode::from(BROKEN_PIPE),
        Err(error) => {
            eprintln!("grep: write error: {}", run::without_number(&*error));
            ExitCode::from(2)
        }
    }
}
