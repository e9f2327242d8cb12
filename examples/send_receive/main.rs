//! A sender and a receiver with a network between them: what was acknowledged is in the receiver's file.
//!
//! The producer and the consumer of `producer_consumer.rs`, in two processes. Either may be killed
//! at any time and started again, the sender with the same input: each line arrives once.
//!
//! ```text
//! receiver: how many lines it has             412
//! sender: a line and its number               413 the text of the line
//! receiver: how many it has by now, on disk   413
//! ```

use std::env::args;
use std::process::ExitCode;

mod receive;
mod send;

const LONGEST_LINE: usize = 1024 * 1024;

const USAGE: &str = "\
Usage: send_receive receive HOST:PORT FILE
       send_receive send HOST:PORT
The receiver appends lines to FILE, until Ctrl-C; port 0 is any that is free. The sender sends the
lines of its standard input, connecting again and again, and ends when all are in that file.";

#[entracte::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["receive", address, file] => receive::receive(address, file).await,
        ["send", address] => send::send(address).await,
        ["--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("send_receive: {error}");
            ExitCode::FAILURE
        }
    }
}
