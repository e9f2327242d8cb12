//! `supervise CONFIG`: runs programs, restarts those that end, and ends them all when it is told to.
//!
//! A task for each program. SIGUSR1 shows how they are, as does the control socket; the first Ctrl-C
//! or SIGTERM ends them in peace, the second at once.

use std::io;
use std::process::ExitCode;
use std::rc::Rc;

use entracte::net::{Server, UnixListener};
use entracte::signal::{self, Signal, Signals};
use entracte::sync::Event;
use entracte::{Runner, spawn, task_group};
use futures_lite::future::or;

use crate::config::Config;
use crate::control::Control;
use crate::log::Log;
use crate::options::{HELP, Options};
use crate::program::Program;

mod config;
mod control;
mod log;
mod options;
mod program;

fn main() -> ExitCode {
    let options = match Options::from_env() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("supervise: {error}\nTry 'supervise --help' for more information.");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("supervise: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<bool, entracte::BoxError> {
    let config = Config::read(&options.config)?;
    // Before anything is started, so that no signal comes too early to be heard.
    let signals = signal::stream([Signal::INT, Signal::TERM, Signal::USR1])?;
    let runner = Runner::new()?;
    runner.set_ctrl_c(false);
    let ended = runner.run(supervise(options, config, signals))?;
    Ok(ended?)
}

/// Whether every program that ended did so in peace.
async fn supervise(options: &Options, config: Config, mut signals: Signals) -> io::Result<bool> {
    let log = Log::new(config.programs.iter().map(|program| program.name.len()));
    let ended = Rc::new(Event::new());
    let make = |settings| Program::new(settings, options.backoff, log.clone(), Rc::clone(&ended));
    let programs: Rc<[Program]> = config.programs.into_iter().map(make).collect();

    let control = match &options.control {
        Some(path) => Some((
            UnixListener::bind(path)?,
            Control::new(path, Rc::clone(&programs))?,
        )),
        None => None,
    };
    let _control = control.map(|(listener, control)| {
        let server = Server::new(listener);
        spawn(server.serve(async move |stream| control.serve(stream).await))
    });
    let running = task_group(async |group| {
        for number in 0..programs.len() {
            let programs = Rc::clone(&programs);
            group.spawn(async move { programs[number].supervise().await });
        }
    });
    let listening = listen(&programs, &mut signals, &ended, &log);
    or(running, async { match listening.await {} })
        .await
        .map_err(io::Error::other)?;
    log.close().await;
    Ok(programs.iter().all(Program::is_content))
}

/// Hears of signals, and of programs that are not to be started again; for ever.
async fn listen(
    programs: &[Program],
    signals: &mut Signals,
    ended: &Event,
    log: &Log,
) -> std::convert::Infallible {
    let mut is_ending = false;
    loop {
        let ended = async {
            ended.wait().await;
            ended.clear();
            None
        };
        match or(async { Some(signals.next().await) }, ended).await {
            Some(Signal::USR1) => {
                for program in programs {
                    log.say(&program.status()).await;
                }
            }
            Some(_) if is_ending => {
                log.say("killing what is left").await;
                programs.iter().for_each(Program::kill);
            }
            Some(signal) => {
                is_ending = true;
                log.say(&format!("{signal}: ending all programs")).await;
                programs.iter().for_each(Program::quit);
            }
            // Nothing is left to be done.
            None if programs.iter().all(Program::has_ended) => {
                programs.iter().for_each(Program::quit);
            }
            None => {}
        }
    }
}
