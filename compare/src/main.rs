//! Times entracte beside its peers, the compiler's own coroutines and CPython: reads the arguments.

#![cfg_attr(native, feature(coroutines, coroutine_trait, stmt_expr_attributes))]

mod goal;
mod harness;
mod heap;
#[cfg(native)]
mod native;
mod ours;
mod python;
mod report;
mod workloads;

use std::process::ExitCode;

use lexopt::prelude::*;

use crate::harness::Settings;
use crate::workloads::{GROUPS, Group};

const HELP: &str = "\
compare: entracte beside its peers

  compare GROUP [--json] [--only WORKLOAD]... [--rounds N] [--quick]
      times every contender of every workload of GROUP, all in turn, N rounds
      (7 if not given; --quick: 3 rounds of a tenth of the items)
  compare count WORKLOAD CONTENDER N
      runs N items of one contender and nothing else, for a tool that counts instructions:
      the difference of a run of 2 N and a run of N is the cost of N items
  compare bytes CONTENDER
      resident bytes of one live coroutine, measured in this fresh process

groups: coroutine, loop

Built with RUSTC_BOOTSTRAP=1 the compiler's own coroutines (`native`) take part.
";

/// What the command line asks for.
enum Command {
    Help,
    Group {
        group: &'static Group,
        settings: Settings,
        json: bool,
        only: Vec<String>,
    },
    Count {
        workload: String,
        contender: String,
        items: u64,
    },
    Bytes {
        contender: String,
    },
}

fn main() -> ExitCode {
    let outcome = match parse() {
        Ok(command) => run(command),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("compare: {message}");
            ExitCode::from(2)
        }
    }
}

fn parse() -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let word = match parser.next()? {
        None | Some(Short('h') | Long("help")) => return Ok(Command::Help),
        Some(Value(word)) => word.string()?,
        Some(other) => return Err(other.unexpected()),
    };
    if let Some(group) = GROUPS.iter().find(|group| group.name == word) {
        return parse_group(group, &mut parser);
    }
    match word.as_str() {
        "count" => {
            let workload = parser.value()?.string()?;
            let contender = parser.value()?.string()?;
            let items = parser.value()?.parse()?;
            end(&mut parser)?;
            Ok(Command::Count {
                workload,
                contender,
                items,
            })
        }
        "bytes" => {
            let contender = parser.value()?.string()?;
            end(&mut parser)?;
            Ok(Command::Bytes { contender })
        }
        unknown => Err(format!(
            "there is no group `{unknown}`; there is: {} (and the commands `count` and `bytes`)",
            GROUPS.map(|group| group.name).join(", ")
        )
        .into()),
    }
}

fn parse_group(
    group: &'static Group,
    parser: &mut lexopt::Parser,
) -> Result<Command, lexopt::Error> {
    let (mut json, mut quick, mut rounds, mut only) = (false, false, None, Vec::new());
    while let Some(argument) = parser.next()? {
        match argument {
            Long("json") => json = true,
            Long("quick") => quick = true,
            Long("rounds") => rounds = Some(parser.value()?.parse::<usize>()?),
            Long("only") => only.push(parser.value()?.string()?),
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    if rounds == Some(0) {
        return Err("`--rounds` must be at least 1".into());
    }
    let rounds = rounds.unwrap_or(if quick { 3 } else { 7 });
    Ok(Command::Group {
        group,
        settings: Settings {
            rounds,
            quick,
            count: false,
        },
        json,
        only,
    })
}

fn end(parser: &mut lexopt::Parser) -> Result<(), lexopt::Error> {
    parser
        .next()?
        .map_or(Ok(()), |extra| Err(extra.unexpected()))
}

fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        Command::Group {
            group,
            settings,
            json,
            only,
        } => run_group(group, settings, json, &only),
        Command::Count {
            workload,
            contender,
            items,
        } => {
            let checksum = workloads::count(&workload, &contender, items)?;
            println!("{workload}, {contender}: {items} items, checksum {checksum}");
            Ok(())
        }
        Command::Bytes { contender } => {
            println!("{:.1}", workloads::live::resident_bytes(&contender)?);
            Ok(())
        }
    }
}

fn run_group(
    group: &'static Group,
    settings: Settings,
    json: bool,
    only: &[String],
) -> Result<(), String> {
    for name in only {
        if group.find(name).is_none() {
            let (group, names) = (group.name, group.names());
            return Err(format!(
                "{group} has no workload `{name}`; there is: {names}"
            ));
        }
    }
    let mut output = report::Output::new(json);
    output.start(group.name, settings);
    for (name, make) in group.workloads {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            let figures = harness::measure(make(settings), settings)?;
            output.workload(&figures);
        }
    }
    output.end();
    Ok(())
}
