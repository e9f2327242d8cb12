//! The options of the command line.

use std::path::PathBuf;

use conformance::decode::decode;
use conformance::fuzz::Plan;
use conformance::generate::Grammar;
use conformance::program::Program;
use conformance::random::Random;

pub(crate) const USAGE: &str = "\
usage: conformance coroutine|async-coroutine|asyncio [options]
  --programs N      compare N random programs with CPython (default 10000)
  --seed S          the run's seed (default: a fresh one, printed)
  --first I         begin with program number I
  --only I          program number I alone; prints it and its trace
  --python PATH     the CPython to compare with (default python3)
  --workers W       CPython processes (default 1)
  --trace PROGRAM   print one program, as reports write it, and its trace; no Python is needed
  --corpus DIR      compare with a committed corpus instead; no Python is needed
  --write-corpus N  write a corpus of N programs into --corpus DIR (default conformance/corpus)";

/// What to do.
pub(crate) enum Task {
    Compare,
    Only,
    Trace(Box<Program>),
    Corpus(PathBuf),
    WriteCorpus(u64, Option<PathBuf>),
}

/// What the command line asks for.
pub(crate) struct Options {
    pub(crate) plan: Plan,
    pub(crate) task: Task,
}

/// Reads the command line.
pub(crate) fn options(words: &[String]) -> Result<Options, String> {
    let mut words = words.iter();
    let grammar = match words.next().map(String::as_str) {
        Some("coroutine") => Grammar::Coroutine,
        Some("async-coroutine") => Grammar::Async,
        _ => return Err("coroutine, async-coroutine or asyncio?".to_owned()),
    };
    let mut plan = Plan {
        grammar,
        seed: Random::fresh_seed(),
        first: 0,
        programs: 10_000,
        workers: 1,
        python: "python3".to_owned(),
        progress: None,
    };
    let mut task = Task::Compare;
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
            "--workers" => plan.workers = usize::try_from(number()?).unwrap_or(1).clamp(1, 64),
            "--python" => plan.python.clone_from(value),
            // Given by a process that supervises this one.
            "--progress" => plan.progress = Some(value.into()),
            "--trace" => {
                task = Task::Trace(Box::new(decode(value).map_err(|error| error.to_string())?));
            }
            "--corpus" => {
                task = match task {
                    Task::WriteCorpus(count, _) => Task::WriteCorpus(count, Some(value.into())),
                    _ => Task::Corpus(value.into()),
                };
            }
            "--write-corpus" => {
                task = match task {
                    Task::Corpus(directory) => Task::WriteCorpus(number()?, Some(directory)),
                    _ => Task::WriteCorpus(number()?, None),
                };
            }
            _ => return Err(format!("what is {word}?")),
        }
    }
    if plan.programs == 0 {
        return Err("--programs 0 compares nothing".to_owned());
    }
    Ok(Options { plan, task })
}
