//! The command line: `coroutine --programs N [--seed S]`, `--corpus DIR`, `--write-corpus N`.

mod options;

use std::path::Path;
use std::process::ExitCode;

use conformance::corpus::{self, Failed};
use conformance::fuzz::{Divergence, Plan, Stopped, Tally, fuzz, smaller};
use conformance::generate::generate;
use conformance::program::Program;
use conformance::python::{message, source};
use conformance::supervise::{Ended, end_with_parent, supervise};
use conformance::worker::Worker;

use options::{Task, USAGE, options};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments
        .iter()
        .any(|word| word == "--help" || word == "-h")
    {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    if let Some(("asyncio", rest)) = arguments
        .split_first()
        .map(|(word, rest)| (word.as_str(), rest))
    {
        return conformance::tasks::command::command(rest);
    }
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(wrong) => return refuse(&format!("{wrong}\n{USAGE}")),
    };
    let plan = &options.plan;
    let home = || Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    match options.task {
        Task::Compare => match &plan.progress {
            Some(progress) => {
                end_with_parent(progress);
                compare(plan)
            }
            None => supervised(plan, &arguments),
        },
        Task::Only => {
            let program = generate(plan.grammar, plan.seed, plan.first);
            print_trace(plan, &program);
            compare(plan)
        }
        Task::Trace(program) => {
            print_trace(plan, &program);
            ExitCode::SUCCESS
        }
        Task::Corpus(directory) => compare_corpus(&directory),
        Task::WriteCorpus(count, directory) => {
            write_corpus(&directory.unwrap_or_else(home), count, plan)
        }
    }
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("conformance: {why}");
    ExitCode::from(2)
}

fn total(tally: &Tally) {
    println!(
        "{} times a delegation in constant time was seen",
        tally.linked
    );
    println!(
        "{} programs, {} events, 0 divergences",
        tally.programs, tally.events
    );
}

fn print_trace(plan: &Plan, program: &Program) {
    println!("{}", source(program));
    println!("{}", plan.grammar.run(program, true));
}

fn supervised(plan: &Plan, arguments: &[String]) -> ExitCode {
    match supervise(plan, arguments) {
        Ok(Ended::Code(code)) => return ExitCode::from(code),
        Ok(Ended::Killed(Some(death))) => {
            println!(
                "DIED: the process was killed by program {}\n{death}",
                death.index
            );
            replay(plan, death.index);
        }
        Ok(Ended::Killed(None)) => {
            println!(
                "DIED: the process was killed, by no program alone; seed {}",
                plan.seed
            );
        }
        Err(error) => return refuse(&format!("cannot run in a child process: {error}")),
    }
    ExitCode::FAILURE
}

fn compare(plan: &Plan) -> ExitCode {
    println!("seed {}", plan.seed);
    match Worker::start(&plan.python) {
        Err(unusable) => return refuse(&unusable.to_string()),
        Ok(worker) => println!("CPython {}", worker.version()),
    }
    match fuzz(plan) {
        Ok(tally) => {
            for index in &tally.lost {
                println!(
                    "not compared: CPython died on --seed {} --only {index}",
                    plan.seed
                );
            }
            if tally.skipped > 0 {
                println!(
                    "not compared: {} programs that this CPython gets wrong",
                    tally.skipped
                );
            }
            total(&tally);
            ExitCode::SUCCESS
        }
        Err(Stopped::Unusable(unusable)) => refuse(&unusable.to_string()),
        Err(Stopped::Diverged(found)) => {
            report(plan, &found);
            ExitCode::FAILURE
        }
    }
}

fn report(plan: &Plan, found: &Divergence) {
    let index = found.index;
    println!(
        "DIVERGENCE in program {index}, {} statements; shrinking",
        found.program.size()
    );
    let mut worker = None;
    let mut gives_value = true;
    let theirs = |program: &_| {
        // CPython may die on a candidate: it then gets a new process.
        let mut alive = match worker.take() {
            Some(alive) => alive,
            None => Worker::start(&plan.python).map_err(std::io::Error::other)?,
        };
        let trace = alive.run(message(program))?;
        worker = Some(alive);
        Ok(trace)
    };
    if let Ok(first) = Worker::start(&plan.python) {
        gives_value = first.version().close_gives_value();
    }
    match smaller(plan.grammar, found, gives_value, theirs) {
        Ok(small) => println!("{small}"),
        Err(error) => println!("not shrunk: {error}\n{found}"),
    }
    replay(plan, index);
}

fn replay(plan: &Plan, index: u64) {
    println!("seed {}, program {index}; replay with:", plan.seed);
    println!(
        "cargo run --release -p conformance -- {} --seed {} --only {index} --python {}",
        plan.grammar.name(),
        plan.seed,
        plan.python
    );
}

fn compare_corpus(directory: &Path) -> ExitCode {
    match corpus::compare(directory) {
        Ok(tally) => {
            total(&tally);
            ExitCode::SUCCESS
        }
        Err(Failed::Unreadable(why)) => refuse(&format!("cannot read the corpus: {why}")),
        Err(Failed::Diverged(grammar, found)) => {
            println!(
                "DIVERGENCE in program {} of {}\n{found}",
                found.index,
                directory.display()
            );
            println!("run as {}\n{found}\nreplay with:", grammar.name());
            println!(
                "cargo run --release -p conformance -- coroutine --corpus {}",
                directory.display()
            );
            ExitCode::FAILURE
        }
    }
}

fn write_corpus(directory: &Path, count: u64, plan: &Plan) -> ExitCode {
    println!("seed {}", plan.seed);
    let mut worker = match Worker::start(&plan.python) {
        Ok(worker) => worker,
        Err(unusable) => return refuse(&unusable.to_string()),
    };
    match corpus::write(directory, count, plan.seed, &mut worker) {
        Ok(()) => compare_corpus(directory),
        Err(error) => refuse(&format!("cannot write the corpus: {error}")),
    }
}
