//! The command `asyncio`: programs of tasks against asyncio.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::corpus::{self, Failed};
use super::fuzz::{Divergence, Plan, SCRIPT, Stopped, fuzz, smaller};
use super::make::make;
use super::program::Program;
use super::run::run;
use super::text::read;
use crate::random::Random;
use crate::worker::Worker;

/// What to do.
enum Task {
    Compare,
    Only,
    Trace(Program),
    Corpus(PathBuf),
    WriteCorpus(u64),
}

/// Runs the command with the words after its name.
#[must_use]
pub fn command(words: &[String]) -> ExitCode {
    let (plan, task) = match options(words) {
        Ok(options) => options,
        Err(wrong) => return refuse(wrong),
    };
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    match task {
        Task::Trace(program) => {
            println!("{program}\n{}", run(&program));
            ExitCode::SUCCESS
        }
        Task::Only => {
            let program = make(plan.seed, plan.first);
            println!("{program}\n{}", run(&program));
            compare(&plan)
        }
        Task::Compare => compare(&plan),
        Task::Corpus(directory) => compare_corpus(&directory),
        Task::WriteCorpus(count) => match write_corpus(&home, count, &plan) {
            Ok(()) => compare_corpus(&home),
            Err(error) => refuse(format!("cannot write the corpus: {error}")),
        },
    }
}

fn refuse(why: impl std::fmt::Display) -> ExitCode {
    eprintln!("conformance: {why}");
    ExitCode::from(2)
}

fn options(words: &[String]) -> Result<(Plan, Task), String> {
    let mut plan = Plan {
        seed: Random::fresh_seed(),
        first: 0,
        programs: 5_000,
        workers: 1,
        python: "python3".to_owned(),
    };
    let mut task = Task::Compare;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| format!("{value} is not a number"))
        };
        match word.as_str() {
            "--programs" => plan.programs = number()?,
            "--seed" => plan.seed = number()?,
            "--first" => plan.first = number()?,
            "--only" => {
                task = Task::Only;
                (plan.first, plan.programs) = (number()?, 1);
            }
            "--python" => plan.python.clone_from(value),
            "--workers" => plan.workers = usize::try_from(number()?).unwrap_or(1).clamp(1, 64),
            "--trace" => task = Task::Trace(read(value).map_err(|error| error.to_string())?),
            "--corpus" => task = Task::Corpus(value.into()),
            "--write-corpus" => task = Task::WriteCorpus(number()?),
            _ => return Err(format!("what is {word}?")),
        }
    }
    if plan.programs == 0 {
        return Err("--programs 0 compares nothing".to_owned());
    }
    Ok((plan, task))
}

fn compare(plan: &Plan) -> ExitCode {
    println!("seed {}", plan.seed);
    match Worker::start_script(&plan.python, SCRIPT) {
        Err(unusable) => return refuse(unusable),
        Ok(worker) => println!("CPython {}", worker.version()),
    }
    match fuzz(plan) {
        Ok(tally) => {
            println!("{tally}");
            ExitCode::SUCCESS
        }
        Err(Stopped::Unusable(unusable)) => refuse(unusable),
        Err(Stopped::Gone(error)) => refuse(format!("the worker went away: {error}")),
        Err(Stopped::Diverged(found)) => {
            report(plan, &found);
            ExitCode::FAILURE
        }
    }
}

fn report(plan: &Plan, found: &Divergence) {
    let (seed, index, python) = (plan.seed, found.index, &plan.python);
    println!(
        "DIVERGENCE in program {index}, {} statements; shrinking",
        found.program.size()
    );
    match shrunk(plan, found) {
        Ok(small) => println!("{small}"),
        Err(error) => println!("not shrunk: {error}\n{found}"),
    }
    println!("seed {seed}, program {index}; replay with:");
    println!(
        "cargo run --release -p conformance -- asyncio --seed {seed} --only {index} --python {python}"
    );
}

fn shrunk(plan: &Plan, found: &Divergence) -> io::Result<Divergence> {
    let worker = Worker::start_script(&plan.python, SCRIPT);
    let mut worker = worker.map_err(io::Error::other)?;
    smaller(found, |program| worker.run(program.to_string()))
}

fn compare_corpus(directory: &Path) -> ExitCode {
    match corpus::compare(directory) {
        Ok(tally) => {
            println!("{tally}");
            ExitCode::SUCCESS
        }
        Err(Failed::Unreadable(why)) => refuse(format!("cannot read the corpus: {why}")),
        Err(Failed::Diverged(found)) => {
            println!("DIVERGENCE in program {}\n{found}", found.index);
            ExitCode::FAILURE
        }
    }
}

fn write_corpus(directory: &Path, count: u64, plan: &Plan) -> io::Result<()> {
    let worker = Worker::start_script(&plan.python, SCRIPT);
    let mut worker = worker.map_err(io::Error::other)?;
    corpus::write(directory, count, plan.seed, &mut worker)
}
