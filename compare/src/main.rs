//! Times entracte beside its peers, the compiler's own coroutines and CPython: reads the arguments.

#![cfg_attr(native, feature(coroutines, coroutine_trait, stmt_expr_attributes))]

mod figure;
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
use crate::workloads::net::client::{Load, Target};
use crate::workloads::net::work::Work;
use crate::workloads::{GROUPS, Group, net};

const HELP: &str = "\
compare: entracte beside its peers

  compare GROUP [--json] [--only WORKLOAD]... [--among CONTENDER]... [--rounds N] [--quick] [PART]...
      times every contender of every workload of GROUP, all in turn, N rounds
      (7 if not given; --quick: 3 rounds of a tenth of the items); only workloads whose name has
      one of the PARTs, if any is given, and only the CONTENDERs
  compare count WORKLOAD CONTENDER N
      runs N items of one contender and nothing else, for a tool that counts instructions:
      the difference of a run of 2 N and a run of N is the cost of N items
  compare bytes CONTENDER
      resident bytes of one live coroutine, measured in this fresh process
  compare serve CONTENDER WORK BUFFER
      one server of the group `net`: prints its port, and serves until it is ended
  compare load WAY WORK SIZE CONNECTIONS REQUESTS PORT PID
      its client: prints the requests, the nanoseconds that the server's process ran and that
      passed, and by how many bytes it grew
      (WAY is closed, accept or idle, WORK is echo, in, out, http or udp)

groups: coroutine, loop, net

Built with RUSTC_BOOTSTRAP=1 the compiler's own coroutines (`native`) take part.
";

/// What the command line asks for.
enum Command {
    Help,
    Group {
        group: &'static Group,
        settings: Settings,
        json: bool,
        wanted: Wanted,
    },
    Count {
        workload: String,
        contender: String,
        items: u64,
    },
    Bytes {
        contender: String,
    },
    Serve {
        contender: String,
        work: Work,
        buffer: usize,
    },
    Load {
        load: Load,
        target: Target,
    },
}

/// Which workloads and which contenders are asked for: all, where a list is empty.
#[derive(Default)]
struct Wanted {
    only: Vec<String>,
    parts: Vec<String>,
    among: Vec<String>,
}

impl Wanted {
    fn has(&self, workload: &str) -> bool {
        let all = self.only.is_empty() && self.parts.is_empty();
        all || self.only.iter().any(|only| only == workload)
            || self
                .parts
                .iter()
                .any(|part| workload.contains(part.as_str()))
    }
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
        "serve" => parse_serve(&mut parser),
        "load" => parse_load(&mut parser),
        unknown => Err(format!(
            "there is no group `{unknown}`; there is: {} (and the commands `count`, `bytes`, \
             `serve` and `load`)",
            GROUPS.map(|group| group.name).join(", ")
        )
        .into()),
    }
}

fn parse_serve(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let contender = parser.value()?.string()?;
    let work = parser.value()?.string()?;
    let work = Work::find(&work).ok_or_else(|| format!("there is no work `{work}`"))?;
    let buffer = parser.value()?.parse()?;
    end(parser)?;
    Ok(Command::Serve {
        contender,
        work,
        buffer,
    })
}

fn parse_load(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut words: [String; 5] = Default::default();
    for word in &mut words {
        *word = parser.value()?.string()?;
    }
    let load = Load::parse(&words).ok_or_else(|| format!("there is no load `{words:?}`"))?;
    let port = parser.value()?.parse()?;
    let pid = parser.value()?.parse()?;
    end(parser)?;
    Ok(Command::Load {
        load,
        target: Target { port, pid },
    })
}

fn parse_group(
    group: &'static Group,
    parser: &mut lexopt::Parser,
) -> Result<Command, lexopt::Error> {
    let (mut json, mut quick, mut rounds) = (false, false, None);
    let mut wanted = Wanted::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("json") => json = true,
            Long("quick") => quick = true,
            Long("rounds") => rounds = Some(parser.value()?.parse::<usize>()?),
            Long("only") => wanted.only.push(parser.value()?.string()?),
            Long("among") => wanted.among.push(parser.value()?.string()?),
            Value(part) => wanted.parts.push(part.string()?),
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
        wanted,
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
            wanted,
        } => run_group(group, settings, json, &wanted),
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
        Command::Serve {
            contender,
            work,
            buffer,
        } => net::servers::serve(&contender, work, buffer),
        Command::Load { load, target } => net::client::run(load, target),
    }
}

fn run_group(
    group: &'static Group,
    settings: Settings,
    json: bool,
    wanted: &Wanted,
) -> Result<(), String> {
    for name in &wanted.only {
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
        if wanted.has(name) {
            let mut workload = make(settings);
            if !wanted.among.is_empty() {
                workload.keep(&wanted.among);
            }
            let figures = harness::measure(workload, settings)?;
            output.workload(&figures);
        }
    }
    output.end();
    Ok(())
}
